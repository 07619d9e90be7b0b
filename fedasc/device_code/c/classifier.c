/* The embedded classifier C1 (see fedasc.models.embedded). */
#include "fedasc_parts.h"

#define EPSILON 1e-5f

static const uint8_t shipped[FEDASC_WEIGHTS_BYTES] = FEDASC_SHIPPED;

static float number_at(const uint8_t *bytes)
{
    fedasc_single value;
    value.bits = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                 (uint32_t)bytes[3] << 24;
    return value.number;
}

static const uint8_t *read_numbers(float *to, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = number_at(bytes + 4 * i);
    return bytes + 4 * n;
}

int fedasc_update(fedasc_state *state, const uint8_t *weights, uint32_t n_bytes)
{
    fedasc_classifier *c1 = &state->classifier;
    if (n_bytes != FEDASC_WEIGHTS_BYTES || weights[n_bytes - 1] > 1)
        return 1;
    for (uint32_t i = 0; i < FEDASC_N_WEIGHTS; i++) {
        float value = number_at(weights + 4 * i);
        int is_variance = i >= FEDASC_N_INPUTS && i < 2 * FEDASC_N_INPUTS;
        if (!(value - value == 0.0f) || (is_variance && value < 0.0f))
            return 1;
    }
    const uint8_t *scales = weights + 8 * FEDASC_N_INPUTS;
    read_numbers(c1->mean, weights, FEDASC_N_INPUTS);
    read_numbers(c1->factor, weights + 4 * FEDASC_N_INPUTS, FEDASC_N_INPUTS);
    for (uint32_t i = 0; i < FEDASC_N_INPUTS; i++)
        c1->factor[i] = number_at(scales + 4 * i) / fedasc_sqrt(c1->factor[i] + EPSILON);
    const uint8_t *rest = read_numbers(c1->shift, scales + 4 * FEDASC_N_INPUTS, FEDASC_N_INPUTS);
    rest = read_numbers(c1->hidden_weights[0], rest, FEDASC_N_INPUTS * FEDASC_N_HIDDEN);
    rest = read_numbers(c1->hidden_biases, rest, FEDASC_N_HIDDEN);
    rest = read_numbers(c1->output_weights[0], rest, FEDASC_N_HIDDEN * FEDASC_N_SCENES);
    rest = read_numbers(c1->output_biases, rest, FEDASC_N_SCENES);
    c1->takes_statistics = *rest;
    return 0;
}

void fedasc_ship(fedasc_state *state)
{
    (void)fedasc_update(state, shipped, FEDASC_WEIGHTS_BYTES);
}

/* Of a feature over the vectors: mean, deviation, least, most, and mean step. */
static float statistic(const float *x, uint32_t which)
{
    float mean = 0, square = 0, least = x[0], most = x[0], step = 0;
    for (uint32_t i = 0; i < FEDASC_N_VECTORS; i++)
        mean += x[i * FEDASC_N_FEATURES];
    mean *= 1.0f / FEDASC_N_VECTORS;
    for (uint32_t i = 0; i < FEDASC_N_VECTORS; i++) {
        float value = x[i * FEDASC_N_FEATURES];
        float before = x[(i ? i - 1 : 0) * FEDASC_N_FEATURES];
        square += (value - mean) * (value - mean);
        step += value < before ? before - value : value - before;
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    switch (which) {
    case 0:
        return mean;
    case 1:
        return fedasc_sqrt(square * (1.0f / FEDASC_N_VECTORS));
    case 2:
        return least;
    case 3:
        return most;
    default:
        return step * (1.0f / (FEDASC_N_VECTORS - 1));
    }
}

void fedasc_score(const fedasc_classifier *c1, const float *x, float *scores)
{
    float hidden[FEDASC_N_HIDDEN];
    for (uint32_t h = 0; h < FEDASC_N_HIDDEN; h++)
        hidden[h] = c1->hidden_biases[h];
    for (uint32_t i = 0; i < FEDASC_N_INPUTS; i++) {
        float input = c1->takes_statistics
                          ? statistic(x + i % FEDASC_N_FEATURES, i / FEDASC_N_FEATURES)
                          : x[i];
        input = (input - c1->mean[i]) * c1->factor[i] + c1->shift[i];
        for (uint32_t h = 0; h < FEDASC_N_HIDDEN; h++)
            hidden[h] += input * c1->hidden_weights[i][h];
    }
    for (uint32_t s = 0; s < FEDASC_N_SCENES; s++)
        scores[s] = c1->output_biases[s];
    for (uint32_t h = 0; h < FEDASC_N_HIDDEN; h++)
        if (hidden[h] > 0)
            for (uint32_t s = 0; s < FEDASC_N_SCENES; s++)
                scores[s] += hidden[h] * c1->output_weights[h][s];
}

uint8_t fedasc_most(const float *scores)
{
    uint8_t most = 0;
    for (uint8_t s = 1; s < FEDASC_N_SCENES; s++)
        if (scores[s] > scores[most])
            most = s;
    return most;
}

uint8_t fedasc_scene(const fedasc_state *state)
{
    return fedasc_most(state->scores);
}

float fedasc_certainty(const fedasc_state *state)
{
    float most = state->scores[fedasc_scene(state)], total = 0;
    for (uint32_t s = 0; s < FEDASC_N_SCENES; s++)
        total += fedasc_exp(state->scores[s] - most);
    return 1.0f / total;
}
