"""Edges of filter banks as free numbers: whatever these are, the edges rise and keep their range.

A number is an octave, and moves one edge by as many. The numbers are cut to a range and sorted;
then each is lifted by a third of an octave more than the one below it, which is the least that a
band is wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fedasc.audio import FloatArray
from fedasc.audio.bank import FilterBank
from fedasc.errors import SettingsError

_MIN_OCTAVES = 1 / 3
_ROUNDING = 0.0015  # of two edges with four digits, in octaves


@dataclass(frozen=True)
class EdgeRange:
    """Where the edges of a bank may lie."""

    low_hz: float
    high_hz: float

    def limits(self, n_edges: int) -> tuple[float, float]:
        """What numbers are cut to."""
        octaves = float(np.log2(self.high_hz / self.low_hz))
        return 0.0, octaves - (n_edges - 1) * _MIN_OCTAVES

    def numbers(self, edges_hz: Sequence[float], *, name: str) -> FloatArray:
        """The free numbers of edges.

        Raises:
            SettingsError: If an edge lies out of range, or a band is narrower than allowed.
        """
        unclipped = np.log2(np.divide(edges_hz, self.low_hz)) - _lifts(len(edges_hz))
        low, high = self.limits(len(edges_hz))
        if (np.diff([low, *unclipped, high]) < -_ROUNDING).any():
            raise SettingsError(
                f"bank: {name} must lie between {self.low_hz:g} and {self.high_hz:g} Hz, a third "
                f"of an octave apart, for a search to start from them; got {list(edges_hz)}"
            )
        numbers: FloatArray = np.clip(unclipped, low, high)
        return numbers

    def edges_hz(self, numbers: FloatArray) -> tuple[float, ...]:
        """Edges of free numbers, to four digits."""
        octaves = np.sort(np.clip(numbers, *self.limits(len(numbers)))) + _lifts(len(numbers))
        return tuple(float(f"{edge:.4g}") for edge in self.low_hz * 2**octaves)


def _lifts(n_edges: int) -> FloatArray:
    """By how much each edge is lifted, in octaves."""
    return _MIN_OCTAVES * np.arange(n_edges, dtype=np.float64)


CARRIERS = EdgeRange(50.0, 7900.0)
MODULATIONS = EdgeRange(0.25, 200.0)


def numbers_of(bank: FilterBank) -> FloatArray:
    """The free numbers of both banks, those of the carriers first.

    Raises:
        SettingsError: If the edges lie outside of what is searched.
    """
    return np.concatenate(
        [
            CARRIERS.numbers(bank.carrier_edges_hz, name="carrier_edges_hz"),
            MODULATIONS.numbers(bank.modulation_edges_hz, name="modulation_edges_hz"),
        ]
    )


def limits_of(bank: FilterBank) -> tuple[FloatArray, FloatArray]:
    """The least and the greatest that each free number of a bank means anything at."""
    ranges = ((CARRIERS, bank.carrier_edges_hz), (MODULATIONS, bank.modulation_edges_hz))
    each = [edges.limits(len(edges_hz)) for edges, edges_hz in ranges for _ in edges_hz]
    low, high = np.array(each).T
    return low, high


def bank_of(numbers: FloatArray, like: FilterBank) -> FilterBank:
    """The bank of free numbers that is otherwise like another."""
    n = len(like.carrier_edges_hz)
    return replace(
        like,
        carrier_edges_hz=CARRIERS.edges_hz(numbers[:n]),
        modulation_edges_hz=MODULATIONS.edges_hz(numbers[n:]),
    )
