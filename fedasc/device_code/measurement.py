"""What the library takes of a core, measured on an emulated one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.device_code.cores import Core
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.emulator import Emulator
from fedasc.device_code.firmware import firmware
from fedasc.device_code.library import DeviceLibrary
from fedasc.device_code.parameters import wire
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS

WINDOW_S = 10
_STATE = "fedasc_device"
_SECONDS = 4


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a core takes for a day.

    Args:
        core: Which one.
        n_windows: Of the day.
        instructions: Per second of sound, by part: front_end, classifier and aggregator.
        summary_instructions, update_instructions: Once a night.
        flash_bytes: Code, and numbers that never change, the classifier that is shipped among them.
        static_bytes: Memory besides the stack.
        stack_bytes: The deepest that it gets.
        up_bytes, down_bytes: Sent and received once a night.
    """

    core: Core
    n_windows: int
    instructions: Mapping[str, float]
    summary_instructions: int
    update_instructions: int
    flash_bytes: int
    static_bytes: int
    stack_bytes: int
    up_bytes: int
    down_bytes: int

    @property
    def per_second(self) -> float:
        """Instructions for a second of sound."""
        return sum(self.instructions.values())

    @property
    def memory_bytes(self) -> int:
        """All memory, the stack included."""
        return self.static_bytes + self.stack_bytes

    def share(self, clock_hz: float) -> float:
        """Of a core that takes a cycle for each instruction."""
        return self.per_second / clock_hz

    def energy_j(self, nj_per_instruction: float) -> float:
        """For the day and its night."""
        day = self.per_second * self.n_windows * WINDOW_S
        return (
            (day + self.summary_instructions + self.update_instructions) * nj_per_instruction * 1e-9
        )


def measure(code: DeviceCode, core: Core, *, n_windows: int) -> Measured:
    """Run the library on an emulated core, on made-up sound.

    What a window takes of the aggregator is measured at some windows of the day, whose states the
    same code makes on this machine.

    Args:
        code: Whose numbers are those of the core.
        n_windows: Of the day.

    Raises:
        SettingsError: If the extra isn't installed.
    """
    made = firmware(code, core)
    emulator, library = Emulator(core, made), DeviceLibrary(code)
    if made.symbols[_STATE][1] != library.n_state_bytes:
        raise SettingsError(f"{core.title}: its state isn't laid out as on this machine")
    state = emulator.address(_STATE)
    front_end = _front_end(emulator, state)
    x = _day(n_windows)
    emulator.write_at(emulator.free, x[0].tobytes())
    classifier = emulator.call(
        "fedasc_score",
        state + library.classifier_place,
        emulator.free,
        emulator.free + 4 * N_INPUTS,
    )
    aggregator = 0.0
    for number, share in _samples(code, n_windows).items():
        emulator.write(_STATE, _after(library, x[: number - 1]))
        emulator.write_at(emulator.free, x[number - 1].tobytes())
        aggregator += share * (emulator.call("fedasc_hear", state, emulator.free) - classifier)
    emulator.write(_STATE, _after(library, x))
    summary = emulator.call("fedasc_summary", state, emulator.free, 0)
    n_sent = emulator.result()
    sent = wire(code.classifier)
    emulator.write_at(emulator.free, sent)
    update = emulator.call("fedasc_update", state, emulator.free, len(sent))
    return Measured(
        core=core,
        n_windows=n_windows,
        instructions={
            "front_end": front_end,
            "classifier": classifier / WINDOW_S,
            "aggregator": aggregator / WINDOW_S,
        },
        summary_instructions=summary,
        update_instructions=update,
        flash_bytes=made.flash_bytes,
        static_bytes=made.static_bytes,
        stack_bytes=emulator.stack_bytes,
        up_bytes=n_sent,
        down_bytes=len(sent),
    )


def _front_end(emulator: Emulator, state: int) -> float:
    """Instructions per second of sound, vectors included, once the filters have settled."""
    samples = np.random.default_rng(0).normal(size=(_SECONDS, 16_000)) * 2000
    taken = []
    emulator.call("fedasc_start", state, 0)
    for second in samples:
        emulator.write_at(emulator.free, np.rint(second).astype("<i2").tobytes())
        taken.append(emulator.call("fedasc_push", state, emulator.free, len(second)))
    return float(np.mean(taken[_SECONDS // 2 :]))


def _day(n_windows: int) -> NDArray[np.float32]:
    """(n_windows, 45) of a dozen sounds, in random order."""
    rng = np.random.default_rng(0)
    sounds = rng.normal(-20, 8, size=(12, N_INPUTS))
    heard = sounds[rng.integers(len(sounds), size=n_windows)]
    return (heard + rng.normal(0, 3, size=heard.shape)).astype(np.float32)


def _samples(code: DeviceCode, n_windows: int) -> Mapping[int, float]:
    """Windows of a day at which its aggregator is measured, and the share of those like it."""
    if isinstance(code.aggregator, KMeansAggregator):
        size = code.aggregator.batch_size
        n_batches = n_windows // size
        if n_batches < 2:
            return dict.fromkeys(range(1, n_windows + 1), 1 / n_windows)
        first, later = {size: 1 / n_windows}, {2 * size: (n_batches - 1) / n_windows}
        return {**first, **later, size + 1: 1 - n_batches / n_windows}
    steps = np.unique(np.linspace(1, n_windows, 21).astype(int))
    return dict.fromkeys(steps.tolist(), 1 / len(steps))


def _after(library: DeviceLibrary, x: NDArray[np.float32]) -> bytes:
    """The state of a device that has heard these windows."""
    device = library.start()
    for window in x:
        device.hear(window)
    return device.state
