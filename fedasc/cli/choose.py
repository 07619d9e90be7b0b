"""The command `fedasc choose`: variants of the settings, where they may be chosen."""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.options import (
    N_WORKERS,
    AsJson,
    Corpus,
    Profiles,
    Quiet,
    Repetitions,
    Seed,
    Workers,
    preset_names,
)
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError


def choose(
    corpus: Corpus = None,
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
    report: Annotated[
        bool,
        typer.Option(
            "--report",
            help="Not to choose: try them on the recordings that results are reported on.",
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="File for the table (CSV).")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare variants of the settings by the personal classifiers that they give.

    Each repetition splits the corpus by group as always, then splits the server's part once more
    and simulates in that: no recording of the users is touched. What is finished is kept.
    """
    from dataclasses import replace

    from fedasc.api import corpora_of, profiles_of
    from fedasc.atomic import check_writable
    from fedasc.corpus.pool import open_complete_pool
    from fedasc.experiments.choose import choice_design, read_variants
    from fedasc.experiments.design import run_design
    from fedasc.report.choice import choice_table, choices
    from fedasc.report.rows import write_rows

    terminal = Terminal(quiet=quiet, as_json=as_json)
    with terminal.job() as phases:
        if quiet and not (out or as_json):
            raise SettingsError("--quiet leaves nothing to see; give --out or --json as well")
        if out:
            check_writable(out, suffix=".csv")
        corpora = corpora_of(corpus)
        who = profiles_of(profiles, corpora)
        tried, plan = read_variants(variants, seed=seed, n_repetitions=repetitions, profiles=who)
        tried = {name: replace(settings, nested=not report) for name, settings in tried.items()}
        design = choice_design(tried, plan, who, corpora)
        open_complete_pool(corpora, n_jobs=workers, progress=phases)
        rows = choices(run_design(design, n_workers=workers, progress=phases))
        if out:
            write_rows(out, rows)
    terminal.show(
        choice_table(rows),
        last=f"The table is in {out}" if out else "",
        summary={"variants": rows},
    )
