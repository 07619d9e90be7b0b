import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.errors import SettingsError
from fedasc.execution import Engine, Execution
from fedasc.flower.engine import run_flower
from fedasc.models.self_training import SelfTraining
from fedasc.night import BEGINNING, State, run_night, run_nights
from fedasc.population.attendance import NightsSettings
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.strategies.answered import AnsweredStrategy
from fedasc.strategies.class_mixtures import ClassMixturesStrategy
from fedasc.strategies.clustered import ClusteredStrategy
from fedasc.strategies.comprehensive import ComprehensiveStrategy
from fedasc.strategies.distilled import DistilledStrategy
from fedasc.strategies.fedavg import FedAvgStrategy
from fedasc.strategies.local import LocalStrategy
from fedasc.strategies.oracle import OracleStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.strategy import Strategy
from fedasc.world import World
from tests.flower.conftest import Fly
from tests.worlds import AGGREGATOR, N_USERS, RELEASE, content_of, joined

ON_RAY = (pytest.mark.ray, pytest.mark.filterwarnings("ignore"))


@pytest.mark.parametrize(
    ("engine", "n_workers", "per_node"),
    [
        ("local", 1, 1),
        ("local", 2, 1),
        ("local", 1, 3),
        ("local", 1, 50),
        pytest.param("ray", 1, 1, marks=ON_RAY),
        pytest.param("ray", 2, 2, marks=ON_RAY),  # and 2, 1 where there are several nights
    ],
)
def test_a_night_with_messages_is_bitwise_one_without(
    world: World, fly: Fly, engine: Engine, n_workers: int, per_node: int
) -> None:
    expected, _ = run_night(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=PersonalisedStrategy(),
    )
    assert content_of(fly(engine, n_workers, per_node).night) == content_of(expected)


TRAINING = SelfTraining(certainty=0.3, n_epochs=2, batch_size=4)
TRAINED = SelfTrainedAggregator(training=TRAINING)
PAIRS: dict[str, tuple[Aggregator, Strategy]] = {
    "remembering": (
        AGGREGATOR,
        PersonalisedStrategy(memory=0.3, start="continued", n_epochs=2, amount=1.0),
    ),
    "asking tonight": (AGGREGATOR, AnsweredStrategy(n_epochs=2, amount=1.0, groups="all")),
    "asking the next day": (
        AGGREGATOR,
        AnsweredStrategy(asked="next day", memory=0.5, n_questions=4, n_epochs=2, amount=1.0),
    ),
    "forgetful": (AGGREGATOR, PersonalisedStrategy(n_epochs=2, amount=1.0)),
    "grouped": (
        AGGREGATOR,
        ClusteredStrategy(n_clusters=2, n_epochs=2, amount=1.0),
    ),
    "grouped by the truth": (
        FeaturesAggregator(),
        ClusteredStrategy(labels="truth", n_clusters=2, n_epochs=2, amount=1.0),
    ),
    "distilled": (NothingAggregator(), DistilledStrategy(n_epochs=2, start="continued")),
    "reckoning with shares": (
        AGGREGATOR,
        ComprehensiveStrategy(shares="mixture", clear_share=0.25),
    ),
    "by scene": (
        SceneGaussiansAggregator(min_windows=1),
        ClassMixturesStrategy(memory=0.3, n_epochs=2, amount=1.0),
    ),
    "oracle": (FeaturesAggregator(), OracleStrategy(n_epochs=2)),
    "local": (TRAINED, LocalStrategy(training=TRAINING)),
    "fedavg": (TRAINED, FedAvgStrategy(fine_tuned=True, training=TRAINING)),
}
"""What devices send shows what they have: those that train start from it."""
ON_RAY_TOO = ("asking the next day", "fedavg")
RELEASES = {"grouped": Release(min_windows=1, bits=8)}
"""Of pairs whose devices send in fewer bits."""


def eventful(world: World) -> Scenario:
    """Four nights on which all that can happen does."""
    users = tuple(replace(user, drift=0.3) for user in world.scenario.users)
    settings = NightsSettings(n_nights=4, dropout=0.35, straggle=0.25, join=0.25, leave=0.25)
    return replace(world.scenario, users=users, nights=settings)


