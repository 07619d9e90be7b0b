"""One night of every device, in one process, from top to bottom. Start reading here.

Flower does the same with messages between processes (`fedasc.flower`); the same settings and seed
give bitwise the same weights.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from fedasc.admission import admission_for
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.cohorts import Cohort, served_together
from fedasc.evaluation.scores import ON_DEVICES, Confusion
from fedasc.faults import fault_of
from fedasc.losses import QUORUM, Toll, reason_of
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.population.attendance import Attendance
from fedasc.probes.diagnosis import Diagnosis, look_into
from fedasc.probes.probe import Probe
from fedasc.progress import Progress, quiet
from fedasc.questions.evidence import Evidence, evidence
from fedasc.questions.questions import Answers, Questions
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
    """What a night brought, by device: of all devices, or of a cohort of them.

    Args:
        number: Of the night.
        attendance: Who took part.
        summaries: What the devices sent, in time or too late.
        personal: What they got back; who isn't named kept what it had.
        scores: How classifiers did on each device's evaluation windows.
        diagnoses: What no message told.
        lost: Why, of devices that failed, stayed silent or sent what is refused: where they did,
            the night goes on without them.
        answers: What users said who were asked.
        cohort: Number of the cohort, from 0.
    """

    number: int
    attendance: Attendance
    summaries: Mapping[int, Summary]
    personal: Mapping[int, Personal]
    scores: Mapping[int, Scores]
    diagnoses: Mapping[int, Diagnosis]
    lost: Mapping[int, str] = field(default_factory=dict)
    answers: Mapping[int, Answers] = field(default_factory=dict)
    cohort: int = 0


@dataclass(frozen=True, eq=False)
class State:
    """All that stays from one night to the next, of devices that are served together.

    Args:
        night: Number of the next night.
        held: The classifier of each device that has had another one than the baseline.
        memory: The strategy's.
        n_lost: How many of these devices the night before has lost.
        n_silent: How many of them before the server answered.
    """

    night: int = 0
    held: Mapping[int, EmbeddedClassifier] = field(default_factory=dict)
    memory: Any = None
    n_lost: int = 0
    n_silent: int = 0


BEGINNING = State()
"""Before the first night."""

Observer = Callable[[Night, State], None]
"""Called after every night, or every cohort of it, with what it brought and what is left.

