"""The command `fedasc paper`: Figures 3 and 4, with the numbers behind them and the reasons."""

from typing import Annotated

import typer

from fedasc.cli.options import (
    N_WORKERS,
    AsJson,
    Corpus,
    OutFolder,
    Probes,
    Profiles,
    Quiet,
    Repetitions,
    Seed,
    Why,
    Workers,
    preset_names,
)
from fedasc.cli.terminal import Terminal


def paper(
    corpus: Corpus = None,
    preset: Annotated[
        str,
        typer.Option(
            help="Settings with a section study (TOML), or cpu, method or paper, which come along.",
            autocompletion=preset_names("study"),
        ),
    ] = "cpu",
    profiles: Profiles = None,
    seed: Seed = None,
    repetitions: Repetitions = None,
    workers: Workers = N_WORKERS,
    probe: Probes = None,
    why: Why = True,
    out: OutFolder = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make Figures 3 and 4 of the paper, with the numbers behind them.

    Says first how long it will take. What is finished is kept: interrupted, it goes on where it
    was.
    """
    from fedasc.api import corpora_of, profiles_of
    from fedasc.atomic import check_free, dated
    from fedasc.cli.overrides import with_probes
    from fedasc.corpus.pool import open_complete_pool
    from fedasc.report.study_folder import write_study
    from fedasc.report.study_results import compare, study_rows
    from fedasc.report.study_table import study_table
    from fedasc.report.table import corpus_lines
    from fedasc.study.estimate import estimate
    from fedasc.study.preset import read_preset
    from fedasc.study.run import run_study
    from fedasc.study.study import Study, as_settings

    terminal = Terminal(quiet=quiet, as_json=as_json)
    folder = out or dated("runs", prefix="paper-")
    with terminal.job() as phases:
        check_free(folder)
        settings, plan = read_preset(preset, seed=seed, n_repetitions=repetitions)
        corpora = corpora_of(corpus)
        study = Study(
            with_probes(settings, probe, why=why), plan, profiles_of(profiles, corpora), corpora
        )
        pool = open_complete_pool(corpora, n_jobs=workers, progress=phases)
        terminal.tell(estimate(study, n_workers=workers, progress=phases).in_words())
        rows = study_rows(run_study(study, n_workers=workers, progress=phases))
        comparisons = compare(rows)
        write_study(
            folder,
            plan=plan,
            settings=as_settings(study),
            pool=pool,
            rows=rows,
            comparisons=comparisons,
            seconds=phases.seconds,
        )
    terminal.show(
        corpus_lines(pool.facts()),
        study_table(comparisons, rows, phases.seconds),
        last=f"Everything in {folder}",
        summary={"folder": str(folder), "comparisons": [c.as_row() for c in comparisons]},
    )
