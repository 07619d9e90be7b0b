import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.aggregators.content import Content
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.models.fleet import Job, train_fleet
from fedasc.models.passes import Rehearsed
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.teacher import Teacher
from fedasc.models.training import EmbeddedSettings, train
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies import teaching
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.rehearsal import Rehearsal
from fedasc.strategies.retraining import Deviations, Targets
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, Tally
from fedasc.strategies.task import Task
from fedasc.strategies.teaching import Start
from fedasc.workers import ALONE, Alone
from tests.aggregators.test_mixture import random_mixture
from tests.strategies.contents import around, numbers, rows
from tests.strategies.servers import (
    BASELINE_SET,
    COMPREHENSIVE_SET,
    DOUBTFUL,
    ELEVEN,
    EMBEDDED,
    N_WANTED,
    PAPER,
    SELDOM_CERTAIN,
    SERVER,
    STREAMS,
    SUMMARIES,
    FadingTeacher,
    LinearTeacher,
    WatchedTeacher,
    same,
    served,
)
from tests.worlds import same_classifier

MIXTURE = random_mixture(3, seed=0)
STRATEGY = PersonalisedStrategy(**{**PAPER, "rehearsal": "comprehensive"})


def server_of(teacher: Teacher) -> Server:
    return replace(SERVER, teacher=teacher)


def personalise(
    summaries: Mapping[int, Summary] = SUMMARIES, *, teacher: Teacher = SERVER.teacher, **how: Any
) -> Mapping[int, Personal]:
    return served(STRATEGY, summaries, server=server_of(teacher), **how)


def tally_of(personal: Personal) -> Tally:
    assert personal.tally
    return personal.tally


def sampled(
    strategy: PersonalisedStrategy,
    content: Content,
    n_wanted: int,
    *,
    teacher: Teacher = SERVER.teacher,
    seed: int = 3,
) -> tuple[Samples, int]:
    """What is kept of one mixture's samples, and how many were drawn."""
    rngs = [np.random.default_rng(seed)]
    (found,) = strategy.labelled(server_of(teacher), [Task((0,), content)], n_wanted, rngs=rngs)
    return found.samples, found.n_drawn


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
    mixture, teacher = MIXTURE, WatchedTeacher(LinearTeacher(sharpness=0.03))
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
    mixture, teacher = MIXTURE, LinearTeacher(sharpness=sharpness)
    rng = np.random.default_rng(100)
    certain = teacher.probabilities(mixture.sample(20_000, rng=rng)).max(axis=1) >= 0.75
    assert 0.05 < certain.mean() < 0.95, "the teacher must be certain of some and not of all"
    _, n_drawn = sampled(STRATEGY, mixture, 1000, teacher=teacher, seed=seed)
    assert n_drawn == pytest.approx(1000 / certain.mean(), rel=0.15)


def test_draws_once_if_the_teacher_is_always_certain() -> None:
    teacher = WatchedTeacher(DOUBTFUL)
    strategy = replace(STRATEGY, certainty=0.0)
    kept, n_drawn = sampled(strategy, MIXTURE, 50, teacher=teacher)
    assert (len(kept), n_drawn, teacher.n_labelled) == (50, 50, [50])


def test_the_last_block_is_no_larger_than_what_may_still_be_drawn() -> None:
    """With a teacher that is certain of 40 samples and then of none."""
    teacher = WatchedTeacher(FadingTeacher(40))
    strategy = replace(STRATEGY, max_draws=2)
    kept, n_drawn = sampled(strategy, MIXTURE, 60, teacher=teacher)
    assert (len(kept), n_drawn, teacher.n_labelled) == (40, 120, [60, 44, 16])


@given(sharpness=st.floats(0, 0.05), n_wanted=st.integers(1, 60), max_draws=st.integers(1, 5))
def test_never_draws_more_than_allowed_nor_labels_more_than_wanted_at_a_time(
    sharpness: float, n_wanted: int, max_draws: int
) -> None:
    teacher = WatchedTeacher(LinearTeacher(sharpness))
    strategy = replace(STRATEGY, max_draws=max_draws)
    kept, n_drawn = sampled(strategy, MIXTURE, n_wanted, teacher=teacher)
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
    found = served(strategy)[2]
    rng = STREAMS.generator(Purpose.SAMPLING, 0, 2)
    (artificial,) = strategy.labelled(
        SERVER, [Task((2,), SUMMARIES[2].content)], N_WANTED, rngs=[rng]
    )
    extra = artificial.samples
    seed = STREAMS.sequence(Purpose.EMBEDDED_TRAINING, 2, 0, 2)
    expected = train(EMBEDDED, rehearsed + TrainingSet(extra[:40], extra[40:]), seed=seed)
    assert (tally_of(found).n_kept, tally_of(found).n_wanted) == (N_WANTED, N_WANTED)
    assert same_classifier(found.classifier, expected)


