import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import Teacher
from fedasc.models.training import EmbeddedSettings, train
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.personalised import Personal, PersonalisedStrategy, Rehearsal
from tests.aggregators.test_mixture import random_mixture
from tests.models.test_training import blobs
from tests.worlds import same_classifier

STREAMS = Streams(7)
SUMMARIES = {device: Summary(random_mixture(3, seed=device), 50) for device in range(4)}
STRATEGY = PersonalisedStrategy()
N_WANTED = 60


@dataclass(frozen=True)
class LinearTeacher:
    """Certain to all degrees, depending on where a sample lies."""

    sharpness: float = 0.3

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        direction = np.random.default_rng(0).normal(size=(45, 4))
        scores = self.sharpness * (x.astype(np.float64) + 20) @ direction
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: FloatArray = odds / odds.sum(axis=1, keepdims=True)
        return shares

    def save(self, path: Path) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class WatchedTeacher:
    """Another teacher, with the number of samples that it labelled in each call."""

    teacher: Teacher
    n_labelled: list[int] = field(default_factory=list)

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        self.n_labelled.append(len(x))
        return self.teacher.probabilities(x)

    def save(self, path: Path) -> None:
        raise NotImplementedError


@dataclass
class FadingTeacher:
    """Certain of the first samples that it sees."""

    n_certain: int

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        shares = np.full((len(x), 4), 0.25)
        shares[: self.n_certain] = (1, 0, 0, 0)
        self.n_certain = max(self.n_certain - len(x), 0)
        return shares

    def save(self, path: Path) -> None:
        raise NotImplementedError


DOUBTFUL = LinearTeacher(sharpness=0.0)
SELDOM_CERTAIN = LinearTeacher(sharpness=0.015)


EMBEDDED = EmbeddedSettings(n_epochs=3, batch_size=16)
BASELINE_SET = TrainingSet(blobs(40, seed=1), blobs(20, seed=2))
COMPREHENSIVE_SET = TrainingSet(blobs(100, seed=3), blobs(30, seed=4))
SERVER = Server(
    baseline_set=BASELINE_SET,
    comprehensive_set=COMPREHENSIVE_SET,
    teacher=LinearTeacher(),
    baseline=train(EMBEDDED, BASELINE_SET, seed=np.random.SeedSequence(0)),
    comprehensive=train(EMBEDDED, COMPREHENSIVE_SET, seed=np.random.SeedSequence(1)),
    embedded=EMBEDDED,
)


def personalise(
    summaries: Mapping[int, Summary] = SUMMARIES, *, teacher: Teacher | None = None, **how: Any
) -> dict[int, Personal]:
    server = SERVER if teacher is None else replace(SERVER, teacher=teacher)
    return STRATEGY.personalise(server, summaries, streams=STREAMS, **how)


def same(one: Personal, other: Personal) -> bool:
    counts = [(p.n_drawn, p.n_kept, p.n_wanted) for p in (one, other)]
    return counts[0] == counts[1] and same_classifier(one.classifier, other.classifier)


@given(
    seed=st.integers(0, 2**32 - 1),
    certainty=st.floats(0, 0.95),
    n_wanted=st.integers(1, 200),
)
def test_keeps_exactly_as_many_as_wanted_of_what_the_teacher_is_certain_of(
    seed: int, certainty: float, n_wanted: int
) -> None:
    teacher, mixture = LinearTeacher(), random_mixture(3, seed=seed)
    strategy = PersonalisedStrategy(certainty=certainty, max_draws=1000)
    kept, n_drawn = strategy.sample(mixture, teacher, n_wanted, rng=np.random.default_rng(seed))
    probabilities = teacher.probabilities(kept.x)
    assert len(kept) == n_wanted <= n_drawn
    assert (probabilities.max(axis=1) >= certainty).all()
    np.testing.assert_array_equal(kept.scene, probabilities.argmax(axis=1))
    assert len(np.unique(kept.x, axis=0)) == n_wanted, "no sample is drawn twice"


def test_keeps_every_certain_sample_in_the_order_of_the_draws() -> None:
    """Against all draws filtered by hand."""
    mixture, teacher = SUMMARIES[0].mixture, WatchedTeacher(LinearTeacher(sharpness=0.03))
    kept, n_drawn = STRATEGY.sample(mixture, teacher, 50, rng=np.random.default_rng(3))
    rng = np.random.default_rng(3)
    drawn = np.concatenate([mixture.sample(n, rng=rng) for n in teacher.n_labelled])
    certain = teacher.probabilities(drawn).max(axis=1) >= 0.75
    assert 0.1 < certain.mean() < 0.9, "the teacher must be certain of some and not of all"
    np.testing.assert_array_equal(kept.x, drawn[certain][:50])
    assert n_drawn == len(drawn)


@pytest.mark.parametrize("sharpness", [0.02, 0.03, 0.06])
@pytest.mark.parametrize("seed", range(5))
def test_labels_little_more_than_the_share_that_it_keeps_calls_for(
    sharpness: float, seed: int
) -> None:
    mixture, teacher = SUMMARIES[0].mixture, LinearTeacher(sharpness=sharpness)
    rng = np.random.default_rng(100)
    certain = teacher.probabilities(mixture.sample(20_000, rng=rng)).max(axis=1) >= 0.75
    assert 0.05 < certain.mean() < 0.95, "the teacher must be certain of some and not of all"
    _, n_drawn = STRATEGY.sample(mixture, teacher, 1000, rng=np.random.default_rng(seed))
    assert n_drawn == pytest.approx(1000 / certain.mean(), rel=0.15)


