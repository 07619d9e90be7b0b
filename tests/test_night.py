from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from fedasc.device import hear
from fedasc.evaluation.calibration import reliability
from fedasc.night import Night, run_night
from fedasc.scenes import Scene
from fedasc.seeds import Purpose
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.worlds import (
    AGGREGATOR,
    N_EVALUATION,
    N_HEARD,
    N_USERS,
    content_of,
    same_classifier,
    tiny_world,
    with_seed,
)

DEVICES = list(range(N_USERS))


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


def night_of(world: World, *, number: int = 0) -> Night:
    return run_night(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        strategy=PersonalisedStrategy(),
        night=number,
    )


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
        strategy=PersonalisedStrategy(),
        progress=lambda *step: told.append(step),
    )
    phases = ("summarising", "personalising classifiers", "evaluating", "looking into devices")
    assert told == [(phase, n, N_USERS) for phase in phases for n in range(1, N_USERS + 1)]


def test_the_teachers_reliability_is_that_of_its_probabilities(world: World) -> None:
    for device, insight in night_of(world).insights.items():
        windows = hear(world.scenario, device, Purpose.EVALUATION)
        probabilities = world.server.teacher.probabilities(windows.x)
        expected = reliability(windows.scene, probabilities)
        assert insight.reliability.n_windows.sum() == N_EVALUATION
        np.testing.assert_array_equal(insight.reliability.n_right, expected.n_right)
        np.testing.assert_array_equal(insight.reliability.confidence, expected.confidence)


def test_the_teachers_scores_are_those_of_its_likeliest_scenes(world: World) -> None:
    for device, insight in night_of(world).insights.items():
        windows = hear(world.scenario, device, Purpose.EVALUATION)
        taken = world.server.teacher.probabilities(windows.x).argmax(axis=1)
        expected = confusion_matrix(windows.scene, taken, labels=list(Scene))
        np.testing.assert_array_equal(insight.teacher.counts, expected)
