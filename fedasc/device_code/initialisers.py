"""Numbers and arrays as C writes them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def number(value: float) -> str:
    """A number of single precision, exactly."""
    mantissa, exponent = float(np.float32(value)).hex().split("p")
    return f"{mantissa}p{exponent}f"


def numbers(values: Any) -> str:
    """An array of them, of any number of axes."""
    return _nested(values, number)


def whole(values: Any) -> str:
    """An array of whole numbers."""
    return _nested(values, lambda value: str(int(value)))


def unsigned(values: Any) -> str:
    """An array of whole numbers that aren't negative."""
    return _nested(values, lambda value: f"{int(value)}u")


def _nested(values: Any, written: Callable[[Any], str]) -> str:
    if isinstance(values, Sequence | np.ndarray):
        return "{" + ", ".join(_nested(value, written) for value in values) + "}"
    return written(values)
