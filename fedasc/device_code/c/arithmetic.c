/* Logarithms, exponentials and roots in single precision. */
#include "fedasc_parts.h"

#define LOG_2_FIRST 0.693359375f /* so few digits that its multiples are exact */
#define LOG_2_REST -2.12194440e-4f
#define ROOT_HALF 0x3f3504f3u

/* x = 2^n m, m from sqrt(1/2) to sqrt(2): n log 2 + 2 artanh((m - 1) / (m + 1)) (Gregory 1668). */
float fedasc_log(float x)
{
    fedasc_single whole, m;
    whole.number = x;
    int32_t n = (int32_t)((whole.bits - ROOT_HALF + (127u << 23)) >> 23) - 127;
    m.bits = whole.bits - ((uint32_t)n << 23);
    float f = (m.number - 1.0f) / (m.number + 1.0f);
    float square = f * f;
    float series = square * (1.0f / 3 + square * (1.0f / 5 + square * (1.0f / 7 + square / 9)));
    float twice = f + f;
    return (float)n * LOG_2_FIRST + (twice + (twice * series + (float)n * LOG_2_REST));
}

/* x = n log 2 + r: 2^n times the Taylor series of r. */
float fedasc_exp(float x)
{
    fedasc_single power;
    if (x < -87.0f)
        x = -87.0f;
    if (x > 88.0f)
        x = 88.0f;
    float turns = x * 1.44269504f;
    int32_t n = (int32_t)(turns < 0 ? turns - 0.5f : turns + 0.5f);
    float r = (x - (float)n * LOG_2_FIRST) - (float)n * LOG_2_REST;
    float series = 1.0f / 120 + r * (1.0f / 720 + r * (1.0f / 5040));
    series = 0.5f + r * (1.0f / 6 + r * (1.0f / 24 + r * series));
    power.bits = (uint32_t)(n + 127) << 23;
    return power.number * (1.0f + (r + r * r * series));
}

/* Newton's steps (Heron) from half the exponent. */
float fedasc_sqrt(float x)
{
    fedasc_single root;
    if (!(x > 0.0f))
        return 0.0f;
    root.number = x;
    root.bits = (root.bits >> 1) + 0x1fbd1df5u;
    for (int step = 0; step < 4; step++)
        root.number = 0.5f * (root.number + x / root.number);
    return root.number;
}
