"""Builtin teachers keep the contract, and each check tells a teacher that doesn't."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.made_up.days import sounds
from fedasc.models.committee import CommitteeSettings
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import TeacherSettings
from fedasc.progress import Progress, quiet
from fedasc.testing import check_teacher
from fedasc.testing import teachers as checks
from simulations.plugins.centroids import Centroids, NearestCentroids

ENSEMBLE = EnsembleSettings(n_trees=5)
DEEP_SETS = DeepSetsSettings(n_networks=1, n_steps=5)
TEACHERS: dict[str, TeacherSettings] = {
    "ensemble": ENSEMBLE,
    "deep_sets": DEEP_SETS,
    "mobilenet": MobileNetSettings(side=8, n_networks=1, n_epochs=1, n_orders=1),
    "committee": CommitteeSettings(members=(ENSEMBLE, DEEP_SETS, NearestCentroids())),
    "centroids": NearestCentroids(),
}


@pytest.mark.parametrize("settings", TEACHERS.values(), ids=TEACHERS)
def test_teachers_keep_the_contract(settings: TeacherSettings) -> None:
    check_teacher(settings)


def test_no_builtin_teacher_is_left_out() -> None:
    assert TeacherSettings.family.builtin.keys() <= TEACHERS.keys()


@dataclass(frozen=True)
class Odd(Centroids):
    """Broken in a way that is its name."""

    way: str = ""

    def probabilities(self, x: NDArray[Any]) -> Any:
        if self.way == "trusts":
            return super().probabilities(np.nan_to_num(x, posinf=0.0))
        told: Any = super().probabilities(x)
        match self.way:
            case "has three scenes":
                return told[:, :3]
            case "needs samples":
                return told if len(x) else told[0]
            case "tells odds":
                return told / told.max(axis=1, keepdims=True, initial=1e-9)
            case "tells logits":
                return np.log(told)
            case "asks around":
                return (told + told.sum(axis=0, keepdims=True) / max(len(told), 1)) / 2
            case "looks ahead":
                return np.concatenate([told[:1], (told[1:] + told[:-1]) / 2])
        return told

    def on(self, device: str) -> "Centroids":
        return Centroids(2 * self.means, self.spread) if self.way == "shifts" else self

    def __reduce__(self) -> Any:
        means = self.means.astype(np.float16) if self.way == "shrinks" else self.means
        return Odd, (means, self.spread, self.way)

    def save(self, path: Path) -> None:
        means: Any = self.means.astype(np.float32) if self.way == "saves space" else self.means
        Centroids(means, self.spread).save(path)


@dataclass(frozen=True, kw_only=True)
class OddSettings(NearestCentroids):
    way: str = ""

    def train(self, samples: TrainingSet, *, seed: int, progress: Progress = quiet) -> Centroids:
        plain = super().train(samples, seed=seed)
        if self.way == "is lucky":
            return Centroids(plain.means + np.random.default_rng().normal(), plain.spread)
        if self.way == "fails":
            raise ValueError("no\nway")
        return Odd(plain.means, plain.spread, self.way)

    def load(self, path: Path) -> Centroids:
        if self.way == "loads anything":
            return self.train(TrainingSet(*[sounds(40)] * 2), seed=0)
        if self.way == "loads carelessly":
            with np.load(path, allow_pickle=False) as arrays:
                return Centroids(**arrays)
        return super().load(path)


BROKEN: list[tuple[Callable[..., None], str, str]] = [
    (checks.tells_probabilities, "has three scenes", r"tell \(0, 4\) .*got \(0, 3\)"),
    (checks.tells_probabilities, "needs samples", r"tell \(0, 4\) .*it raised IndexError"),
    (checks.tells_probabilities, "tells odds", "they add to"),
    (checks.tells_probabilities, "tells logits", "no numbers from 0 to 1"),
    (checks.minds_no_company, "asks around", "whatever it is labelled with; they differ, by"),
    (checks.minds_no_company, "looks ahead", "whatever it is labelled with; they differ, by"),
    (checks.refuses_what_is_not_finite, "trusts", "samples with nan with a ValueError; it lab"),
    (checks.trains_from_its_seed, "is lucky", "the same teacher with the same seed; labels"),
    (checks.travels, "shifts", r"after a pickle and on\('cpu'\); labels differ"),
    (checks.travels, "shrinks", r"after a pickle and on\('cpu'\); labels differ"),
    (checks.comes_back_from_its_file, "saves space", "load the teacher that was saved; labels"),
    (checks.refuses_what_is_no_file_of_its_kind, "loads anything", "is missing .*; it loaded it"),
    (checks.refuses_what_is_no_file_of_its_kind, "loads carelessly", "is missing .*FileNotFound"),
]


@pytest.mark.parametrize(("check", "way", "told"), BROKEN, ids=[way for _, way, _ in BROKEN])
def test_what_breaks_the_contract_is_told_in_a_line(
    check: Callable[..., None], way: str, told: str
) -> None:
    settings = OddSettings(way=way)
    with pytest.raises(AssertionError, match=f"teacher '.*OddSettings' must .*{told}") as seen:
        check(settings, checks.trained(settings))
    assert "\n" not in str(seen.value)
    with pytest.raises(AssertionError):
        check_teacher(settings)


def test_a_teacher_that_can_not_be_trained_is_told() -> None:
    with pytest.raises(AssertionError, match="labelled samples; it raised ValueError: no way"):
        check_teacher(OddSettings(way="fails"))


def test_what_is_not_broken_is_let_through() -> None:
    """So that those above are broken by what they do, not by what they share."""
    check_teacher(OddSettings())
