"""One night of every device, in one process, from top to bottom. Start reading here.

Flower does the same with messages between processes (`fedasc.flower`); the same settings and seed
give bitwise the same weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.device import judge, summarise
from fedasc.diagnosis import Insight, look_into
from fedasc.evaluation.scores import Confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.strategies.personalised import Personal, PersonalisedStrategy
from fedasc.workers import ALONE, Workers

Scores = Mapping[str, Confusion]
"""By classifier: baseline, personal and comprehensive."""


@dataclass(frozen=True, eq=False)
class Night:
    """What a night brought, by device.

    Args:
        summaries: What the devices sent.
        personal: What they got back.
        scores: How classifiers did on each device's evaluation windows.
        insights: What no message told.
    """

    summaries: Mapping[int, Summary]
    personal: Mapping[int, Personal]
    scores: Mapping[int, Scores]
    insights: Mapping[int, Insight]


def run_night(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: GmmAggregator,
    strategy: PersonalisedStrategy,
    night: int = 0,
    why: bool = True,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> Night:
    """Simulate one night.

    Args:
        scenario: Users, their surroundings and their devices' front end.
        server: What the server has before the night.
        aggregator: How a device summarises what it heard.
        strategy: How the server makes classifiers of summaries.
        night: Number of the night.
        why: Find out why it came out so; see `fedasc.diagnosis`.
        workers: Who does the server's work; changes no result.
    """
    devices = range(len(scenario.users))

    # By day, each device listens; at night it sends a summary of what it heard, and only that.
    summaries = {}
    for device in devices:
        summaries[device] = summarise(scenario, aggregator, device, night=night)
        progress("summarising", len(summaries), len(devices))

    # The server samples each summary, labels the samples, and retrains the classifier.
    personal = strategy.personalise(
        server,
        summaries,
        streams=scenario.streams,
        night=night,
        workers=workers,
        progress=progress,
    )

    # Each device tries its new classifier where its user lives, beside the one it had.
    scores = {}
    for device in devices:
        rivals = candidates(server, personal[device].classifier)
        scores[device] = judge(scenario, rivals, device, night=night)
        progress("evaluating", len(scores), len(devices))

    # What no message tells: a simulation can look into every device.
    insights = look_into(
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
    return Night(summaries, personal, scores, insights)


CANDIDATES = ("baseline", "personal", "comprehensive")


def candidates(server: Server, personal: EmbeddedClassifier) -> dict[str, EmbeddedClassifier]:
    """The classifiers that are compared on a device."""
    rivals = (server.baseline, personal, server.comprehensive)
    return dict(zip(CANDIDATES, rivals, strict=True))
