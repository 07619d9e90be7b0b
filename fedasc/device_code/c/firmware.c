/* What a core runs from its reset on, for fedasc budget; `fedasc_samples` is where sound arrives. */
#include "fedasc_device.h"

#define COPROCESSORS (*(volatile uint32_t *)0xe000ed88u)

fedasc_state fedasc_device;
int16_t fedasc_samples[FEDASC_HOP];
volatile uint32_t fedasc_told;
void fedasc_reset(void);

void fedasc_reset(void)
{
    const uint8_t *bytes;
#ifdef __ARM_FP
    /* Without it a core stops at its first number, but not all emulators do. */
    COPROCESSORS |= 0xfu << 20;
    __asm volatile("dsb\n\tisb");
#endif
    fedasc_start(&fedasc_device, 0);
    while (!fedasc_told) {
        if (!fedasc_push(&fedasc_device, fedasc_samples, FEDASC_HOP))
            continue;
        fedasc_told = fedasc_scene(&fedasc_device) + fedasc_windows(&fedasc_device);
        fedasc_told += (uint32_t)(100.0f * fedasc_certainty(&fedasc_device));
        fedasc_told += (uint32_t)(-fedasc_level_dbfs(&fedasc_device));
    }
    fedasc_hear(&fedasc_device, fedasc_device.z); /* so that it is there to be measured */
    fedasc_told = fedasc_summary(&fedasc_device, &bytes, 0);
    fedasc_told = (uint32_t)fedasc_update(&fedasc_device, bytes, fedasc_told);
}
