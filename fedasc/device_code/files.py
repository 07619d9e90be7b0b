"""The files of the C library."""

from importlib.resources import files

from fedasc.device_code.design import DeviceCode
from fedasc.device_code.parameters import header

_FRONT_END = {"single": "front_end_single.c", "fixed": "front_end_fixed.c"}
_COMMON = (
    *("fedasc_device.h", "fedasc_parts.h", "fedasc_device.c"),
    *("arithmetic.c", "classifier.c", "gaussians.c", "summary.c"),
)
MAIN = "main.c"


def library_files(code: DeviceCode) -> dict[str, str]:
    """The texts of the library by file, without the program that reads from standard input."""
    aggregator = "kmeans.c" if code.kind == "KMEANS" else "stepwise.c"
    names = (*_COMMON, _FRONT_END[code.numbers], aggregator)
    return {**{name: source(name) for name in names}, "fedasc_parameters.h": header(code)}


def source(name: str) -> str:
    """The text of one of the files that don't depend on settings."""
    return (files("fedasc.device_code") / "c" / name).read_text(encoding="utf-8")
