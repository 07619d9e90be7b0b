/* The numbers of a summary as they go over fedasc's wire, over the rows that they are made of.
 *
 * In 32 bits they are weights, means and variances; in 16 and 8 the logarithms of the first and the
 * last (see fedasc.release.quantisation), in double precision, as fedasc computes them. */
#include "fedasc_parts.h"

static uint8_t *put(uint8_t *at, uint32_t bits, uint32_t n_bytes)
{
    for (uint32_t i = 0; i < n_bytes; i++)
        *at++ = (uint8_t)(bits >> 8 * i);
    return at;
}

#if FEDASC_BITS != 16
static uint8_t *put_single(uint8_t *at, float value)
{
    fedasc_single single;
    single.number = value;
    return put(at, single.bits, 4);
}
#endif

#if FEDASC_BITS < 32
#define LOG_2_FIRST 6.93145751953125e-1
#define LOG_2_REST 1.42860682030941723212e-6

/* As `fedasc_log`, in double precision. */
static float logarithm(float x)
{
    fedasc_single whole, m;
    whole.number = x;
    int32_t n = (int32_t)((whole.bits - 0x3f3504f3u + (127u << 23)) >> 23) - 127;
    m.bits = whole.bits - ((uint32_t)n << 23);
    double f = ((double)m.number - 1) / ((double)m.number + 1), square = f * f, series = 1.0 / 23;
    for (int odd = 21; odd > 1; odd -= 2)
        series = series * square + 1.0 / odd;
    double small = (double)n * LOG_2_REST + (f + f) * square * series;
    return (float)((double)n * LOG_2_FIRST + ((f + f) + small));
}
#else
static float logarithm(float x)
{
    return x;
}
#endif

#if FEDASC_BITS == 16
/* To the nearest half-precision number, of two equally near ones to the even. */
static uint8_t *put_half(uint8_t *at, float value)
{
    fedasc_single single;
    single.number = value;
    uint32_t sign = single.bits >> 16 & 0x8000u, rest = single.bits & 0x7fffffffu, half;
    if (rest >= 0x47800000u) { /* 65,536 */
        half = 0x7c00u;
    } else if (rest < 0x38800000u) { /* 2^-14: too small for an exponent of its own */
        single.bits = rest;
        single.number += 0.5f; /* whose last digit is that of the smallest half */
        half = single.bits - 0x3f000000u;
    } else {
        half = (rest - 0x38000000u + 0xfffu + (rest >> 13 & 1u)) >> 13;
    }
    return put(at, sign | half, 2);
}
#endif

/* An array of n numbers, and in 8 bits its ends. */
static uint8_t *put_array(uint8_t *at, const float *values, uint32_t n)
{
#if FEDASC_BITS == 8
    float low = values[0], high = values[0];
    for (uint32_t i = 1; i < n; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    double scale = high > low ? 255 / ((double)high - (double)low) : 0;
    for (uint32_t i = 0; i < n; i++) {
        double level = ((double)values[i] - (double)low) * scale;
        uint8_t whole = (uint8_t)level;
        double rest = level - whole;
        if (rest > 0.5 || (rest >= 0.5 && whole % 2))
            whole++;
        *at++ = whole;
    }
    at = put_single(at, low);
    return put_single(at, high);
#else
    for (uint32_t i = 0; i < n; i++)
#if FEDASC_BITS == 16
        at = put_half(at, values[i]);
#else
        at = put_single(at, values[i]);
#endif
    return at;
#endif
}

uint32_t fedasc_write(fedasc_state *state, uint32_t n, const uint8_t *scenes)
{
    fedasc_rows *rows = &state->work.rows;
    uint8_t *start = rows->room, *at = start;
    float total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += rows->weights[i];
    for (uint32_t i = 0; i < n; i++) {
        rows->weights[i] = logarithm(rows->weights[i] / total);
        for (uint32_t f = 0; f < FEDASC_N_INPUTS; f++)
            rows->scatters[i][f] = logarithm(rows->scatters[i][f]);
    }
    at = put_array(at, rows->weights, n);
    at = put_array(at, rows->means[0], n * FEDASC_N_INPUTS);
    at = put_array(at, rows->scatters[0], n * FEDASC_N_INPUTS);
    for (uint32_t i = 0; FEDASC_N_MIXTURES > 1 && i < n; i++)
        *at++ = scenes[i];
    return (uint32_t)(at - start);
}