def test_all_that_can_happen_does(world: World) -> None:
    nights = [eventful(world).attendance(number) for number in range(4)]
    everyone = tuple(range(N_USERS))
    assert any(night.late for night in nights)
    assert any(set(night.members) - set(night.sending) for night in nights)
    assert nights[0].members != everyone, "somebody joins"
    ever = {device for night in nights for device in night.members}
    assert ever - set(nights[-1].members), "somebody leaves"
    both = set(nights[0].on_time) & set(nights[1].on_time)
    assert both, "somebody is served twice"


@pytest.fixture(scope="module")
def expected(world: World, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Any]]:
    """What nights without messages bring, each only once."""

    @cache
    def found(name: str) -> list[Any]:
        aggregator, strategy = PAIRS[name]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FEDASC_CACHE", str(tmp_path_factory.mktemp("nights")))
            nights = run_nights(
                eventful(world),
                world.server,
                aggregator=aggregator,
                release=RELEASES.get(name, RELEASE),
                strategy=strategy,
            )
        return [(night.attendance, content_of(night)) for night in nights]

    return found


@pytest.mark.parametrize(
    ("name", "engine", "n_workers", "per_node", "per_cohort"),
    [
        *((name, "local", 1, 1, None) for name in PAIRS),
        *((name, "local", 1, 2, 3) for name in PAIRS),
        *(
            pytest.param(name, "ray", 2, 1, 3, marks=ON_RAY)
            for name in ("asking the next day", "fedavg")
        ),
    ],
)
def test_nights_with_messages_are_bitwise_those_without(
    world: World,
    expected: Callable[[str], list[Any]],
    name: str,
    engine: Engine,
    n_workers: int,
    per_node: int,
    per_cohort: int | None,
) -> None:
    aggregator, strategy = PAIRS[name]
    parts = run_flower(
        eventful(world),
        world.server,
        aggregator=aggregator,
        release=RELEASES.get(name, RELEASE),
        strategy=strategy,
        execution=Execution(
            engine=engine, n_workers=n_workers, per_node=per_node, per_cohort=per_cohort
        ),
    )
    nights = joined(parts)
    assert len(parts) == len(nights) * (1 if per_cohort is None else 2)
    found = [(night.attendance, content_of(night)) for night in nights]
    assert [night.number for night in nights] == list(range(4))
    assert found == expected(name)
    assert len({content for _, content in found}) == 4


@pytest.mark.parametrize(
    ("name", "engine", "per_node"),
    [
        *((name, "local", 1) for name in PAIRS),
        ("fedavg", "local", 3),
    ],
)
def test_nights_with_messages_go_on_from_where_others_were(
    world: World, expected: Callable[[str], list[Any]], name: str, engine: Engine, per_node: int
) -> None:
    aggregator, strategy = PAIRS[name]
    states: list[State] = []

    def fly(execution: Execution, state: State = BEGINNING) -> list[Any]:
        nights = run_flower(
            eventful(world),
            world.server,
            aggregator=aggregator,
            release=RELEASES.get(name, RELEASE),
            strategy=strategy,
            execution=execution,
            state=state,
            observers=[lambda night, state: states.append(state)],
        )
        return [(night.attendance, content_of(night)) for night in nights]

    fly(Execution(engine="local"))
    assert [state.night for state in states] == [1, 2, 3, 4]
    there = pickle.loads(pickle.dumps(states[1]))
    assert (
        fly(Execution(engine=engine, n_workers=2, per_node=per_node), there) == expected(name)[2:]
    )
    assert fly(Execution(engine="local"), states[3]) == []


def test_a_pair_that_does_not_fit_is_refused_before_anything_starts(world: World) -> None:
    with pytest.raises(SettingsError, match="'class-mixtures' needs scene mixture"):
        run_flower(
            world.scenario,
            world.server,
            aggregator=AGGREGATOR,
            release=RELEASE,
            strategy=ClassMixturesStrategy(),
        )
