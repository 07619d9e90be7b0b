"""One night of every device, in one process, from top to bottom. Start reading here.

Flower does the same with messages between processes (`fedasc.flower`); the same settings and seed
give bitwise the same weights.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.evaluation.scores import ON_DEVICES, Confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.population.attendance import Attendance
from fedasc.probes.diagnosis import Diagnosis, look_into
from fedasc.probes.probe import Probe
from fedasc.progress import Progress, quiet
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.simulated import SimulatedDevices, truth
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers

Scores = Mapping[str, Confusion]
"""By classifier, see `fedasc.evaluation.scores.ON_DEVICES`."""


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
class State:
    """All that stays from one night to the next.

    Args:
        night: Number of the next night.
        held: The classifier of each device that has had another one than the baseline.
        memory: The strategy's.
    """

    night: int = 0
    held: Mapping[int, EmbeddedClassifier] = field(default_factory=dict)
    memory: Any = None


BEGINNING = State()
"""Before the first night."""

Observer = Callable[[Night, State], None]
"""Called after every night with what it brought and what it left."""


def run_nights(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: Aggregator,
    release: Release,
    strategy: Strategy,
    probes: Sequence[Probe] = (),
    state: State = BEGINNING,
    observers: Sequence[Observer] = (),
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> list[Night]:
    """Simulate the nights of a scenario, each with what the one before left; see `run_night`.

    Args:
        state: Where to begin; all nights before it are left out.
        observers: Called after every night.
    """
    nights: list[Night] = []
    while state.night < scenario.nights.n_nights:
        night, state = run_night(
            scenario,
            server,
            aggregator=aggregator,
            release=release,
            strategy=strategy,
            probes=probes,
            state=state,
            workers=workers,
            progress=progress,
        )
        nights.append(night)
        for observer in observers:
            observer(night, state)
    return nights


def run_night(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: Aggregator,
    release: Release,
    strategy: Strategy,
    probes: Sequence[Probe] = (),
    state: State = BEGINNING,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> tuple[Night, State]:
    """Simulate one night.

    Args:
        scenario: Users, their surroundings and their devices' front end.
        server: What the server has before the night.
        aggregator: How a device summarises what it heard.
        release: What of it may leave the device, and in how many bits.
        strategy: How the server makes classifiers of summaries.
        probes: What to find out of every device at the end.
        state: What the night before left.
        workers: Who does the server's work; changes no result.
    """
    number, attendance = state.night, scenario.attendance(state.night)
    devices = SimulatedDevices(
        scenario=scenario,
        aggregator=aggregator,
        release=release,
        training=strategy.device_training(),
    )
    held = dict(state.held)

    # By day, each device listens; at night it sends a summary of what it heard, and only that.
    summaries = {}
    for device in attendance.sending:
        has = held.get(device, server.baseline)
        summary = devices.summarise(device, has, night=number)
        assert summary is not None  # it is among those that send
        summaries[device] = summary
        progress("summarising", len(summaries), len(attendance.sending))

    # The server makes classifiers of the summaries; those that come too late it may remember.
    personal, memory = answer(
        scenario,
        server,
        strategy,
        summaries,
        state,
        workers=workers,
        progress=progress,
    )

    # Each device takes what it got, if anything, and may train it on what it heard. Then it tries
    # it where its user lives, beside the one it was shipped with.
    scores = {}
    for device in attendance.members:
        if device in personal:
            held[device] = personal[device].classifier
        has = held.get(device, server.baseline)
        goes_on = devices.settled(device, has, night=number)
        if goes_on is not has:
            held[device] = goes_on
        judged = devices.judge(device, rivals(server, goes_on), night=number)
        assert judged is not None  # its user is there
        scores[device] = judged
        progress("evaluating", len(scores), len(attendance.members))

    # What no message tells: a simulation can look into every device.
    diagnoses = look_into(
        scenario,
        server,
        strategy,
        summaries,
        personal,
        probes=probes,
        night=number,
        workers=workers,
        progress=progress,
    )
    night = Night(number, attendance, summaries, personal, scores, diagnoses)
    return night, State(number + 1, held, memory)


def answer(
    scenario: Scenario,
    server: Server,
    strategy: Strategy,
    summaries: Mapping[int, Summary],
    state: State,
    *,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> tuple[Mapping[int, Personal], Any]:
    """What the server makes of a night's summaries, and what it remembers.

    Args:
        summaries: By device, those that come too late included.
        state: What the night before left.
    """
    attendance, memory = scenario.attendance(state.night), state.memory
    context = RoundContext(
        streams=scenario.streams,
        night=state.night,
        n_devices=len(scenario.users),
        workers=workers,
        progress=progress,
        truth=truth(scenario, state.night),
    )
    personal: Mapping[int, Personal] = {}
    if attendance.on_time:
        in_time = {device: summaries[device] for device in attendance.on_time}
        result = strategy.serve(server, in_time, memory, context)
        personal, memory = result.personal, result.memory
    if attendance.late:
        late = {device: summaries[device] for device in attendance.late}
        memory = strategy.remember(memory, late)
    return personal, memory


def rivals(server: Server, personal: EmbeddedClassifier) -> dict[str, EmbeddedClassifier]:
    """The classifiers that are compared on a device."""
    compared = (server.baseline, personal, server.comprehensive)
    return dict(zip(ON_DEVICES, compared, strict=True))
