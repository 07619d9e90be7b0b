"""The command `fedasc compare`: aggregators and strategies on the same splits."""

from typing import Annotated

import typer

from fedasc.cli.each import Finding, each_corpus, name_of, show_all, write_all
from fedasc.cli.invocation import invocation
from fedasc.cli.options import (
    N_WORKERS,
    RESULTS,
    Also,
    AsJson,
    Attackers,
    Attacking,
    Clients,
    Corpus,
    MeasuredToo,
    OutFolder,
    Probes,
    Profiles,
    Quiet,
    Repetitions,
    Seed,
    Verbose,
    Workers,
    preset_names,
    setting,
)
from fedasc.cli.terminal import Terminal


def compare(
    corpus: Corpus = None,
    also: Also = None,
    grid: Annotated[
        str,
        typer.Option(
            help="Settings with a section comparison (TOML), or comparison, nights or attacks, "
            "which come along.",
            autocompletion=preset_names("comparison"),
        ),
    ] = "comparison",
    profiles: Profiles = None,
    seed: Seed = None,
    repetitions: Repetitions = None,
    clients: Clients = None,
    attack: Attacking = None,
    attackers: Attackers = None,
    privacy: Annotated[
        bool | None,
        setting(
            default=True,
            text="Tell what releases give away, too, on the first splits; see fedasc privacy.",
            rich_help_panel=RESULTS,
        ),
    ] = None,
    measured: MeasuredToo = False,
    workers: Workers = N_WORKERS,
    probe: Probes = None,
    out: OutFolder = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Compare aggregators and strategies, each pair on the same users, days and nights.

    What is finished is kept: interrupted, it goes on where it was, and a grid with more pairs
    makes those alone.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from functools import partial

    from fedasc.atomic import claimed, dated
    from fedasc.cli.overrides import check_attackers, probes_named
    from fedasc.corpus.pool import open_complete_pool
    from fedasc.experiments.audit import run_audit
    from fedasc.experiments.design import Design, run_design
    from fedasc.experiments.grid import read_grid
    from fedasc.report.comparison_results import COMPARED, ENTRY, standings
    from fedasc.report.comparison_table import comparison_table
    from fedasc.report.device_cost import cost_columns, cost_table
    from fedasc.report.folder import write_comparison
    from fedasc.report.privacy_results import privacy_rows
    from fedasc.report.table import corpus_lines

    folder = out or dated("runs", prefix="compare-")
    with terminal.job() as phases, claimed(folder):
        grids = []
        for corpora, who in each_corpus(corpus, also, profiles):
            tried = read_grid(
                grid,
                seed=seed,
                n_repetitions=repetitions,
                n_clients=clients,
                probes=probes_named(probe),
                attack={"name": attack, "share": attackers},
                audit={"n_repetitions": 0 if privacy is False else None},
                profiles=who,
            )
            check_attackers(attackers, tried.baseline.settings.attack)
            design = Design(tried.variants, tried.n_repetitions, who, corpora)
            design.rehearse()
            grids.append((tried, design))
        findings = []
        for tried, design in grids:
            terminal.tell(design.in_words())
            taken = [cost_columns(each.settings) if measured else {} for each in tried.variants]
            pool = open_complete_pool(design.corpora, n_jobs=workers, progress=phases)
            results = run_design(design, n_workers=workers, progress=phases)
            audited = run_audit(design, tried.audit, n_workers=workers, progress=phases)
            given_away = privacy_rows(tried.audit, audited)
            places = standings(tried, results, given_away)
            places = [{**row, **costs} for row, costs in zip(places, taken, strict=True)]
            table = comparison_table(places, n_nights=tried.baseline.settings.nights.n_nights)
            findings.append(
                Finding(
                    name=name_of(design.corpora),
                    shown=(
                        corpus_lines(pool.facts()),
                        table,
                        *([cost_table(places)] if measured else []),
                    ),
                    summary={"entries": places},
                    rows=places,
                    write=partial(
                        write_comparison,
                        grid=tried,
                        results=results,
                        standings=places,
                        audited=audited,
                        privacy=given_away,
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
