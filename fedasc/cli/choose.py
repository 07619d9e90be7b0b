"""The command `fedasc choose`: variants of the settings, where they may be chosen."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from fedasc.cli.each import Finding, each_corpus, name_of, show_all
from fedasc.cli.invocation import invocation
from fedasc.cli.options import (
    N_WORKERS,
    Also,
    AsJson,
    Corpus,
    Profiles,
    Quiet,
    Repetitions,
    Seed,
    Verbose,
    Workers,
    preset_names,
)
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError


def choose(
    corpus: Corpus = None,
    also: Also = None,
    variants: Annotated[
        str,
        typer.Option(
            help="What to choose between (TOML), or one that comes along: retraining, shipped.",
            autocompletion=preset_names("variants"),
        ),
    ] = "retraining",
    profiles: Profiles = None,
    seed: Seed = None,
    repetitions: Repetitions = None,
    workers: Workers = N_WORKERS,
    by: Annotated[
        Literal["personal", "comprehensive", "baseline"],
        typer.Option(help="The classifiers whose accuracy tells which variant is best."),
    ] = "personal",
    report: Annotated[
        bool,
        typer.Option(
            "--report",
            help="Not to choose: try them on the recordings that results are reported on.",
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="File for the table (CSV).")] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Compare variants of the settings by the personal classifiers that they give.

    Each repetition splits the corpus by group as always, then splits the server's part once more
    and simulates in that: no recording of the users is touched. What is finished is kept. The best
    of many is a maximum: beside each gain over the first variant stands what is left of it when all
    that were tried count, and what the best one brings on splits that didn't choose it.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from dataclasses import replace

    from fedasc.atomic import check_writable
    from fedasc.corpus.pool import open_complete_pool
    from fedasc.experiments.choose import choice_design, read_variants
    from fedasc.experiments.design import run_design
    from fedasc.plugins import as_section
    from fedasc.report.browser.studies import write_choice_page
    from fedasc.report.choice import COMPARED, ENTRY, choices
    from fedasc.report.choice_table import best_in_words, choice_table
    from fedasc.report.rows import write_rows

    with terminal.job() as phases:
        if quiet and not (out or as_json):
            raise SettingsError("--quiet leaves nothing to see; give --out or --json as well")
        if out:
            check_writable(out, suffix=".csv")
        designs = []
        for corpora, who in each_corpus(corpus, also, profiles):
            tried, plan = read_variants(
                variants, seed=seed, n_repetitions=repetitions, profiles=who
            )
            tried = {name: replace(one, nested=not report) for name, one in tried.items()}
            design = choice_design(tried, plan, who, corpora)
            design.rehearse()
            designs.append(design)
        findings = []
        for design in designs:
            open_complete_pool(design.corpora, n_jobs=workers, progress=phases)
            rows = choices(run_design(design, n_workers=workers, progress=phases), by=by)
            findings.append(
                Finding(
                    name=name_of(design.corpora),
                    shown=(choice_table(rows),),
                    summary={"variants": rows},
                    rows=rows,
                )
            )
        if out:
            corpus_of = [{"corpus": one.name} if also else {} for one in findings]
            named = zip(corpus_of, findings, strict=True)
            write_rows(out, [{**name, **row} for name, one in named for row in one.rows])
            write_choice_page(
                out.with_suffix(".html"),
                rows={one.name: one.rows for one in findings},
                settings={name: as_section(each) for name, each in tried.items()},
                words={one.name: best_in_words(one.rows) for one in findings if len(one.rows) > 1},
                **invocation(),
            )
    show_all(
        terminal,
        findings,
        ENTRY,
        COMPARED,
        last=f"The table is in {out}" if out else "",
        summary={},
    )
