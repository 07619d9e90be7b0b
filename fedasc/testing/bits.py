"""What values hold, to compare them to the last bit."""

import pickle
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

Bits = Any
"""Equal for values that hold the same, and for no others."""


def bits_of(value: Any) -> Bits:
    """What a value holds.

    Arrays count to the last bit, NaN is like itself, and the order of a mapping doesn't count. Of
    dataclasses the fields count, of other objects their attributes, or else their pickle.
    """
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Mapping):
        return dict(sorted((repr(key), bits_of(part)) for key, part in value.items()))
    if isinstance(value, tuple | list):
        return [bits_of(part) for part in value]
    if isinstance(value, Set):
        return sorted(map(repr, value))
    if isinstance(value, type) or not hasattr(value, "__dict__"):
        return pickle.dumps(value)
    names = [field.name for field in fields(value)] if is_dataclass(value) else vars(value)
    return type(value).__qualname__, {name: bits_of(getattr(value, name)) for name in names}


def what_differs(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Names of values that don't hold the same, or that only one of the two has."""
    names = [*one, *(name for name in other if name not in one)]
    return [
        name
        for name in names
        if name not in one or name not in other or bits_of(one[name]) != bits_of(other[name])
    ]
