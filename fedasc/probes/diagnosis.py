"""Looking into every device when a night has ended."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.evaluation.calibration import Reliability, reliability
from fedasc.evaluation.predictions import Predictions
from fedasc.evaluation.scores import ON_DEVICES, Confusion
from fedasc.faults import fault_of
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight
from fedasc.probes.verdicts import verdicts_once
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.simulated import hear
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers, chunks

logger = logging.getLogger(__name__)

Facts = Mapping[str, Any]
"""What probes tell, by column."""


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What only a simulation sees of a device.

    Args:
        teacher: What the teacher took each scene of the evaluation windows for.
        reliability: How often it was right there, by how certain it was.
        facts: What the probes told.
        predictions: What every classifier took each of these windows for.
    """

    teacher: Confusion
    reliability: Reliability
    facts: Facts
    predictions: Predictions


def look_into(
    scenario: Scenario,
    server: Server,
    strategy: Strategy,
    summaries: Mapping[int, Summary],
    personal: Mapping[int, Personal],
    *,
    scores: Mapping[int, Mapping[str, Confusion]],
    held: Mapping[int, EmbeddedClassifier],
    probes: Sequence[Probe] = (),
    night: int = 0,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> dict[int, Diagnosis]:
    """What classifiers take each device's evaluation windows for, and what probes tell.

    The teacher, which is the bound, among them. No message carries these windows or what is said of
    them: only the simulation can look into every device.

    Args:
        scores: Of the devices to look into, what they told of their classifiers.
        held: The classifiers that they have now, if these aren't what was shipped.
        workers: Who looks; changes no result.

    Raises:
        SettingsError: If a probe tells what it didn't declare.
    """
    items = [
        {device: (summaries.get(device), personal.get(device), held.get(device)) for device in part}
        for part in chunks(tuple(scores), workers)
    ]
    work = partial(_look, strategy=strategy, probes=tuple(probes), night=night)
    diagnoses: dict[int, Diagnosis] = {}
    for some in workers.map(work, (scenario, server), items):
        diagnoses |= some
        progress("looking into devices", len(diagnoses), len(scores))
    _compare(scores, diagnoses)
    return diagnoses


def _compare(
    scores: Mapping[int, Mapping[str, Confusion]], diagnoses: Mapping[int, Diagnosis]
) -> None:
    """Warn, once a classifier, if devices told other counts than their windows come to here."""
    others: dict[str, list[int]] = {}
    for device, told in scores.items():
        predictions = diagnoses[device].predictions
        for name, score in told.items():
            if not np.array_equal(score.counts, predictions.confusion(name).counts):
                others.setdefault(name, []).append(device)
    for name, devices in others.items():
        more = f" and {len(devices) - 1} more" if len(devices) > 1 else ""
        logger.warning(
            "device %d%s told other counts of classifier %r than windows have here; tables hold "
            "what was told, predictions what was computed here",
            *(devices[0], more, name),
        )


def _look(
    shared: tuple[Scenario, Server],
    devices: Mapping[int, tuple[Summary | None, Personal | None, EmbeddedClassifier | None]],
    *,
    strategy: Strategy,
    probes: Sequence[Probe],
    night: int,
) -> dict[int, Diagnosis]:
    scenario, server = shared[0], shared[1].on_device()
    evaluations = [hear(scenario, index, Purpose.EVALUATION, night=night) for index in devices]
    days = [hear(scenario, index, Purpose.HEARD, night=night) for index in devices if probes]
    asked = days if any(probe.asks_teacher for probe in probes) else []
    said = verdicts_once(server, [*evaluations, *asked])
    diagnoses = {}
    for n, (index, (summary, personal, has)) in enumerate(devices.items()):
        windows = evaluations[n]
        facts: dict[str, Any] = {}
        if probes:
            sight = Sight(
                device=index,
                night=night,
                heard=days[n],
                evaluation=windows,
                summary=summary,
                personal=personal,
                server=server,
                strategy=strategy,
                draws=scenario.streams.sequence(Purpose.DIAGNOSIS, night, index),
                said=said[len(devices) + n] if asked else None,
            )
            for probe in probes:
                facts |= told_by(probe, sight)
        compared = (server.baseline, has or server.baseline, server.comprehensive)
        predictions = Predictions.of(
            windows.scene,
            {
                **{
                    name: classifier.predict(windows.x)
                    for name, classifier in zip(ON_DEVICES, compared, strict=True)
                },
                "teacher": said[n].argmax(axis=1),
            },
        )
        diagnoses[index] = Diagnosis(
            predictions.confusion("teacher"),
            reliability(windows.scene, said[n]),
            facts,
            predictions,
        )
    return diagnoses


def told_by(probe: Probe, sight: Sight) -> Facts:
    """What a probe tells of a device, which is no more than it declared.

    Raises:
        SettingsError: If it tells more, or anything but texts, numbers and truth values.
    """
    with fault_of(probe, "look"):
        facts = {
            column: value.item() if isinstance(value, np.generic) else value
            for column, value in probe.look(sight).items()
        }
    if undeclared := sorted(facts.keys() - set(probe.columns)):
        raise SettingsError(
            f"probe {probe.name!r} tells {', '.join(undeclared)}, which its columns don't name"
        )
    for column, value in facts.items():
        if not isinstance(value, str | int | float):
            raise SettingsError(
                f"probe {probe.name!r} tells {value!r} of {column}; expected a text or a number"
            )
    return facts


def check_probes(probes: Sequence[Probe]) -> None:
    """Hold that no two probes tell of the same column.

    Raises:
        SettingsError: If they do, naming it.
    """
    teller: dict[str, str] = {}
    for probe in probes:
        for column in probe.columns:
            if column in teller:
                raise SettingsError(
                    f"probes {teller[column]!r} and {probe.name!r} both tell of {column!r}; leave "
                    "one of them out"
                )
            teller[column] = probe.name
