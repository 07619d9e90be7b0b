"""The command `fedasc paper`: Figures 3 and 4, with the numbers behind them and the reasons."""

from typing import Annotated

import typer

from fedasc.cli.each import Finding, each_corpus, name_of, show_all, write_all
from fedasc.cli.invocation import invocation
from fedasc.cli.options import (
    N_WORKERS,
    Also,
    AsJson,
    Corpus,
    OutFolder,
    Probes,
    Profiles,
    Quiet,
    Repetitions,
    Seed,
    Verbose,
    Why,
    Workers,
    preset_names,
)
from fedasc.cli.terminal import Terminal


def paper(
    corpus: Corpus = None,
    also: Also = None,
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
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Make Figures 3 and 4 of the paper, with the numbers behind them.

    Says first how long it will take. What is finished is kept: interrupted, it goes on where it
    was.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from dataclasses import replace
    from functools import partial

    from fedasc.atomic import claimed, dated
    from fedasc.cli.overrides import probes_named
    from fedasc.corpus.pool import open_complete_pool
    from fedasc.experiments.design import run_design
    from fedasc.experiments.estimate import estimate
    from fedasc.experiments.paper import paper_design, warn_of_samples
    from fedasc.experiments.preset import read_preset
    from fedasc.report.folder import write_paper
    from fedasc.report.paper_results import COMPARED, ENTRY, differences, point_rows
    from fedasc.report.paper_table import paper_table
    from fedasc.report.table import corpus_lines

    folder = out or dated("runs", prefix="paper-")
    with terminal.job() as phases, claimed(folder):
        studies = []
        for corpora, who in each_corpus(corpus, also, profiles):
            settings, plan = read_preset(preset, seed=seed, n_repetitions=repetitions, profiles=who)
            settings = replace(settings, probes=(*settings.probes, *probes_named(probe)))
            plan = replace(plan, why=plan.why and why)
            design = paper_design(settings, plan, who, corpora)
            design.rehearse()
            studies.append((settings, plan, design))
        findings = []
        for settings, plan, design in studies:
            pool = open_complete_pool(design.corpora, n_jobs=workers, progress=phases)
            terminal.tell(estimate(design, n_workers=workers, progress=phases).in_words())
            results = run_design(design, n_workers=workers, progress=phases)
            warn_of_samples(results)
            rows = point_rows(plan.users, results)
            gains, seconds = differences(rows), dict(phases.seconds)
            findings.append(
                Finding(
                    name=name_of(design.corpora),
                    shown=(corpus_lines(pool.facts()), paper_table(gains, rows, seconds)),
                    summary={"comparisons": gains},
                    rows=gains,
                    write=partial(
                        write_paper,
                        plan=plan,
                        settings=settings,
                        corpus=pool.facts(),
                        rows=rows,
                        gains=gains,
                        seconds=seconds,
                        made_by=invocation(),
                    ),
                )
            )
        write_all(folder, findings, ENTRY, COMPARED)
    show_all(
        terminal,
        findings,
        ENTRY,
        COMPARED,
        last=f"Everything in {folder}",
        summary={"folder": str(folder)},
    )
