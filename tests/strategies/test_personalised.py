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

from fedasc.aggregators.deviations import deviations
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.teacher import Teacher
from fedasc.models.training import EmbeddedSettings, train
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.personalised import (
    Deviations,
    Labels,
    Personal,
    PersonalisedStrategy,
    Rehearsal,
)
from fedasc.workers import ALONE, Alone
from tests.aggregators.test_mixture import random_mixture
from tests.models.test_training import blobs
from tests.worlds import same_classifier

STREAMS = Streams(7)
SUMMARIES = {device: Summary(random_mixture(3, seed=device), 50) for device in range(4)}
ELEVEN = {device: Summary(random_mixture(3, seed=device), 50) for device in range(11)}
PAPER = PersonalisedStrategy(
    rehearsal="baseline",
    deviations="normal",
    labels="hard",
    certainty=0.75,
    amount=1.0,
    artificial_weight=1.0,
    start="scratch",
    n_epochs=3,
)
STRATEGY = replace(PAPER, rehearsal="comprehensive")
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

    def on(self, device: str) -> "LinearTeacher":
        return self

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

    def on(self, device: str) -> "WatchedTeacher":
        return self

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

    def on(self, device: str) -> "FadingTeacher":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


DOUBTFUL = LinearTeacher(sharpness=0.0)
SELDOM_CERTAIN = LinearTeacher(sharpness=0.015)


EMBEDDED = EmbeddedSettings(n_epochs=3, batch_size=16, n_restarts=1)
BASELINE_SET = TrainingSet(blobs(40, seed=1), blobs(20, seed=2))
COMPREHENSIVE_SET = TrainingSet(blobs(100, seed=3), blobs(30, seed=4))
EVERYTHING = GmmAggregator(n_components=4).summarise(COMPREHENSIVE_SET.training.x, seed=0)
SERVER = Server(
    baseline_set=BASELINE_SET,
    comprehensive_set=COMPREHENSIVE_SET,
    teacher=LinearTeacher(),
    baseline=train(EMBEDDED, BASELINE_SET, seed=np.random.SeedSequence(0)),
    comprehensive=train(EMBEDDED, COMPREHENSIVE_SET, seed=np.random.SeedSequence(1)),
    embedded=EMBEDDED,
    everything=EVERYTHING,
    deviations=deviations(EVERYTHING, COMPREHENSIVE_SET.training.x),
)


def server_of(teacher: Teacher) -> Server:
    return replace(SERVER, teacher=teacher)


def personalise(
    summaries: Mapping[int, Summary] = SUMMARIES, *, teacher: Teacher | None = None, **how: Any
) -> dict[int, Personal]:
    server = SERVER if teacher is None else server_of(teacher)
    return STRATEGY.personalise(server, summaries, streams=STREAMS, **how)


def sampled(
    strategy: PersonalisedStrategy,
    mixture: Mixture,
    n_wanted: int,
    *,
    teacher: Teacher = SERVER.teacher,
    seed: int = 3,
) -> tuple[Samples, int]:
    """What is kept of one mixture's samples, and how many were drawn."""
    rngs = [np.random.default_rng(seed)]
    (found,) = strategy.sample(server_of(teacher), [mixture], n_wanted, rngs=rngs)
    return found.samples, found.n_drawn


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
    strategy = replace(STRATEGY, certainty=certainty, max_draws=1000)
    kept, n_drawn = sampled(strategy, mixture, n_wanted, teacher=teacher, seed=seed)
    probabilities = teacher.probabilities(kept.x)
    assert len(kept) == n_wanted <= n_drawn
    assert (probabilities.max(axis=1) >= certainty).all()
    np.testing.assert_array_equal(kept.scene, probabilities.argmax(axis=1))
    assert len(np.unique(kept.x, axis=0)) == n_wanted, "no sample is drawn twice"


def test_keeps_every_certain_sample_in_the_order_of_the_draws() -> None:
    """Against all draws filtered by hand."""
    mixture, teacher = SUMMARIES[0].mixture, WatchedTeacher(LinearTeacher(sharpness=0.03))
    kept, n_drawn = sampled(STRATEGY, mixture, 50, teacher=teacher)
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
    _, n_drawn = sampled(STRATEGY, mixture, 1000, teacher=teacher, seed=seed)
    assert n_drawn == pytest.approx(1000 / certain.mean(), rel=0.15)


