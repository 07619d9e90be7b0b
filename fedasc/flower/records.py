"""Arrays in Flower's records: how they are packed, and what of them is read at all.

Flower sends an array as a text for its dtype, its shape, a text for how it was written, and data
with a header that says all of that again. Each could be of any length, carry anything, or make its
reader allocate anything. So lengths are bounded before numbers are read, and only arrays are taken
that are to the last byte what `packed` makes of these numbers.
"""

from collections.abc import Mapping
from math import prod
from reprlib import repr as short
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord
from numpy.typing import NDArray

from fedasc.aggregators.content import Arrays
from fedasc.aggregators.encoding import PLAIN
from fedasc.aggregators.weights import Weights
from fedasc.errors import MessageError
from fedasc.models.embedded import N_NUMBERS, EmbeddedClassifier
from fedasc.models.inputs import KINDS

_DTYPES = {
    name: np.dtype(name)
    for name in (
        *("float16", "float32", "float64"),
        *("int8", "int16", "int32", "int64"),
        *("uint8", "uint16", "uint32", "uint64"),
    )
}
"""By how they are written, of numbers alone: what else NumPy reads could be anything."""

_INPUTS = "inputs"

_MOST_ARRAYS = 1000
_MOST_AXES = 4
_LONGEST_NAME = 100
_LONGEST_HEADER = 256
_N_NAMED = 8


def packed(arrays: Arrays) -> ArrayRecord:
    """Arrays as a record, row after row."""
    return ArrayRecord({name: _packed(array) for name, array in arrays.items()})


def unpacked(what: str, record: ArrayRecord, *, most_bytes: int) -> dict[str, NDArray[Any]]:
    """The arrays of a record.

    Args:
        what: Whose record, for messages.
        most_bytes: What all numbers together may take.

    Raises:
        MessageError: If they take more, or aren't what `packed` makes of them.
    """
    if len(record) > _MOST_ARRAYS or any(len(name) > _LONGEST_NAME for name in record):
        raise MessageError(f"{what}: expected {_MOST_ARRAYS} arrays at most, with short names")
    left, arrays = most_bytes, {}
    for name, array in record.items():
        arrays[name] = _unpacked(f"{what}, {short(name)}", array, left=left, of=most_bytes)
        left -= arrays[name].nbytes
    return arrays


def record_of(classifier: EmbeddedClassifier) -> ArrayRecord:
    """A classifier as it is sent: its arrays, and a byte for what its inputs are.

    Raises:
        MessageError: If it isn't finite: nobody could use it.
    """
    inputs = np.array(KINDS.index(classifier.inputs), np.uint8)
    return packed({**Weights.of(classifier).arrays(), _INPUTS: inputs})


def classifier_of(record: ArrayRecord) -> EmbeddedClassifier:
    """The classifier that was sent.

    Raises:
        MessageError: If it is anything else.
    """
    arrays = unpacked("classifier", record, most_bytes=4 * N_NUMBERS + 1)
    kind = arrays.pop(_INPUTS, None)
    if kind is None or kind.shape or kind.dtype != np.uint8 or kind >= len(KINDS):
        raise MessageError(f"classifier: expected a number for inputs, from 0 to {len(KINDS) - 1}")
    return PLAIN.decode(Weights, arrays).classifier(KINDS[int(kind)])


def expect(what: str, record: Mapping[str, object], kinds: Mapping[str, type]) -> None:
    """Hold that a record has these keys, of these kinds, and no others.

    Raises:
        MessageError: If not.
    """
    received = {key: type(value) for key, value in record.items()}
    if received != dict(kinds):
        raise MessageError(
            f"{what}: expected {_in_words(kinds)} and nothing else, got {_in_words(received)}"
        )


def _packed(array: NDArray[Any]) -> Array:
    return Array(np.asarray(array, order="C"))


def _unpacked(what: str, array: Array, *, left: int, of: int) -> NDArray[Any]:
    dtype = _DTYPES.get(array.dtype) if type(array.dtype) is str else None
    if dtype is None:
        raise MessageError(f"{what}: expected the name of a dtype of numbers")
    shape, data = array.shape, array.data
    if type(shape) is not tuple or len(shape) > _MOST_AXES or type(data) is not bytes:
        raise MessageError(f"{what}: expected {_MOST_AXES} axes at most, and bytes")
    if not all(type(length) is int and 0 <= length <= of for length in shape):
        raise MessageError(f"{what}: expected axes of 0 to {of} numbers")
    n_bytes = prod(shape) * dtype.itemsize
    if n_bytes > left:
        raise MessageError(
            f"{what}: {n_bytes} bytes, but {left} are left of {of} that were declared"
        )
    n_before = len(data) - n_bytes
    if not 0 <= n_before <= _LONGEST_HEADER:
        raise MessageError(f"{what}: expected {n_bytes} bytes of numbers, and a header")
    # A copy, on a boundary in memory as any array is, and not in what else came along.
    numbers: NDArray[Any] = np.ndarray(shape, dtype, buffer=data, offset=n_before).copy()
    ours = _packed(numbers)
    if (array.stype, data) != (ours.stype, ours.data):
        raise MessageError(f"{what}: expected numbers and nothing else")
    return numbers


def _in_words(kinds: Mapping[str, type]) -> str:
    named = [f"{short(key)} ({kind.__name__})" for key, kind in [*kinds.items()][:_N_NAMED]]
    return ", ".join(sorted(named) + ["..."] * (len(kinds) > _N_NAMED)) or "nothing"
