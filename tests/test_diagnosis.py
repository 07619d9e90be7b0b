from dataclasses import replace

import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.device import hear, summarise
from fedasc.diagnosis import facts_of_night, facts_of_user, two_samples_told_apart
from fedasc.night import run_night
from fedasc.seeds import Purpose
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.task import Task
from fedasc.world import World
from tests.worlds import AGGREGATOR, N_USERS, tiny_world

STRATEGY = PersonalisedStrategy(certainty=0.5, n_epochs=2)


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


def test_every_device_has_the_facts_of_its_user_and_of_its_night(world: World) -> None:
    night, _ = run_night(world.scenario, world.server, aggregator=AGGREGATOR, strategy=STRATEGY)
    assert list(night.diagnoses) == list(range(N_USERS))
    for device, diagnosis in night.diagnoses.items():
        user = facts_of_user(world.scenario, world.server, device, certainty=0.5)
        tally = night.personal[device].tally
        assert tally
        its = facts_of_night(
            world.scenario,
            world.server,
            device,
            summary=night.summaries[device],
            tally=tally,
            strategy=STRATEGY,
        )
        assert diagnosis.facts == {**user, **its}


def test_nobody_finds_out_why_unless_asked(world: World) -> None:
    asked, unasked = (
        run_night(world.scenario, world.server, aggregator=AGGREGATOR, strategy=STRATEGY, why=why)[
            0
        ]
        for why in (True, False)
    )
    for device, diagnosis in unasked.diagnoses.items():
        assert not diagnosis.facts
        expected = asked.diagnoses[device].teacher.counts
        np.testing.assert_array_equal(diagnosis.teacher.counts, expected)


def test_facts_agree_with_what_was_heard_and_kept(world: World) -> None:
    scenario, server = world.scenario, world.server
    summary = summarise(scenario, AGGREGATOR, 1, classifier=server.baseline)
    context = RoundContext(streams=scenario.streams)
    tally = STRATEGY.serve(server, {1: summary}, None, context).personal[1].tally
    assert tally
    facts = facts_of_night(scenario, server, 1, summary=summary, tally=tally, strategy=STRATEGY)
    (artificial,) = STRATEGY.labelled(
        server,
        [Task((1,), summary.content)],
        tally.n_wanted,
        rngs=[scenario.streams.generator(Purpose.SAMPLING, 0, 1)],
    )
    kept, n_drawn = artificial.samples, artificial.n_drawn
    names = ("noise", "music", "speech", "speech_in_noise")
    counts = np.bincount(kept.scene, minlength=4)
    assert [facts[f"kept_{name}"] for name in names] == counts.tolist()
    assert facts["share_kept"] == pytest.approx(len(kept) / n_drawn)
    heard = np.bincount(hear(scenario, 1, Purpose.HEARD).scene, minlength=4)
    shift = np.abs(counts / counts.sum() - heard / heard.sum()).sum() / 2
    assert facts["label_shift"] == pytest.approx(shift)


def test_samples_far_from_what_was_heard_are_told_apart(world: World) -> None:
    scenario, server = world.scenario, world.server
    summary = summarise(scenario, AGGREGATOR, 0, classifier=server.baseline)
    mixture = summary.content
    assert isinstance(mixture, Mixture)
    elsewhere = Summary.of(replace(mixture, means=mixture.means + 30), summary.n_windows)
    near, far = (
        two_samples_told_apart(scenario, server, 0, summary=its, strategy=STRATEGY)
        for its in (summary, elsewhere)
    )
    assert far["two_sample_auc"] > 0.95 > near["two_sample_auc"]
    assert near.keys() == {"two_sample_accuracy", "two_sample_auc"}
