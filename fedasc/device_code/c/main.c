/* Scenes of raw 16-bit samples, little-endian and 16 kHz, from standard input, one line per 10 s:
 * start_s seconds scene certainty level_dbfs. Writes the day's summary to the file that is named.
 */
#include "fedasc_device.h"

#include <stdio.h>
#include <stdlib.h>

static fedasc_state state;

static int write_summary(const char *name)
{
    const uint8_t *bytes;
    uint32_t n_windows = fedasc_windows(&state), n = fedasc_summary(&state, &bytes, 0);
    if (!n) {
        fprintf(stderr, "%s: of %u windows nothing may leave\n", name, (unsigned)n_windows);
        return 2;
    }
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file)) {
        perror(name);
        return 1;
    }
    return 0;
}

int main(int n_arguments, char **arguments)
{
    static const char *const names[] = {"noise", "music", "speech", "speech_in_noise"};
    const double seconds = 5.0 * FEDASC_ENVELOPES_PER_VECTOR * FEDASC_HOP / FEDASC_RATE_HZ;
    unsigned char bytes[2];
    double start = 0;
    fedasc_start(&state, n_arguments > 2 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 0);
    while (fread(bytes, 1, 2, stdin) == 2) {
        int32_t whole = bytes[0] | bytes[1] << 8;
        int16_t sample = (int16_t)(whole < 32768 ? whole : whole - 65536);
        if (!fedasc_push(&state, &sample, 1))
            continue;
        printf("%.1f %.1f %s %.2f %.1f\n", start, seconds, names[fedasc_scene(&state)],
               (double)fedasc_certainty(&state), (double)fedasc_level_dbfs(&state));
        fflush(stdout);
        start += seconds;
    }
    return n_arguments > 1 ? write_summary(arguments[1]) : 0;
}
