from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.weights import Weights
from fedasc.audio import FloatArray
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.night import run_nights
from fedasc.population.sources import SourceCounts
from fedasc.privacy import echo
from fedasc.privacy.days import day, night_contents
from fedasc.privacy.echo import confidence, matched, personal, share_matched
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.references import references
from fedasc.server import Server
from fedasc.strategies.personalised import PersonalisedStrategy
from tests.strategies.servers import server_of
from tests.worlds import AGGREGATOR, RELEASE, same_classifier, tiny_world


@dataclass(frozen=True)
class ByPlace:
    """Certain of the scene whose number of decibels a sequence has."""

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        certain: FloatArray = np.eye(4)[np.rint(x.mean(axis=1) / 100).astype(int)]
        return certain

    def on(self, device: str) -> "ByPlace":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


def always(scene: int) -> EmbeddedClassifier:
    """A classifier that takes everything for one scene."""
    shipped = tiny_world().server.baseline
    biases = 3 * np.eye(4, dtype=np.float32)[scene]
    return replace(
        shipped, output_weights=np.zeros_like(shipped.output_weights), output_biases=biases
    )


def test_rows_are_matched_to_the_column_where_they_stand_out() -> None:
    rng = np.random.default_rng(0)
    own = np.eye(5) + rng.uniform(0, 0.1, (5, 5))
    assert share_matched(own + 10 * rng.normal(size=5)) == 1.0  # whatever is easy for all
    assert share_matched(np.roll(own, 1, axis=0)) == 0.0
    assert share_matched(np.ones((5, 5))) == pytest.approx(1 / 5)


@pytest.mark.parametrize(
    ("made", "share"),
    [
        (lambda user: user, 1.0),
        (lambda user: (user + 1) % 4, 0.0),
        (lambda _: 0, 1 / 4),
        (lambda user: 0 if user == 1 else user, 3 / 4),
    ],
    ids=["their own", "another's", "all one", "one another's"],
)
def test_classifiers_are_matched_to_the_release_that_they_fit(
    made: Callable[[int], int], share: float
) -> None:
    contents = {
        user: Mixture(
            np.ones(1, np.float32),
            np.full((1, 45), 100 * user, np.float32),
            np.ones((1, 45), np.float32),
        )
        for user in range(4)
    }
    figures = matched(
        tiny_world().scenario,
        server_of(ByPlace()),
        contents,
        {user: always(made(user)) for user in contents},
        n_samples=20,
    )
    assert figures == {"matched": pytest.approx(share), "chance": 1 / 4}


def test_classifiers_are_those_of_a_night() -> None:
    world = tiny_world()
    strategy = PersonalisedStrategy(n_epochs=2)
    mechanism = Mechanism(
        aggregator=AGGREGATOR,
        release=RELEASE,
        classifier=world.server.baseline,
        public=world.server.public,
    )
    contents = dict(enumerate(night_contents(world.scenario, mechanism, range(4), 0)))
    made = personal(world.scenario, world.server, strategy, contents)
    (night,) = run_nights(
        world.scenario, world.server, aggregator=AGGREGATOR, release=RELEASE, strategy=strategy
    )
    assert made.keys() == night.personal.keys() == contents.keys()
    for user, one in night.personal.items():
        assert same_classifier(made[user], one.classifier)


def test_the_shipped_classifier_is_nowhere_more_certain_than_itself() -> None:
    world = tiny_world()
    figures = confidence(world.scenario, world.server, world.server.baseline, 0)
    assert set(figures.values()) == {0.5}
    assert len(figures) == 4


def test_where_she_was_is_told_by_certainty_of_her_day(monkeypatch: pytest.MonkeyPatch) -> None:
    world = tiny_world()
    user = replace(world.scenario.users[0], n_sources=SourceCounts(noise=2, music=1, speech=1))
    scenario = replace(world.scenario, users=[user])
    held = references(scenario)
    certain = {x.tobytes() for x in (*day(scenario, 0).x, *held.x[held.parts == "aggregation"])}

    def ratio(content: Weights, x: NDArray[np.float32], *, server: Server) -> FloatArray:
        return np.array([float(window.tobytes() in certain) for window in x])

    monkeypatch.setattr(echo, "log_ratio", ratio)
    figures = confidence(scenario, world.server, world.server.comprehensive, 0)
    assert set(figures.values()) == {1.0}
