/* AMS features (see fedasc.audio.ams) in single precision.
 *
 * Carrier bands are filtered as fedasc's own front end does it. Modulation bands are state-variable
 * filters (Zavalishin 2012), whose states are the band and what lies under it: where those of a
 * biquad are differences of nearly equal numbers, so slow a filter would need double precision.
 */
#include "fedasc_parts.h"

#define CHUNK 32u
#define UNIT 0x1p-15f
#define NEXT_TO_NOTHING 1e-30f
#define DB 4.34294482f /* 10 / log 10 */
#define LEAK 1e-3f

static const float carriers[FEDASC_N_CARRIERS][4] = FEDASC_CARRIERS;
static const float gains[FEDASC_N_CARRIERS] = FEDASC_GAINS;
static const float modulations[FEDASC_N_MODULATIONS][3] = FEDASC_MODULATIONS;
static const float powers[FEDASC_N_MODULATIONS] = FEDASC_POWERS;

/* Filters that ring out in silence must not end in denormal numbers, which are slow. */
static float rid_of_denormals(float x)
{
    return x < NEXT_TO_NOTHING && x > -NEXT_TO_NOTHING ? 0.0f : x;
}

/* Sum of the rectified band; `driven` is samples less those before the last, which is exact. */
static float rectified(const float *driven, uint32_t n, const float *section, float *state,
                       float total)
{
    float a1 = section[0], a2 = section[1], d1 = section[2], d2 = section[3];
    float low0 = state[0], low1 = state[1], high0 = state[2], high1 = state[3];
    for (uint32_t t = 0; t < n; t++) {
        float low = driven[t] - low0;
        low0 = low1 + a1 * low;
        low1 = a2 * low;
        float high = low - high0;
        high0 = high1 + d1 * high;
        high1 = low + d2 * high;
        total += high < 0 ? -high : high;
    }
    state[0] = low0;
    state[1] = low1;
    state[2] = high0;
    state[3] = high1;
    return total;
}

static void take_envelope(fedasc_front_end *front, uint32_t k, float envelope)
{
    front->levels[k] += envelope;
    for (uint32_t m = 0; m < FEDASC_N_MODULATIONS; m++) {
        const float *a = modulations[m];
        float band = front->modulations[k][m][0], under = front->modulations[k][m][1];
        float over = envelope - under;
        float out = a[0] * band + a[1] * over;
        float rest = a[1] * band + a[2] * over;
        front->modulations[k][m][0] = out + out - band;
        front->modulations[k][m][1] = under + rest + rest;
        front->energies[k][m] += out * out;
    }
}

/* As after an endless envelope of the first values' mean: nothing in the band, all of it under. */
static void settle(fedasc_state *state)
{
    fedasc_front_end *front = &state->front_end;
    for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++) {
        const float *envelopes = state->work.settling[k];
        float total = 0;
        for (uint32_t t = 0; t < FEDASC_ENVELOPES_TO_SETTLE; t++)
            total += envelopes[t];
        for (uint32_t m = 0; m < FEDASC_N_MODULATIONS; m++) {
            front->modulations[k][m][0] = 0;
            front->modulations[k][m][1] = total / FEDASC_ENVELOPES_TO_SETTLE;
        }
        for (uint32_t t = 0; t < FEDASC_ENVELOPES_TO_SETTLE; t++)
            take_envelope(front, k, envelopes[t]);
    }
    front->is_settled = 1;
}

static void end_hop(fedasc_state *state)
{
    fedasc_front_end *front = &state->front_end;
    for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++) {
        float envelope = front->rectified[k] * gains[k];
        for (uint32_t i = 0; i < 4; i++)
            front->carriers[k][i] = rid_of_denormals(front->carriers[k][i]);
        if (front->is_settled)
            take_envelope(front, k, envelope);
        else
            state->work.settling[k][front->n_envelopes] = envelope;
        front->rectified[k] = 0;
    }
    front->n_samples = 0;
    front->n_envelopes++;
    if (!front->is_settled && front->n_envelopes == FEDASC_ENVELOPES_TO_SETTLE)
        settle(state);
}

/* Samples of one hop, or fewer. */
void fedasc_take_samples(fedasc_state *state, const int16_t *samples, uint32_t n)
{
    fedasc_front_end *front = &state->front_end;
    float driven[CHUNK];
    front->n_samples = (uint16_t)(front->n_samples + n);
    while (n) {
        uint32_t now = n < CHUNK ? n : CHUNK;
        for (uint32_t t = 0; t < now; t++) {
            driven[t] = (float)(samples[t] - front->before[0]) * UNIT;
            front->before[0] = front->before[1];
            front->before[1] = samples[t];
        }
        for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++)
            front->rectified[k] = rectified(driven, now, carriers[k], front->carriers[k],
                                            front->rectified[k]);
        samples += now;
        n -= now;
    }
    if (front->n_samples == FEDASC_HOP)
        end_hop(state);
}

int fedasc_has_vector(const fedasc_state *state)
{
    return state->front_end.n_envelopes == FEDASC_ENVELOPES_PER_VECTOR;
}

void fedasc_take_vector(fedasc_state *state, float *z)
{
    fedasc_front_end *front = &state->front_end;
    float squares[FEDASC_N_CARRIERS], total = 0;
    for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++) {
        float level = front->levels[k] / FEDASC_ENVELOPES_PER_VECTOR;
        squares[k] = level * level;
        total += squares[k];
        front->levels[k] = 0;
    }
    for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++) {
#if FEDASC_REFERENCE == FEDASC_TOTAL
        float against = total / FEDASC_N_CARRIERS + FEDASC_FLOOR;
#elif FEDASC_REFERENCE == FEDASC_BAND
        float against = squares[k] + FEDASC_FLOOR;
#else
        float against = 1.0f;
#endif
        for (uint32_t m = 0; m < FEDASC_N_MODULATIONS; m++) {
            float energy = front->energies[k][m] * powers[m] / FEDASC_ENVELOPES_PER_VECTOR;
            *z++ = DB * fedasc_log((energy + LEAK * FEDASC_FLOOR) / against);
            front->energies[k][m] = 0;
            for (uint32_t i = 0; i < 2; i++)
                front->modulations[k][m][i] = rid_of_denormals(front->modulations[k][m][i]);
        }
    }
    (void)total;
    front->n_envelopes = 0;
}
