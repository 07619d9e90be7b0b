"""Why a night helped a user or not, told by what only a simulation can see.

No message carries any of it. Distances are between features in standard deviations of the
comprehensive training set, so that no feature counts for more than another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.device import hear
from fedasc.evaluation.calibration import Reliability, reliability
from fedasc.evaluation.diagnosis import (
    collapsed,
    energy_distance,
    label_shift,
    two_sample_test,
    where_certain,
)
from fedasc.evaluation.scores import Confusion, confusion
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.scenes import N_SCENES, SCENE_NAMES
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.round_context import Truth
from fedasc.strategies.round_result import Personal, Tally
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers, chunks

_MOST = 1000
"""Samples on either side of a distance."""

USER_FACTS = ("certain_share", "certain_error", "energy_halves", "energy_evaluation")
"""What is told of a user, see `facts_of_user`."""

NIGHT_FACTS = (
    "share_kept",
    *(f"kept_{name}" for name in SCENE_NAMES),
    "collapsed",
    "label_shift",
    "energy_distance",
)
"""What is told of a device's night, see `facts_of_night`."""

Facts = Mapping[str, Any]


def facts_of_user(
    scenario: Scenario, server: Server, index: int, *, certainty: float, night: int = 0
) -> Facts:
    """What is so whatever the device sends.

    Returns:
        certain_share, certain_error: Of what was heard, the share that the teacher is certain
        enough of, and how much of that it gets wrong.
        energy_halves, energy_evaluation: As yardsticks for `energy_distance`, that between two
        halves of what was heard, and that to the evaluation windows, which are other recordings.
    """
    heard = hear(scenario, index, Purpose.HEARD, night=night)
    evaluation = hear(scenario, index, Purpose.EVALUATION, night=night)
    probabilities = server.teacher.probabilities(heard.x)
    certain = where_certain(probabilities, heard.scene, certainty=certainty)
    x, others = (server.standardised(some.x[:_MOST]) for some in (heard, evaluation))
    order = scenario.streams.generator(Purpose.DIAGNOSIS, night, index).permutation(len(x))
    return {
        "certain_share": certain.share,
        "certain_error": certain.error,
        "energy_halves": energy_distance(x[order[: len(x) // 2]], x[order[len(x) // 2 :]]),
        "energy_evaluation": energy_distance(x, others),
    }


def facts_of_night(
    scenario: Scenario,
    server: Server,
    index: int,
    *,
    summary: Summary,
    tally: Tally,
    strategy: Strategy,
    night: int = 0,
) -> Facts:
    """How a device's artificial samples came about, and how like they are to what was heard.

    Args:
        strategy: One that draws samples.

    Returns:
        share_kept: Of the samples drawn.
        kept_noise, ...: Kept samples by the teacher's scene.
        collapsed: Names of scenes that hardly any of them belong to.
        label_shift: Between them and what was heard.
        energy_distance: Likewise, of the features.
    """
    heard = hear(scenario, index, Purpose.HEARD, night=night)
    real, drawn = _both(scenario, server, index, summary, strategy, night)
    return {
        "share_kept": tally.n_kept / tally.n_drawn,
        **{f"kept_{name}": n for name, n in zip(SCENE_NAMES, tally.kept, strict=True)},
        "collapsed": " ".join(collapsed(tally.kept)),
        "label_shift": label_shift(
            tally.kept, np.bincount(heard.scene, minlength=N_SCENES).tolist()
        ),
        "energy_distance": energy_distance(real, drawn),
    }


def two_samples_told_apart(
    scenario: Scenario,
    server: Server,
    index: int,
    *,
    summary: Summary,
    strategy: Strategy,
    night: int = 0,
) -> Facts:
    """How well a classifier tells artificial samples from what was heard; takes a second.

    Returns:
        two_sample_accuracy, two_sample_auc: See `fedasc.evaluation.diagnosis.TwoSampleTest`.
    """
    test = two_sample_test(
        *_both(scenario, server, index, summary, strategy, night),
        seed=scenario.streams.integer(Purpose.DIAGNOSIS, night, index),
    )
    return {"two_sample_accuracy": test.accuracy, "two_sample_auc": test.auc}


def truth(scenario: Scenario, night: int) -> Truth:
    """What a night's devices really heard, for strategies that show how far one could get."""
    return lambda device: hear(scenario, device, Purpose.HEARD, night=night).scene


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What only a simulation sees of a device.

    Args:
        teacher: What the teacher took each scene of the evaluation windows for.
        reliability: How often it was right there, by how certain it was.
        facts: Why the night helped or not; empty if nobody asked.
    """

    teacher: Confusion
    reliability: Reliability
    facts: Facts


def look_into(
    scenario: Scenario,
    server: Server,
    strategy: Strategy,
    summaries: Mapping[int, Summary],
    personal: Mapping[int, Personal],
    *,
    why: bool = True,
    night: int = 0,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> dict[int, Diagnosis]:
    """The bound, which is the teacher on each device's evaluation windows, and why it came out so.

    No message carries these windows: only the simulation can look into every device.

    Args:
        why: Find out the facts too.
        workers: Who looks; changes no result.
    """
    members = scenario.attendance(night).members
    items = [
        {device: (summaries.get(device), personal.get(device)) for device in part}
        for part in chunks(members, workers)
    ]
    work = partial(_look, strategy=strategy, why=why, night=night)
    found: dict[int, Diagnosis] = {}
    for some in workers.map(work, (scenario, server), items):
        found |= some
        progress("looking into devices", len(found), len(members))
    return found


def _look(
    shared: tuple[Scenario, Server],
    devices: Mapping[int, tuple[Summary | None, Personal | None]],
    *,
    strategy: Strategy,
    why: bool,
    night: int,
) -> dict[int, Diagnosis]:
    scenario, server = shared[0], shared[1].on_device()
    found = {}
    for index, (summary, personal) in devices.items():
        windows = hear(scenario, index, Purpose.EVALUATION, night=night)
        probabilities = server.teacher.probabilities(windows.x)
        facts: dict[str, Any] = {}
        if why:
            facts |= facts_of_user(
                scenario, server, index, certainty=strategy.certainty, night=night
            )
        if why and summary and personal and personal.tally:
            facts |= facts_of_night(
                scenario, server, index,
                summary=summary, tally=personal.tally, strategy=strategy, night=night,
            )  # fmt: skip
        found[index] = Diagnosis(
            confusion(windows.scene, probabilities.argmax(axis=1)),
            reliability(windows.scene, probabilities),
            facts,
        )
    return found


def _both(
    scenario: Scenario,
    server: Server,
    index: int,
    summary: Summary,
    strategy: Strategy,
    night: int,
) -> tuple[FloatArray, FloatArray]:
    """What was heard and as many artificial samples, standardised."""
    heard = hear(scenario, index, Purpose.HEARD, night=night).x[:_MOST]
    rng = scenario.streams.generator(Purpose.DIAGNOSIS, night, index)
    drawn = strategy.artificial(server, summary.content, len(heard), rng=rng)
    if drawn is None:
        raise ValueError(f"strategy {strategy.name!r} draws no samples")
    return server.standardised(heard), server.standardised(drawn)
