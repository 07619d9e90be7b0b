"""What a strategy makes of a night, and what a device gets of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedasc.models.embedded import EmbeddedClassifier


@dataclass(frozen=True)
class Tally:
    """Artificial samples of a classifier.

    Args:
        n_drawn: In all.
        kept: (4,) of them, those that the teacher was certain of, by its scene; in all at most as
            many as were wanted.
        n_wanted: A of the paper.
    """

    n_drawn: int
    kept: tuple[int, ...]
    n_wanted: int

    @property
    def n_kept(self) -> int:
        return sum(self.kept)


@dataclass(frozen=True, eq=False)
class Personal:
    """What a device gets, and how it came about.

    Args:
        classifier: Its own weights.
        tally: Of the artificial samples that it was trained on, if there were any.
        expected_gain: In accuracy over the comprehensive classifier, as the strategy reckons; None
            if it doesn't.
        pays: Whether that was enough; if not, the classifier is one for everybody.
    """

    classifier: EmbeddedClassifier
    tally: Tally | None = None
    expected_gain: float | None = None
    pays: bool = True


@dataclass(frozen=True, eq=False)
class RoundResult:
    """What a strategy made of a night.

    Args:
        personal: By device, what each gets; who isn't named keeps what it has.
        memory: What the strategy will know on the next night; never changed, always made anew.
    """

    personal: Mapping[int, Personal]
    memory: Any = None
