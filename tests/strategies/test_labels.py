"""Every way to group goes with every way to label, as far as summaries say enough."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.sum_share import SumShare
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.plugins import as_section
from fedasc.settings import settings_of
from fedasc.strategies.groups import Groups
from fedasc.strategies.labels import Labels, labeller_of
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_context import RoundContext
from tests.strategies.contents import around, by_scene
from tests.strategies.servers import PAPER, SERVER, STREAMS, WatchedTeacher, same, served

PLACES = {0: -30.0, 1: 20.0, 2: -30.0, 3: 20.0}
N_HEARD = {0: 12, 1: 8, 2: 10, 3: 9}
GROUPS: Mapping[Groups, list[tuple[int, ...]]] = {
    "each": [(0,), (1,), (2,), (3,)],
    "all": [(0, 1, 2, 3)],
    "clusters": [(0, 2), (1, 3)],
}
ACCEPTED: Mapping[Labels, tuple[type[Content], ...]] = {
    "teacher": (Mixture, SceneMixture, Features),
    "device": (SceneMixture,),
    "truth": (Features,),
    "random": (Mixture, SceneMixture, Features),
}
USUAL = {"teacher": "gmm", "device": "scene-gaussians", "truth": "features", "random": "gmm"}


def heard(device: int) -> NDArray[np.float32]:
    """(n_windows, 45) of which the first feature has the number of each, in thousandths."""
    x = np.full((N_HEARD[device], 45), PLACES[device], np.float32)
    x[:, 1:] += np.random.default_rng(device).normal(0, 2, (len(x), 44)).astype(np.float32)
    x[:, 0] = (100 * device + np.arange(len(x))) / 1000
    return x


def truth(device: int) -> NDArray[np.int64]:
    return (np.arange(N_HEARD[device]) + device) % 4


def content_of(device: int, kind: type[Content]) -> Content:
    if kind is Features:
        return Features(heard(device))
    mixture = around(PLACES[device], PLACES[device] + 3, spread=2)
    return by_scene(mixture, device, 3 - device) if kind is SceneMixture else mixture


def summaries_of(kind: type[Content]) -> dict[int, Summary]:
    return {d: Summary.of(content_of(d, kind), n) for d, n in N_HEARD.items()}


def strategy_of(groups: Groups, labels: Labels, **settings: Any) -> Retraining:
    return Retraining(
        **{**PAPER, "robust": "none", **settings}, groups=groups, labels=labels, n_clusters=2
    )


@pytest.mark.parametrize("labels", ACCEPTED)
@pytest.mark.parametrize("groups", GROUPS)
def test_every_group_gets_a_classifier_however_it_is_labelled(
    groups: Groups, labels: Labels
) -> None:
    strategy = strategy_of(groups, labels)
    sums = (SumShare,) if groups == "all" and labels in ("teacher", "random") else ()
    assert strategy.accepts == (*ACCEPTED[labels], *sums)
    for kind in ACCEPTED[labels]:
        teacher = WatchedTeacher(SERVER.teacher)
        server = replace(SERVER, teacher=teacher)
        made = served(strategy, summaries_of(kind), server=server, truth=truth)
        assert list(made) == [0, 1, 2, 3]
        for devices in GROUPS[groups]:
            assert all(made[device] is made[devices[0]] for device in devices)
        alone = [made[devices[0]] for devices in GROUPS[groups]]
        assert not any(same(alone[0], other) for other in alone[1:])
        assert bool(teacher.n_labelled) == (labels == "teacher")


@pytest.mark.parametrize("groups", GROUPS)
def test_true_scenes_go_with_the_windows_of_a_group(groups: Groups) -> None:
    strategy = strategy_of(groups, "truth")
    context = RoundContext(streams=STREAMS, truth=truth)
    summaries = summaries_of(Features)
    memory = strategy.remember(None, summaries)
    tasks = strategy.tasks(SERVER, dict(reversed(summaries.items())), memory, context)
    rngs = [np.random.default_rng(3) for _ in tasks]
    for task, artificial in zip(
        tasks, strategy.labelled(SERVER, tasks, 1000, rngs=rngs), strict=True
    ):
        windows = np.rint(1000 * artificial.samples.x[:, 0]).astype(int).tolist()
        assert sorted(windows) == [100 * d + n for d in task.devices for n in range(N_HEARD[d])]
        expected = [truth(number // 100)[number % 100] for number in windows]
        assert artificial.samples.scene.tolist() == expected


def test_scenes_of_a_group_go_with_the_components_of_each_device() -> None:
    strategy = strategy_of("all", "device")
    summaries = {
        device: Summary.of(by_scene(around(place), scene), n_windows)
        for device, place, scene, n_windows in ((0, -30.0, 1, 10), (1, 30.0, 2, 30))
    }
    memory = strategy.remember(None, summaries)
    (task,) = strategy.tasks(SERVER, summaries, memory, RoundContext(streams=STREAMS))
    (artificial,) = strategy.labelled(SERVER, [task], 400, rngs=[np.random.default_rng(3)])
    samples = artificial.samples
    np.testing.assert_array_equal(samples.scene, np.where(samples.x[:, 0] < 0, 1, 2))
    assert np.mean(samples.scene == 2) == pytest.approx(0.75, abs=0.1)


@pytest.mark.parametrize("labels", USUAL)
def test_labels_bring_their_usual_aggregator_along(labels: Labels) -> None:
    for name in ("personalised", "global", "clustered"):
        section = {"name": name, "labels": labels, "n_epochs": 3}
        settings = settings_of({"strategy": section}, where="here")
        assert settings.aggregator.name == USUAL[labels]
        assert as_section(settings.strategy).items() >= section.items()


def test_the_truth_can_not_be_remembered() -> None:
    with pytest.raises(SettingsError, match="memory must be 0 where labels are the truth") as told:
        Retraining(labels="truth", memory=0.5)
    assert "\n" not in str(told.value)
    with pytest.raises(SettingsError, match="clustered: memory must be 0"):
        settings_of(
            {"strategy": {"name": "clustered", "labels": "truth", "memory": 0.5}}, where="here"
        )


def test_only_the_teacher_has_settings() -> None:
    for labels in ("device", "truth", "random"):
        one, other = (
            labeller_of(
                labels,
                certainty=certainty,
                soft=soft,
                max_draws=n,
                correction=PersonalisedStrategy().correction,
            )
            for certainty, soft, n in ((0.0, True, 20), (0.9, False, 1))
        )
        assert one is other