Where cohorts are served together, the state is that before the night until the last of them.
"""


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
    per_cohort: int | None = None,
    quorum: float = QUORUM,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> list[Night]:
    """Simulate the nights of a scenario, each with what the one before left; see `night_of`.

    Args:
        state: Where to begin if there is one cohort; all nights before it are left out.
        observers: Called after every night.
        per_cohort: Devices that are held at a time; all if None. Changes no bit.

    Returns:
        Night after night; of cohorts if there are several.
    """
    together = served_together(len(scenario.users), strategy, per_cohort)
    states, nights = [state, *[BEGINNING] * (len(together) - 1)], []
    for number in range(state.night, scenario.nights.n_nights):
        toll = no_toll(scenario, number, quorum)
        for place, cohorts in enumerate(together):
            for night, left in night_of(
                scenario,
                server,
                aggregator=aggregator,
                release=release,
                strategy=strategy,
                probes=probes,
                state=states[place],
                cohorts=cohorts,
                toll=toll,
                workers=workers,
                progress=progress,
            ):
                states[place] = left
                nights.append(night)
                for observer in observers:
                    observer(night, left)
            done = states[place]
            toll = toll.after(n_silent=done.n_silent, n_lost=done.n_lost)
    return nights


def run_night(
    scenario: Scenario,
    server: Server,
    *,
    state: State = BEGINNING,
    quorum: float = QUORUM,
    **how: Any,
) -> tuple[Night, State]:
    """Simulate one night of all devices, held at a time; see `night_of`.

    Args:
        state: What the night before left.
        quorum: Share of the night's devices that it can't do without.
        how: The rest, as there.
    """
    toll = no_toll(scenario, state.night, quorum)
    everyone = [Cohort(0, range(len(scenario.users)))]
    ((night, left),) = night_of(scenario, server, state=state, cohorts=everyone, toll=toll, **how)
    return night, left


def night_of(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: Aggregator,
    release: Release,
    strategy: Strategy,
    probes: Sequence[Probe] = (),
    state: State,
    cohorts: Sequence[Cohort],
    toll: Toll,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> Iterator[tuple[Night, State]]:
    """Simulate one night of devices that are served together.

    Args:
        scenario: Users, their surroundings and their devices' front end.
        server: What the server has before the night.
        aggregator: How a device summarises what it heard.
        release: What of it may leave the device, and in how many bits.
        strategy: How the server makes classifiers of summaries.
        probes: What to find out of every device at the end.
        state: What the night before left.
        cohorts: Of devices: one, if each is served alone; what comes after the server's answer is
            held of one of them at a time.
        toll: Of the night's other devices that are lost already.
        workers: Who does the server's work; changes no result.

    Yields:
        What the night brought to each cohort; at last what it left, before that what was there.

    Raises:
        RunError: If too many devices are lost.
        StorageError: If the disk is full, which is no fault of a device's.
    """
    number = state.night
    everyone = scenario.attendance(number, chain.from_iterable(one.devices for one in cohorts))
    devices = SimulatedDevices(
        scenario=scenario,
        aggregator=aggregator,
        release=release,
        public=server.public,
        training=strategy.device_training(),
    )
    admission = admission_for(scenario, server, aggregator, release)
    held, lost = dict(state.held), dict[int, str]()

    # By day, each device listens; at night it sends a summary of what it heard, and only that.
    summaries = {}
    for device in everyone.sending:
        has = held.get(device, server.baseline)
        try:
            summary = devices.summarise(device, has, night=number)
            assert summary is not None  # it is among those that send
            admission.check(device, summary)
            summaries[device] = summary
        except Exception as error:  # whatever it is, the others don't suffer for it
            lost[device] = reason_of(error, device)
        progress("summarising", len(summaries) + len(lost), len(everyone.sending))
    toll.check_sending(lost)

    # Where the server has doubts, it may have a device ask its user what some moments were.
    asked = questions(
        scenario, server, strategy, summaries, state, workers=workers, progress=progress
    )
    answers = {}
    for device, what in asked.items():
        try:
            said = devices.ask(device, what)
            assert said is not None  # it sent a summary of that day
            said.check(what)
            answers[device] = said
        except Exception as error:
            lost[device] = reason_of(error, device)
        progress("asking users", len(answers), len(asked))
    toll.check_sending(lost)
    n_silent = len(lost)

    # The server makes classifiers of the summaries; those that come too late it may remember.
    personal, memory, unfit = answer(
        scenario,
        server,
        strategy,
        {device: summary for device, summary in summaries.items() if device not in lost},
        state,
        answers=evidence(asked, answers),
        workers=workers,
        progress=progress,
    )
    lost |= unfit

    for cohort in cohorts:
        # Each device takes what it got, if anything, and may train it on what it heard. Then it
        # tries it where its user lives, beside the one it was shipped with.
        scores = {}
        attendance = everyone.among(cohort.devices)
        left = [device for device in attendance.members if device not in lost]
        for n_done, device in enumerate(left, 1):
            if device in personal:
                held[device] = personal[device].classifier
            has = held.get(device, server.baseline)
            try:
                goes_on = devices.settled(device, has, night=number)
                judged = devices.judge(device, rivals(server, goes_on), night=number)
                assert judged is not None  # its user is there
                scores[device] = judged
                if goes_on is not has:
                    held[device] = goes_on
            except Exception as error:
                lost[device] = reason_of(error, device)
            progress("evaluating", n_done, len(left))
        toll.check(lost)

        # What no message tells: a simulation can look into every device.
        diagnoses = look_into(
            scenario,
            server,
            strategy,
            summaries,
            personal,
            scores=scores,
            held=held,
            probes=probes,
            night=number,
            workers=workers,
            progress=progress,
        )
        night = Night(
            number,
            attendance,
            cohort.of(summaries),
            cohort.of(personal),
            scores,
            diagnoses,
            cohort.of(lost),
            cohort.of(answers),
            cohort.number,
        )
        if cohort is cohorts[-1]:
            state = State(number + 1, held, memory, len(lost), n_silent)
        yield night, state


def no_toll(scenario: Scenario, night: int, quorum: float) -> Toll:
    """That of a night before anybody was asked."""
    everyone = scenario.attendance(night)
    return Toll(len(everyone.sending), len(everyone.members), quorum)


def questions(
    scenario: Scenario,
    server: Server,
    strategy: Strategy,
    summaries: Mapping[int, Summary],
    state: State,
    *,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> Mapping[int, Questions]:
    """What to ask which users before the server answers; of those alone who are in time.

    Args:
        summaries: By device, those that come too late included.
        state: What the night before left.
    """
    in_time = scenario.attendance(state.night, summaries).on_time
    if not in_time:
        return {}
    context = _context(scenario, state, workers=workers, progress=progress)
    some = {device: summaries[device] for device in in_time}
    with fault_of(strategy, "questions"):
        return strategy.questions(server, some, state.memory, context)


def answer(
    scenario: Scenario,
    server: Server,
    strategy: Strategy,
    summaries: Mapping[int, Summary],
    state: State,
    *,
    answers: Mapping[int, Evidence] | None = None,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> tuple[Mapping[int, Personal], Any, Mapping[int, str]]:
    """What the server makes of a night's summaries, and what it remembers.

    Args:
        summaries: By device, those that come too late included.
        state: What the night before left.
        answers: By device, of the users who were asked.

    Returns:
        By device what it gets, the strategy's memory, and why a device gets nothing of what was
        made for it.
    """
    memory = state.memory
    context = _context(scenario, state, workers=workers, progress=progress)
    context = replace(context, answers=answers or {})
    personal: Mapping[int, Personal] = {}
    left = scenario.attendance(state.night, summaries)  # without those that are lost
    if left.on_time or strategy.serves_alone:  # others' summaries can make no difference
        in_time = {device: summaries[device] for device in left.on_time}
        with fault_of(strategy, "serve"):
            result = strategy.serve(server, in_time, memory, context)
            personal, memory = result.personal, result.memory
    if left.late:
        late = {device: summaries[device] for device in left.late}
        with fault_of(strategy, "remember"):
            memory = strategy.remember(memory, late)
    unfit = {
        device: "the server made it a classifier that isn't finite"
        for device, made in personal.items()
        if not made.classifier.is_finite
    }
    sent = {device: made for device, made in personal.items() if device not in unfit}
    return sent, memory, unfit


def _context(
    scenario: Scenario, state: State, *, workers: Workers, progress: Progress
) -> RoundContext:
    return RoundContext(
        streams=scenario.streams,
        night=state.night,
        n_devices=len(scenario.users),
        workers=workers,
        progress=progress,
        truth=truth(scenario, state.night),
    )


def rivals(server: Server, personal: EmbeddedClassifier) -> dict[str, EmbeddedClassifier]:
    """The classifiers that are compared on a device."""
    compared = (server.baseline, personal, server.comprehensive)
    return dict(zip(ON_DEVICES, compared, strict=True))