def test_draws_once_if_the_teacher_is_always_certain() -> None:
    teacher = WatchedTeacher(DOUBTFUL)
    strategy = PersonalisedStrategy(certainty=0)
    kept, n_drawn = strategy.sample(SUMMARIES[0].mixture, teacher, 50, rng=np.random.default_rng(3))
    assert (len(kept), n_drawn, teacher.n_labelled) == (50, 50, [50])


def test_the_last_block_is_no_larger_than_what_may_still_be_drawn() -> None:
    """With a teacher that is certain of 40 samples and then of none."""
    teacher = WatchedTeacher(FadingTeacher(40))
    strategy = PersonalisedStrategy(max_draws=2)
    rng = np.random.default_rng(3)
    kept, n_drawn = strategy.sample(SUMMARIES[0].mixture, teacher, 60, rng=rng)
    assert (len(kept), n_drawn, teacher.n_labelled) == (40, 120, [60, 44, 16])


@given(sharpness=st.floats(0, 0.05), n_wanted=st.integers(1, 60), max_draws=st.integers(1, 5))
def test_never_draws_more_than_allowed_nor_labels_more_than_wanted_at_a_time(
    sharpness: float, n_wanted: int, max_draws: int
) -> None:
    teacher = WatchedTeacher(LinearTeacher(sharpness))
    strategy = PersonalisedStrategy(max_draws=max_draws)
    rng = np.random.default_rng(3)
    kept, n_drawn = strategy.sample(SUMMARIES[0].mixture, teacher, n_wanted, rng=rng)
    assert n_drawn == sum(teacher.n_labelled) <= max_draws * n_wanted
    assert max(teacher.n_labelled) <= n_wanted
    assert len(kept) == n_wanted or n_drawn == max_draws * n_wanted


@pytest.mark.parametrize(
    ("rehearsal", "rehearsed"), [("baseline", BASELINE_SET), ("comprehensive", COMPREHENSIVE_SET)]
)
def test_trains_from_scratch_on_rehearsed_and_artificial_samples(
    rehearsal: Rehearsal, rehearsed: TrainingSet
) -> None:
    """Artificial samples: as many as the baseline set has, for training and for validation."""
    strategy = PersonalisedStrategy(rehearsal=rehearsal)
    found = strategy.personalise(SERVER, SUMMARIES, streams=STREAMS)[2]
    rng = STREAMS.generator(Purpose.SAMPLING, 0, 2)
    extra, _ = strategy.sample(SUMMARIES[2].mixture, SERVER.teacher, N_WANTED, rng=rng)
    seed = STREAMS.sequence(Purpose.EMBEDDED_TRAINING, 2, 0, 2)
    expected = train(EMBEDDED, rehearsed + TrainingSet(extra[:40], extra[40:]), seed=seed)
    assert (found.n_kept, found.n_wanted) == (N_WANTED, N_WANTED)
    assert same_classifier(found.classifier, expected)


def test_a_teacher_that_is_never_certain_leaves_the_baseline_and_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        found = personalise({3: SUMMARIES[3]}, teacher=DOUBTFUL)[3]
    assert (found.n_drawn, found.n_kept) == (STRATEGY.max_draws * N_WANTED, 0)
    assert found.classifier is SERVER.baseline
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "device 3" in record.getMessage()


def test_a_teacher_that_is_seldom_certain_adds_what_it_is_certain_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = personalise({0: SUMMARIES[0]}, teacher=SELDOM_CERTAIN)[0]
    assert found.n_drawn == STRATEGY.max_draws * N_WANTED
    assert 0 < found.n_kept < N_WANTED
    assert not same_classifier(found.classifier, SERVER.baseline)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("n_threads", [2, 4])
def test_number_of_threads_changes_nothing(n_threads: int) -> None:
    one, many = personalise(n_threads=1), personalise(n_threads=n_threads)
    assert list(one) == list(many) == list(SUMMARIES)
    assert all(same(one[device], many[device]) for device in SUMMARIES)


def test_other_devices_and_their_order_change_nothing() -> None:
    everyone = personalise()
    alone = personalise({2: SUMMARIES[2]})
    backwards = personalise(dict(reversed(SUMMARIES.items())))
    assert same(alone[2], everyone[2])
    assert all(same(backwards[device], everyone[device]) for device in SUMMARIES)


def test_devices_and_nights_have_draws_of_their_own() -> None:
    twins = dict.fromkeys((0, 1), SUMMARIES[0])
    tonight, tomorrow = personalise(twins), personalise(twins, night=1)
    assert not same_classifier(tonight[0].classifier, tonight[1].classifier)
    assert not same_classifier(tonight[0].classifier, tomorrow[0].classifier)


@pytest.mark.parametrize(
    "wrong", [{"certainty": 1.0}, {"certainty": -0.1}, {"max_draws": 0}, {"rehearsal": "x"}]
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="personalised"):
        PersonalisedStrategy(**wrong)
