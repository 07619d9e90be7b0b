import pickle
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

import fedasc.simulated
from fedasc.aggregators.aggregator import Aggregator, Budget, Stream
from fedasc.aggregators.nothing import Nothing, NothingAggregator
from fedasc.aggregators.public import Public
from fedasc.aggregators.summary import Summary
from fedasc.audio.microphone import Microphone
from fedasc.corpus.windows import Windows, draw_windows
from fedasc.device import Device
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.self_training import SelfTraining
from fedasc.population.users import User
from fedasc.scenario import Scenario
from fedasc.scenes import Scene
from fedasc.seeds import Purpose
from fedasc.simulated import SimulatedDevices, hear
from fedasc.world import World
from tests.worlds import (
    AGGREGATOR,
    N_EVALUATION,
    N_HEARD,
    N_USERS,
    RELEASE,
    groups_of,
    same_classifier,
    tiny_world,
)


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


@dataclass
class FreshCaches:
    """Runs device code without what earlier calls have left behind."""

    patch: pytest.MonkeyPatch
    folder: Path
    n: int = 0

    def use_new(self) -> None:
        self.n += 1
        self.patch.setenv("FEDASC_CACHE", str(self.folder / str(self.n)))


@pytest.fixture
def caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FreshCaches:
    caches = FreshCaches(monkeypatch, tmp_path / "fresh")
    caches.use_new()
    return caches


def louder(user: User, by_db: float) -> Microphone:
    """The user's microphone at another gain."""
    return replace(user.microphone, gain_db=user.microphone.gain_db + by_db)


def summary_of(scenario: Scenario, device: int) -> Summary:
    summary = devices_of(scenario).summarise(device, tiny_world().server.baseline)
    assert summary
    return summary


def devices_of(scenario: Scenario) -> SimulatedDevices:
    public = tiny_world().server.public
    return SimulatedDevices(
        scenario=scenario, aggregator=AGGREGATOR, release=RELEASE, public=public
    )


def content(summary: Summary) -> tuple[bytes, ...]:
    return tuple(array.tobytes() for array in summary.arrays.values())


def test_a_summary_depends_on_neither_order_nor_other_devices(
    world: World, caches: FreshCaches
) -> None:
    scenario = world.scenario
    forwards = [content(summary_of(scenario, i)) for i in range(N_USERS)]
    caches.use_new()
    backwards = [content(summary_of(scenario, i)) for i in reversed(range(N_USERS))]
    assert forwards == backwards[::-1]
    assert len(set(forwards)) == N_USERS

    caches.use_new()
    others = tuple(replace(u, microphone=louder(u, 9 * (u.index != 2))) for u in scenario.users)
    elsewhere = replace(scenario, users=others)
    assert content(summary_of(elsewhere, 2)) == forwards[2]


def test_a_summary_tells_how_many_windows_were_heard(world: World) -> None:
    summary = summary_of(world.scenario, 0)
    assert summary.n_windows == N_HEARD
    assert summary.arrays["means"].shape == (AGGREGATOR.n_components, 45)


def test_what_was_heard_before_comes_back_bitwise(world: World, caches: FreshCaches) -> None:
    first, again = (hear(world.scenario, 1, Purpose.HEARD) for _ in range(2))
    caches.use_new()
    anew = hear(world.scenario, 1, Purpose.HEARD)
    assert first.digest() == again.digest() == anew.digest()


def test_days_devices_seeds_and_microphones_differ(world: World) -> None:
    scenario = world.scenario
    first, *others = scenario.users
    softer, duller = (
        replace(scenario, users=(replace(first, microphone=microphone), *others))
        for microphone in (louder(first, -40), replace(first.microphone, tilt_db=-6))
    )
    reseeded = replace(scenario, streams=replace(scenario.streams, seed=99))
    twin = replace(scenario, users=(scenario.users[0], replace(scenario.users[0], index=1)))
    heard = [
        hear(scenario, 0, Purpose.HEARD),
        hear(scenario, 0, Purpose.HEARD, night=1),
        hear(scenario, 0, Purpose.EVALUATION),
        hear(softer, 0, Purpose.HEARD),
        hear(duller, 0, Purpose.HEARD),
        hear(reseeded, 0, Purpose.HEARD),
        hear(twin, 1, Purpose.HEARD),
    ]
    assert len({samples.digest() for samples in heard}) == len(heard)


def test_self_noise_is_the_devices_own_in_each_night_and_window(
    world: World, caches: FreshCaches
) -> None:
    """Whoever else is there, and however many windows follow."""
    noisy = [
        replace(u, microphone=replace(u.microphone, self_noise_db_spl=60.0, gain_db=0.0))
        for u in world.scenario.users
    ]
    scenario = replace(world.scenario, users=tuple(noisy))
    heard = hear(scenario, 1, Purpose.HEARD)
    caches.use_new()
    alone = replace(scenario, only=(1,), users=(world.scenario.users[0], *noisy[1:]))
    assert hear(alone, 1, Purpose.HEARD).digest() == heard.digest()
    clean = hear(world.scenario, 1, Purpose.HEARD)
    assert (np.abs(heard.x - clean.x).max(axis=1) > 0).all()

    def draws(device: int, *address: int) -> bytes:
        noise = scenario.pickup(scenario.users[device], *address).noise
        assert noise
        return b"".join(noise(window).bytes(8) for window in range(3))

    addresses = [(0, Purpose.HEARD, 0, 0), (0, Purpose.HEARD, 1, 0), (0, Purpose.HEARD, 0, 1)]
    assert len({draws(*address) for address in addresses}) == 3
    expected = [
        scenario.streams.generator(Purpose.SELF_NOISE, 4, 0, 0, n).bytes(8) for n in range(3)
    ]
    assert draws(*addresses[0]) == b"".join(expected)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Windows]:
    """Every draw of windows that a device makes."""
    draws: list[Windows] = []

    def noted(*args: Any, **kwargs: Any) -> Windows:
        draws.append(draw_windows(*args, **kwargs))
        return draws[-1]

    monkeypatch.setattr(fedasc.simulated, "draw_windows", noted)
    return draws


