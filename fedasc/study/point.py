"""Points of a study: one system on one user's evaluation windows, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.device import hear, judge, summarise
from fedasc.evaluation.diagnosis import (
    collapsed,
    energy_distance,
    label_shift,
    two_sample_test,
    where_certain,
)
from fedasc.evaluation.scores import Confusion, confusion
from fedasc.models.samples import Samples
from fedasc.scenario import Scenario
from fedasc.scenes import N_SCENES, SCENE_NAMES
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.personalised import PersonalisedStrategy

RIVALS = ("baseline", "comprehensive", "distilled", "teacher")
"""Systems that need no device's help; they are the same whatever the mixture. Distilled is what the
strategy makes of the mixture of everything that the server has: what the teacher's labels bring
without a word from the user."""

PERSONAL_FACTS = (
    "n_sent",
    "bytes_up",
    "n_drawn",
    "n_kept",
    "n_wanted",
    "share_kept",
    *(f"kept_{name}" for name in SCENE_NAMES),
    "collapsed",
    "label_shift",
    "energy_distance",
    "two_sample_accuracy",
    "two_sample_auc",
)
"""What is told of a personal classifier: components and bytes sent, samples drawn and kept (by the
teacher's scene), names of scenes that collapsed, and how far its mixture's samples are from what
was heard."""

USER_FACTS = ("certain_share", "certain_error", "energy_halves", "energy_evaluation")
"""What is told of a user: the teacher where it is certain of what she heard, and as yardsticks the
energy distance between two halves of what she heard, and between that and her evaluation windows,
which are other recordings."""

_MOST = 1000
"""Samples on either side of a distance."""

Facts = Mapping[str, Any]
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
    scenario: Scenario, server: Server, index: int, *, strategy: PersonalisedStrategy
) -> Content:
    """The rivals on a user's evaluation windows, and the facts of the user."""
    heard = hear(scenario, index, Purpose.HEARD)
    evaluation = hear(scenario, index, Purpose.EVALUATION)
    nobody = len(scenario.users)
    everything = Summary(server.everything, len(server.comprehensive_set.training))
    distilled = strategy.personalise(server, {nobody: everything}, streams=scenario.streams)
    classifiers = {
        "baseline": server.baseline,
        "comprehensive": server.comprehensive,
        "distilled": distilled[nobody].classifier,
    }
    labels = server.teacher.probabilities(evaluation.x).argmax(axis=1)
    scores = {
        **judge(scenario, classifiers, index),
        "teacher": confusion(evaluation.scene, labels),
    }
    certain = where_certain(
        server.teacher.probabilities(heard.x), heard.scene, certainty=strategy.certainty
    )
    x, others = (_standardised(some.x[:_MOST], server) for some in (heard, evaluation))
    order = scenario.streams.generator(Purpose.DIAGNOSIS, 0, index).permutation(len(x))
    facts = {
        "certain_share": certain.share,
        "certain_error": certain.error,
        "energy_halves": energy_distance(x[order[: len(x) // 2]], x[order[len(x) // 2 :]]),
        "energy_evaluation": energy_distance(x, others),
    }
    return _content(scores, facts)


def personal_of(
    scenario: Scenario,
    server: Server,
    index: int,
    *,
    aggregator: GmmAggregator,
    strategy: PersonalisedStrategy,
) -> Content:
    """A night of one device, and how it came about.

    Its draws come from the streams of night 0 and the device, whatever the mixture.
    """
    streams = scenario.streams
    summary = summarise(scenario, aggregator, index)
    mixture = summary.mixture
    personal = strategy.personalise(server, {index: summary}, streams=streams)[index]
    kept, _ = strategy.sample(
        server,
        mixture,
        personal.n_wanted,
        rng=streams.generator(Purpose.SAMPLING, 0, index),  # the same ones again
    )
    heard = hear(scenario, index, Purpose.HEARD)
    real = _standardised(heard.x[:_MOST], server)
    rng = streams.generator(Purpose.DIAGNOSIS, 0, index)
    drawn = _standardised(strategy.draw(server, mixture, len(real), rng=rng), server)
    test = two_sample_test(real, drawn, seed=streams.integer(Purpose.DIAGNOSIS, 0, index))
    by_scene = _by_scene(kept)
    facts = {
        "n_sent": mixture.n_components,
        "bytes_up": mixture.n_bytes,
        "n_drawn": personal.n_drawn,
        "n_kept": personal.n_kept,
        "n_wanted": personal.n_wanted,
        "share_kept": personal.n_kept / personal.n_drawn,
        **{f"kept_{name}": n for name, n in zip(SCENE_NAMES, by_scene, strict=True)},
        "collapsed": " ".join(collapsed(by_scene)),
        "label_shift": label_shift(by_scene, _by_scene(heard)),
        "energy_distance": energy_distance(real, drawn),
        "two_sample_accuracy": test.accuracy,
        "two_sample_auc": test.auc,
    }
    return _content(judge(scenario, {"personal": personal.classifier}, index), facts)


def _by_scene(samples: Samples) -> list[int]:
    found: list[int] = np.bincount(samples.scene, minlength=N_SCENES).tolist()
    return found


def _standardised(x: NDArray[np.float32], server: Server) -> NDArray[np.float64]:
    """Features in standard deviations of the comprehensive training set."""
    known = server.comprehensive_set.training.x.astype(np.float64)
    standardised: NDArray[np.float64] = (x - known.mean(axis=0)) / known.std(axis=0)
    return standardised


def _content(scores: Mapping[str, Confusion], facts: Facts) -> Content:
    counts = {name: score.counts.tolist() for name, score in scores.items()}
    return {"counts": counts, "facts": facts}
