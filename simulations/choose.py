"""Try variants of the settings where they may be chosen: in the server's part of the corpus."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from threadpoolctl import threadpool_limits

from fedasc.atomic import check_writable
from fedasc.cli.terminal import Phases, guarded
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.pool import open_complete_pool
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.experiments.choose import choice_design, read_variants
from fedasc.experiments.design import run_design
from fedasc.population.profile import find_profiles
from fedasc.report.choice import choice_table, choices
from fedasc.report.rows import write_rows

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Text = typer.Option


@app.command()
def choose(
    corpus: Annotated[
        list[Path] | None,
        Text(
            help="Manifest (CSV) of recordings; may be given more than once. (an embedded corpus)"
        ),
    ] = None,
    variants: Annotated[
        str, Text(help="What to choose between (TOML), or retraining, which comes along.")
    ] = "retraining",
    profiles: Annotated[
        str | None, Text(help="Who the users are: TOML, or recordings, synthetic, dirichlet.")
    ] = None,
    seed: Annotated[int | None, Text(help="Of the first repetition. (1)")] = None,
    repetitions: Annotated[
        int | None, Text(help="Splits of the corpus, each with the next seed. (10)")
    ] = None,
    workers: Annotated[int, Text(help="Processes; changes no result.", min=1)] = 2,
    report: Annotated[
        bool, Text(help="Not to choose: try them on the recordings that results are reported on.")
    ] = False,
    out: Annotated[Path | None, Text(help="File for the table (CSV).")] = None,
) -> None:
    """Compare variants of the settings by the personal classifiers that they give.

    Each repetition splits the corpus by group as always, then splits the server's part once more
    and simulates in that: no recording of the users is touched. What is finished is kept.
    """
    console = Console(stderr=True)
    with guarded(console), threadpool_limits(1), Phases(console) as phases:
        if out:
            check_writable(out, suffix=".csv")
        tried, plan = read_variants(variants, seed=seed, n_repetitions=repetitions)
        who = find_profiles(profiles or ("recordings" if corpus else "synthetic"))
        corpora = [read_manifest(path) for path in corpus] if corpus else [SyntheticCorpus()]
        tried = {name: replace(settings, nested=not report) for name, settings in tried.items()}
        design = choice_design(tried, plan, who, corpora)
        open_complete_pool(corpora, n_jobs=workers, progress=phases)
        found = choices(run_design(design, n_workers=workers, progress=phases))
        if out:
            write_rows(out, found)
        Console().print(choice_table(found))


if __name__ == "__main__":
    app()
