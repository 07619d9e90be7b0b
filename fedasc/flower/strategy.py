"""Nights as a Flower strategy: each node gets its own content and is answered for itself."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy as FlowerStrategy

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.diagnosis import look_into
from fedasc.errors import MessageError, RunError
from fedasc.flower.cohorts import Cohorts, unbundle
from fedasc.flower.messages import evaluate_request, scores_of, summary_of, train_request
from fedasc.night import CANDIDATES, Night, answer
from fedasc.progress import Progress, quiet
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
        aggregator: What devices were told to use.
        strategy: What is done with the summaries.
        cohorts: Which devices a node hosts; one each if None.
        why: Find out at the end why it came out so.
        workers: Who does the server's work; changes no result.
    """

    def __init__(
        self,
        scenario: Scenario,
        server: Server,
        aggregator: Aggregator,
        strategy: Strategy,
        *,
        cohorts: Cohorts | None = None,
        why: bool = True,
        workers: Workers = ALONE,
        progress: Progress = quiet,
    ) -> None:
        self._scenario = scenario
        self._cohorts = cohorts or Cohorts(len(scenario.users))
        self._server = server
        self._aggregator = aggregator
        self._strategy = strategy
        self._why = why
        self._workers = workers
        self._progress = progress
        self._memory: Any = None
        self._nodes: dict[int, int] = {}
        self._summaries: dict[int, Summary] = {}
        self._personal: dict[int, Personal] = {}
        self.nights: list[Night] = []
        """What each night so far brought."""

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        content = train_request(server_round - 1, self._server.baseline)
        return [_message(content, node, "train") for node in grid.get_node_ids()]

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        night = server_round - 1
        self._summaries = self._sorted(
            replies,
            partial(summary_of, aggregator=self._aggregator),
            self._scenario.attendance(night).sending,
        )
        personal, self._memory = answer(
            self._scenario,
            self._server,
            self._strategy,
            self._summaries,
            self._memory,
            night=night,
            workers=self._workers,
            progress=self._progress,
        )
        self._personal = dict(personal)
        return None, None

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        shared = {"baseline": self._server.baseline, "comprehensive": self._server.comprehensive}
        messages = []
        for number in range(self._cohorts.n_nodes):
            own = {
                device: self._personal[device].classifier
                for device in self._cohorts.devices(number)
                if device in self._personal
            }
            content = evaluate_request(server_round - 1, shared, own)
            messages.append(_message(content, self._nodes[number], "evaluate"))
        return messages

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        night = server_round - 1
        attendance = self._scenario.attendance(night)
        found = self._sorted(replies, scores_of, attendance.members)
        scores = {device: {name: its[name] for name in CANDIDATES} for device, its in found.items()}
        diagnoses = look_into(
            self._scenario,
            self._server,
            self._strategy,
            self._summaries,
            self._personal,
            why=self._why,
            night=night,
            workers=self._workers,
            progress=self._progress,
        )
        self.nights.append(
            Night(night, attendance, self._summaries, self._personal, scores, diagnoses)
        )
        return None

    def summary(self) -> None:
        """Nothing to log: the command line reports."""

    def _sorted(
        self,
        replies: Iterable[Message],
        unpack: Callable[[RecordDict], tuple[int, T]],
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
            for number, its in hosted.items():
                device, content = unpack(its)
                if number != device or device in contents:
                    raise MessageError(f"reply: device {device} answered twice, or as another")
                contents[device] = content
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