def test_draws_once_if_the_teacher_is_always_certain() -> None:
    teacher = WatchedTeacher(DOUBTFUL)
    strategy = replace(STRATEGY, certainty=0.0)
    kept, n_drawn = sampled(strategy, SUMMARIES[0].mixture, 50, teacher=teacher)
    assert (len(kept), n_drawn, teacher.n_labelled) == (50, 50, [50])


def test_the_last_block_is_no_larger_than_what_may_still_be_drawn() -> None:
    """With a teacher that is certain of 40 samples and then of none."""
    teacher = WatchedTeacher(FadingTeacher(40))
    strategy = replace(STRATEGY, max_draws=2)
    kept, n_drawn = sampled(strategy, SUMMARIES[0].mixture, 60, teacher=teacher)
    assert (len(kept), n_drawn, teacher.n_labelled) == (40, 120, [60, 44, 16])


@given(sharpness=st.floats(0, 0.05), n_wanted=st.integers(1, 60), max_draws=st.integers(1, 5))
def test_never_draws_more_than_allowed_nor_labels_more_than_wanted_at_a_time(
    sharpness: float, n_wanted: int, max_draws: int
) -> None:
    teacher = WatchedTeacher(LinearTeacher(sharpness))
    strategy = replace(STRATEGY, max_draws=max_draws)
    kept, n_drawn = sampled(strategy, SUMMARIES[0].mixture, n_wanted, teacher=teacher)
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
    strategy = replace(STRATEGY, rehearsal=rehearsal)
    found = strategy.personalise(SERVER, SUMMARIES, streams=STREAMS)[2]
    rng = STREAMS.generator(Purpose.SAMPLING, 0, 2)
    (artificial,) = strategy.sample(SERVER, [SUMMARIES[2].mixture], N_WANTED, rngs=[rng])
    extra = artificial.samples
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


@dataclass(frozen=True)
class Many(Alone):
    """As many workers, for chunks of other sizes."""

    n_workers: int


@pytest.mark.parametrize("certainty", [0.0, 0.75])
@pytest.mark.parametrize("n_workers", [2, 4])
def test_chunks_change_nothing(n_workers: int, certainty: float) -> None:
    strategy, summaries = replace(STRATEGY, certainty=certainty), ELEVEN
    one, many = (
        strategy.personalise(SERVER, summaries, streams=STREAMS, workers=workers)
        for workers in (ALONE, Many(n_workers))
    )
    assert list(one) == list(many) == list(summaries)
    assert all(same(one[device], many[device]) for device in summaries)


def test_samples_of_a_chunk_are_labelled_in_one_pass() -> None:
    teacher = WatchedTeacher(LinearTeacher())
    strategy = replace(STRATEGY, certainty=0.0)
    strategy.personalise(server_of(teacher), ELEVEN, streams=STREAMS)
    assert teacher.n_labelled == [3 * N_WANTED, 3 * N_WANTED, 3 * N_WANTED, 2 * N_WANTED]


def test_an_accelerator_brings_the_same_up_to_rounding() -> None:
    """With the code of accelerators, here on the CPU."""
    elsewhere = replace(SERVER, torch_device="cpu:0")
    ours = STRATEGY.personalise(SERVER, ELEVEN, streams=STREAMS)
    found = STRATEGY.personalise(elsewhere, ELEVEN, streams=STREAMS)
    assert not all(same(ours[device], found[device]) for device in ELEVEN), "it was not used"
    for device in ELEVEN:
        assert found[device].kept == ours[device].kept
        for name, array in ours[device].classifier.arrays().items():
            theirs = found[device].classifier.arrays()[name]
            np.testing.assert_allclose(theirs, array, rtol=1e-3, atol=1e-3)


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


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("labels", ["hard", "soft"])
def test_labels_are_scenes_or_probabilities_and_scenes_may_weigh_the_same(
    labels: Labels, balanced: bool
) -> None:
    strategy = replace(STRATEGY, labels=labels, balanced=balanced, certainty=0.4)
    kept, _ = sampled(strategy, SUMMARIES[1].mixture, 80)
    probabilities = SERVER.teacher.probabilities(kept.x)
    expected = probabilities if labels == "soft" else np.eye(4)[probabilities.argmax(axis=1)]
    counts = np.bincount(kept.scene, minlength=4)
    assert len(set(counts)) > 1, "the scenes must not be equally frequent by themselves"
    if balanced:
        expected = expected * (80 / (counts > 0).sum() / counts[kept.scene])[:, None]
    np.testing.assert_allclose(kept.targets(), expected, rtol=1e-5)
    weights = np.bincount(kept.scene, kept.targets().sum(axis=1), minlength=4)
    assert np.ptp(weights[counts > 0]) < 0.01 or not balanced


