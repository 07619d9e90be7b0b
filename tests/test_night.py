from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.errors import RunError
from fedasc.evaluation.calibration import reliability
from fedasc.models.self_training import SelfTraining
from fedasc.night import Night, State, run_night, run_nights
from fedasc.population.attendance import NightsSettings
from fedasc.scenario import Scenario
from fedasc.scenes import Scene
from fedasc.seeds import Purpose
from fedasc.simulated import hear
from fedasc.strategies.fedavg import FedAvgStrategy
from fedasc.strategies.local import LocalStrategy
from fedasc.strategies.memory import Memory
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.worlds import (
    AGGREGATOR,
    N_EVALUATION,
    N_HEARD,
    N_USERS,
    RELEASE,
    content_of,
    joined,
    same_classifier,
    tiny_world,
    with_seed,
)

DEVICES = list(range(N_USERS))


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


def night_of(world: World, *, number: int = 0) -> Night:
    night, _ = run_night(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=PersonalisedStrategy(),
        state=State(night=number),
    )
    return night


def test_every_device_sends_gets_and_judges(world: World) -> None:
    night = night_of(world)
    assert list(night.summaries) == list(night.personal) == list(night.scores) == DEVICES
    assert {summary.n_windows for summary in night.summaries.values()} == {N_HEARD}
    for device in DEVICES:
        windows = hear(world.scenario, device, Purpose.EVALUATION)
        rivals = {
            "baseline": world.server.baseline,
            "personal": night.personal[device].classifier,
            "comprehensive": world.server.comprehensive,
        }
        assert night.scores[device].keys() == rivals.keys()
        for name, score in night.scores[device].items():
            assert score.counts.sum() == N_EVALUATION
            expected = np.mean(rivals[name].predict(windows.x) == windows.scene)
            assert score.accuracy == pytest.approx(expected)


@pytest.mark.bits
def test_a_night_run_anew_is_bitwise_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = night_of(world)
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "fresh"))
    assert content_of(night_of(world)) == content_of(first)


def test_another_night_and_another_seed_are_other_nights(world: World) -> None:
    other = replace(world, scenario=with_seed(world.scenario, 2))
    nights = [night_of(world), night_of(world, number=1), night_of(other)]
    assert len({content_of(night) for night in nights}) == 3


def test_devices_get_classifiers_of_their_own(world: World) -> None:
    made = [personal.classifier for personal in night_of(world).personal.values()]
    pairs = [(a, b) for i, a in enumerate(made) for b in (*made[:i], world.server.baseline)]
    assert not any(same_classifier(a, b) for a, b in pairs)


def test_progress_counts_each_phase_to_its_end(world: World) -> None:
    told: list[tuple[str, int, int]] = []
    run_night(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=PersonalisedStrategy(),
        progress=lambda *step: told.append(step),
    )
    phases = ("summarising", "personalising classifiers", "evaluating", "looking into devices")
    assert told == [(phase, n, N_USERS) for phase in phases for n in range(1, N_USERS + 1)]


def test_the_teachers_reliability_is_that_of_its_probabilities(world: World) -> None:
    for device, diagnosis in night_of(world).diagnoses.items():
        windows = hear(world.scenario, device, Purpose.EVALUATION)
        probabilities = world.server.teacher.probabilities(windows.x)
        expected = reliability(windows.scene, probabilities)
        assert diagnosis.reliability.n_windows.sum() == N_EVALUATION
        np.testing.assert_array_equal(diagnosis.reliability.n_right, expected.n_right)
        np.testing.assert_array_equal(diagnosis.reliability.confidence, expected.confidence)


def test_the_teachers_scores_are_those_of_its_likeliest_scenes(world: World) -> None:
    for device, diagnosis in night_of(world).diagnoses.items():
        windows = hear(world.scenario, device, Purpose.EVALUATION)
        taken = world.server.teacher.probabilities(windows.x).argmax(axis=1)
        expected = confusion_matrix(windows.scene, taken, labels=list(Scene))
        np.testing.assert_array_equal(diagnosis.teacher.counts, expected)


def several(world: World, drift: float = 0.0, **settings: Any) -> Scenario:
    """The same world for several nights."""
    users = tuple(replace(user, drift=drift) for user in world.scenario.users)
    return replace(world.scenario, users=users, nights=NightsSettings(**settings))


QUICK = PersonalisedStrategy(n_epochs=2, amount=1.0)
REMEMBERING = replace(QUICK, memory=0.5, start="continued")


def one_by_one(
    world: World, scenario: Scenario, strategy: PersonalisedStrategy = QUICK
) -> list[tuple[State, Night, State]]:
    """Every night with what there was before and after it."""
    found, state = [], State()
    for _ in range(scenario.nights.n_nights):
        before = state
        night, state = run_night(
            scenario,
            world.server,
            aggregator=AGGREGATOR,
            release=RELEASE,
            strategy=strategy,
            state=before,
        )
        found.append((before, night, state))
    return found


