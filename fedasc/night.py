"""One night of every device, in one process, from top to bottom. Start reading here.

Flower does the same with messages between processes (`fedasc.flower`); the same settings and seed
give bitwise the same weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.device import judge, retrain, summarise
from fedasc.diagnosis import Diagnosis, look_into, truth
from fedasc.evaluation.scores import Confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.population.attendance import Attendance
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers

Scores = Mapping[str, Confusion]
"""By classifier: baseline, personal and comprehensive."""


@dataclass(frozen=True, eq=False)
class Night:
    """What a night brought, by device.

    Args:
        number: Of the night.
        attendance: Who took part.
        summaries: What the devices sent, in time or too late.
        personal: What they got back; who isn't named kept what it had.
        scores: How classifiers did on each device's evaluation windows.
        diagnoses: What no message told.
    """

    number: int
    attendance: Attendance
    summaries: Mapping[int, Summary]
    personal: Mapping[int, Personal]
    scores: Mapping[int, Scores]
    diagnoses: Mapping[int, Diagnosis]


@dataclass(frozen=True, eq=False)
class Between:
    """What stays from one night to the next.

    Args:
        held: The classifier of each device that has had another one than the baseline.
        memory: The strategy's.
    """

    held: Mapping[int, EmbeddedClassifier] = field(default_factory=dict)
    memory: Any = None


def run_nights(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: Aggregator,
    strategy: Strategy,
    why: bool = True,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> list[Night]:
    """Simulate all nights of a scenario, each with what the one before left; see `run_night`."""
    nights: list[Night] = []
    between = Between()
    for number in range(scenario.nights.n_nights):
        night, between = run_night(
            scenario,
            server,
            aggregator=aggregator,
            strategy=strategy,
            night=number,
            before=between,
            why=why,
            workers=workers,
            progress=progress,
        )
        nights.append(night)
    return nights


def run_night(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: Aggregator,
    strategy: Strategy,
    night: int = 0,
    before: Between = Between(),
    why: bool = True,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> tuple[Night, Between]:
    """Simulate one night.

    Args:
        scenario: Users, their surroundings and their devices' front end.
        server: What the server has before the night.
        aggregator: How a device summarises what it heard.
        strategy: How the server makes classifiers of summaries.
        night: Number of the night.
        before: What the night before left.
        why: Find out why it came out so; see `fedasc.diagnosis`.
        workers: Who does the server's work; changes no result.
    """
    attendance = scenario.attendance(night)
    held = dict(before.held)

    # By day, each device listens; at night it sends a summary of what it heard, and only that.
    summaries = {}
    for device in attendance.sending:
        own = held.get(device, server.baseline)
        summaries[device] = summarise(scenario, aggregator, device, classifier=own, night=night)
        progress("summarising", len(summaries), len(attendance.sending))

    # The server makes classifiers of the summaries; those that come too late it may remember.
    personal, memory = answer(
        scenario,
        server,
        strategy,
        summaries,
        before.memory,
        night=night,
        workers=workers,
        progress=progress,
    )

    # Each device takes what it got, if anything, and may train it on what it heard. Then it tries
    # it where its user lives, beside the one it was shipped with.
    scores = {}
    for device in attendance.members:
        if device in personal:
            held[device] = personal[device].classifier
        if device in attendance.on_time and (training := strategy.device_training()):
            own = held.get(device, server.baseline)
            held[device] = retrain(scenario, training, own, device, night=night)
        rivals = candidates(server, held.get(device, server.baseline))
        scores[device] = judge(scenario, rivals, device, night=night)
        progress("evaluating", len(scores), len(attendance.members))

    # What no message tells: a simulation can look into every device.
    diagnoses = look_into(
        scenario,
        server,
        strategy,
        summaries,
        personal,
        why=why,
        night=night,
        workers=workers,
        progress=progress,
    )
    found = Night(night, attendance, summaries, personal, scores, diagnoses)
    return found, Between(held, memory)


def answer(
    scenario: Scenario,
    server: Server,
    strategy: Strategy,
    summaries: Mapping[int, Summary],
    memory: Any,
    *,
    night: int,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> tuple[Mapping[int, Personal], Any]:
    """What the server makes of a night's summaries, and what it remembers.

    Args:
        summaries: By device, those that come too late included.
        memory: What the night before left.
    """
    attendance = scenario.attendance(night)
    context = RoundContext(
        streams=scenario.streams,
        night=night,
        workers=workers,
        progress=progress,
        truth=truth(scenario, night),
    )
    personal: Mapping[int, Personal] = {}
    if attendance.on_time:
        in_time = {device: summaries[device] for device in attendance.on_time}
        served = strategy.serve(server, in_time, memory, context)
        personal, memory = served.personal, served.memory
    if attendance.late:
        late = {device: summaries[device] for device in attendance.late}
        memory = strategy.remember(memory, late)
    return personal, memory


CANDIDATES = ("baseline", "personal", "comprehensive")


def candidates(server: Server, personal: EmbeddedClassifier) -> dict[str, EmbeddedClassifier]:
    """The classifiers that are compared on a device."""
    rivals = (server.baseline, personal, server.comprehensive)
    return dict(zip(CANDIDATES, rivals, strict=True))
