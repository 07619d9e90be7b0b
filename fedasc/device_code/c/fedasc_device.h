/* A hearing aid's half of fedasc: it listens, tells scenes apart, and sums up its day.
 *
 * C99, without allocation, operating system or C library. All that a device keeps is one
 * `fedasc_state`, whose size is known when this is compiled.
 */
#ifndef FEDASC_DEVICE_H
#define FEDASC_DEVICE_H

#include <stdint.h>

#define FEDASC_MOMENTS 1
#define FEDASC_STEPWISE_EM 2
#define FEDASC_SCENE_GAUSSIANS 3
#define FEDASC_KMEANS 4

#define FEDASC_TOTAL 0
#define FEDASC_BAND 1
#define FEDASC_NONE 2

#include "fedasc_parameters.h"

#define FEDASC_N_FEATURES (FEDASC_N_CARRIERS * FEDASC_N_MODULATIONS)
#define FEDASC_N_VECTORS 5
#define FEDASC_N_INPUTS (FEDASC_N_VECTORS * FEDASC_N_FEATURES)
#define FEDASC_N_HIDDEN 9
#define FEDASC_N_SCENES 4

/* Bytes of a classifier as it is sent: its numbers, and a byte for what its inputs are. */
#define FEDASC_N_WEIGHTS \
    (4 * FEDASC_N_INPUTS + (FEDASC_N_INPUTS + 1) * FEDASC_N_HIDDEN + \
     (FEDASC_N_HIDDEN + 1) * FEDASC_N_SCENES)
#define FEDASC_WEIGHTS_BYTES (4 * FEDASC_N_WEIGHTS + 1)

#if FEDASC_AGGREGATOR == FEDASC_SCENE_GAUSSIANS
#define FEDASC_N_MIXTURES FEDASC_N_SCENES
#else
#define FEDASC_N_MIXTURES 1
#endif
/* Rows of each mixture: a window is a component of its own before it is merged. */
#define FEDASC_CAPACITY (FEDASC_N_COMPONENTS + (FEDASC_N_MERGED > FEDASC_N_COMPONENTS))
#define FEDASC_N_ROWS (FEDASC_N_MIXTURES * FEDASC_CAPACITY)

#if FEDASC_FIXED
typedef int32_t fedasc_number; /* of the front end */
typedef uint64_t fedasc_sum;
#else
typedef float fedasc_number;
typedef float fedasc_sum;
#endif

/* Filters, and sums of the vector that is under way. */
typedef struct {
    int16_t before[2]; /* the last two samples */
    uint16_t n_samples; /* of the hop that is under way */
    uint16_t n_envelopes; /* of the vector that is under way */
    uint16_t is_settled;
    fedasc_number carriers[FEDASC_N_CARRIERS][4];
    fedasc_number modulations[FEDASC_N_CARRIERS][FEDASC_N_MODULATIONS][2];
#if FEDASC_FIXED
    uint32_t rectified[FEDASC_N_CARRIERS]; /* summed over the hop */
#else
    float rectified[FEDASC_N_CARRIERS];
#endif
    fedasc_sum levels[FEDASC_N_CARRIERS];
    fedasc_sum energies[FEDASC_N_CARRIERS][FEDASC_N_MODULATIONS];
} fedasc_front_end;

/* C1, with the batch normalisation as (x - mean) * factor + shift. */
typedef struct {
    float mean[FEDASC_N_INPUTS];
    float factor[FEDASC_N_INPUTS];
    float shift[FEDASC_N_INPUTS];
    float hidden_weights[FEDASC_N_INPUTS][FEDASC_N_HIDDEN];
    float hidden_biases[FEDASC_N_HIDDEN];
    float output_weights[FEDASC_N_HIDDEN][FEDASC_N_SCENES];
    float output_biases[FEDASC_N_SCENES];
    uint8_t takes_statistics;
} fedasc_classifier;

/* Running Gaussians. `room` is what the ends of three arrays take in 8 bits, so that a summary can
 * be written over the statistics that it is made of. */
typedef struct {
    uint8_t room[24];
    float weights[FEDASC_N_ROWS];
    float means[FEDASC_N_ROWS][FEDASC_N_INPUTS];
    float scatters[FEDASC_N_ROWS][FEDASC_N_INPUTS];
} fedasc_rows;

typedef struct {
    fedasc_front_end front_end;
    float z[FEDASC_N_INPUTS]; /* of the window that is under way; a whole one is heard at once */
    uint16_t n_vectors;
    fedasc_classifier classifier;
    float scores[FEDASC_N_SCENES]; /* of the last window */
    uint64_t squares; /* of samples, of the window that is under way */
    float mean_square; /* of the last window */
    uint32_t seed;
    uint32_t n_windows; /* of the day */
    uint8_t is_over; /* a day whose summary was made */
    uint16_t n_components[FEDASC_N_MIXTURES];
    uint32_t n_heard[FEDASC_N_MIXTURES];
    float heaviest; /* of the windows' weights; the last one's is 1 */
#if FEDASC_HAS_STEPS
    float last_step;
#endif
    /* Filters settle before the first window is complete. */
    union {
        fedasc_number settling[FEDASC_N_CARRIERS][FEDASC_ENVELOPES_TO_SETTLE];
        fedasc_rows rows;
#if FEDASC_AGGREGATOR == FEDASC_KMEANS
        uint32_t twister[624]; /* draws, before there are statistics */
#endif
    } work;
#if FEDASC_AGGREGATOR == FEDASC_KMEANS
    float centres[FEDASC_N_COMPONENTS][FEDASC_N_INPUTS];
    float counts[FEDASC_N_COMPONENTS];
    float batch[FEDASC_BATCH_SIZE][FEDASC_N_INPUTS];
    float nearest[FEDASC_BATCH_SIZE];
    uint16_t n_batch;
#endif
} fedasc_state;

/* Begin to listen, with the classifier that was shipped.
 *
 * seed: of the first day's draws, which k-means makes alone.
 */
void fedasc_start(fedasc_state *state, uint32_t seed);

/* Take in samples, as many as there are; returns how many windows of 10 s they completed. */
uint32_t fedasc_push(fedasc_state *state, const int16_t *samples, uint32_t n);

/* Take in a window's features, as `fedasc_push` does at its end. */
void fedasc_hear(fedasc_state *state, const float *x);

/* The scene of the last window: 0 noise, 1 music, 2 speech, 3 speech in noise. */
uint8_t fedasc_scene(const fedasc_state *state);

/* The probability of that scene, by the classifier. */
float fedasc_certainty(const fedasc_state *state);

/* Root mean square of the last window in dB re full scale; minus infinity for silence. */
float fedasc_level_dbfs(const fedasc_state *state);

/* Windows of the day. */
uint32_t fedasc_windows(const fedasc_state *state);

/* End the day, which the next window begins anew.
 *
 * bytes: set to what may leave the device: the numbers of fedasc's wire, array after array. They
 *     stand where the day's statistics were, until the next window.
 * seed: of the next day's draws.
 *
 * Returns how many bytes there are; 0 if nothing may leave.
 */
uint32_t fedasc_summary(fedasc_state *state, const uint8_t **bytes, uint32_t seed);

/* Take the classifier that the server sent: FEDASC_WEIGHTS_BYTES, as on fedasc's wire.
 *
 * Returns 0; or 1, and all stays as it was, if it is none.
 */
int fedasc_update(fedasc_state *state, const uint8_t *weights, uint32_t n_bytes);

#endif