def test_who_misses_a_night_keeps_the_classifier_to_the_last_bit(world: World) -> None:
    scenario = several(world, n_nights=4, dropout=0.5)
    n_missed = 0
    for before, night, after in one_by_one(world, scenario):
        assert tuple(night.summaries) == night.attendance.on_time
        assert tuple(night.personal) == night.attendance.on_time
        assert tuple(night.scores) == tuple(night.diagnoses) == tuple(range(N_USERS))
        for device in range(N_USERS):
            had = before.held.get(device, world.server.baseline)
            has = after.held.get(device, world.server.baseline)
            taken_part = device in night.attendance.on_time
            n_missed += not taken_part
            assert same_classifier(had, has) is not taken_part
            windows = hear(scenario, device, Purpose.EVALUATION, night=night.number)
            right = np.mean(has.predict(windows.x) == windows.scene)
            assert night.scores[device]["personal"].accuracy == pytest.approx(right)
    assert 0 < n_missed < 4 * N_USERS


@pytest.mark.parametrize("strategy", [QUICK, REMEMBERING], ids=["forgetful", "remembering"])
def test_nights_with_every_trouble_at_once_come_to_their_end(
    world: World, strategy: PersonalisedStrategy
) -> None:
    scenario = several(world, drift=0.3, n_nights=5, dropout=0.2, straggle=0.2, join=0.3, leave=0.3)
    nights = run_nights(
        scenario, world.server, aggregator=AGGREGATOR, release=RELEASE, strategy=strategy
    )
    assert [night.number for night in nights] == list(range(5))
    for night in nights:
        attendance = scenario.attendance(night.number)
        assert night.attendance == attendance
        assert tuple(night.scores) == tuple(night.diagnoses) == attendance.members
        assert tuple(night.summaries) == attendance.sending
        assert tuple(night.personal) == attendance.on_time
    assert len({night.attendance for night in nights}) > 1


def test_a_night_that_everybody_misses_leaves_all_as_it_was(world: World) -> None:
    ((_, night, after),) = one_by_one(world, several(world, dropout=1.0))
    assert not night.summaries
    assert not night.personal
    assert not after.held
    for scores in night.scores.values():
        np.testing.assert_array_equal(scores["personal"].counts, scores["baseline"].counts)


def test_who_is_late_gets_nothing_but_is_remembered(world: World) -> None:
    scenario = several(world, n_nights=3, straggle=0.5)
    n_late_before = 0
    told: dict[int, list[Mixture]] = {}
    for before, night, after in one_by_one(world, scenario, REMEMBERING):
        assert tuple(night.summaries) == tuple(range(N_USERS)), "everybody sends"
        for device in night.attendance.late:
            assert device not in night.personal
            assert after.held.get(device) is before.held.get(device)
        assert isinstance(after.memory, Memory)
        for device, summary in night.summaries.items():
            assert isinstance(summary.content, Mixture)
            told.setdefault(device, []).append(summary.content)
            known = after.memory.contents[device]
            assert isinstance(known, Mixture)
            means = np.concatenate([content.means for content in told[device]])
            np.testing.assert_array_equal(known.means, means)
            n_late_before += device in night.attendance.late
    assert 0 < n_late_before < 3 * N_USERS


def test_a_late_summary_changes_what_the_next_night_brings(world: World) -> None:
    scenario = several(world, n_nights=2, straggle=0.5)
    (_, first, between), _ = one_by_one(world, scenario, REMEMBERING)
    device = next(n for n in first.attendance.late if n in scenario.attendance(1).on_time)
    contents = {n: its for n, its in between.memory.contents.items() if n != device}
    forgetful = replace(between, memory=replace(between.memory, contents=contents))
    found = [
        run_night(
            scenario,
            world.server,
            aggregator=AGGREGATOR,
            release=RELEASE,
            strategy=REMEMBERING,
            state=before,
        )[0].personal[device]
        for before in (between, forgetful)
    ]
    assert not same_classifier(found[0].classifier, found[1].classifier)


def test_what_there_was_before_a_night_is_left_alone(world: World) -> None:
    (_, _, between), *_ = one_by_one(world, several(world, n_nights=2), REMEMBERING)
    held, contents = dict(between.held), dict(between.memory.contents)
    run_night(
        several(world, n_nights=2),
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=REMEMBERING,
        state=between,
    )
    assert between.held == held
    assert between.memory.contents == contents


def test_a_world_that_drifts_is_another_on_the_next_night(world: World) -> None:
    still, adrift = (several(world, drift=drift, n_nights=2) for drift in (0.0, 1.0))
    (_, first, _), (_, second, _) = one_by_one(world, still)
    (_, also_first, _), (_, changed, _) = one_by_one(world, adrift)
    assert content_of(also_first) == content_of(first), "it begins as it would without"
    for device in range(N_USERS):
        one, other = (night.summaries[device].arrays["means"] for night in (second, changed))
        assert one.tobytes() != other.tobytes()
        before, after = (
            set(adrift.user(device, night).surroundings.noise_types or ()) for night in (0, 1)
        )
        assert not before & after


