"""Points of a study: one system on one user's evaluation windows, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.evaluation.scores import Confusion, confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.probes.certainty import CertaintyProbe
from fedasc.probes.diagnosis import Facts
from fedasc.probes.samples import SamplesProbe
from fedasc.probes.sight import Sight
from fedasc.probes.two_samples import TwoSamplesProbe
from fedasc.probes.yardsticks import YardsticksProbe
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.simulated import SimulatedDevices, hear
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy

RIVALS = ("baseline", "comprehensive", "distilled", "teacher")
"""Systems that need no device's help; they are the same whatever the mixture. Distilled is what the
strategy makes of the mixture of everything that the server has: what the teacher's labels bring
without a word from the user."""

_OF_USER = CertaintyProbe(), YardsticksProbe()
_OF_NIGHT = SamplesProbe(), TwoSamplesProbe()
USER_FACTS = tuple(column for probe in _OF_USER for column in probe.columns)

PERSONAL_FACTS = (
    "n_sent",
    "bytes_up",
    "n_drawn",
    "n_kept",
    "n_wanted",
    *(column for probe in _OF_NIGHT for column in probe.columns),
)
"""What is told of a personal classifier: components and bytes sent, samples drawn and kept, and
what probes tell of its night."""

Content = Mapping[str, Any]
"""Counts by system and facts, as JSON has them."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One system on one user in one repetition.

    Args:
        repetition: Its number.
        seed: Its root of all streams.
        user: The user's profile.
        system: One of `RIVALS`, or personal.
        aggregator: How the day was summarised; None for rivals.
        score: On the user's evaluation windows.
        facts: `USER_FACTS`, and for personal systems `PERSONAL_FACTS`.
    """

    repetition: int
    seed: int
    user: str
    system: str
    aggregator: GmmAggregator | None
    score: Confusion
    facts: Facts


def rivals_of(
    scenario: Scenario,
    server: Server,
    index: int,
    *,
    strategy: Strategy,
    why: bool = True,
) -> Content:
    """The rivals on a user's evaluation windows, and the facts of the user.

    Args:
        strategy: How the distilled one is made, and how certain the teacher must be; of no account
            without why.
        why: Find out about the user, and make the distilled rival.
    """
    evaluation = hear(scenario, index, Purpose.EVALUATION)
    classifiers = {"baseline": server.baseline, "comprehensive": server.comprehensive}
    facts: Facts = {}
    if why:
        nobody = len(scenario.users)
        everything = Summary.of(server.everything, len(server.comprehensive_set.training))
        served = strategy.serve(
            server, {nobody: everything}, None, RoundContext(streams=scenario.streams)
        )
        classifiers["distilled"] = served.personal[nobody].classifier
        sight = _sight(scenario, server, index, strategy, None, None)
        facts = {name: told for probe in _OF_USER for name, told in probe.look(sight).items()}
    labels = server.teacher.probabilities(evaluation.x).argmax(axis=1)
    scores = {
        **_judged(scenario, classifiers, index),
        "teacher": confusion(evaluation.scene, labels),
    }
    return _content(scores, facts)


def personal_of(
    scenario: Scenario,
    server: Server,
    index: int,
    *,
    aggregator: GmmAggregator,
    release: Release,
    strategy: Strategy,
    why: bool = True,
) -> Content:
    """A night of one device, and how it came about.

    Its draws come from the streams of night 0 and the device, whatever the mixture.
    """
    devices = SimulatedDevices(scenario=scenario, aggregator=aggregator, release=release)
    summary = devices.summarise(index, server.baseline)
    assert summary is not None
    served = strategy.serve(server, {index: summary}, None, RoundContext(streams=scenario.streams))
    personal, mixture = served.personal[index], summary.content
    tally = personal.tally
    if tally is None or not isinstance(mixture, Mixture):
        raise ValueError("a study needs mixtures, and a strategy that samples them")
    facts: dict[str, Any] = {
        "n_sent": mixture.n_components,
        "bytes_up": summary.n_bytes,
        "n_drawn": tally.n_drawn,
        "n_kept": tally.n_kept,
        "n_wanted": tally.n_wanted,
    }
    if why:
        sight = _sight(scenario, server, index, strategy, summary, personal)
        facts |= {name: told for probe in _OF_NIGHT for name, told in probe.look(sight).items()}
    return _content(_judged(scenario, {"personal": personal.classifier}, index), facts)


def _content(scores: Mapping[str, Confusion], facts: Facts) -> Content:
    counts = {name: score.counts.tolist() for name, score in scores.items()}
    return {"counts": counts, "facts": facts}


def _judged(
    scenario: Scenario, classifiers: Mapping[str, EmbeddedClassifier], index: int
) -> Mapping[str, Confusion]:
    judged = SimulatedDevices(
        scenario=scenario, aggregator=GmmAggregator(), release=Release()
    ).judge(index, classifiers)
    assert judged is not None
    return judged


def _sight(
    scenario: Scenario,
    server: Server,
    index: int,
    strategy: Strategy,
    summary: Summary | None,
    personal: Personal | None,
) -> Sight:
    return Sight(
        device=index,
        night=0,
        heard=hear(scenario, index, Purpose.HEARD),
        evaluation=hear(scenario, index, Purpose.EVALUATION),
        summary=summary,
        personal=personal,
        server=server,
        strategy=strategy,
        draws=scenario.streams.sequence(Purpose.DIAGNOSIS, 0, index),
    )
