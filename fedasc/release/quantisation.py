"""Encodings with fewer bits than the numbers of a summary have."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Arrays, Content
from fedasc.errors import MessageError

C = TypeVar("C", bound=Content)

_RANGE = " range"
_LARGEST = 255


class _Rounded:
    """What both encodings share: the parameters of the content, array by array."""

    def encode(self, content: Content) -> Arrays:
        encoded: dict[str, NDArray[Any]] = {}
        for name, array in content.parameters().items():
            rounds = np.issubdtype(array.dtype, np.floating)
            encoded |= self._rounded(name, array) if rounds else {name: array}
        return encoded

    def decode(self, kind: type[C], arrays: Arrays) -> C:
        parameter_names = [
            name for name in arrays if name.removesuffix(_RANGE) not in arrays.keys() - {name}
        ]
        try:
            parameters = {name: self._restored(name, arrays) for name in parameter_names}
            content = kind.of_parameters(parameters)
        except (KeyError, TypeError):
            names = ", ".join(sorted(arrays))
            raise MessageError(f"summary: {kind.kind} doesn't consist of {names}") from None
        if _forms(self.encode(content)) != _forms(arrays):
            raise MessageError(f"summary: expected the numbers of {kind.kind} and nothing else")
        return content

    @abstractmethod
    def _rounded(self, name: str, array: NDArray[Any]) -> Arrays:
        """An array of real numbers, as it goes over the wire."""

    @abstractmethod
    def _restored(self, name: str, arrays: Arrays) -> NDArray[Any]:
        """One of the parameters, as it came over the wire."""


@dataclass(frozen=True)
class HalfPrecision(_Rounded):
    """Real numbers as float16: to 3 digits, and up to 65,504."""

    def _rounded(self, name: str, array: NDArray[Any]) -> Arrays:
        with np.errstate(over="ignore"):  # what is too large is refused when it arrives
            return {name: array.astype(np.float16)}

    def _restored(self, name: str, arrays: Arrays) -> NDArray[Any]:
        array = arrays[name]
        if not np.isfinite(array).all():
            raise MessageError(f"summary: expected finite numbers in {name}")
        return array.astype(np.float32) if array.dtype == np.float16 else array


@dataclass(frozen=True)
class EightBits(_Rounded):
    """Real numbers as one of 256 levels, evenly spaced from the lowest of an array to its highest.

    Both ends go with each array, by the name "<name> range".
    """

    def _rounded(self, name: str, array: NDArray[Any]) -> Arrays:
        array = array.astype(np.float32)  # or the ends of finer numbers would lie between them
        ends = np.array([array.min(), array.max()])
        low, high = ends.astype(np.float64)
        scale = _LARGEST / (high - low) if high > low else 0.0
        levels = np.rint((array - low) * scale).astype(np.uint8)
        return {name: levels, name + _RANGE: ends}

    def _restored(self, name: str, arrays: Arrays) -> NDArray[Any]:
        array, ends = arrays[name], arrays.get(name + _RANGE)
        if ends is None:
            return array
        if array.dtype != np.uint8 or ends.shape != (2,) or ends.dtype != np.float32:
            raise MessageError(
                f"summary: expected {name} in uint8 with two ends in float32, got {array.dtype} "
                f"and {ends.shape} in {ends.dtype}"
            )
        low, high = ends.astype(np.float64)
        if not np.isfinite(ends).all() or low > high:
            raise MessageError(f"summary: expected finite ends of {name} in order")
        highest = _LARGEST if low < high else 0
        if not array.size or (array.min(), array.max()) != (0, highest):
            raise MessageError(f"summary: expected levels of {name} from 0 to {highest}")
        restored: NDArray[np.float32] = (low + array * ((high - low) / _LARGEST)).astype(np.float32)
        return restored


def _forms(arrays: Arrays) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {name: (array.dtype.str, array.shape) for name, array in arrays.items()}
