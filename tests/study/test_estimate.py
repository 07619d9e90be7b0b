from dataclasses import replace
from pathlib import Path

import pytest

from fedasc.models.mobilenet import MobileNetSettings
from fedasc.study.estimate import Estimate, estimate
from fedasc.study.run import run_study
from tests.worlds import tiny_study


def test_tells_repetitions_and_points_in_units_a_person_would_use() -> None:
    minutes = Estimate(
        n_workers=2, n_repetitions=5, repetition_s=20, n_points=21, point_s=30, n_kept=3
    )
    assert minutes.seconds == 3 * 20 + 11 * 30
    assert minutes.in_words() == (
        "this will take about 6 minutes with 2 worker(s): 5 repetitions to prepare, 20 seconds "
        "each, and 21 points, 30 seconds each, as timed on this machine; 3 points are cached"
    )
    days = replace(minutes, repetition_s=90_000.0, teacher_s=89_000.0)
    assert "about 3 days" in days.in_words()
    assert "C2 alone takes 25 hours" in days.in_words()
    assert "Ctrl-C ends it" in days.in_words()


def test_counts_what_is_not_cached(cache: Path) -> None:
    study = tiny_study(n_repetitions=2, components=(1,))
    fresh = estimate(study, n_workers=2)
    assert (fresh.n_repetitions, fresh.n_points, fresh.n_kept) == (2, 10, 0)
    assert 0 < fresh.point_s < fresh.repetition_s < 60
    run_study(tiny_study(n_repetitions=1, components=(1,)))
    rest = estimate(study, n_workers=2)
    assert (rest.n_repetitions, rest.n_points, rest.n_kept) == (1, 5, 5)
    run_study(study)
    done = estimate(study, n_workers=2)
    assert done.seconds == 0
    assert done.in_words() == "nothing to compute: 10 points are cached"


def test_c2_counts_with_its_epochs_and_batches_and_isnt_trained_for_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_trained = []

    def train(self: MobileNetSettings, samples: object, **others: object) -> object:
        n_trained.append(self.n_epochs)
        return original(self, samples, **others)  # type: ignore[arg-type]

    original = MobileNetSettings.train
    monkeypatch.setattr(MobileNetSettings, "train", train)
    clock = iter(range(10_000))
    monkeypatch.setattr("fedasc.study.estimate.monotonic", lambda: next(clock))
    c2 = MobileNetSettings(side=8, n_epochs=100_000, batch_size=4)
    study = tiny_study(n_repetitions=1, components=(1,), teacher=c2)
    found = estimate(study, n_workers=1)
    assert n_trained == [1, 1]
    # By this clock all that is timed takes a second, so that a step of C2 takes none.
    assert found.teacher_s == pytest.approx(100_000 * 40 / 64)
