"""Looking into every device when a night has ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.evaluation.calibration import Reliability, reliability
from fedasc.evaluation.scores import Confusion, confusion
from fedasc.faults import fault_of
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

Facts = Mapping[str, Any]
"""What probes tell, by column."""


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What only a simulation sees of a device.

    Args:
        teacher: What the teacher took each scene of the evaluation windows for.
        reliability: How often it was right there, by how certain it was.
        facts: What the probes told.
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
    devices: Sequence[int],
    probes: Sequence[Probe] = (),
    night: int = 0,
    workers: Workers = ALONE,
    progress: Progress = quiet,
) -> dict[int, Diagnosis]:
    """The bound, which is the teacher on each device's evaluation windows, and what probes tell.

    No message carries these windows: only the simulation can look into every device.

    Args:
        devices: Into which.
        workers: Who looks; changes no result.

    Raises:
        SettingsError: If a probe tells what it didn't declare.
    """
    items = [
        {device: (summaries.get(device), personal.get(device)) for device in part}
        for part in chunks(devices, workers)
    ]
    work = partial(_look, strategy=strategy, probes=tuple(probes), night=night)
    diagnoses: dict[int, Diagnosis] = {}
    for some in workers.map(work, (scenario, server), items):
        diagnoses |= some
        progress("looking into devices", len(diagnoses), len(devices))
    return diagnoses


def _look(
    shared: tuple[Scenario, Server],
    devices: Mapping[int, tuple[Summary | None, Personal | None]],
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
    for n, (index, (summary, personal)) in enumerate(devices.items()):
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
        diagnoses[index] = Diagnosis(
            confusion(windows.scene, said[n].argmax(axis=1)),
            reliability(windows.scene, said[n]),
            facts,
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
