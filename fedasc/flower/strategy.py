"""One night as a Flower strategy: each node gets its own content and is answered for itself."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy

from fedasc.aggregators.summary import Summary
from fedasc.diagnosis import Insight, look_into
from fedasc.errors import MessageError, RunError
from fedasc.flower.cohorts import Cohorts, unbundle
from fedasc.flower.messages import evaluate_request, scores_of, summary_of, train_request
from fedasc.night import CANDIDATES, Night, Scores
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.strategies.personalised import Personal, PersonalisedStrategy
from fedasc.workers import ALONE, Workers

T = TypeVar("T")


class NightStrategy(Strategy):
    """Asks for summaries, personalises, and has every device judge its classifier.

    Args:
        scenario: The world. What happens between messages needs its streams and the number of its
            users; who looks into devices at the end is the simulation.
        server: What the server has.
        strategy: What is done with the summaries.
        cohorts: Which devices a node hosts; one each if None.
        why: Find out at the end why it came out so.
        workers: Who does the server's work; changes no result.
    """

    def __init__(
        self,
        scenario: Scenario,
        server: Server,
        strategy: PersonalisedStrategy,
        *,
        cohorts: Cohorts | None = None,
        why: bool = True,
        workers: Workers = ALONE,
        progress: Progress = quiet,
    ) -> None:
        self._scenario = scenario
        self._cohorts = cohorts or Cohorts(len(scenario.users))
        self._server = server
        self._strategy = strategy
        self._why = why
        self._workers = workers
        self._progress = progress
        self._nodes: dict[int, int] = {}
        self._summaries: dict[int, Summary] = {}
        self._personal: dict[int, Personal] = {}
        self._scores: dict[int, Scores] = {}
        self._insights: dict[int, Insight] = {}

    @property
    def night(self) -> Night:
        """What the last night brought."""
        return Night(self._summaries, self._personal, self._scores, self._insights)

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        content = train_request(server_round - 1)
        return [_message(content, node, "train") for node in grid.get_node_ids()]

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        found, self._nodes = self._sorted(replies, summary_of)
        self._summaries = found
        self._personal = self._strategy.personalise(
            self._server,
            self._summaries,
            streams=self._scenario.streams,
            night=server_round - 1,
            workers=self._workers,
            progress=self._progress,
        )
        return None, None

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        shared = {"baseline": self._server.baseline, "comprehensive": self._server.comprehensive}
        messages = []
        for number in range(self._cohorts.n_nodes):
            devices = self._cohorts.devices(number)
            own = {device: self._personal[device].classifier for device in devices}
            content = evaluate_request(server_round - 1, shared, own)
            messages.append(_message(content, self._nodes[devices[0]], "evaluate"))
        return messages

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        found, _ = self._sorted(replies, scores_of)
        self._scores = {
            device: {name: scores[name] for name in CANDIDATES} for device, scores in found.items()
        }
        self._insights = look_into(
            self._scenario,
            self._server,
            self._strategy,
            self._summaries,
            self._personal,
            why=self._why,
            night=server_round - 1,
            workers=self._workers,
            progress=self._progress,
        )
        return None

    def summary(self) -> None:
        """Nothing to log: the command line reports."""

    def _sorted(
        self, replies: Iterable[Message], unpack: Callable[[RecordDict], tuple[int, T]]
    ) -> tuple[dict[int, T], dict[int, int]]:
        """What each device replied and which node it has, by device whatever the arrival.

        Raises:
            RunError: If a device failed or did not answer in time.
            MessageError: If a reply breaks the wire format or comes from no device.
        """
        contents: dict[int, T] = {}
        nodes: dict[int, int] = {}
        reasons = []
        for reply in replies:
            if reply.has_error():
                reasons.append(reply.error.reason or "no reason given")
                continue
            hosted = unbundle(reply.content)
            if not hosted or list(hosted) != list(self._cohorts.devices_beside(min(hosted))):
                raise MessageError(f"reply: devices {list(hosted)} are not those of any node")
            for number, its in hosted.items():
                device, content = unpack(its)
                if number != device or device in contents:
                    raise MessageError(f"reply: device {device} answered twice, or as another")
                contents[device] = content
                nodes[device] = reply.metadata.src_node_id
        n_missing = len(self._scenario.users) - len(contents)
        if n_missing:
            first = reasons[0].strip().splitlines()[-1] if reasons else "no answer in time"
            raise RunError(
                f"{n_missing} of {len(self._scenario.users)} devices are missing, the first "
                f"because of: {first}; what was finished is cached, run the command again"
            )
        return {device: contents[device] for device in sorted(contents)}, nodes


def _message(content: RecordDict, node: int, kind: str) -> Message:
    return Message(content, dst_node_id=node, message_type=kind)
