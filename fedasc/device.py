"""The device's half of a night: listen, summarise, and judge classifiers. Never imports torch."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.cache import cached
from fedasc.config import fingerprint
from fedasc.corpus.features import listen
from fedasc.corpus.windows import draw_windows
from fedasc.evaluation.scores import Confusion, confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.samples import Samples
from fedasc.models.self_training import SelfTraining
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose

_FORMAT = 3


def summarise(
    scenario: Scenario,
    aggregator: Aggregator,
    index: int,
    *,
    classifier: EmbeddedClassifier,
    night: int = 0,
) -> Summary:
    """Listen for a day and summarise what was heard; nothing else is kept.

    Args:
        classifier: The one that the device has.
    """
    heard = hear(scenario, index, Purpose.HEARD, night=night)
    seed = scenario.streams.integer(Purpose.SUMMARY, night, index)
    content = aggregator.summarise(iter(heard.x), classifier=classifier, seed=seed)
    return Summary.of(content, len(heard), encoding=aggregator.encoding)


def retrain(
    scenario: Scenario,
    training: SelfTraining,
    classifier: EmbeddedClassifier,
    index: int,
    *,
    night: int = 0,
) -> EmbeddedClassifier:
    """Train a device's classifier there, on what it heard."""
    heard = hear(scenario, index, Purpose.HEARD, night=night)
    seed = scenario.streams.sequence(Purpose.DEVICE_TRAINING, night, index)
    return training.train(classifier, heard.x, seed=seed)


def judge(
    scenario: Scenario, classifiers: Mapping[str, EmbeddedClassifier], index: int, *, night: int = 0
) -> dict[str, Confusion]:
    """Try classifiers on the device's labelled evaluation windows, which only a simulation has."""
    windows = hear(scenario, index, Purpose.EVALUATION, night=night)
    return {
        name: confusion(windows.scene, classifier.predict(windows.x))
        for name, classifier in classifiers.items()
    }


def hear(scenario: Scenario, index: int, purpose: Purpose, *, night: int = 0) -> Samples:
    """What a device hears, as features and true scenes; from the cache when it was heard before.

    Args:
        index: The device.
        purpose: HEARD for the day, EVALUATION for the labelled windows.
        night: Number of the night.
    """
    user = scenario.user(index, night)
    part, n_windows = {
        Purpose.HEARD: ("aggregation", scenario.listening.n_heard),
        Purpose.EVALUATION: ("evaluation", scenario.listening.n_evaluation),
    }[purpose]

    def make(folder: Path) -> None:
        material = scenario.library.material(part, user.surroundings)
        rng = scenario.streams.generator(purpose, night, index)
        windows = draw_windows(material, n_windows, shares=user.shares, rng=rng)
        x = listen(scenario.bank, scenario.clips, windows, microphone=user.microphone)
        np.savez(folder / "heard.npz", x=x, scene=windows.scene)

    key = fingerprint(
        scenario.name, scenario.streams, scenario.bank, user, part, n_windows, night, _FORMAT
    )
    with np.load(cached("features", key, make) / "heard.npz") as content:
        return Samples(content["x"], content["scene"])
