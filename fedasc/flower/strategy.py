"""Nights as a Flower strategy: each node gets its own content and is answered for itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy as FlowerStrategy

from fedasc.admission import admission_for
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError, RunError
from fedasc.evaluation.scores import ON_DEVICES
from fedasc.flower.cohorts import Cohorts, unbundle
from fedasc.flower.messages import HELLO, evaluate_request, scores_of, summary_of, train_request
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.night import BEGINNING, Night, Observer, State, answer
from fedasc.probes.diagnosis import look_into
from fedasc.probes.probe import Probe
from fedasc.progress import Progress, quiet
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers

T = TypeVar("T")


class NightStrategy(FlowerStrategy):
    """Asks for summaries, serves the devices, and has every one judge its classifier.

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
        self._workers = workers
        self._progress = progress
        self._nodes: dict[int, int] = {}
        self._summaries: dict[int, Summary] = {}
        self._personal: Mapping[int, Personal] = {}
        self._memory: Any = None
        self.state = state
        """Where the nights so far have led."""
        self.nights: list[Night] = []
        """What each night so far brought."""

    def start_from(self, grid: Grid, *, timeout_s: float) -> None:
        """Find out which node hosts whom, unless all nodes can be told the same at first.

        Raises:
            RunError: If a node failed or did not answer in time.
        """
        if not self.state.held:
            return
        nodes = list(grid.get_node_ids())
        asked = [_message(RecordDict(), node, f"query.{HELLO}") for node in nodes]
        self._sorted(grid.send_and_receive(asked, timeout=timeout_s), _nothing, ())
        if len(self._nodes) < len(nodes):
            raise RunError(
                f"only {len(self._nodes)} of {len(nodes)} nodes told their numbers in time"
            )

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        night, shipped = self.state.night, self._server.baseline
        if not self.state.held:
            content = train_request(night, (), shipped, {})
            return [_message(content, node, "train") for node in grid.get_node_ids()]
        return [
            _message(train_request(night, (), shipped, held), node, "train")
            for node, held in self._by_node(self.state.held)
        ]

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        self._summaries = self._sorted(
            replies,
            partial(summary_of, night=self.state.night, admission=self._admission),
            self._scenario.attendance(self.state.night).sending,
        )
        self._personal, self._memory = answer(
            self._scenario,
            self._server,
            self._strategy,
            self._summaries,
            self.state,
            workers=self._workers,
            progress=self._progress,
        )
        return None, None

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        shared = {"baseline": self._server.baseline, "comprehensive": self._server.comprehensive}
        return [
            _message(evaluate_request(self.state.night, (), shared, held), node, "evaluate")
            for node, held in self._by_node(self._held())
        ]

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        number = self.state.night
        attendance = self._scenario.attendance(number)
        trains = self._strategy.device_training() is not None
        n_windows = self._scenario.listening.n_evaluation
        unpack = partial(scores_of, night=number, n_windows=n_windows, trains=trains)
        judged = self._sorted(replies, unpack, attendance.members)
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
            probes=self._probes,
            night=number,
            workers=self._workers,
            progress=self._progress,
        )
        night = Night(number, attendance, self._summaries, self._personal, scores, diagnoses)
        self.state = State(number + 1, {**self._held(), **trained}, self._memory)
        self.nights.append(night)
        for observer in self._observers:
            observer(night, self.state)
        return None

    def _held(self) -> dict[int, EmbeddedClassifier]:
        """What each device has after the server's answer, if it isn't what was shipped."""
        sent = {device: personal.classifier for device, personal in self._personal.items()}
        return {**self.state.held, **sent}

    def _by_node(
        self, held: Mapping[int, EmbeddedClassifier]
    ) -> Iterator[tuple[int, dict[int, EmbeddedClassifier]]]:
        """Flower's number of every node, and what its devices hold."""
        for number in range(self._cohorts.n_nodes):
            hosted = self._cohorts.devices(number)
            yield self._nodes[number], {n: held[n] for n in hosted if n in held}

    def summary(self) -> None:
        """Nothing to log: the command line reports."""

    def _sorted(
        self,
        replies: Iterable[Message],
        unpack: Callable[..., T],
        expected: Sequence[int],
    ) -> dict[int, T]:
        """What each device replied, by device whatever the arrival.

        Args:
            expected: Devices that reply; others are not there this night, or miss the night.

        Raises:
            RunError: If a device failed or did not answer in time.
            MessageError: If a reply breaks the wire format or comes from no device.
        """
        contents: dict[int, T] = {}
        waited_for = set(expected)
        reasons = []
        for reply in replies:
            if reply.has_error():
                reasons.append(reply.error.reason or "no reason given")
                continue
            node, hosted = unbundle(reply.content)
            if list(hosted) != [n for n in self._cohorts.devices(node) if n in waited_for]:
                raise MessageError(f"reply: devices {list(hosted)} are not those of node {node}")
            for device, records in hosted.items():
                if device in contents:
                    raise MessageError(f"reply: device {device} answered twice")
                contents[device] = unpack(records, device=device)
            self._nodes[node] = reply.metadata.src_node_id
        n_missing = len(expected) - len(contents)
        if n_missing:
            first = reasons[0].strip().splitlines()[-1] if reasons else "no answer in time"
            raise RunError(
                f"{n_missing} of {len(expected)} devices are missing, the first "
                f"because of: {first}; what was finished is cached, run the command again"
            )
        return {device: contents[device] for device in sorted(contents)}


def _message(content: RecordDict, node: int, kind: str) -> Message:
    return Message(content, dst_node_id=node, message_type=kind)


def _nothing(content: RecordDict, *, device: int) -> None:
    raise MessageError("reply: expected the number of a node and nothing else")
