"""The main job as a call: a world, its nights through Flower, and their results in a folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fedasc.atomic import check_free
from fedasc.corpus.pool import Pool
from fedasc.corpus.recordings import Corpus
from fedasc.evaluation.calibration import Reliability
from fedasc.execution import ALL_CPUS, Execution
from fedasc.experiments.record import DeviceRecord, records_of
from fedasc.flower.cluster import check_address
from fedasc.flower.engine import run_flower
from fedasc.models.labelling import usable
from fedasc.population.profile import Profiles
from fedasc.progress import Progress, quiet
from fedasc.report.folder import write_run
from fedasc.report.reliability import pooled
from fedasc.report.results import ProfileSummary, summarise_profiles
from fedasc.settings import Settings
from fedasc.world import build_world


@dataclass(frozen=True)
class Outcome:
    """What an experiment found.

    Args:
        pool: The corpus, as it was used.
        nights: By night and device.
        summaries: By profile, and of all users, on the last night.
        reliability: The teacher's, by profile, and for all users.
    """

    pool: Pool
    nights: Sequence[Sequence[DeviceRecord]]
    summaries: Sequence[ProfileSummary]
    reliability: Mapping[str, Reliability]


def run_experiment(
    settings: Settings,
    corpora: Sequence[Corpus],
    profiles: Profiles,
    *,
    folder: Path,
    execution: Execution = ALL_CPUS,
    roster: Path | None = None,
    strict: bool = False,
    teacher_file: Path | None = None,
    progress: Progress = quiet,
    seconds: Callable[[], Mapping[str, float]] = dict,
) -> Outcome:
    """Simulate one night or several and write a run folder.

    Args:
        corpora: Where recordings come from.
        folder: For the results; must not exist.
        execution: Who computes it; changes no result.
        roster: File of users; they are drawn from the profiles if None.
        strict: Refuse a corpus with recordings that can't be used.
        teacher_file: A teacher trained before, in place of a new one.
        seconds: Tells at the end how long each phase took.

    Raises:
        FedascError: If settings, corpus and profiles don't go together, or devices failed.
    """
    check_free(folder)
    if execution.address:
        check_address(execution.address)
    else:
        usable(execution.torch_device)
    world = build_world(
        settings,
        corpora,
        profiles,
        roster=roster,
        strict=strict,
        teacher_file=teacher_file,
        n_jobs=execution.n_workers,
        progress=progress,
    )
    progress("preparing", 1, 1)
    nights = run_flower(
        world.scenario,
        world.server,
        aggregator=settings.aggregator,
        strategy=settings.strategy,
        execution=execution,
        probes=settings.probes,
        progress=progress,
    )
    records = [records_of(world.scenario, night) for night in nights]
    summaries, reliability = summarise_profiles(records[-1]), pooled(records[-1])
    write_run(
        folder,
        settings=replace(settings, n_clients=len(world.scenario.users)),
        corpus=world.corpus_facts(),
        scenario=world.scenario,
        nights=records,
        summaries=summaries,
        reliability=reliability,
        seconds=seconds(),
    )
    return Outcome(world.pool, records, summaries, reliability)
