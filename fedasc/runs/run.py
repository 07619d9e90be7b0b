"""The main job: a world, its nights through Flower, and their results in a folder.

Flower and Matplotlib take seconds to import, which pass while Ray starts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fedasc.corpus.recordings import Corpus
from fedasc.cpus import usable_cpus
from fedasc.dry_pass import dry_pass
from fedasc.execution import ALL_CPUS, Execution
from fedasc.flower.early import EarlyCluster
from fedasc.models.labelling import usable
from fedasc.night import Observer
from fedasc.progress import Progress, quiet
from fedasc.runs.checkpoint import Checkpoint, Kept
from fedasc.runs.classifiers import write_classifiers
from fedasc.runs.details import Details
from fedasc.runs.folder import begun, finish, reopened
from fedasc.runs.inputs import Inputs
from fedasc.runs.predictions import read_predictions
from fedasc.runs.provenance import versions, write_provenance
from fedasc.runs.result import Run
from fedasc.runs.told import Told
from fedasc.trackers.tracking import Place, Tracking, tracking
from fedasc.workers import Workers

if TYPE_CHECKING:
    from fedasc.flower.grids import MakeGrid


def run(
    inputs: Inputs,
    *,
    folder: Path,
    execution: Execution = ALL_CPUS,
    observers: Sequence[Observer] = (),
    track: Sequence[Place] = (),
    make_grid: "MakeGrid | None" = None,
    progress: Progress = quiet,
    seconds: Callable[[], Mapping[str, float]] = dict,
    command: str = "",
) -> Run:
    """Simulate one night or several in a new folder.

    Args:
        folder: For the results; must not exist. It is there from the start and holds a file
            UNFINISHED until it has all results; until then `resume` goes on with it.
        execution: Who computes it; changes no result.
        observers: Called after every night, or cohort of it.
        track: Trackers that are told of every night.
        make_grid: See `fedasc.flower.engine.fly`.
        seconds: Tells at the end how long each phase took.
        command: That asks for it, for the record; empty if it is called from Python.

    Raises:
        FedascError: If settings, corpus and profiles don't go together, or devices failed.
    """
    _check(execution)
    with (
        begun(folder, inputs, command=command),
        _cluster(execution, needed=make_grid is None) as cluster,
        tracking(track, folder) as trackers,
    ):
        return _go_on(
            *(folder, inputs, execution, cluster, observers, trackers),
            *(progress, seconds, command, make_grid),
        )


def resume(
    folder: Path,
    *,
    corpora: Sequence[Corpus] | None = None,
    execution: Execution = ALL_CPUS,
    observers: Sequence[Observer] = (),
    track: Sequence[Place] = (),
    progress: Progress = quiet,
    seconds: Callable[[], Mapping[str, float]] = dict,
    command: str = "",
) -> Run:
    """Go on with a run after its last finished night, bitwise as if it had never stopped.

    Args:
        folder: Of a run that isn't finished.
        corpora: The same as before, if they have moved.
        execution: Need not be the same, nor the machine.
        observers, progress, seconds, command: See `run`.
        track: Likewise; those that the run had before go on by themselves.

    Raises:
        FedascError: Likewise, or if it can't go on.
    """
    _check(execution)
    with (
        reopened(folder, corpora) as inputs,
        _cluster(execution) as cluster,
        tracking(track, folder) as trackers,
    ):
        return _go_on(
            *(folder, inputs, execution, cluster, observers, trackers),
            *(progress, seconds, command),
        )


def _check(execution: Execution) -> None:
    """Before anything long is done."""
    if execution.address:
        from fedasc.flower.cluster import check_address

        check_address(execution.address)
    else:
        usable(execution.torch_device)


@contextmanager
def _cluster(execution: Execution, *, needed: bool = True) -> Iterator[EarlyCluster | None]:
    """Ray on this machine, to be started in time; None if it isn't needed."""
    if not needed or execution.engine == "local" or execution.address:
        yield None
        return
    cluster = EarlyCluster(execution.n_workers)
    try:
        yield cluster
    finally:
        cluster.gone()


def _go_on(
    folder: Path,
    inputs: Inputs,
    execution: Execution,
    cluster: EarlyCluster | None,
    observers: Sequence[Observer],
    trackers: Tracking,
    progress: Progress,
    seconds: Callable[[], Mapping[str, float]],
    command: str,
    make_grid: "MakeGrid | None" = None,
) -> Run:
    dry_pass(inputs.settings, progress)
    strategy = inputs.settings.strategy
    checkpoint = Checkpoint.of(
        folder, module=type(strategy).__module__, per_cohort=execution.per_cohort
    )
    _ = checkpoint.state(0)  # refuses now what it can't go on from
    write_provenance(folder, inputs, command=command, execution=execution)
    world = inputs.world(
        n_jobs=execution.n_workers,
        checked=cluster.begin if cluster else lambda: None,  # which takes some seconds
        progress=progress,
    )
    scenario = world.scenario
    # These take a while, and by now Ray is on its way.
    from fedasc.flower.engine import fly
    from fedasc.report.folder import write_run
    from fedasc.report.sounds.rendering import clips_of

    progress("preparing", 1, 1)

    trackers.begin(Told(checkpoint, inputs.settings, scenario))
    details = Details(folder, scenario.nights.n_nights) if inputs.details else None
    finished: list[Run] = []

    def write(workers: Workers) -> None:
        for part, last in enumerate(checkpoint.states()):
            write_classifiers(folder, world.server.baseline, last.held, part)
        run = Run(
            folder,
            replace(inputs.settings, n_clients=len(scenario.users)),
            checkpoint.records(),
            world.corpus_facts(),
        )
        clips = []
        if inputs.details and inputs.audio:
            clips = clips_of(
                scenario,
                read_predictions(folder),
                night=scenario.nights.n_nights - 1,
                n_threads=min(execution.n_workers, usable_cpus()),
            )
            progress("making sounds", 1, 1)
        write_run(
            folder,
            settings=run.settings,
            corpus=run.corpus,
            scenario=scenario,
            nights=run.records,
            overview=run.overview,
            seconds=seconds(),
            student=world.server.student,
            clips=clips,
            command=command,
            versions=versions(),
            workers=workers,
        )
        finished.append(run)

    fly(
        scenario,
        world.server,
        aggregator=inputs.settings.aggregator,
        release=inputs.settings.release,
        strategy=strategy,
        states=Kept(checkpoint, scenario, details),
        execution=replace(execution, per_cohort=checkpoint.per_cohort),
        cluster=cluster,
        probes=inputs.settings.probes,
        observers=(*observers, trackers),
        make_grid=make_grid,
        then=write,
        progress=progress,
    )
    trackers.keep_results()
    finish(folder)
    checkpoint.close()
    return finished[0]
