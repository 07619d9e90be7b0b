"""Nights as a Flower strategy: each node gets its own content and is answered for itself."""

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy as FlowerStrategy

from fedasc.admission import admission_for
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.cohorts import Cohort, served_together
from fedasc.evaluation.scores import ON_DEVICES
from fedasc.execution import ALL_CPUS
from fedasc.flower.asking import Asking
from fedasc.flower.hosts import Hosts
from fedasc.flower.messages import (
    evaluate_request,
    scores_of,
    summary_of,
    train_request,
)
from fedasc.flower.queries import answers_of, query_request
from fedasc.losses import QUORUM, Toll
from fedasc.night import Night, Observer, State, answer, no_toll, questions
from fedasc.probes.diagnosis import look_into
from fedasc.probes.probe import Probe
from fedasc.progress import InParts, Progress, quiet
from fedasc.questions.evidence import Evidence, evidence
from fedasc.questions.questions import Answers
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.states import InMemory, States
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers


class NightStrategy(FlowerStrategy):
    """Asks for summaries, has users asked, serves the devices and has them judge classifiers.

    A round of Flower's is a night of devices that are served together: of one cohort, if each is
    served alone. Of those served together that are several cohorts, each is asked by itself.

    Args:
        scenario: The world. What happens between messages needs its streams and who takes part;
            who looks into devices at the end is the simulation.
        server: What the server has.
        aggregator, release: What devices were told to use.
        strategy: What is done with the summaries.
        hosts: Which devices a node speaks for; one each if None.
        per_cohort: Devices that are held at a time; all if None.
        probes: What to find out of every device at the end.
        states: Where to begin, and where it is kept what nights leave.
        observers: Called after every night, or cohort of it.
        timeout_s: How long all devices that are asked at a time may take, in seconds.
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
        hosts: Hosts | None = None,
        per_cohort: int | None = None,
        probes: Sequence[Probe] = (),
        states: States | None = None,
        observers: Sequence[Observer] = (),
        timeout_s: float = ALL_CPUS.timeout_s,
        quorum: float = QUORUM,
        workers: Workers = ALONE,
        progress: Progress = quiet,
    ) -> None:
        self._scenario = scenario
        self._hosts = hosts or Hosts(len(scenario.users))
        self._server = server
        self._admission = admission_for(scenario, server, aggregator, release)
        self._strategy = strategy
        self._probes = probes
        self._states = states or InMemory()
        self._observers = observers
        self._timeout_s = timeout_s
        self._quorum = quorum
        self._workers = workers
        self.progress = InParts(progress)
        """Of the nights; a grid tells it of replies."""
        self._together = served_together(len(scenario.users), strategy, per_cohort)
        self._rounds = self._planned()
        self._toll = Toll(0, 0, quorum)
        self._n_silent, self._lost = 0, dict[int, str]()
        self._asked_on = -1

    @property
    def n_rounds(self) -> int:
        """Rounds that are left."""
        return len(self._rounds)

    def _planned(self) -> deque[tuple[int, int]]:
        """Night and place of each round; those that have been are left out."""
        nights = range(self._scenario.nights.n_nights)
        begins = [self._states.state(place).night for place in range(len(self._together))]
        return deque(
            (night, place)
            for night in nights[min(begins) :]
            for place, first in enumerate(begins)
            if first <= night
        )

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        self._grid = grid
        self._night, self._place = self._rounds.popleft()
        self._state = self._states.state(self._place)
        self._toll = self._toll_so_far()
        self._lost = {}
        self._summaries: dict[int, Summary] = {}
        self._answers: Mapping[int, Answers] = {}
        self._left = deque(self._together[self._place])
        return self._ask_to_summarise(self._left.popleft())

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        self._take_summaries(replies)
        while self._left:
            self._take_summaries(self._replies(self._ask_to_summarise(self._left.popleft())))
        self._toll.check_sending(self._lost)
        told = self._told()
        self._toll.check_sending(self._lost)
        self._n_silent = len(self._lost)
        self._personal, self._memory, unfit = answer(
            self._scenario,
            self._server,
            self._strategy,
            {n: summary for n, summary in self._summaries.items() if n not in self._lost},
            self._state,
            answers=told,
            workers=self._workers,
            progress=self.progress,
        )
        self._lost |= unfit
        self._held = dict(self._state.held)
        self._held |= {device: made.classifier for device, made in self._personal.items()}
        self._left = deque(self._together[self._place])
        return None, None

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        return self._ask_to_judge(self._left.popleft())

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        self._end(replies)
        while self._left:
            self._end(self._replies(self._ask_to_judge(self._left.popleft())))
        return None

    def _ask_to_summarise(self, cohort: Cohort) -> list[Message]:
        self._begin(cohort)
        shipped, held = self._server.baseline, self._state.held
        self._summarising = Asking(
            "train",
            partial(train_request, self._night, shipped=shipped, held=held),
            partial(summary_of, night=self._night, admission=self._admission),
        )
        return self._summarising.messages(self._nodes(self._attendance.sending))

    def _take_summaries(self, replies: Iterable[Message]) -> None:
        self._hear_all(self._summarising, replies)
        self._summaries |= self._summarising.answers

    def _ask_to_judge(self, cohort: Cohort) -> list[Message]:
        self._begin(cohort)
        shared = {"baseline": self._server.baseline, "comprehensive": self._server.comprehensive}
        trains = self._strategy.device_training() is not None
        n_windows = self._scenario.listening.n_evaluation
        self._judging = Asking(
            "evaluate",
            partial(evaluate_request, self._night, shared=shared, held=self._held),
            partial(scores_of, night=self._night, n_windows=n_windows, trains=trains),
        )
        left = [device for device in self._attendance.members if device not in self._lost]
        return self._judging.messages(self._nodes(left))

    def _end(self, replies: Iterable[Message]) -> None:
        """The night has ended for a cohort: what it brought, and at last what it left."""
        cohort = self._cohort
        self._hear_all(self._judging, replies)
        self._toll.check(self._lost)
        judged = self._judging.answers
        scores = {
            device: {name: by_name[name] for name in ON_DEVICES}
            for device, (by_name, _) in judged.items()
        }
        self._held |= {device: goes_on for device, (_, goes_on) in judged.items() if goes_on}
        diagnoses = look_into(
            self._scenario,
            self._server,
            self._strategy,
            self._summaries,
            self._personal,
            scores=scores,
            held=self._held,
            probes=self._probes,
            night=self._night,
            workers=self._workers,
            progress=self.progress,
        )
        night = Night(
            number=self._night,
            attendance=self._attendance,
            summaries=cohort.of(self._summaries),
            personal=cohort.of(self._personal),
            scores=scores,
            diagnoses=diagnoses,
            lost=cohort.of(dict(sorted(self._lost.items()))),
            answers=cohort.of(self._answers),
            cohort=cohort.number,
        )
        if not self._left:
            n_lost, n_silent = len(self._lost), self._n_silent
            self._state = State(self._night + 1, self._held, self._memory, n_lost, n_silent)
        self._states.keep(self._place, night, self._state)
        for observer in self._observers:
            observer(night, self._state)

    def _begin(self, cohort: Cohort) -> None:
        """Go on with a cohort."""
        self._cohort = cohort
        self._attendance = self._scenario.attendance(self._night, cohort.devices)
        self.progress.at(cohort.number, sum(map(len, self._together)))

    def _toll_so_far(self) -> Toll:
        """What the night has lost before the round, of its other devices."""
        if self._asked_on == self._night:
            return self._toll.after(n_silent=self._n_silent, n_lost=len(self._lost))
        self._asked_on = self._night
        toll = no_toll(self._scenario, self._night, self._quorum)
        for place in range(self._place):  # of which another process may have asked them
            done = self._states.state(place)
            toll = toll.after(n_silent=done.n_silent, n_lost=done.n_lost)
        return toll

    def _told(self) -> Mapping[int, Evidence]:
        """Have users asked, if there are questions, and hear what they say."""
        asked = questions(
            self._scenario,
            self._server,
            self._strategy,
            self._summaries,
            self._state,
            workers=self._workers,
            progress=self.progress,
        )
        if asked:
            asking = Asking(
                "query",
                partial(query_request, self._night, questions=asked),
                partial(answers_of, night=self._night, questions=asked),
            )
            self._hear_all(asking, self._replies(asking.messages(self._nodes(sorted(asked)))))
            self._answers = asking.answers
        return evidence(asked, self._answers)

    def _nodes(self, devices: Sequence[int]) -> list[tuple[int, Sequence[int]]]:
        """Flower's number of every node that is asked, and for which of some devices it speaks."""
        nodes = sorted(self._grid.get_node_ids())
        return [(nodes[n % len(nodes)], some) for n, some in self._hosts.of(devices).items()]

    def _replies(self, messages: Iterable[Message]) -> Iterable[Message]:
        return self._grid.send_and_receive(messages, timeout=self._timeout_s)

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

    def summary(self) -> None:
        """Nothing to log: the command line reports."""
