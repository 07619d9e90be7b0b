from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from fedasc.audio import Signal, Stored
from fedasc.audio.bank import FilterBank
from fedasc.bank_search.trial import CLASSIFIERS, held_out_accuracy
from fedasc.corpus.clips import Clips
from fedasc.corpus.division import Division
from fedasc.corpus.training import TrainingSetSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.training import EmbeddedSettings
from tests.bank_search.test_folds import division

SIZES = TrainingSetSettings(
    comprehensive=40, comprehensive_validation=10, baseline=20, baseline_validation=10
)


BANK = FilterBank()


def accuracy_on(place: Division, bank: FilterBank = BANK) -> Mapping[str, float]:
    return held_out_accuracy(
        place,
        bank,
        sizes=SIZES,
        embedded=EmbeddedSettings(n_epochs=20),
        teacher=EnsembleSettings(n_trees=10, tree_rate=0.3),
    )


@dataclass(frozen=True)
class Watched:
    """Clips, and which of them were heard."""

    clips: Clips
    heard: list[int]

    def stored(self, index: int) -> Stored:
        self.heard.append(int(index))
        return self.clips.stored(index)

    def read(self, index: int) -> Signal:
        raise AssertionError

    def bring(self, indices: Iterable[int]) -> None:
        pass


def test_each_classifier_has_an_accuracy_which_falls_with_a_poor_bank() -> None:
    good = accuracy_on(division())
    poor = accuracy_on(division(), FilterBank(modulation_edges_hz=(20.0, 40.0, 80.0, 160.0)))
    assert tuple(good) == CLASSIFIERS
    assert all(0.25 < poor[name] < good[name] <= 1 for name in CLASSIFIERS)


def test_learning_ends_before_the_evaluation_part_is_heard() -> None:
    watched = Watched(division().clips, [])
    accuracy_on(replace(division(), pool=replace(division().pool, clips=cast(Any, watched))))
    parts = [division().parts[clip] for clip in watched.heard]
    assert list(dict.fromkeys(parts)) == ["train", "validation", "evaluation"]
    assert parts == sorted(parts, key=["train", "validation", "evaluation"].index)
