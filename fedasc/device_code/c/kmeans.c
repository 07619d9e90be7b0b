/* Clusters of k-means that follow mini-batches (see fedasc.aggregators.kmeans). */
#include "fedasc_parts.h"

void fedasc_begin_day(fedasc_state *state)
{
    state->n_batch = 0;
    state->n_components[0] = 0;
}

static float square_between(const float *x, const float *y)
{
    float square = 0;
    for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
        square += (x[f] - y[f]) * (x[f] - y[f]);
    return square;
}

/* The Mersenne Twister (Matsumoto and Nishimura 1998), as NumPy's legacy generator draws. */
static void seed_twister(uint32_t *twister, uint32_t seed)
{
    twister[0] = seed;
    for (uint32_t i = 1; i < 624; i++)
        twister[i] = 1812433253u * (twister[i - 1] ^ twister[i - 1] >> 30) + i;
}

static uint32_t drawn_word(uint32_t *twister, uint32_t *at)
{
    uint32_t i = *at, next = (i + 1) % 624;
    uint32_t y = (twister[i] & 0x80000000u) | (twister[next] & 0x7fffffffu);
    twister[i] = twister[(i + 397) % 624] ^ y >> 1 ^ (y & 1u ? 0x9908b0dfu : 0u);
    y = twister[i];
    *at = next;
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

/* In [0, 1), of two words as a double is drawn, in what single precision has of them. */
static float drawn(uint32_t *twister, uint32_t *at)
{
    uint32_t high = drawn_word(twister, at);
    (void)drawn_word(twister, at);
    return (float)(high >> 8) * 0x1p-24f;
}

/* How far the batch is from its nearest centre, were one more window a centre. */
static float reached(const fedasc_state *state, const float *candidate)
{
    float total = 0;
    for (uint32_t i = 0; i < state->n_batch; i++) {
        float square = square_between(candidate, state->batch[i]);
        total += square < state->nearest[i] ? square : state->nearest[i];
    }
    return total;
}

static void take_centre(fedasc_state *state, uint32_t cluster, const float *x)
{
    for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
        state->centres[cluster][f] = x[f];
    state->counts[cluster] = 0;
    for (uint32_t i = 0; i < state->n_batch; i++) {
        float square = square_between(x, state->batch[i]);
        if (!cluster || square < state->nearest[i])
            state->nearest[i] = square;
    }
}

/* k-means++ (Arthur and Vassilvitskii 2007): of some candidates for each next centre that one is
 * taken that leaves the least distance. */
static void start_centres(fedasc_state *state)
{
    uint32_t n = state->n_batch / FEDASC_MIN_WINDOWS, n_candidates = 2, at = 0;
    n = n > FEDASC_N_COMPONENTS ? FEDASC_N_COMPONENTS : n;
    n = n ? n : 1;
    n_candidates += (uint32_t)fedasc_log((float)n * (1.0f + 0x1p-22f));
    seed_twister(state->work.twister, state->seed);
    uint32_t chosen = (uint32_t)(drawn(state->work.twister, &at) * (float)state->n_batch);
    take_centre(state, 0, state->batch[chosen]);
    for (uint32_t cluster = 1; cluster < n; cluster++) {
        float total = 0, least = -1.0f;
        for (uint32_t i = 0; i < state->n_batch; i++)
            total += state->nearest[i];
        for (uint32_t candidate = 0; candidate < n_candidates; candidate++) {
            float place = drawn(state->work.twister, &at) * total;
            uint32_t i = 0;
            for (float until = state->nearest[0]; until < place && i + 1u < state->n_batch;)
                until += state->nearest[++i];
            float left = reached(state, state->batch[i]);
            if (least < 0 || left < least) {
                least = left;
                chosen = i;
            }
        }
        take_centre(state, cluster, state->batch[chosen]);
    }
    state->n_components[0] = (uint16_t)n;
    for (uint32_t i = 0; i < n; i++)
        fedasc_start_row(&state->work.rows, i, state->centres[i]);
    for (uint32_t i = 0; i < n; i++)
        state->work.rows.weights[i] = 0;
}

static uint32_t nearest_centre(const fedasc_state *state, const float *x)
{
    uint32_t nearest = 0;
    float least = square_between(x, state->centres[0]);
    for (uint32_t i = 1; i < state->n_components[0]; i++) {
        float square = square_between(x, state->centres[i]);
        if (square < least) {
            least = square;
            nearest = i;
        }
    }
    return nearest;
}

/* Centres follow a batch, whose windows are then added to the nearest cluster for good. */
static void take_batch(fedasc_state *state)
{
    if (!state->n_components[0])
        start_centres(state);
    for (uint32_t i = 0; i < state->n_batch; i++) /* by the centres before any of them moves */
        state->nearest[i] = (float)nearest_centre(state, state->batch[i]);
    for (uint32_t i = 0; i < state->n_batch; i++) {
        uint32_t cluster = (uint32_t)state->nearest[i];
        float part = 1.0f / ++state->counts[cluster];
        for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
            state->centres[cluster][f] += part * (state->batch[i][f] - state->centres[cluster][f]);
    }
    for (uint32_t i = 0; i < state->n_batch; i++)
        fedasc_add(&state->work.rows, nearest_centre(state, state->batch[i]), state->batch[i], 1);
    state->n_batch = 0;
}

void fedasc_aggregate(fedasc_state *state, const float *x)
{
    for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
        state->batch[state->n_batch][f] = x[f];
    if (++state->n_batch == FEDASC_BATCH_SIZE)
        take_batch(state);
}

uint32_t fedasc_components(fedasc_state *state, uint8_t *scenes)
{
    fedasc_rows *rows = &state->work.rows;
    float enough = FEDASC_MIN_WINDOWS, most = 0;
    uint32_t n = 0;
    (void)scenes;
    if (state->n_batch)
        take_batch(state);
    for (uint32_t i = 0; i < state->n_components[0]; i++)
        most = rows->weights[i] > most ? rows->weights[i] : most;
    enough = enough < most ? enough : most;
    for (uint32_t i = 0; i < state->n_components[0]; i++)
        if (rows->weights[i] >= enough) {
            for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
                rows->scatters[i][f] =
                    rows->scatters[i][f] / rows->weights[i] + FEDASC_VARIANCE_FLOOR;
            fedasc_move(rows, n++, i);
        }
    return n;
}
