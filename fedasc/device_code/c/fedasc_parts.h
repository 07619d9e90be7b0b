/* What the library's own files call of each other. */
#ifndef FEDASC_PARTS_H
#define FEDASC_PARTS_H

#include "fedasc_device.h"

/* Slack where weights came about in many steps, each of which rounds. */
#define FEDASC_ALMOST (1.0f - 0x1p-20f)

typedef union {
    float number;
    uint32_t bits;
} fedasc_single;

float fedasc_log(float x); /* natural; x positive and no denormal number */
float fedasc_exp(float x);
float fedasc_sqrt(float x);

/* front_end_*.c */
void fedasc_take_samples(fedasc_state *state, const int16_t *samples, uint32_t n);
int fedasc_has_vector(const fedasc_state *state);
void fedasc_take_vector(fedasc_state *state, float *z);

/* classifier.c */
void fedasc_ship(fedasc_state *state);
void fedasc_score(const fedasc_classifier *classifier, const float *x, float *scores);
uint8_t fedasc_most(const float *scores);

/* The aggregator's file: for a window of a day, and at its end, when rows become the windows' own
 * components: `weights` in units of the heaviest window, `scatters` variances. Returns how many. */
void fedasc_begin_day(fedasc_state *state);
void fedasc_aggregate(fedasc_state *state, const float *x);
uint32_t fedasc_components(fedasc_state *state, uint8_t *scenes);

/* gaussians.c: rows from `first` on */
void fedasc_add(fedasc_rows *rows, uint32_t row, const float *x, float share);
void fedasc_start_row(fedasc_rows *rows, uint32_t row, const float *x);
void fedasc_merge_two(fedasc_rows *rows, uint32_t first, uint32_t n);
void fedasc_move(fedasc_rows *rows, uint32_t to, uint32_t from);
void fedasc_pool(fedasc_rows *rows, uint32_t into, uint32_t other);

/* summary.c */
uint32_t fedasc_write(fedasc_state *state, uint32_t n, const uint8_t *scenes);

#endif