@pytest.mark.parametrize("deviation", ["normal", "observed"])
def test_draws_deviate_as_normal_numbers_or_as_the_servers_samples_do(
    deviation: Deviations,
) -> None:
    """With features of which the server knows that they all rise and fall together."""
    together = np.repeat(np.random.default_rng(5).normal(size=(500, 1)), 45, axis=1)
    server = replace(SERVER, deviations=(together / together.std()).astype(np.float32))
    strategy = replace(STRATEGY, deviations=deviation)
    mixture = random_mixture(1, seed=3)
    drawn = strategy.draw(server, mixture, 4000, rng=np.random.default_rng(3))
    spread = np.sqrt(mixture.variances[0])
    np.testing.assert_allclose(drawn.mean(axis=0), mixture.means[0], atol=0.1 * spread.max())
    np.testing.assert_allclose(drawn.std(axis=0), spread, rtol=0.1)
    standardised = (drawn - drawn.mean(axis=0)) / drawn.std(axis=0)
    correlation = (standardised.T @ standardised / len(drawn))[np.triu_indices(45, 1)]
    assert (
        (np.abs(correlation) < 0.1).all() if deviation == "normal" else (correlation > 0.99).all()
    )


@pytest.mark.parametrize(("amount", "n_wanted"), [(0.5, 30), (2.0, 120), (0.001, 2)])
def test_wants_an_amount_relative_to_the_baseline_set(amount: float, n_wanted: int) -> None:
    found = replace(STRATEGY, amount=amount).personalise(SERVER, SUMMARIES, streams=STREAMS)[0]
    assert (found.n_wanted, found.n_kept) == (n_wanted, n_wanted)


@pytest.mark.parametrize(
    "change",
    [
        {"artificial_weight": 3.0},
        {"rehearsal": "nearest", "tempering": 1.0},
        {"start": "rehearsed"},
        {"n_epochs": 4},
        {"n_restarts": 5},
        {"labels": "soft"},
        {"balanced": True},
        {"deviations": "observed"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_setting_changes_the_classifier(change: dict[str, Any]) -> None:
    def classifier(strategy: PersonalisedStrategy) -> Personal:
        return strategy.personalise(SERVER, {1: SUMMARIES[1]}, streams=STREAMS)[1]

    plain, changed = classifier(STRATEGY), classifier(replace(STRATEGY, **change))
    assert changed.n_kept == plain.n_kept == N_WANTED
    assert not same_classifier(plain.classifier, changed.classifier)


def test_goes_on_from_the_classifier_of_what_is_rehearsed() -> None:
    """With steps so small that training hardly moves."""
    still = replace(SERVER, embedded=replace(EMBEDDED, learning_rate=1e-9, dropout=0.0))
    for rehearsal, shipped in (
        ("baseline", SERVER.baseline),
        ("comprehensive", SERVER.comprehensive),
        ("nearest", SERVER.comprehensive),
    ):
        strategy = replace(STRATEGY, start="rehearsed", rehearsal=rehearsal)  # type: ignore[arg-type]
        found = strategy.personalise(still, {1: SUMMARIES[1]}, streams=STREAMS)[1].classifier
        np.testing.assert_allclose(found.hidden_weights, shipped.hidden_weights, atol=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"certainty": 1.0},
        {"certainty": -0.1},
        {"max_draws": 0},
        {"n_epochs": 0},
        {"n_restarts": 0},
        {"tempering": 1.1},
        {"amount": 0.0},
        {"artificial_weight": float("inf")},
        {"rehearsal": "x"},
        {"labels": "x"},
        {"start": "x"},
        {"deviations": "x"},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="personalised"):
        PersonalisedStrategy(**wrong)
