/* AMS features (see fedasc.audio.ams) in whole numbers, for cores that have no others.
 *
 * The scales of all states follow from the sums of the filters' impulse responses, so that no sum
 * overflows whatever comes in; see fedasc.device_code.fixed, which makes the numbers. Products are
 * rounded, and what is shifted right keeps its sign, as all compilers for these cores do it.
 */
#include "fedasc_parts.h"

#define CHUNK 32u
#define DB_PER_STEP (3.01029996f / 65536) /* 10 log10(2), of logarithms in 16 bits */
#define SQUARES_SHIFT 10
#define LEVELS_SHIFT 4

static const int32_t carriers[FEDASC_N_CARRIERS][4] = FEDASC_CARRIERS_Q30;
static const int32_t scales[FEDASC_N_CARRIERS] = FEDASC_SCALES;
static const uint8_t shifts[FEDASC_N_CARRIERS] = FEDASC_SHIFTS;
static const uint32_t gains[FEDASC_N_CARRIERS] = FEDASC_GAINS_FIXED;
static const uint8_t gain_shifts[FEDASC_N_CARRIERS] = FEDASC_GAIN_SHIFTS;
static const int32_t modulations[FEDASC_N_MODULATIONS][3] = FEDASC_MODULATIONS_Q30;
static const uint32_t leaks[FEDASC_N_MODULATIONS] = FEDASC_LEAKS;
static const int32_t offsets[FEDASC_N_MODULATIONS] = FEDASC_OFFSETS;
static const uint32_t logarithms[65] = FEDASC_LOGARITHMS;

/* a b / 2^30, to the nearest. */
static int32_t times(int32_t a, int32_t b)
{
#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__) || defined(FEDASC_SHORT_PRODUCTS)
    /* The same to the last bit where a product has 32 bits: four of halves. */
    uint32_t low_a = (uint32_t)a & 0xffffu, low_b = (uint32_t)b & 0xffffu;
    int32_t high_a = a >> 16, high_b = b >> 16;
    int32_t middle = high_a * (int32_t)low_b + (int32_t)(low_a * low_b >> 16);
    int32_t rest = (middle & 0xffff) + (int32_t)low_a * high_b + 0x2000;
    return (high_a * high_b + (middle >> 16)) * 4 + (rest >> 14);
#else
    return (int32_t)(((int64_t)a * b + 0x20000000) >> 30);
#endif
}

/* Sum of the rectified band, each value a hop's share; `driven` is samples less those before the
 * last. */
static uint32_t rectified(const int32_t *driven, uint32_t n, uint32_t k, int32_t *state)
{
    int32_t a1 = carriers[k][0], a2 = carriers[k][1], d1 = carriers[k][2], d2 = carriers[k][3];
    int32_t low0 = state[0], low1 = state[1], high0 = state[2], high1 = state[3];
    uint32_t total = 0;
    for (uint32_t t = 0; t < n; t++) {
        int32_t low = driven[t] * scales[k] - low0;
        low0 = low1 + times(low, a1);
        low1 = times(low, a2);
        low = low >> shifts[k];
        int32_t high = low - high0;
        high0 = high1 + times(high, d1);
        high1 = low + times(high, d2);
        total += (uint32_t)(high < 0 ? -high : high) >> FEDASC_HOP_SHIFT;
    }
    state[0] = low0;
    state[1] = low1;
    state[2] = high0;
    state[3] = high1;
    return total;
}

static void take_envelope(fedasc_front_end *front, uint32_t k, int32_t envelope)
{
    front->levels[k] += (uint32_t)envelope;
    for (uint32_t m = 0; m < FEDASC_N_MODULATIONS; m++) {
        const int32_t *a = modulations[m];
        int32_t band = front->modulations[k][m][0], under = front->modulations[k][m][1];
        int32_t over = envelope - under;
        int32_t out = times(band, a[0]) + times(over, a[1]);
        int32_t rest = times(band, a[1]) + times(over, a[2]);
        front->modulations[k][m][0] = 2 * out - band;
        front->modulations[k][m][1] = under + 2 * rest;
        front->energies[k][m] += (uint64_t)((int64_t)out * out) >> SQUARES_SHIFT;
    }
}

/* As after an endless envelope of the first values' mean: nothing in the band, all of it under. */
static void settle(fedasc_state *state)
{
    fedasc_front_end *front = &state->front_end;
    for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++) {
        const int32_t *envelopes = state->work.settling[k];
        uint64_t total = 0;
        for (uint32_t t = 0; t < FEDASC_ENVELOPES_TO_SETTLE; t++)
            total += (uint32_t)envelopes[t];
        for (uint32_t m = 0; m < FEDASC_N_MODULATIONS; m++) {
            front->modulations[k][m][0] = 0;
            front->modulations[k][m][1] = (int32_t)(total / FEDASC_ENVELOPES_TO_SETTLE);
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
        uint64_t product = (uint64_t)front->rectified[k] * gains[k] >> gain_shifts[k];
        int32_t envelope = product < INT32_MAX ? (int32_t)product : INT32_MAX;
        if (envelope > FEDASC_MOST_ENVELOPE)
            envelope = FEDASC_MOST_ENVELOPE;
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
    int32_t driven[CHUNK];
    front->n_samples = (uint16_t)(front->n_samples + n);
    while (n) {
        uint32_t now = n < CHUNK ? n : CHUNK;
        for (uint32_t t = 0; t < now; t++) {
            driven[t] = samples[t] - front->before[0];
            front->before[0] = front->before[1];
            front->before[1] = samples[t];
        }
        for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++)
            front->rectified[k] += rectified(driven, now, k, front->carriers[k]);
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

/* Logarithm to the base 2, in 16 bits: of the highest digit, and by a table of what follows it. */
static int32_t logarithm(uint64_t x)
{
    int32_t whole = 31;
    while (x >> 32) {
        x >>= 1;
        whole++;
    }
    uint32_t digits = (uint32_t)x;
    while (!(digits & 0x80000000u)) {
        digits <<= 1;
        whole--;
    }
    uint32_t place = digits >> 25 & 63u, part = digits >> 9 & 0xffffu;
    uint32_t step = logarithms[place + 1] - logarithms[place];
    return whole * 65536 + (int32_t)(logarithms[place] + (step * part >> 16));
}

void fedasc_take_vector(fedasc_state *state, float *z)
{
    fedasc_front_end *front = &state->front_end;
    uint64_t squares[FEDASC_N_CARRIERS], total = 0;
    for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++) {
        uint64_t level = front->levels[k] / FEDASC_ENVELOPES_PER_VECTOR;
        squares[k] = level * level >> LEVELS_SHIFT;
        total += squares[k];
        front->levels[k] = 0;
    }
    for (uint32_t k = 0; k < FEDASC_N_CARRIERS; k++) {
#if FEDASC_REFERENCE == FEDASC_TOTAL
        int32_t against = logarithm(total + FEDASC_N_CARRIERS * (uint64_t)FEDASC_FLOOR_FIXED);
#elif FEDASC_REFERENCE == FEDASC_BAND
        int32_t against = logarithm(squares[k] + FEDASC_FLOOR_FIXED);
#else
        int32_t against = 0;
#endif
        for (uint32_t m = 0; m < FEDASC_N_MODULATIONS; m++) {
            int32_t energy = logarithm(front->energies[k][m] + leaks[m]) + offsets[m];
            *z++ = (float)(energy - against) * DB_PER_STEP;
            front->energies[k][m] = 0;
        }
    }
    (void)total;
    front->n_envelopes = 0;
}
