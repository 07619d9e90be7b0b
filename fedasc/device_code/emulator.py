"""A core in an emulator, which counts the instructions that functions take.

Instructions aren't cycles: a core waits for its flash, and some instructions take several.
"""

from typing import Any

from fedasc.device_code.cores import Core
from fedasc.device_code.firmware import Firmware
from fedasc.errors import SettingsError

_FLASH, _FLASH_SIZE = 0x0800_0000, 1 << 20
_RAM, _RAM_SIZE = 0x2000_0000, 512 << 10
_SYSTEM, _SYSTEM_SIZE = 0xE000_E000, 0x1000
_COPROCESSORS, _SWITCHED_ON = 0xE000_ED88, 0xF << 20
_RETURN = _FLASH + _FLASH_SIZE - 16
_STACK_SIZE = 32 << 10
_PAINT = b"\xa5"


class Emulator:
    """A core that has run its start-up code.

    Args:
        core: Which one.
        firmware: What it runs.

    Raises:
        SettingsError: If unicorn isn't there, or the program doesn't switch on the unit that it
            computes with.
    """

    def __init__(self, core: Core, firmware: Firmware) -> None:
        try:
            import unicorn
            from unicorn import arm_const
        except ImportError as error:
            raise SettingsError("to measure on small cores, install fedasc[device]") from error
        self._firmware, self._arm = firmware, arm_const
        mode = unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS
        self._machine = unicorn.Uc(unicorn.UC_ARCH_ARM, mode)
        self._machine.ctl_set_cpu_model(getattr(arm_const, f"UC_CPU_ARM_{core.model}"))
        for start, size in ((_FLASH, _FLASH_SIZE), (_RAM, _RAM_SIZE), (_SYSTEM, _SYSTEM_SIZE)):
            self._machine.mem_map(start, size)
        for address, content in firmware.flash.items():
            self._machine.mem_write(address, content)
        self._n_instructions = 0
        self._sizes: dict[tuple[int, int], int] = {}
        self._top = _RAM + _RAM_SIZE
        self._machine.mem_write(self._top - _STACK_SIZE, _PAINT * _STACK_SIZE)
        self._machine.hook_add(unicorn.UC_HOOK_BLOCK, self._count)
        self.write("fedasc_told", b"\1\0\0\0")  # start up, and come back
        self._run("fedasc_reset")
        on = int.from_bytes(self._machine.mem_read(_COPROCESSORS, 4), "little")
        if core.has_unit and on & _SWITCHED_ON != _SWITCHED_ON:
            raise SettingsError(f"{core.title}: the program never switched its unit on")

    def _run(self, name: str, *arguments: int) -> None:
        arm = self._arm
        for register, value in zip(
            (arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2), arguments, strict=False
        ):
            self._machine.reg_write(register, value)
        self._machine.reg_write(arm.UC_ARM_REG_SP, self._top - 16)
        self._machine.reg_write(arm.UC_ARM_REG_LR, _RETURN | 1)
        self._machine.emu_start(self.address(name) | 1, _RETURN)

    def _count(self, machine: Any, address: int, size: int, _: Any) -> None:
        known = self._sizes.get((address, size))
        if known is None:
            code = bytes(machine.mem_read(address, size))
            known = self._sizes[address, size] = _n_instructions(code)
        self._n_instructions += known

    def address(self, name: str) -> int:
        """Of a function, or of what is kept in memory."""
        return self._firmware.symbols[name][0] & ~1

    def call(self, name: str, *arguments: int) -> int:
        """Call a function, and tell how many instructions it took."""
        before = self._n_instructions
        self._run(name, *arguments)
        return self._n_instructions - before

    def result(self) -> int:
        """What the function returned that was called last."""
        return int(self._machine.reg_read(self._arm.UC_ARM_REG_R0))

    def write(self, name: str, content: bytes) -> None:
        """Write to a variable."""
        self._machine.mem_write(self.address(name), content)

    def write_at(self, address: int, content: bytes) -> None:
        """Write to memory."""
        self._machine.mem_write(address, content)

    def read(self, address: int, n_bytes: int) -> bytes:
        """Read from memory."""
        return bytes(self._machine.mem_read(address, n_bytes))

    @property
    def stack_bytes(self) -> int:
        """The deepest that the stack has been: all that isn't painted any more."""
        content = self.read(self._top - _STACK_SIZE, _STACK_SIZE)
        return len(content.lstrip(_PAINT))

    @property
    def free(self) -> int:
        """Where there is memory that nothing uses, for arguments."""
        return _RAM + _RAM_SIZE - 2 * _STACK_SIZE


def _n_instructions(code: bytes) -> int:
    """How many there are in Thumb code: those of four bytes begin with 11101, 11110 or 11111."""
    n, at = 0, 0
    while at < len(code):
        at += 4 if code[at + 1] >> 3 in (0b11101, 0b11110, 0b11111) else 2
        n += 1
    return n
