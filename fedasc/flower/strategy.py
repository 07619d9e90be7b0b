"""Nights as a Flower strategy: each node gets its own content and is answered for itself."""

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy as FlowerStrategy

from fedasc.admission import admission_for
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.evaluation.scores import ON_DEVICES
from fedasc.execution import ALL_CPUS
from fedasc.flower.asking import Asking
from fedasc.flower.cohorts import Cohorts
from fedasc.flower.messages import (
    evaluate_request,
    scores_of,
    summary_of,
    train_request,
)
from fedasc.flower.queries import answers_of, query_request
from fedasc.losses import QUORUM, check_quorum
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.night import BEGINNING, Night, Observer, State, answer, questions
from fedasc.population.attendance import Attendance
from fedasc.probes.diagnosis import look_into
from fedasc.probes.probe import Probe
from fedasc.progress import Progress, quiet
from fedasc.questions.evidence import Evidence, evidence
from fedasc.questions.questions import Answers
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers


class NightStrategy(FlowerStrategy):
    """Asks for summaries, has users asked, serves the devices and has them judge classifiers.

    Args:
        scenario: The world. What happens between messages needs its streams and who takes part;
            who looks into devices at the end is the simulation.
        server: What the server has.
        aggregator, release: What devices were told to use.
        strategy: What is done with the summaries.
        cohorts: Which devices a node hosts; one each if None.
        probes: What to find out of every device at the end.
        state: Where to begin.
        observers: Called after every night.
        timeout_s: How long all devices together may take for a phase, in seconds.
        quorum: Share of a night's devices that it can't do without.
        workers: Who does the server's work; changes no result.
    """

    def __init__(
        self,
        scenario: Scenario,
        server: Server,
        aggregator: Aggregator,
        release: Release,
        strategy: Strategy,
        *,
        cohorts: Cohorts | None = None,
        probes: Sequence[Probe] = (),
        state: State = BEGINNING,
        observers: Sequence[Observer] = (),
        timeout_s: float = ALL_CPUS.timeout_s,
        quorum: float = QUORUM,
        workers: Workers = ALONE,
        progress: Progress = quiet,
    ) -> None:
        self._scenario = scenario
        self._cohorts = cohorts or Cohorts(len(scenario.users))
        self._server = server
        self._admission = admission_for(scenario, server, aggregator, release)
        self._strategy = strategy
        self._probes = probes
        self._observers = observers
        self._timeout_s = timeout_s
        self._quorum = quorum
        self._workers = workers
        self._progress = progress
        self._lost: dict[int, str] = {}
        self._summaries: Mapping[int, Summary] = {}
        self._answers: Mapping[int, Answers] = {}
        self._personal: Mapping[int, Personal] = {}
        self._memory: Any = None
        self.state = state
        """Where the nights so far have led."""
        self.nights: list[Night] = []
        """What each night so far brought."""

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        self._grid = grid
        night, held = self.state.night, self.state.held
        self._lost, self._summaries, self._answers, self._personal = {}, {}, {}, {}
        self._summarising = Asking(
            "train",
            partial(train_request, night, shipped=self._server.baseline, held=held),
            partial(summary_of, night=night, admission=self._admission),
        )
        return self._summarising.messages(self._nodes(self._attendance.sending))

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        self._hear_all(self._summarising, replies)
        self._summaries = self._summarising.answers
        check_quorum(self._lost, len(self._attendance.sending), self._quorum)
        told = self._told()
        check_quorum(self._lost, len(self._attendance.sending), self._quorum)
        self._personal, self._memory, unfit = answer(
            self._scenario,
            self._server,
            self._strategy,
            {n: summary for n, summary in self._summaries.items() if n not in self._lost},
            self.state,
            answers=told,
            workers=self._workers,
            progress=self._progress,
        )
        self._lost |= unfit
        return None, None

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        shared = {"baseline": self._server.baseline, "comprehensive": self._server.comprehensive}
        night, trains = self.state.night, self._strategy.device_training() is not None
        n_windows = self._scenario.listening.n_evaluation
        self._judging = Asking(
            "evaluate",
            partial(evaluate_request, night, shared=shared, held=self._held()),
            partial(scores_of, night=night, n_windows=n_windows, trains=trains),
        )
        left = [device for device in self._attendance.members if device not in self._lost]
        return self._judging.messages(self._nodes(left))

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        number = self.state.night
        self._hear_all(self._judging, replies)
        check_quorum(self._lost, len(self._attendance.members), self._quorum)
        judged = self._judging.answers
        scores = {
            device: {name: by_name[name] for name in ON_DEVICES}
            for device, (by_name, _) in judged.items()
        }
        trained = {device: goes_on for device, (_, goes_on) in judged.items() if goes_on}
        diagnoses = look_into(
            self._scenario,
            self._server,
            self._strategy,
            self._summaries,
            self._personal,
            devices=tuple(scores),
            probes=self._probes,
            night=number,
            workers=self._workers,
            progress=self._progress,
        )
        night = Night(
            number=number,
            attendance=self._attendance,
            summaries=self._summaries,
            personal=self._personal,
            scores=scores,
            diagnoses=diagnoses,
            lost=dict(sorted(self._lost.items())),
            answers=self._answers,
        )
        self.state = State(number + 1, {**self._held(), **trained}, self._memory)
        self.nights.append(night)
        for observer in self._observers:
            observer(night, self.state)
        return None

    def _told(self) -> Mapping[int, Evidence]:
        """Have users asked, if there are questions, and hear what they say."""
        asked = questions(
            self._scenario,
            self._server,
            self._strategy,
            self._summaries,
            self.state,
            workers=self._workers,
            progress=self._progress,
        )
        if asked:
            night = self.state.night
            asking = Asking(
                "query",
                partial(query_request, night, questions=asked),
                partial(answers_of, night=night, questions=asked),
            )
            messages = asking.messages(self._nodes(sorted(asked)))
            replies = self._grid.send_and_receive(messages, timeout=self._timeout_s)
            self._hear_all(asking, replies)
            self._answers = asking.answers
        return evidence(asked, self._answers)

    @property
    def _attendance(self) -> Attendance:
        return self._scenario.attendance(self.state.night)

    def _nodes(self, devices: Sequence[int]) -> list[tuple[int, Sequence[int]]]:
        """Flower's number of every node that is asked, and for which of some devices it speaks."""
        asked = {*devices}
        nodes = sorted(self._grid.get_node_ids())
        parts = (
            (nodes[n % len(nodes)], [d for d in self._cohorts.devices(n) if d in asked])
            for n in range(self._cohorts.n_nodes)
        )
        return [(node, some) for node, some in parts if some]

    def _hear_all(self, asking: Asking[Any], replies: Iterable[Message]) -> None:
        """Judge what devices replied, and ask again whom nothing came of, each alone."""
        asking.take(replies, waited_s=self._timeout_s)
        left_s = self._timeout_s - (time.monotonic() - asking.began)
        if asking.silent and left_s > 0:
            alone = [
                (node, [device])
                for node, devices in self._nodes(sorted(asking.silent))
                for device in devices
            ]
            again = self._grid.send_and_receive(asking.messages(alone), timeout=left_s)
            asking.take(again, waited_s=self._timeout_s)
        self._lost |= asking.lost | asking.silent

    def _held(self) -> dict[int, EmbeddedClassifier]:
        """What each device has after the server's answer, if it isn't what was shipped."""
        sent = {device: personal.classifier for device, personal in self._personal.items()}
        return {**self.state.held, **sent}

    def summary(self) -> None:
        """Nothing to log: the command line reports."""
