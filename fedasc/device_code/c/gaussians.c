/* Running Gaussians (see fedasc.aggregators.running). */
#include "fedasc_parts.h"

/* One more window to a group, by a share (Welford 1962). */
void fedasc_add(fedasc_rows *rows, uint32_t row, const float *x, float share)
{
    float *mean = rows->means[row], *scatter = rows->scatters[row];
    rows->weights[row] += share;
    float part = rows->weights[row] > 0 ? share / rows->weights[row] : 0.0f;
    for (uint32_t i = 0; i < FEDASC_N_INPUTS; i++) {
        float deviation = x[i] - mean[i];
        mean[i] += part * deviation;
        scatter[i] += share * deviation * (x[i] - mean[i]);
    }
}

void fedasc_start_row(fedasc_rows *rows, uint32_t row, const float *x)
{
    rows->weights[row] = 1.0f;
    for (uint32_t i = 0; i < FEDASC_N_INPUTS; i++) {
        rows->means[row][i] = x[i];
        rows->scatters[row][i] = 0.0f;
    }
}

void fedasc_move(fedasc_rows *rows, uint32_t to, uint32_t from)
{
    rows->weights[to] = rows->weights[from];
    for (uint32_t i = 0; i < FEDASC_N_INPUTS; i++) {
        rows->means[to][i] = rows->means[from][i];
        rows->scatters[to][i] = rows->scatters[from][i];
    }
}

/* Two groups as one (Chan, Golub and LeVeque 1983). */
void fedasc_pool(fedasc_rows *rows, uint32_t into, uint32_t other)
{
    float weight = rows->weights[into] + rows->weights[other];
    float part = weight > 0 ? rows->weights[other] / weight : 0.0f;
    float between = rows->weights[into] * part;
    for (uint32_t i = 0; i < FEDASC_N_INPUTS; i++) {
        float way = rows->means[other][i] - rows->means[into][i];
        rows->means[into][i] += part * way;
        rows->scatters[into][i] += rows->scatters[other][i] + between * way * way;
    }
    rows->weights[into] = weight;
}

/* Of n rows from the first on, those two become one, at the end, that scatter least around a common
 * mean (Ward 1963). */
void fedasc_merge_two(fedasc_rows *rows, uint32_t first, uint32_t n)
{
    uint32_t one = 0, other = 1, last = first + n;
    float least = -1.0f;
    for (uint32_t i = first; i < last; i++)
        for (uint32_t j = i + 1; j < last; j++) {
            float weight = rows->weights[i] + rows->weights[j], square = 0;
            for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++) {
                float way = rows->means[i][f] - rows->means[j][f];
                square += way * way;
            }
            float cost = weight > 0 ? square * (rows->weights[i] * rows->weights[j] / weight) : 0;
            if (least < 0 || cost < least) {
                least = cost;
                one = i;
                other = j;
            }
        }
    fedasc_pool(rows, one, other);
    /* The others stay in their order, and the pair goes to the end. */
    for (uint32_t i = other; i + 1 < last; i++)
        fedasc_move(rows, i, i + 1);
    if (one + 2 < last) { /* the last place is free for the pair */
        fedasc_move(rows, last - 1, one);
        for (uint32_t i = one; i + 2 < last; i++)
            fedasc_move(rows, i, i + 1);
        fedasc_move(rows, last - 2, last - 1);
    }
}
