"""The library compiled for a core: where its parts lie, and how large they are."""

import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedasc.device_code.compiler import compiled, has_ziglang, ziglang
from fedasc.device_code.cores import Core
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.files import library_files, source
from fedasc.errors import SettingsError

_OPTIONS = (
    *("-fno-sanitize=undefined", "-fno-unwind-tables"),
    *("-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-Wl,-e,fedasc_reset"),
)
_PROGRAM, _SCRIPT = "firmware.c", "firmware.ld"
_WRITABLE, _ALLOCATED = 1, 2


@dataclass(frozen=True, kw_only=True)
class Firmware:
    """A program for a core.

    Args:
        flash: What it holds, by address.
        symbols: Addresses and sizes, by name.
        flash_bytes: Code, and numbers that never change.
        static_bytes: Memory besides the stack.
    """

    flash: Mapping[int, bytes]
    symbols: Mapping[str, tuple[int, int]]
    flash_bytes: int
    static_bytes: int


def firmware(code: DeviceCode, core: Core) -> Firmware:
    """Compile the library, and what runs it, for a core.

    Raises:
        SettingsError: If ziglang or pyelftools aren't there, or it can't be compiled.
    """
    if not has_ziglang():
        raise SettingsError("to compile for small cores, install fedasc[device]")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "firmware.elf"
        compiled(
            program_texts(code),
            target,
            command=ziglang(),
            options=("-target", core.target, f"-mcpu={core.cpu}", *_OPTIONS, "-T", _SCRIPT),
        )
        return read_firmware(target.read_bytes())


def program_texts(code: DeviceCode) -> dict[str, str]:
    """All that the program is compiled of, by file."""
    return {**library_files(code), **{name: source(name) for name in (_PROGRAM, _SCRIPT)}}


def read_firmware(content: bytes) -> Firmware:
    """The program in an ELF file.

    Raises:
        SettingsError: If pyelftools isn't there.
    """
    try:
        from elftools.elf.elffile import ELFFile
    except ImportError as error:
        raise SettingsError("to measure on small cores, install fedasc[device]") from error
    file: Any = ELFFile(io.BytesIO(content))
    flash, static_bytes = {}, 0
    for section in file.iter_sections():
        if not section["sh_flags"] & _ALLOCATED or not section["sh_size"]:
            continue
        if section["sh_flags"] & _WRITABLE:
            static_bytes += section["sh_size"]
        if section["sh_type"] == "SHT_PROGBITS":
            flash[section["sh_addr"]] = section.data()
    symbols = {
        symbol.name: (symbol["st_value"], symbol["st_size"])
        for symbol in file.get_section_by_name(".symtab").iter_symbols()
    }
    return Firmware(
        flash=flash,
        symbols=symbols,
        flash_bytes=sum(map(len, flash.values())),
        static_bytes=static_bytes,
    )
