"""Cores that hearing aids and small devices have, as the compiler and the emulator name them."""

from dataclasses import dataclass

from fedasc.device_code.design import Numbers


@dataclass(frozen=True, kw_only=True)
class Core:
    """A core of Arm's Cortex-M family.

    Args:
        title: What people call it.
        numbers: Of the front end: those that the core computes with.
        target: Of ziglang.
        cpu: Of ziglang. A floating-point unit must be named: without it the compiler takes another
            core's or none, and says nothing.
        model: Of the emulator, `UC_CPU_ARM_` before it.
    """

    title: str
    numbers: Numbers
    target: str
    cpu: str
    model: str

    @property
    def has_unit(self) -> bool:
        """Whether it computes in single precision by itself."""
        return self.target.endswith("hf")


_HARD, _SOFT = "thumb-freestanding-eabihf", "thumb-freestanding-eabi"

CORES = {
    "m0": Core(
        title="Cortex-M0", numbers="fixed", target=_SOFT, cpu="cortex_m0", model="CORTEX_M0"
    ),
    "m3": Core(
        title="Cortex-M3", numbers="fixed", target=_SOFT, cpu="cortex_m3", model="CORTEX_M3"
    ),
    "m4f": Core(
        title="Cortex-M4F",
        numbers="single",
        target=_HARD,
        cpu="cortex_m4+vfp4d16sp",
        model="CORTEX_M4",
    ),
    "m7": Core(
        title="Cortex-M7",
        numbers="single",
        target=_HARD,
        cpu="cortex_m7+fp_armv8d16sp",
        model="CORTEX_M7",
    ),
    "m33": Core(
        title="Cortex-M33",
        numbers="single",
        target=_HARD,
        cpu="cortex_m33+fp_armv8d16sp",
        model="CORTEX_M33",
    ),
}
"""By the name that command lines take."""
