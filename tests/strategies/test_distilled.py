from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.content import Content
from fedasc.aggregators.nothing import Nothing, NothingAggregator
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.night import run_nights
from fedasc.settings import settings_of
from fedasc.strategies.distilled import DistilledStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.round_context import RoundContext
from tests.strategies.servers import PAPER, SERVER, STREAMS, SUMMARIES, same, served
from tests.worlds import RELEASE, same_classifier, tiny_world

STRATEGY = DistilledStrategy(**PAPER)
SILENT = {device: Summary.of(Nothing(), 10) for device in (4, 1, 2)}
EVERYTHING = Summary.of(SERVER.everything, len(SERVER.comprehensive_set.training))


@pytest.mark.parametrize("night", [0, 3])
def test_everyone_gets_what_personalised_makes_of_everything_for_a_device_that_is_not(
    night: int,
) -> None:
    personal = served(STRATEGY, SILENT, n_devices=6, night=night)
    expected = served(PersonalisedStrategy(**PAPER), {6: EVERYTHING}, night=night)[6]
    assert list(personal) == [1, 2, 4]
    assert all(one is personal[1] for one in personal.values())
    assert same(personal[1], expected)


def test_in_a_night_nobody_is_the_number_of_users() -> None:
    world = tiny_world()
    scenario, server = world.scenario, world.server
    (night,) = run_nights(
        scenario,
        server,
        aggregator=NothingAggregator(),
        strategy=DistilledStrategy(n_epochs=2),
        release=RELEASE,
    )
    nobody = len(scenario.users)
    everything = Summary.of(server.everything, len(server.comprehensive_set.training))
    expected = PersonalisedStrategy(n_epochs=2).serve(
        server, {nobody: everything}, None, RoundContext(streams=scenario.streams)
    )
    assert len(night.personal) == nobody
    for personal in night.personal.values():
        assert same(personal, expected.personal[nobody])


def test_what_devices_say_changes_nothing() -> None:
    silent, telling = served(STRATEGY, SILENT, n_devices=6), served(STRATEGY, n_devices=6)
    assert same(silent[1], telling[0])
    assert STRATEGY.accepts == (Content,)


def test_it_goes_with_devices_that_say_nothing() -> None:
    settings = settings_of({"strategy": {"name": "distilled"}}, where="here")
    assert settings.aggregator == NothingAggregator()


def test_what_it_draws_is_of_everything() -> None:
    drawn, expected = (
        STRATEGY.draws(SERVER, content, rng=np.random.default_rng(1))(20)
        for content in (Nothing(), SERVER.everything)
    )
    np.testing.assert_array_equal(drawn, expected)


def test_training_may_go_on_from_night_to_night_whoever_comes_too_late() -> None:
    strategy = DistilledStrategy(**{**PAPER, "start": "continued"})
    first = strategy.serve(SERVER, SILENT, None, RoundContext(streams=STREAMS, n_devices=6))
    memory = strategy.remember(first.memory, SILENT)
    assert memory is first.memory
    context = RoundContext(streams=STREAMS, n_devices=6, night=1)
    second = strategy.serve(SERVER, SILENT, memory, context)
    anew = strategy.serve(SERVER, SILENT, None, context)
    assert not same_classifier(second.personal[1].classifier, anew.personal[1].classifier)
    assert STRATEGY.serve(SERVER, SUMMARIES, None, context).memory is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": "truth"},
        {"labels": "device"},
        {"memory": 0.5},
        {"shares": "told"},
        {"n_epochs": 0},
    ],
)
def test_refuses_what_can_not_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"distilled: {next(iter(wrong))}") as told:
        DistilledStrategy(**wrong)
    assert "\n" not in str(told.value)
