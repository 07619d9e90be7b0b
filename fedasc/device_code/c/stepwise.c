/* Online expectation maximisation (see fedasc.aggregators.stepwise_mixture), for one mixture or for
 * one of each scene; moments are one component of all windows.
 *
 * Statistics are kept in units of the last window's weight. At a step exponent of 1 and without
 * delay they are plain sums, and whole numbers of windows are exact.
 */
#include "fedasc_parts.h"

#define TINY 1e-37f

void fedasc_begin_day(fedasc_state *state)
{
    for (uint32_t m = 0; m < FEDASC_N_MIXTURES; m++) {
        state->n_components[m] = 0;
        state->n_heard[m] = 0;
    }
    state->heaviest = 0;
}

static float total_weight(const fedasc_rows *rows, uint32_t first, uint32_t n)
{
    float total = 0;
    for (uint32_t i = first; i < first + n; i++)
        total += rows->weights[i];
    return total;
}

/* Scatters of all components together, of which each one's variance takes a part. */
static void prior_of(const fedasc_rows *rows, uint32_t first, uint32_t n, float *scatter)
{
    for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++) {
        scatter[f] = 0;
        for (uint32_t i = first; i < first + n; i++)
            scatter[f] += rows->scatters[i][f];
    }
}

static float variance(float scatter, float all, float prior, float weight, float total)
{
    return (scatter + prior * all) / (weight + prior * total) + FEDASC_VARIANCE_FLOOR;
}

static void responsibilities(const fedasc_rows *rows, uint32_t first, uint32_t n, float prior,
                             const float *x, float *shares)
{
    float all[FEDASC_N_INPUTS], total = total_weight(rows, first, n), most = 0, sum = 0;
    prior_of(rows, first, n, all);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = first + i;
        float weight = rows->weights[row], square = 0, volume = 0;
        for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++) {
            float way = x[f] - rows->means[row][f];
            float spread = variance(rows->scatters[row][f], all[f], prior, weight, total);
            square += way * way / spread;
            volume += fedasc_log(spread);
        }
        weight /= total;
        shares[i] = fedasc_log(weight > TINY ? weight : TINY) - (square + volume) / 2;
        most = !i || shares[i] > most ? shares[i] : most;
    }
    for (uint32_t i = 0; i < n; i++) {
        shares[i] = fedasc_exp(shares[i] - most);
        sum += shares[i];
    }
    for (uint32_t i = 0; i < n; i++)
        shares[i] /= sum;
}

#if FEDASC_HAS_STEPS
/* Weight of window t when it comes, of all until then. */
static float step_at(uint32_t t, int starts)
{
    if (starts)
        return 1.0f / (float)t;
    return fedasc_exp(-FEDASC_STEP_EXPONENT * fedasc_log((float)t + FEDASC_STEP_DELAY));
}

/* Change to units of window t, whose weight is a step. */
static void rescale(fedasc_state *state, uint32_t n, float before, float step)
{
    fedasc_rows *rows = &state->work.rows;
    float factor = (1.0f - step) * before / step;
    for (uint32_t i = 0; i < n; i++) {
        rows->weights[i] *= factor;
        for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
            rows->scatters[i][f] *= factor;
    }
    state->heaviest *= factor;
}
#endif

void fedasc_aggregate(fedasc_state *state, const float *x)
{
    fedasc_rows *rows = &state->work.rows;
    uint32_t m = FEDASC_N_MIXTURES > 1 ? fedasc_scene(state) : 0;
    uint32_t first = m * FEDASC_CAPACITY, n = state->n_components[m];
    uint32_t t = ++state->n_heard[m];
    int starts = n < FEDASC_N_COMPONENTS || t <= FEDASC_N_MERGED;
#if FEDASC_HAS_STEPS
    float step = step_at(t, starts);
    if (t > 1)
        rescale(state, n, state->last_step, step);
    state->last_step = step;
#endif
    if (starts) {
        fedasc_start_row(rows, first + n, x);
        if (n < FEDASC_N_COMPONENTS)
            state->n_components[m]++;
        else
            fedasc_merge_two(rows, first, n + 1);
    } else {
        float shares[FEDASC_N_COMPONENTS] = {1.0f};
        if (n > 1)
            responsibilities(rows, first, n, FEDASC_PRIOR_WINDOWS / (float)(t - 1), x, shares);
        for (uint32_t i = 0; i < n; i++)
            fedasc_add(rows, first + i, x, shares[i]);
    }
    if (state->heaviest < 1.0f)
        state->heaviest = 1.0f;
}

