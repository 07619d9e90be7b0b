"""Messages: classifiers go out and scores come back, with devices that answer at once.

That is a night's second phase. The first one asks for less and is answered with more, but most of
it is the start of the processes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from benchmarks.instant import InstantDevices, is_of
from benchmarks.sizes import Sizes
from benchmarks.stage import Agreement, Stage, Trial, Way
from benchmarks.stopwatch import Stopwatch
from benchmarks.timed_world import timed_world, with_devices
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.execution import Engine, Execution
from fedasc.flower.client_app import make_client_app
from fedasc.flower.engine import run_flower
from fedasc.flower.hosts import Hosts, even_hosts
from fedasc.flower.shared import Here
from fedasc.night import Scores
from fedasc.progress import Progress, quiet
from fedasc.release.release import Release
from fedasc.server import Server
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult
from fedasc.world import World

_N_HEARD = 1000


def stages(
    sizes: Sizes, *, n_workers: int = 1, engine: Engine = "ray", progress: Progress = quiet
) -> Iterator[Stage]:
    """Hosts against one message per device."""
    world = timed_world(sizes, progress=progress)
    for n_devices in sizes.messages:
        some = with_devices(world, n_devices)
        rivals = {
            "fedasc": even_hosts(n_devices, n_workers),
            "message per device": Hosts(n_devices, 1),
        }
        yield Stage(
            name="messages",
            work=f"evaluation phase of a night without the work, {n_workers} worker(s)",
            unit="devices",
            ways=tuple(
                Way(
                    name=name,
                    amount=n_devices,
                    run=partial(exchange, some, hosts, n_workers=n_workers, engine=engine),
                )
                for name, hosts in rivals.items()
            ),
            agreement=Agreement(
                deviation=misunderstood, tolerance=0, measure="share of devices with other scores"
            ),
            n_devices=n_devices,
            per_device=1,
            warm=False,
        )


@dataclass(frozen=True)
class _Instantly(NoStrategy):
    """Every device gets the baseline classifier at once."""

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        return RoundResult(dict.fromkeys(summaries, Personal(server.baseline)))


def exchange(world: World, hosts: Hosts, *, n_workers: int, engine: Engine = "ray") -> Trial:
    """A night of devices that answer at once; the result is what each of them scored."""
    stopwatch, summary = Stopwatch(), Summary.of(world.server.everything, _N_HEARD)
    listening = replace(world.scenario.listening, n_heard=_N_HEARD)
    instant = InstantDevices(summary, listening.n_evaluation)
    (night,) = run_flower(
        replace(world.scenario, listening=listening),
        world.server,
        aggregator=GmmAggregator(n_components=world.server.everything.n_components),
        release=Release(),
        strategy=_Instantly(),
        execution=Execution(engine=engine, n_workers=n_workers, per_node=hosts.per_node),
        make_app=lambda _: make_client_app(Here(instant)),
        watch=stopwatch,
    )
    return Trial(seconds=stopwatch.seconds("evaluate"), result=night.scores)


def misunderstood(ours: Mapping[int, Scores], others: Mapping[int, Scores]) -> float:
    """Share of devices that a night lacks or whose scores aren't their own number."""

    def is_wrong(scores: Mapping[int, Scores], device: int) -> bool:
        scored = scores.get(device, {})
        return not scored or not all(is_of(device, score) for score in scored.values())

    devices = {*ours, *others}
    wrong = [is_wrong(ours, device) or is_wrong(others, device) for device in devices]
    return sum(wrong) / len(wrong) if wrong else 1.0
