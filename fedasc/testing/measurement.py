"""What an aggregator takes, as far as its Python tells it: memory, multiplications, precision."""

import tracemalloc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Arrays
from fedasc.aggregators.draft import Draft
from fedasc.made_up.days import Day, sounds
from fedasc.made_up.server import small_server
from fedasc.models.embedded import N_INPUTS
from fedasc.testing.bits import what_differs

WINDOW_BYTES = 4 * N_INPUTS
"""Of a window in single precision."""
N_TRACED = 60
"""Windows of the day whose numbers are traced."""

_SHORT, _LONG = 500, 700
_PRODUCTS = frozenset({"multiply", "divide", "true_divide", "square", "power", "reciprocal"})


def memory_growth(aggregator: Aggregator) -> tuple[float, float]:
    """Bytes that a further window takes: at the peak of Python's memory, and as declared.

    Python takes more than a device, twice as much for each number at least; what compiled code
    allocates isn't seen.
    """
    _content(aggregator, iter(sounds(_SHORT).x))  # whatever it loads or compiles
    peaks = [_peak(aggregator, n_windows) for n_windows in (_SHORT, _LONG)]
    declared = [aggregator.budget(n_windows).memory_bytes for n_windows in (_SHORT, _LONG)]
    held, said = ((most - least) / (_LONG - _SHORT) for least, most in (peaks, declared))
    return held, said


def _peak(aggregator: Aggregator, n_windows: int) -> int:
    x = sounds(n_windows).x
    was_tracing = tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        _content(aggregator, (window.copy() for window in x))
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not was_tracing:
            tracemalloc.stop()


@dataclass(frozen=True)
class Traced:
    """What was seen of the numbers that are made of a day's windows.

    Args:
        n_products: Multiplications and divisions, at least; 0 if nothing could be traced.
        double: What was sent, with everything in double precision.
        single: The same with what is made of windows in single precision; None if nothing could be
            traced.
        error: What came up in single precision, if anything did.
    """

    n_products: int
    double: Arrays
    single: Arrays | None
    error: Exception | None = None

    def check(self) -> None:
        """Hold that single precision is enough to send something.

        Raises:
            Exception: What came up.
        """
        if self.error is not None:
            raise self.error

    @property
    def deviations(self) -> Mapping[str, float]:
        """How far arrays are apart in both precisions, as a share of their largest number.

        An array that has another shape, as with another number of components, is infinitely far.
        """
        apart = {}
        for name, array in (self.single or {}).items():
            other = self.double[name]
            if array.shape != other.shape:
                apart[name] = np.inf
            elif array.size:
                scale = max(float(np.abs(other).max()), 1e-30)
                apart[name] = float(np.abs(array.astype(float) - other.astype(float)).max()) / scale
        return apart


def traced(aggregator: Aggregator) -> Traced:
    """What is seen of a day whose windows tell what is made of them.

    They tell it of NumPy's functions of arrays; compiled code, and what copies them, goes unseen.
    """
    x = sounds(N_TRACED).x
    plain, tally = _content(aggregator, iter(x.copy())), _Tally()
    try:
        again = _content(aggregator, _traced(x, tally))
    except Exception:  # its code takes no other arrays than NumPy's own
        return Traced(0, plain, None)
    if what_differs(plain, again):
        return Traced(0, plain, None)
    try:
        return Traced(
            tally.n_products, plain, _content(aggregator, _traced(x, _Tally(is_single=True)))
        )
    except Exception as error:
        return Traced(tally.n_products, plain, None, error)


def _content(aggregator: Aggregator, stream: Iterator[NDArray[np.float32]]) -> Arrays:
    server = small_server()
    made = aggregator.summarise(
        stream, classifier=server.comprehensive, public=server.public, seed=0
    )
    content = made.content if isinstance(made, Draft) else made
    return {name: np.array(array) for name, array in content.arrays().items()}


@dataclass
class _Tally:
    """Counts products, and says whether results are rounded."""

    is_single: bool = False
    n_products: int = field(default=0, init=False)


class _Telling(np.ndarray[Any, Any]):
    """An array that tells what is made of it, and so does what is made of it."""

    tally: _Tally

    def __array_finalize__(self, other: Any) -> None:
        if hasattr(other, "tally"):
            self.tally = other.tally

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        given = [np.asarray(one) if isinstance(one, _Telling) else one for one in inputs]
        places = tuple(np.asarray(one) if isinstance(one, _Telling) else one for one in out or ())
        if out:
            options["out"] = places
        made = getattr(ufunc, method)(*given, **options)
        if made is NotImplemented or method == "at":
            return made
        several = made if isinstance(made, tuple) else (made,)
        self._count(ufunc.__name__, method, given, several[0])
        told = tuple(self._rounded(one) for one in several)
        for place, one in zip(out or (), told, strict=False):
            if place is not None and self.tally.is_single:
                np.asarray(place)[...] = one
        if out:
            return out[0] if len(out) == 1 else out
        telling = tuple(self._telling(one) for one in told)
        return telling if isinstance(made, tuple) else telling[0]

    def _count(self, name: str, method: str, given: list[Any], made: Any) -> None:
        if name == "matmul":
            self.tally.n_products += np.size(made) * np.shape(given[0])[-1]
        elif name in _PRODUCTS:
            is_reduction = method in ("reduce", "accumulate", "reduceat")
            self.tally.n_products += np.size(given[0] if is_reduction else made)

    def _rounded(self, made: Any) -> Any:
        if not (self.tally.is_single and isinstance(made, np.ndarray | np.float64)):
            return made
        if made.dtype != np.float64:
            return made
        with np.errstate(over="ignore"):
            return made.astype(np.float32).astype(np.float64)

    def _telling(self, made: Any) -> Any:
        if not isinstance(made, np.ndarray):
            return made
        telling = made.view(_Telling)
        telling.tally = self.tally
        return telling


def _traced(x: Day, tally: _Tally) -> Iterator[NDArray[np.float32]]:
    for window in x:
        telling = window.copy().view(_Telling)
        telling.tally = tally
        yield telling
