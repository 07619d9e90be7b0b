/* A device's day, from samples to a summary. */
#include "fedasc_parts.h"

#define DB 4.34294482f /* 10 / log 10 */
#define WINDOW ((float)FEDASC_N_VECTORS * FEDASC_ENVELOPES_PER_VECTOR * FEDASC_HOP)

void fedasc_start(fedasc_state *state, uint32_t seed)
{
    uint8_t *bytes = (uint8_t *)state;
    for (uint32_t i = 0; i < sizeof *state; i++)
        bytes[i] = 0;
    state->seed = seed;
    fedasc_ship(state);
}

uint32_t fedasc_push(fedasc_state *state, const int16_t *samples, uint32_t n)
{
    uint32_t n_windows = 0;
    while (n) {
        uint32_t left = (uint32_t)FEDASC_HOP - state->front_end.n_samples;
        uint32_t now = n < left ? n : left;
        for (uint32_t t = 0; t < now; t++)
            state->squares += (uint32_t)((int32_t)samples[t] * samples[t]);
        fedasc_take_samples(state, samples, now);
        samples += now;
        n -= now;
        if (!fedasc_has_vector(state))
            continue;
        fedasc_take_vector(state, state->z + FEDASC_N_FEATURES * state->n_vectors);
        if (++state->n_vectors == FEDASC_N_VECTORS) {
            state->n_vectors = 0;
            state->mean_square = (float)state->squares * 0x1p-30f / WINDOW;
            state->squares = 0;
            fedasc_hear(state, state->z);
            n_windows++;
        }
    }
    return n_windows;
}

void fedasc_hear(fedasc_state *state, const float *x)
{
    if (state->is_over || !state->n_windows) {
        state->is_over = 0;
        state->n_windows = 0;
        fedasc_begin_day(state);
    }
    state->n_windows++;
    fedasc_score(&state->classifier, x, state->scores);
    fedasc_aggregate(state, x);
}

float fedasc_level_dbfs(const fedasc_state *state)
{
    fedasc_single silence;
    silence.bits = 0xff800000u; /* minus infinity */
    return state->mean_square > 0 ? DB * fedasc_log(state->mean_square) : silence.number;
}

uint32_t fedasc_windows(const fedasc_state *state)
{
    return state->n_windows;
}

/* Which components stay on the device (see fedasc.release.withholding). */
static uint32_t leaving(fedasc_state *state, uint32_t n, uint8_t *scenes)
{
    fedasc_rows *rows = &state->work.rows;
    float enough = FEDASC_RELEASE_MIN_WINDOWS, most = 0, total = 0;
    if ((float)state->n_windows < enough)
        enough = (float)state->n_windows;
    for (uint32_t i = 0; i < n; i++) {
        total += rows->weights[i];
        most = rows->weights[i] > most ? rows->weights[i] : most;
    }
    float light = FEDASC_RELEASE_MIN_WEIGHT * total;
    light = light < most ? light : most;
    enough = enough > light ? enough : light;
    uint32_t n_leaving = 0;
    for (uint32_t i = 0; i < n; i++)
        if (rows->weights[i] >= enough * FEDASC_ALMOST) {
            fedasc_move(rows, n_leaving, i);
            scenes[n_leaving++] = scenes[i];
        }
    return n_leaving;
}

uint32_t fedasc_summary(fedasc_state *state, const uint8_t **bytes, uint32_t seed)
{
    uint8_t scenes[FEDASC_N_ROWS] = {0};
    uint32_t n = 0;
    if (state->n_windows && !state->is_over)
        n = leaving(state, fedasc_components(state, scenes), scenes);
    state->is_over = 1;
    state->seed = seed;
    *bytes = state->work.rows.room;
    return n ? fedasc_write(state, n, scenes) : 0;
}
