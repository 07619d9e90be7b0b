"""The files of the C library."""

from importlib.resources import files
from pathlib import Path

from fedasc.atomic import new_folder
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.guide import guide
from fedasc.device_code.parameters import header

_FRONT_END = {"single": "front_end_single.c", "fixed": "front_end_fixed.c"}
_COMMON = (
    *("fedasc_device.h", "fedasc_parts.h", "fedasc_device.c"),
    *("arithmetic.c", "classifier.c", "gaussians.c", "summary.c"),
)
_PROGRAM = ("main.c", "Makefile")


def library_files(code: DeviceCode) -> dict[str, str]:
    """The texts of the library by file, without the program that reads from standard input."""
    aggregator = "kmeans.c" if code.kind == "KMEANS" else "stepwise.c"
    names = (*_COMMON, _FRONT_END[code.numbers], aggregator)
    return {**{name: source(name) for name in names}, "fedasc_parameters.h": header(code)}


def write_library(folder: Path, code: DeviceCode, *, origin: str) -> None:
    """Write the library with its program, a Makefile and a README to a new folder.

    Args:
        folder: Must not exist; it appears whole or not at all.
        origin: Where the classifier and the settings came from, for the README.
    """
    contents = {
        **library_files(code),
        **{name: source(name) for name in _PROGRAM},
        "README.md": guide(code, origin=origin),
    }
    with new_folder(folder) as draft:
        for name, text in contents.items():
            (draft / name).write_text(text, encoding="utf-8")


def source(name: str) -> str:
    """The text of one of the files that don't depend on settings."""
    return (files("fedasc.device_code") / "c" / name).read_text(encoding="utf-8")
