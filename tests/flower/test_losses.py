import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ConfigRecord, Context, Message, RecordDict
from flwr.clientapp import ClientApp

from fedasc.aggregators.aggregator import Stream
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.summary import Summary
from fedasc.device import Devices
from fedasc.errors import RunError, StorageError
from fedasc.execution import Execution
from fedasc.flower.client_app import make_client_app
from fedasc.flower.engine import run_flower
from fedasc.flower.hosts import bundle, unbundle
from fedasc.flower.shared import Shared
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.night import Night, run_night
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.answered import AnsweredStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult
from fedasc.strategies.strategy import Strategy
from fedasc.world import World
from tests.flower.troubled import DiesOnce, app_with, dies, exits, hangs, raises
from tests.worlds import AGGREGATOR, N_USERS, RELEASE, content_of, same_classifier

MOST = Execution(engine="local", quorum=0.25, per_node=2)

DEAF = "ValueError at tests/flower/troubled.py:23: no microphone"
EMPTY = "SystemExit at tests/flower/troubled.py:27: out of battery"


PERSONALISED = PersonalisedStrategy(n_epochs=2, amount=1.0)
ASKING = AnsweredStrategy(n_epochs=2, amount=1.0)


def flown(
    world: World,
    execution: Execution = MOST,
    strategy: Strategy = PERSONALISED,
    **how: object,
) -> list[Night]:
    return run_flower(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=strategy,
        execution=execution,
        **how,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def usual(world: World) -> Night:
    (night,) = flown(world)
    assert not night.lost
    return night


def among(night: Night, devices: Collection[int]) -> Night:
    """What a night brought some devices."""
    parts: dict[str, Any] = {
        name: {device: part for device, part in getattr(night, name).items() if device in devices}
        for name in ("summaries", "answers", "personal", "scores")
    }
    return replace(night, **parts)


def test_a_device_that_fails_costs_itself_alone(world: World, usual: Night) -> None:
    (night,) = flown(world, make_app=app_with({0: raises, 3: exits}))
    assert night.lost == {0: DEAF, 3: EMPTY}
    assert list(night.personal) == list(night.scores) == list(night.diagnoses) == [1, 2]
    assert content_of(night) == content_of(among(usual, [1, 2]))


def test_a_device_that_can_not_judge_is_served_all_the_same(world: World, usual: Night) -> None:
    (night,) = flown(world, make_app=app_with({1: raises}, when="judging"))
    assert night.lost == {1: DEAF}
    assert list(night.scores) == [0, 2, 3]
    assert content_of(among(night, [0, 2, 3])) == content_of(among(usual, [0, 2, 3]))
    assert same_classifier(night.personal[1].classifier, usual.personal[1].classifier)


def test_a_device_that_can_not_ask_costs_itself_alone(world: World) -> None:
    (whole,) = flown(world, strategy=ASKING)
    assert list(whole.answers) == [0, 1, 2, 3]
    app = app_with({2: raises}, when="asking")
    (night,) = flown(world, strategy=ASKING, make_app=app)
    assert night.lost == {2: DEAF}
    others = [0, 1, 3]
    assert content_of(among(night, others)) == content_of(among(whole, others))


def test_answers_to_more_than_was_asked_are_refused(world: World) -> None:
    def with_more_answers(content: RecordDict) -> RecordDict:
        for name, record in content.array_records.items():
            if name.endswith("answers"):
                record["counts"] = Array(record["counts"].numpy() + np.uint8(1))
        return content

    execution = replace(MOST, quorum=0.0)
    with pytest.raises(RunError, match=r"4 of 4 .* more of a component than it was asked about"):
        flown(world, execution, ASKING, make_app=answers(with_more_answers))


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore")
def test_devices_that_hang_or_die_cost_themselves_alone(
    world: World, usual: Night, tmp_path: Path
) -> None:
    trouble: dict[int, Callable[[], None]] = {
        0: raises,
        1: hangs,
        2: DiesOnce(tmp_path / "mark"),
        3: dies,
    }
    began = time.monotonic()
    (night,) = flown(
        world,
        Execution(n_workers=2, per_node=1, timeout_s=40, quorum=0.25),
        make_app=app_with(trouble),
    )
    assert time.monotonic() - began < 300  # and not an hour, for which a device hangs
    assert (tmp_path / "mark").exists()
    assert night.lost[0] == DEAF
    assert night.lost[1] == "no answer within 10 s"
    assert night.lost[3].startswith("the process of the device was lost")
    assert content_of(night) == content_of(among(usual, [2]))


def answers(content: Callable[[RecordDict], RecordDict]) -> Callable[[Shared[Devices]], ClientApp]:
    """Nodes that alter what they say of their devices' days."""

    def make(devices: Shared[Devices]) -> ClientApp:
        usual, app = make_client_app(devices), ClientApp()

        @app.train()
        def train(message: Message, context: Context) -> Message:
            reply = usual(message, context)
            return Message(content(reply.content), reply_to=message)

        @app.query()
        def query(message: Message, context: Context) -> Message:
            return train(message, context)

        @app.evaluate()
        def evaluate(message: Message, context: Context) -> Message:
            return usual(message, context)

        return app

    return make


def without_the_first(content: RecordDict) -> RecordDict:
    contents = unbundle(content)
    contents.pop(0, None)
    return bundle(contents)


def as_the_next(content: RecordDict) -> RecordDict:
    return bundle({1 if n == 0 else n: one for n, one in unbundle(content).items()})


def with_more(content: RecordDict) -> RecordDict:
    more = {"more": ConfigRecord({"n": 1})} if 0 in unbundle(content) else {}
    return RecordDict({**content, **more})


@pytest.mark.parametrize(
    ("change", "per_node", "lost"),
    [
        (without_the_first, 1, {0: "nothing came of it from its node"}),
        (without_the_first, 2, {0: "nothing came of it from its node"}),
        (as_the_next, 1, {0: r"it spoke for 1, which it wasn't asked for"}),
        (with_more, 2, {0: "expected the records of devices", 1: "expected the records"}),
    ],
)
def test_a_node_that_answers_for_others_costs_those_it_speaks_for(
    world: World,
    usual: Night,
    change: Callable[[RecordDict], RecordDict],
    per_node: int,
    lost: Mapping[int, str],
) -> None:
    (night,) = flown(world, replace(MOST, per_node=per_node), make_app=answers(change))
    assert night.lost.keys() == lost.keys()
    for device, reason in lost.items():
        assert re.search(reason, night.lost[device])
    left = [device for device in range(N_USERS) if device not in lost]
    assert content_of(night) == content_of(among(usual, left))


def test_a_node_that_fails_as_a_whole_is_asked_again_device_by_device(
    world: World, usual: Night
) -> None:
    def fails_with_others(content: RecordDict) -> RecordDict:
        if len(unbundle(content)) > 1 or 2 in unbundle(content):
            raise MemoryError
        return content

    (night,) = flown(world, make_app=answers(fails_with_others))
    assert night.lost == {2: "MemoryError"}
    assert content_of(night) == content_of(among(usual, [0, 1, 3]))


def fills_up() -> None:
    raise StorageError("cache: the disk is full")


@pytest.mark.parametrize("when", ["summarising", "judging"])
def test_a_full_disk_is_no_fault_of_a_device(world: World, when: str) -> None:
    with pytest.raises(StorageError, match=r"^cache: the disk is full$"):
        flown(world, make_app=app_with({1: fills_up}, when=when))


@pytest.mark.parametrize("quorum", [0.5, 0.51, 1.0])
def test_a_night_fails_without_its_quorum(world: World, quorum: float) -> None:
    execution, app = Execution(engine="local", quorum=quorum), app_with({0: raises, 3: raises})
    if quorum == 0.5:
        assert [*flown(world, execution, make_app=app)[0].scores] == [1, 2]
        return
    with pytest.raises(
        RunError, match=r"2 of 4 devices are lost.*device 0: ValueError at .*: no m"
    ):
        flown(world, execution, make_app=app)


def test_a_night_without_anybody_fails_whatever_the_quorum(world: World) -> None:
    everyone = dict.fromkeys(range(N_USERS), raises)
    with pytest.raises(RunError, match="4 of 4 devices are lost"):
        flown(world, Execution(engine="local", quorum=0), make_app=app_with(everyone))


@dataclass(frozen=True, kw_only=True)
class Moody(GmmAggregator):
    """Fails with some seeds, and so on some devices; with others it tells of impossible sounds."""

    fails: int
    lies: int

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        if seed == self.fails:
            raise ValueError("no microphone")
        made = super().summarise(stream, classifier=classifier, public=public, seed=seed)
        if seed != self.lies:
            return made
        far = replace(made.content, means=made.content.means + np.float32(1000))
        return Draft(far, made.n_effective)


@dataclass(frozen=True, kw_only=True)
class Careless(PersonalisedStrategy):
    """Makes a classifier that nobody can use."""

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        result = super().serve(server, summaries, memory, context)
        spoilt = replace(result.personal[3].classifier, scale=np.full(45, np.nan, np.float32))
        return replace(result, personal={**result.personal, 3: Personal(spoilt)})


def test_a_night_without_messages_loses_the_same_devices(world: World, usual: Night) -> None:
    fails, lies = (world.scenario.streams.integer(Purpose.SUMMARY, 0, n) for n in (0, 1))
    how: dict[str, Any] = {
        "aggregator": Moody(n_components=3, min_windows=1, fails=fails, lies=lies),
        "release": RELEASE,
        "strategy": Careless(n_epochs=2, amount=1.0),
    }
    night, state = run_night(world.scenario, world.server, quorum=0.25, **how)
    told = r"aggregator '.*:Moody' failed at tests/flower/test_losses.py:\d+: ValueError: no micro"
    assert re.match(told, night.lost[0])
    assert "expected mixtures where windows may lie" in night.lost[1]
    assert night.lost[3] == "the server made it a classifier that isn't finite"
    assert list(state.held) == list(night.scores) == [2]
    kept = replace(night, summaries={2: night.summaries[2]})
    assert content_of(kept) == content_of(among(usual, [2]))
    (flown_night,) = run_flower(world.scenario, world.server, execution=MOST, **how)
    assert flown_night.lost == night.lost
    assert content_of(flown_night) == content_of(night)
