"""Labels, messages and nights: what is timed against each other is the same night."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.by_hand import Hand
from benchmarks.instant import InstantDevices
from benchmarks.labelling import PlainTeacher
from benchmarks.memory import bytes_in_use, family, watched
from benchmarks.messages import exchange, misunderstood
from benchmarks.nights import Brought, by_hand, flown, unlike
from benchmarks.timed_world import nothing_heard
from fedasc.aggregators.summary import Summary
from fedasc.audio.microphone import Microphone
from fedasc.errors import SettingsError
from fedasc.execution import Engine
from fedasc.flower.hosts import Hosts
from fedasc.models.committee import CommitteeSettings
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.places import cache_root
from fedasc.seeds import Purpose
from fedasc.settings import Settings
from fedasc.simulated import hear
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.worlds import AGGREGATOR, ENSEMBLE, N_EVALUATION, N_HEARD, N_USERS, RELEASE, tiny_world

ON_RAY = (pytest.mark.ray, pytest.mark.filterwarnings("ignore"))


@pytest.fixture
def settings(committee_world: World) -> Settings:
    """Those of the tiny world, as far as a night knows them."""
    return Settings(
        listening=committee_world.scenario.listening,
        embedded=committee_world.server.embedded,
        teacher=CommitteeSettings(members=(ENSEMBLE, DeepSetsSettings())),
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=PersonalisedStrategy(n_epochs=40),
    )


def test_libraries_label_as_the_committee_does(committee_world: World, settings: Settings) -> None:
    server = committee_world.server
    x = server.everything.sample(500, rng=np.random.default_rng(1))
    plain = PlainTeacher.of(committee_world, settings.teacher).probabilities(x)
    np.testing.assert_allclose(plain.sum(axis=1), 1)
    ours = server.teacher.probabilities(x)
    assert np.mean(plain.argmax(axis=1) != ours.argmax(axis=1)) <= 0.002
    assert np.median(np.abs(plain - ours)) < 1e-6


def test_another_teacher_has_no_plain_members(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="expected a committee"):
        PlainTeacher.of(tiny_world(), settings.teacher)


@pytest.mark.flower
@pytest.mark.parametrize(
    ("engine", "per_node"), [("local", 1), ("local", 3), pytest.param("ray", 3, marks=ON_RAY)]
)
def test_every_device_is_understood(committee_world: World, engine: Engine, per_node: int) -> None:
    hosts = Hosts(N_USERS, per_node)
    trial = exchange(committee_world, hosts, n_workers=1, engine=engine)
    assert misunderstood(trial.result, trial.result) == 0
    assert 0 < trial.seconds < 60


def test_a_device_that_lacks_or_has_anothers_scores_is_misunderstood(
    committee_world: World,
) -> None:
    server = committee_world.server
    devices = InstantDevices(Summary.of(server.everything, 20), n_windows=20)
    classifiers = {"personal": server.baseline}
    right = {n: devices.judge(n, classifiers, night=0) for n in range(4)}
    assert misunderstood(right, right) == 0
    assert misunderstood(right, {n: right[n] for n in range(3)}) == 0.25
    assert misunderstood(right, {**right, 0: right[1], 1: right[0]}) == 0.5
    assert misunderstood({}, {}) == 1


def test_a_night_by_hand_brings_what_a_night_brings(
    committee_world: World, settings: Settings
) -> None:
    trial = flown(committee_world, settings, n_workers=1, engine="local")
    assert list(trial.result.accuracies) == list(range(N_USERS))
    assert trial.peak_bytes is None or trial.peak_bytes > 50e6
    brought = by_hand(Hand(committee_world, settings), range(N_USERS))
    assert unlike(trial.result, brought) < 0.2


def test_a_hand_hears_what_the_device_hears(committee_world: World, settings: Settings) -> None:
    scenario = committee_world.scenario
    users = [replace(user, microphone=Microphone(tilt_db=3.0)) for user in scenario.users]
    scenario = replace(scenario, users=users)
    hand = Hand(replace(committee_world, scenario=scenario), settings)
    for purpose, part, n in (
        (Purpose.HEARD, "aggregation", N_HEARD),
        (Purpose.EVALUATION, "evaluation", N_EVALUATION),
    ):
        ours = hear(scenario, 1, purpose)
        mine = hand.hear(1, purpose, part, n)
        assert np.array_equal(mine.scene, ours.scene)
        assert np.abs(mine.x - ours.x).max() < 0.01


def test_a_night_is_another_with_other_weights_or_other_devices() -> None:
    ours = Brought({0: 0.8, 1: 0.6}, "abc")
    assert unlike(ours, ours) == 0
    assert unlike(ours, Brought({1: 0.5})) == pytest.approx(0.1)
    assert unlike(ours, replace(ours, weights="abd")) == float("inf")
    assert unlike(ours, Brought({2: 0.5})) == float("inf")


def test_a_night_hears_anew_and_leaves_the_cache_alone() -> None:
    before = cache_root()
    with nothing_heard():
        inside = cache_root()
        assert inside != before
        assert not list(inside.iterdir())
    assert cache_root() == before
    assert not inside.exists()


@pytest.fixture
def child() -> Iterator[int]:
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    process.start()
    yield process.pid or 0
    process.terminate()
    process.join()


LINUX = pytest.mark.skipif(bytes_in_use() is None, reason="memory is read from Linux's /proc")


@LINUX
def test_a_process_that_was_started_belongs_to_the_family(child: int) -> None:
    members = family(os.getpid())
    assert {os.getpid(), child} <= members
    assert os.getppid() not in members


@LINUX
def test_memory_that_was_given_back_was_seen() -> None:
    before = bytes_in_use() or 0
    with watched() as peak:
        much = np.ones(30_000_000)
        peak.look()
        del much
    assert peak.n_bytes is not None
    assert peak.n_bytes - before > 200e6
