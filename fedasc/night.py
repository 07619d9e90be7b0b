"""One night of every device, in one process, from top to bottom. Start reading here.

Flower does the same with messages between processes (`fedasc.flower`); the same settings and seed
give bitwise the same weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.device import hear, judge, summarise
from fedasc.evaluation.calibration import Reliability, reliability
from fedasc.evaluation.scores import Confusion, confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.personalised import Personal, PersonalisedStrategy

Scores = Mapping[str, Confusion]
"""By classifier: baseline, personal and comprehensive."""


@dataclass(frozen=True, eq=False)
class Night:
    """What a night brought, by device.

    Args:
        summaries: What the devices sent.
        personal: What they got back.
        scores: How classifiers did on each device's evaluation windows.
    """

    summaries: Mapping[int, Summary]
    personal: Mapping[int, Personal]
    scores: Mapping[int, Scores]


def run_night(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: GmmAggregator,
    strategy: PersonalisedStrategy,
    night: int = 0,
    n_threads: int = 1,
    progress: Progress = quiet,
) -> Night:
    """Simulate one night.

    Args:
        scenario: Users, their surroundings and their devices' front end.
        server: What the server has before the night.
        aggregator: How a device summarises what it heard.
        strategy: How the server makes classifiers of summaries.
        night: Number of the night.
        n_threads: Devices that the server works for at a time; changes no result.
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
        n_threads=n_threads,
        progress=progress,
    )

    # Each device tries its new classifier where its user lives, beside the one it had.
    scores = {}
    for device in devices:
        rivals = candidates(server, personal[device].classifier)
        scores[device] = judge(scenario, rivals, device, night=night)
        progress("evaluating", len(scores), len(devices))

    return Night(summaries, personal, scores)


CANDIDATES = ("baseline", "personal", "comprehensive")


def candidates(server: Server, personal: EmbeddedClassifier) -> dict[str, EmbeddedClassifier]:
    """The classifiers that are compared on a device."""
    rivals = (server.baseline, personal, server.comprehensive)
    return dict(zip(CANDIDATES, rivals, strict=True))


@dataclass(frozen=True, eq=False)
class TeacherScore:
    """The teacher on one device's evaluation windows.

    Args:
        confusion: What it took each scene for.
        reliability: How often it was right, by how certain it was.
    """

    confusion: Confusion
    reliability: Reliability


def teacher_scores(
    scenario: Scenario, server: Server, *, night: int = 0, progress: Progress = quiet
) -> dict[int, TeacherScore]:
    """The bound: the teacher on each device's evaluation windows.

    No message carries these windows: only the simulation can look into every device.
    """
    scores = {}
    for device in range(len(scenario.users)):
        windows = hear(scenario, device, Purpose.EVALUATION, night=night)
        probabilities = server.teacher.probabilities(windows.x)
        scores[device] = TeacherScore(
            confusion(windows.scene, probabilities.argmax(axis=1)),
            reliability(windows.scene, probabilities),
        )
        progress("asking the teacher", len(scores), len(scenario.users))
    return scores