static void scatters_to_variances(fedasc_rows *rows, uint32_t first, uint32_t n, uint32_t t)
{
    float all[FEDASC_N_INPUTS], total = total_weight(rows, first, n);
    float prior = FEDASC_PRIOR_WINDOWS / (float)t;
    prior_of(rows, first, n, all);
    for (uint32_t i = first; i < first + n; i++)
        for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
            rows->scatters[i][f] =
                variance(rows->scatters[i][f], all[f], prior, rows->weights[i], total);
}

/* A mixture with those components that stand for enough, moved to rows from `to` on. */
static uint32_t fitted(fedasc_state *state, uint32_t m, uint32_t to)
{
    fedasc_rows *rows = &state->work.rows;
    uint32_t first = m * FEDASC_CAPACITY, n = state->n_components[m], n_kept = 0;
    float enough = FEDASC_MIN_WINDOWS * state->heaviest * FEDASC_ALMOST, most = 0;
    float n_most = total_weight(rows, first, n) / enough;
    for (; n > 1 && (float)n > n_most; n--)
        fedasc_merge_two(rows, first, n);
    scatters_to_variances(rows, first, n, state->n_heard[m]);
    for (uint32_t i = first; i < first + n; i++) {
        rows->weights[i] /= state->heaviest;
        most = rows->weights[i] > most ? rows->weights[i] : most;
    }
    enough /= state->heaviest;
    enough = enough < most ? enough : most;
    for (uint32_t i = first; i < first + n; i++)
        if (rows->weights[i] >= enough)
            fedasc_move(rows, to + n_kept++, i);
    return n_kept;
}

#if FEDASC_AGGREGATOR == FEDASC_SCENE_GAUSSIANS
/* All scenes' windows as one component, of the scene that was heard most. */
static uint32_t as_one(fedasc_state *state, uint8_t most, uint8_t *scenes)
{
    fedasc_rows *rows = &state->work.rows;
    uint32_t n_pooled = 0;
    for (uint32_t m = 0; m < FEDASC_N_MIXTURES; m++)
        for (uint32_t i = 0; i < state->n_components[m]; i++)
            if (n_pooled++)
                fedasc_pool(rows, 0, m * FEDASC_CAPACITY + i);
            else
                fedasc_move(rows, 0, m * FEDASC_CAPACITY + i);
    for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
        rows->scatters[0][f] = rows->scatters[0][f] / rows->weights[0] + FEDASC_VARIANCE_FLOOR;
    scenes[0] = most;
    return 1;
}
#endif

uint32_t fedasc_components(fedasc_state *state, uint8_t *scenes)
{
#if FEDASC_AGGREGATOR == FEDASC_SCENE_GAUSSIANS
    uint32_t n = 0;
    uint8_t most = 0;
    for (uint8_t m = 1; m < FEDASC_N_SCENES; m++)
        if (state->n_heard[m] > state->n_heard[most])
            most = m;
    if (state->n_heard[most] < FEDASC_MIN_WINDOWS)
        return as_one(state, most, scenes);
    for (uint8_t m = 0; m < FEDASC_N_SCENES; m++)
        if (state->n_heard[m] >= FEDASC_MIN_WINDOWS)
            for (uint32_t last = n + fitted(state, m, n); n < last; n++)
                scenes[n] = m;
    return n;
#else
    (void)scenes;
    return fitted(state, 0, 0);
#endif
}