def test_a_teacher_that_is_never_certain_leaves_the_baseline_and_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        found = personalise({3: SUMMARIES[3]}, teacher=DOUBTFUL)[3]
    tally = tally_of(found)
    assert (tally.n_drawn, tally.n_kept) == (STRATEGY.max_draws * N_WANTED, 0)
    assert found.classifier is SERVER.baseline
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "device 3" in record.getMessage()


def test_a_teacher_that_is_seldom_certain_adds_what_it_is_certain_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = personalise({0: SUMMARIES[0]}, teacher=SELDOM_CERTAIN)[0]
    assert tally_of(found).n_drawn == STRATEGY.max_draws * N_WANTED
    assert 0 < tally_of(found).n_kept < N_WANTED
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
        served(strategy, summaries, workers=workers) for workers in (ALONE, Many(n_workers))
    )
    assert list(one) == list(many) == list(summaries)
    assert all(same(one[device], many[device]) for device in summaries)


def test_samples_of_a_chunk_are_labelled_in_one_pass() -> None:
    teacher = WatchedTeacher(LinearTeacher())
    strategy = replace(STRATEGY, certainty=0.0)
    served(strategy, ELEVEN, server=server_of(teacher))
    assert teacher.n_labelled == [3 * N_WANTED, 3 * N_WANTED, 3 * N_WANTED, 2 * N_WANTED]


def test_an_accelerator_brings_the_same_up_to_rounding() -> None:
    """With the code of accelerators, here on the CPU."""
    elsewhere = replace(SERVER, torch_device="cpu:0")
    ours = served(STRATEGY, ELEVEN)
    found = served(STRATEGY, ELEVEN, server=elsewhere)
    assert not all(same(ours[device], found[device]) for device in ELEVEN), "it was not used"
    for device in ELEVEN:
        assert tally_of(found[device]).kept == tally_of(ours[device]).kept
        for name, array in ours[device].classifier.arrays().items():
            theirs = found[device].classifier.arrays()[name]
            np.testing.assert_allclose(theirs, array, rtol=1e-3, atol=1e-3)


def test_devices_and_nights_have_draws_of_their_own() -> None:
    twins = dict.fromkeys((0, 1), SUMMARIES[0])
    context, tomorrow = personalise(twins), personalise(twins, night=1)
    assert not same_classifier(context[0].classifier, context[1].classifier)
    assert not same_classifier(context[0].classifier, tomorrow[0].classifier)