def test_no_group_of_recordings_is_heard_both_by_day_and_in_evaluation(
    world: World, caches: FreshCaches, drawn: list[Windows]
) -> None:
    for device in range(N_USERS):
        hear(world.scenario, device, Purpose.HEARD)
        hear(world.scenario, device, Purpose.EVALUATION)
    groups = [groups_of(world, windows) for windows in drawn]
    day, evaluation = set.union(*groups[::2]), set.union(*groups[1::2])
    assert len(day) > 5
    assert len(evaluation) > 5
    assert not day & evaluation


def test_a_device_hears_only_what_surrounds_its_user(
    world: World, caches: FreshCaches, drawn: list[Windows]
) -> None:
    for device, user in enumerate(world.scenario.users):
        hear(world.scenario, device, Purpose.HEARD)
        windows = drawn[-1]
        types = [world.pool.recordings[clip].type for clip in windows.clip]
        mixed = [world.pool.recordings[clip].type for clip in windows.noise if clip >= 0]
        noises = [kind for kind, s in zip(types, windows.scene, strict=True) if s == Scene.NOISE]
        music = [kind for kind, s in zip(types, windows.scene, strict=True) if s == Scene.MUSIC]
        assert set(noises + mixed) <= set(user.surroundings.noise_types or ())
        assert set(music) <= set(user.surroundings.genres or ())


def test_a_device_hears_what_its_users_world_has_become(
    world: World, caches: FreshCaches, drawn: list[Windows]
) -> None:
    restless = tuple(replace(user, drift=1.0) for user in world.scenario.users)
    scenario = replace(world.scenario, users=restless)
    for night in range(2):
        hear(scenario, 0, Purpose.HEARD, night=night)
        windows = drawn[-1]
        clips = {*windows.clip[windows.scene == Scene.NOISE].tolist(), *windows.noise.tolist()}
        heard = {world.pool.recordings[clip].type for clip in clips - {-1}}
        assert heard == set(scenario.user(0, night).surroundings.noise_types or ())
    assert not heard & set(restless[0].surroundings.noise_types or ())


def test_judging_counts_each_classifiers_predictions_on_the_evaluation_windows(
    world: World,
) -> None:
    rivals = {"baseline": world.server.baseline, "comprehensive": world.server.comprehensive}
    scores = devices_of(world.scenario).judge(1, rivals)
    assert scores
    windows = hear(world.scenario, 1, Purpose.EVALUATION)
    assert scores.keys() == rivals.keys()
    for name, score in scores.items():
        expected = confusion_matrix(
            windows.scene, rivals[name].predict(windows.x), labels=list(Scene)
        )
        np.testing.assert_array_equal(score.counts, expected)
        assert score.counts.sum() == N_EVALUATION


_NIGHT_WITHOUT_TORCH = """
import pickle, sys
from fedasc.flower.client_app import make_client_app
from fedasc.flower.shared import Here
from fedasc.simulated import SimulatedDevices
with open(sys.argv[1], "rb") as file:
    scenario, aggregator, release, public, classifier = pickle.load(file)
devices = SimulatedDevices(
    scenario=scenario, aggregator=aggregator, release=release, public=public
)
make_client_app(Here(devices))
devices.summarise(0, classifier)
devices.judge(0, {"baseline": classifier})
loaded = [name for name in sys.modules if name.split(".")[0] in ("torch", "torchvision")]
sys.exit(f"loaded {loaded[:3]}" if loaded else 0)
"""


def test_a_device_lives_through_a_night_without_torch(world: World, tmp_path: Path) -> None:
    file = tmp_path / "device.pickle"
    device: tuple[object, ...] = (
        world.scenario,
        AGGREGATOR,
        RELEASE,
        world.server.public,
        world.server.baseline,
    )
    file.write_bytes(pickle.dumps(device))
    done = subprocess.run(
        [sys.executable, "-c", _NIGHT_WITHOUT_TORCH, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True, kw_only=True)
class Impatient(Aggregator):
    """Listens to two windows, and leaves."""

    kind = Nothing

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Nothing:
        assert len([next(stream), next(stream)]) == 2
        return Nothing()

    def budget(self, n_windows: int) -> Budget:
        return Budget(n_bytes=0, memory_bytes=0, n_macs=0)


def device_of(world: World, aggregator: Aggregator) -> Device:
    server = world.server
    return Device(
        aggregator=aggregator, release=RELEASE, classifier=server.baseline, public=server.public
    )


@pytest.mark.parametrize("aggregator", [Impatient(), NothingAggregator(), AGGREGATOR])
def test_a_device_counts_its_day_to_the_end(world: World, aggregator: Aggregator) -> None:
    device = device_of(world, aggregator)
    x = hear(world.scenario, 0, Purpose.HEARD).x
    assert device.summarise(iter(x), seed=1).n_windows == N_HEARD


def test_a_device_that_does_not_train_stays_as_it_is(world: World) -> None:
    device = device_of(world, AGGREGATOR)
    x, seed = hear(world.scenario, 0, Purpose.HEARD).x, np.random.SeedSequence(1)
    assert device.trained(x, seed=seed) is device
    training = SelfTraining(certainty=0.3, n_epochs=1, batch_size=4)
    trained = replace(device, training=training).trained(x, seed=seed).classifier
    assert same_classifier(trained, training.train(device.classifier, x, seed=seed))