def test_who_joins_begins_with_the_baseline_and_who_left_is_not_judged(world: World) -> None:
    scenario = several(world, n_nights=4, join=0.5, leave=0.5)
    seen: set[int] = set()
    for before, night, _ in one_by_one(world, scenario):
        there = set(night.attendance.members)
        assert set(night.scores) == there
        assert not (there - seen) & set(before.held)
        seen |= there
    assert len({scenario.attendance(night).members for night in range(4)}) > 1


TRAINING = SelfTraining(certainty=0.3, n_epochs=2, batch_size=4)


@pytest.mark.parametrize(
    "strategy",
    [LocalStrategy(training=TRAINING), FedAvgStrategy(fine_tuned=True, training=TRAINING)],
)
def test_devices_that_train_go_on_from_what_they_have(world: World, strategy: Any) -> None:
    scenario = several(world, n_nights=2)
    aggregator = SelfTrainedAggregator(training=TRAINING)
    state = State()
    for number in range(2):
        before = state
        night, state = run_night(
            scenario,
            world.server,
            aggregator=aggregator,
            release=RELEASE,
            strategy=strategy,
            state=before,
        )
        for device in range(N_USERS):
            own = before.held.get(device, world.server.baseline)
            if device in night.personal:
                own = night.personal[device].classifier
            seed = scenario.streams.sequence(Purpose.DEVICE_TRAINING, number, device)
            heard = hear(scenario, device, Purpose.HEARD, night=number)
            expected = TRAINING.train(own, heard.x, seed=seed)
            assert same_classifier(state.held[device], expected)
            assert not same_classifier(state.held[device], own)


@pytest.mark.parametrize("n_before", [0, 2, 4])
def test_nights_go_on_from_where_they_were(world: World, n_before: int) -> None:
    scenario = several(world, drift=0.3, n_nights=4, dropout=0.3, straggle=0.3)
    told: list[tuple[Night, State]] = []

    def go_on(state: State) -> list[Night]:
        return run_nights(
            scenario,
            world.server,
            aggregator=AGGREGATOR,
            release=RELEASE,
            strategy=REMEMBERING,
            state=state,
            observers=[lambda *what: told.append(what)],
        )

    nights = go_on(State())
    assert [night for night, _ in told] == nights
    assert [state.night for _, state in told] == [1, 2, 3, 4]
    start = State() if not n_before else told[n_before - 1][1]
    rest = go_on(start)
    assert [content_of(night) for night in rest] == [content_of(its) for its in nights[n_before:]]


@pytest.mark.parametrize("groups", ["each", "all"])
@pytest.mark.parametrize("per_cohort", [1, 3])
def test_cohorts_change_no_bit(world: World, groups: Any, per_cohort: int) -> None:
    scenario = several(world, drift=0.3, n_nights=3, dropout=0.3, straggle=0.3)
    strategy = replace(REMEMBERING, groups=groups)

    def nights(per_cohort: int | None) -> list[Night]:
        return run_nights(
            scenario,
            world.server,
            aggregator=AGGREGATOR,
            release=RELEASE,
            strategy=strategy,
            per_cohort=per_cohort,
        )

    whole, parts = nights(None), nights(per_cohort)
    assert len(parts) == 3 * -(-N_USERS // per_cohort)
    assert max(len({*part.summaries, *part.scores}) for part in parts) <= per_cohort
    assert [content_of(night) for night in joined(parts)] == [content_of(night) for night in whole]
    for one, other in zip(joined(parts), whole, strict=True):
        assert one.attendance == other.attendance
        assert one.diagnoses.keys() == other.diagnoses.keys()


@dataclass(frozen=True, kw_only=True)
class Failing(GmmAggregator):
    """Fails with some seeds, and so on some devices."""

    fails: tuple[int, ...] = ()

    def summarise(self, stream: Any, *, seed: int, **how: Any) -> Any:
        if seed in self.fails:
            raise ValueError("no microphone")
        return super().summarise(stream, seed=seed, **how)


@pytest.mark.parametrize(("quorum", "is_enough"), [(0.5, True), (0.6, False)])
@pytest.mark.parametrize("per_cohort", [1, 3, None])
def test_a_quorum_is_of_all_whatever_the_cohorts(
    world: World, quorum: float, is_enough: bool, per_cohort: int | None
) -> None:
    streams = world.scenario.streams
    fails = tuple(streams.integer(Purpose.SUMMARY, 0, device) for device in (0, 1))

    def nights() -> list[Night]:
        return run_nights(
            world.scenario,
            world.server,
            aggregator=Failing(n_components=3, min_windows=1, fails=fails),
            release=RELEASE,
            strategy=NoStrategy(),
            quorum=quorum,
            per_cohort=per_cohort,
        )

    if is_enough:
        (night,) = joined(nights())
        assert list(night.lost) == [0, 1]
    else:
        with pytest.raises(RunError, match="2 of 4 devices are lost"):
            nights()