@pytest.mark.parametrize("targets", ["hard", "soft"])
def test_targets_are_scenes_or_probabilities(targets: Targets) -> None:
    kept, _ = sampled(replace(STRATEGY, targets=targets, certainty=0.4), MIXTURE, 80)
    probabilities = SERVER.teacher.probabilities(kept.x)
    expected = probabilities if targets == "soft" else np.eye(4)[probabilities.argmax(axis=1)]
    np.testing.assert_allclose(kept.targets(), expected, rtol=1e-5)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Every training that a strategy asks for."""
    found: list[Job] = []

    def noted(settings: EmbeddedSettings, asked: Sequence[Job], *, device: str) -> Any:
        found.extend(asked)
        return train_fleet(settings, asked, device=device)

    monkeypatch.setattr(teaching, "train_fleet", noted)
    return found


@pytest.mark.parametrize("targets", ["hard", "soft"])
@pytest.mark.parametrize("balanced", [False, True])
def test_scenes_may_weigh_the_same(targets: Targets, balanced: bool, jobs: list[Job]) -> None:
    strategy = replace(STRATEGY, targets=targets, balanced=balanced, artificial_weight=2.0)
    served(strategy, {1: SUMMARIES[1]})
    (job,) = jobs
    samples = job.samples
    own = samples.training
    n_training = len(own)
    own += samples.validation[len(COMPREHENSIVE_SET.validation) :]
    counts = np.bincount(own.scene, minlength=4)
    assert counts.sum() == N_WANTED
    assert np.ptp(counts[counts > 0]), "the scenes must not be equally frequent by themselves"
    even = N_WANTED / np.count_nonzero(counts) / counts[own.scene]
    expected = even if balanced else np.ones(N_WANTED)
    expected[:n_training] *= 2  # validation samples choose an epoch, each for one
    np.testing.assert_allclose(own.targets().sum(axis=1), expected, rtol=1e-5)


def test_balancing_nothing_is_no_trouble() -> None:
    strategy = replace(STRATEGY, balanced=True)
    found = served(strategy, {0: SUMMARIES[0]}, server=server_of(DOUBTFUL))[0]
    assert found.classifier is SERVER.baseline


@pytest.mark.parametrize("deviation", ["normal", "observed"])
def test_draws_deviate_as_normal_numbers_or_as_the_servers_samples_do(
    deviation: Deviations,
) -> None:
    """With features of which the server knows that they all rise and fall together."""
    together = np.repeat(np.random.default_rng(5).normal(size=(500, 1)), 45, axis=1)
    server = replace(SERVER, deviations=(together / together.std()).astype(np.float32))
    strategy = replace(STRATEGY, deviations=deviation)
    mixture = random_mixture(1, seed=3)
    drawn = strategy.draws(server, mixture, rng=np.random.default_rng(3))(4000)
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
    tally = tally_of(served(replace(STRATEGY, amount=amount))[0])
    assert (tally.n_wanted, tally.n_kept) == (n_wanted, n_wanted)


def test_none_are_drawn_to_validate_with_where_that_chooses_nothing(jobs: list[Job]) -> None:
    """Neither an epoch, nor one of several trainings."""
    mean = replace(EMBEDDED, keep="mean")
    n_training = len(BASELINE_SET.training)
    for embedded, n_restarts, n_wanted, n_taught in (
        (EMBEDDED, 1, N_WANTED, n_training),
        (mean, 1, n_training, n_training),
        (mean, 2, N_WANTED, n_training),
    ):
        server = replace(SERVER, embedded=embedded)
        found = served(replace(STRATEGY, n_restarts=n_restarts), {1: SUMMARIES[1]}, server=server)
        assert tally_of(found[1]).n_kept == n_wanted
        assert len(jobs[-1].samples.training) == n_taught
        n_validated = len(jobs[-1].samples.validation) - len(COMPREHENSIVE_SET.validation)
        assert n_validated == n_wanted - n_taught


def test_what_is_rehearsed_is_one_object_for_all(jobs: list[Job]) -> None:
    served(replace(STRATEGY, rehearsed_share=0.25))
    assert len(jobs) == len(SUMMARIES)
    assert {job.rehearsed for job in jobs} == {Rehearsed(COMPREHENSIVE_SET.training, 0.25)}


@pytest.mark.parametrize(
    "change",
    [
        {"artificial_weight": 3.0},
        {"rehearsal": "nearest", "tempering": 1.0},
        {"start": "rehearsed"},
        {"rehearsed_share": 0.25},
        {"n_epochs": 4},
        {"n_restarts": 5},
        {"targets": "soft"},
        {"balanced": True},
        {"deviations": "observed"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_setting_changes_the_classifier(change: dict[str, Any]) -> None:
    def classifier(strategy: PersonalisedStrategy) -> Personal:
        return served(strategy, {1: SUMMARIES[1]})[1]

    plain, changed = classifier(STRATEGY), classifier(replace(STRATEGY, **change))
    assert tally_of(changed).n_kept == tally_of(plain).n_kept == N_WANTED
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
        found = served(strategy, {1: SUMMARIES[1]}, server=still)[1].classifier
        np.testing.assert_allclose(found.hidden_weights, shipped.hidden_weights, atol=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"certainty": 1.0},
        {"certainty": -0.1},
        {"max_draws": 0},
        {"n_epochs": 0},
        {"n_restarts": 0},
        {"rehearsed_share": 0.0},
        {"rehearsed_share": 1.1},
        {"memory": 1.0},
        {"memory": -0.1},
        {"tempering": 1.1},
        {"amount": 0.0},
        {"artificial_weight": float("inf")},
        {"rehearsal": "x"},
        {"groups": "x"},
        {"n_clusters": 0},
        {"labels": "x"},
        {"targets": "x"},
        {"start": "x"},
        {"deviations": "x"},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="personalised"):
        PersonalisedStrategy(**wrong)


@pytest.mark.parametrize(("n_heard", "n_taken"), [(30, 30), (200, N_WANTED)])
def test_features_are_taken_once_and_weigh_together_as_much_as_enough_would(
    n_heard: int, n_taken: int, jobs: list[Job]
) -> None:
    strategy = replace(STRATEGY, certainty=0.0, artificial_weight=3.0)
    found = served(strategy, {1: Summary.of(rows(n_heard), n_heard)})[1]
    assert tally_of(found).n_drawn == tally_of(found).n_kept == tally_of(found).n_wanted == n_taken
    (job,) = jobs
    n_training = round(n_taken * 2 / 3)
    own = job.samples.training
    others = job.samples.validation[len(COMPREHENSIVE_SET.validation) :]
    taken = numbers(np.concatenate([own.x, others.x]))
    assert len(taken) == len(set(taken)) == n_taken
    assert len(own) == n_training
    assert own.targets().sum() == pytest.approx(3 * N_WANTED * 2 / 3)


def test_of_few_features_the_certain_ones_count_and_nobody_waits_for_more() -> None:
    teacher = WatchedTeacher(FadingTeacher(10))
    found = served(STRATEGY, {1: Summary.of(rows(30), 30)}, server=server_of(teacher))[1]
    tally = tally_of(found)
    assert (tally.n_drawn, tally.n_kept, tally.n_wanted) == (30, 10, 30)
    assert teacher.n_labelled == [30]


def remembering(**settings: Any) -> PersonalisedStrategy:
    return replace(STRATEGY, **settings)


def test_what_is_remembered_of_a_user_is_sampled_too(jobs: list[Job]) -> None:
    strategy = remembering(memory=0.25, certainty=0.0, artificial_weight=1.0)
    memory = None
    for night, place in enumerate((-40.0, 0.0, 40.0)):
        summaries = {1: Summary.of(around(place), 30)}
        context = RoundContext(streams=STREAMS, night=night)
        memory = strategy.serve(SERVER, summaries, memory, context).memory
    own = jobs[-1].samples.training.x.mean(axis=1)
    counts = np.bincount(np.rint(own / 40).astype(int) + 1, minlength=3)
    np.testing.assert_allclose(counts / counts.sum(), [1 / 16, 3 / 16, 3 / 4], atol=0.15)
    assert counts[2] > counts[1] > 0


def test_a_late_summary_is_remembered_for_the_next_night() -> None:
    strategy = remembering(memory=0.5)
    memory = strategy.remember(None, {1: Summary.of(around(-40.0), 30)})
    context = {1: Summary.of(around(40.0), 30)}
    (task,) = strategy.tasks(
        SERVER, context, strategy.remember(memory, context), RoundContext(streams=STREAMS)
    )
    assert isinstance(task.content, Mixture)
    assert task.content.means[:, 0].tolist() == [-40, 40]
    np.testing.assert_allclose(task.content.weights, [0.5, 0.5])


@pytest.mark.parametrize("retention", [0.0, 0.5])
def test_training_goes_on_from_what_the_device_was_sent_last(
    retention: float, jobs: list[Job]
) -> None:
    strategy = remembering(start="continued", memory=retention)
    first = strategy.serve(SERVER, SUMMARIES, None, RoundContext(streams=STREAMS))
    assert {job.start for job in jobs} == {SERVER.comprehensive}
    some = {device: SUMMARIES[device] for device in (1, 2)}
    between = strategy.serve(SERVER, some, first.memory, RoundContext(streams=STREAMS, night=1))
    strategy.serve(SERVER, SUMMARIES, between.memory, RoundContext(streams=STREAMS, night=2))
    expected = [first.personal[0], between.personal[1], between.personal[2], first.personal[3]]
    assert [job.start for job in jobs[-4:]] == [its.classifier for its in expected]


def test_where_the_teacher_is_certain_of_nothing_the_last_classifier_stays() -> None:
    strategy = remembering(start="continued")
    first = strategy.serve(SERVER, SUMMARIES, None, RoundContext(streams=STREAMS))
    again = served(strategy, server=server_of(DOUBTFUL), memory=first.memory, night=1)
    for device in SUMMARIES:
        assert again[device].classifier is first.personal[device].classifier


@pytest.mark.parametrize("start", ["scratch", "rehearsed"])
def test_nothing_is_remembered_unless_it_is_to_be_used(start: Start) -> None:
    served_of = remembering(start=start).serve(
        SERVER, SUMMARIES, None, RoundContext(streams=STREAMS)
    )
    assert served_of.memory is None
