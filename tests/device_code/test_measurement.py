"""What needs the extra `device`: ziglang, which has no wheel everywhere, unicorn and pyelftools."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from fedasc.device_code.cores import CORES
from fedasc.device_code.declared import declared
from fedasc.device_code.emulator import Emulator
from fedasc.device_code.firmware import Firmware, firmware
from fedasc.device_code.measurement import measure
from fedasc.errors import SettingsError
from fedasc.release.release import Release
from tests.device_code.codes import BANK, code, library, sounds

for module in ("ziglang", "unicorn", "elftools"):
    pytest.importorskip(module, reason="needs fedasc[device]")


@lru_cache
def m4f() -> Firmware:
    return firmware(code(), CORES["m4f"])


def test_a_day_on_the_m4f_keeps_to_the_budget() -> None:
    """Of front end, C1 and 16 components; and the memory to what is declared."""
    measured = measure(code(), CORES["m4f"], n_windows=450)
    assert 1e6 < measured.per_second < 2.2e6
    assert measured.memory_bytes <= 12_000
    assert measured.flash_bytes <= 24_000
    budget = declared(code().aggregator, Release(), BANK, 450)
    assert measured.memory_bytes <= budget.memory_bytes
    assert 0 < measured.up_bytes <= budget.n_bytes
    assert measured.down_bytes == 2537
    parts = measured.instructions
    assert parts["front_end"] > 100 * parts["aggregator"] > 100 * parts["classifier"] > 0


def test_the_core_computes_what_this_machine_does() -> None:
    """To the last bit, since nothing in the code is reordered or contracted."""
    emulator = Emulator(CORES["m4f"], m4f())
    state, signal = emulator.address("fedasc_device"), sounds()[0]
    emulator.call("fedasc_start", state, 0)
    for second in signal.reshape(10, -1):
        emulator.write_at(emulator.free, second.astype("<i2").tobytes())
        emulator.call("fedasc_push", state, emulator.free, len(second))
    assert emulator.result() == 1
    device = library("single").start()
    device.push(signal)
    assert emulator.read(state, len(device.state)) == device.state


def test_a_unit_that_is_never_switched_on_is_refused() -> None:
    """The emulator runs on where a core stops."""
    silent = {
        address: content.replace(np.uint32(0xE000ED88).tobytes(), np.uint32(0xE000ED80).tobytes())
        for address, content in m4f().flash.items()
    }
    moved = replace(m4f(), flash=silent)
    if moved.flash == m4f().flash:  # the address is in two halves of instructions
        moved = replace(m4f(), flash={a: _without_store(c) for a, c in m4f().flash.items()})
    with pytest.raises(SettingsError, match="never switched its unit on"):
        Emulator(CORES["m4f"], moved)


def _without_store(content: bytes) -> bytes:
    """Without the instruction that sets the bits of both coprocessors: orr rX, rY, #0xf00000."""
    changed = bytearray(content)
    for at in range(0, len(content) - 4, 2):
        first, second = np.frombuffer(content[at : at + 4], "<u2").tolist()
        if first & 0xFFF0 == 0xF440 and second & 0xF0FF == 0x0070:
            changed[at : at + 4] = b"\xaf\xf3\x00\x80"  # nop.w
    return bytes(changed)
