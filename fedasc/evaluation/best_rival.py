"""How far a system lies before the best of several rivals, without a bonus for having chosen it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fedasc.audio import FloatArray
from fedasc.evaluation.paired import paired


@dataclass(frozen=True)
class Lead:
    """A system less the best of its rivals, over repetitions.

    The rival with the best mean of several is in part the luckiest, so `mean` is rather too low
    than too high. `low` needs no correction: it is the least of the lower ends of all rivals'
    intervals, so it lies above 0 just where each rival by itself is beaten (an intersection-union
    test, whose level is that of each of its parts: Berger 1982).

    Args:
        rival: The one with the best mean over repetitions, the first of equals.
        mean: Of the differences to it.
        low: Lower end of the 95 % interval of the mean difference to whichever rival is best;
            NaN with a single repetition.
        high: Upper end of that to `rival`, likewise.
        held_out: Mean of the differences to the rival that did best in all other repetitions: with
            a rival that was chosen elsewhere, so by luck neither too low nor too high; NaN with a
            single repetition.
    """

    rival: str
    mean: float
    low: float
    high: float
    held_out: float

    @property
    def is_beyond_doubt(self) -> bool:
        """Whether the system is better than every rival, the interval of each above 0."""
        return self.low > 0


def lead(system: Sequence[float], rivals: Mapping[str, Sequence[float]]) -> Lead:
    """Compare a system to the best of its rivals by what each reached in each repetition.

    Args:
        system: (n_repetitions,)
        rivals: By name, one at least, (n_repetitions,) each in the same order.
    """
    names, reached = list(rivals), np.array(list(rivals.values()), np.float64)
    best = names[int(reached.mean(axis=1).argmax())]
    over = {name: paired(system, rivals[name]) for name in names}
    return Lead(
        rival=best,
        mean=over[best].mean,
        low=float(np.min([one.low for one in over.values()])),
        high=over[best].high,
        held_out=_held_out(np.array(system, np.float64), reached),
    )


def _held_out(system: FloatArray, reached: FloatArray) -> float:
    n = len(system)
    if n < 2:
        return float("nan")
    of_others = reached.sum(axis=1, keepdims=True) - reached
    chosen = reached[of_others.argmax(axis=0), np.arange(n)]
    return float(np.mean(system - chosen))
