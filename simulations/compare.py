"""Compare ways to summarise a day and to make classifiers of summaries, on the same splits."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from threadpoolctl import threadpool_limits

from fedasc.atomic import check_free
from fedasc.cli.terminal import Phases, guarded
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.pool import open_complete_pool
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.experiments.design import Design, run_design
from fedasc.experiments.grid import read_grid
from fedasc.population.profile import find_profiles
from fedasc.report.comparison_results import standings
from fedasc.report.comparison_table import comparison_table
from fedasc.report.folder import write_comparison
from fedasc.report.table import corpus_lines

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Text = typer.Option


@app.command()
def compare(
    corpus: Annotated[
        list[Path] | None,
        Text(
            help="Manifest (CSV) of recordings; may be given more than once. (an embedded corpus)"
        ),
    ] = None,
    grid: Annotated[
        str, Text(help="Settings with a section [comparison] (TOML), or comparison.")
    ] = "comparison",
    profiles: Annotated[
        str | None, Text(help="Who the users are: TOML, or recordings, synthetic, dirichlet.")
    ] = None,
    seed: Annotated[int | None, Text(help="Of the first repetition. (1)")] = None,
    repetitions: Annotated[
        int | None, Text(help="Splits of the corpus, each with the next seed. (10)")
    ] = None,
    clients: Annotated[int | None, Text(help="Users of each repetition. (50)")] = None,
    workers: Annotated[int, Text(help="Processes; changes no result.", min=1)] = 2,
    out: Annotated[Path | None, Text(help="Folder for the results. (runs/compare-<time>)")] = None,
) -> None:
    """Compare aggregators and strategies, each pair on the same users, days and nights.

    What is finished is kept: interrupted, it goes on where it was, and a grid with more pairs
    makes those alone.
    """
    console = Console(stderr=True)
    now = datetime.now().strftime("%Y-%m-%d-%H-%M-%S")
    folder = out or Path("runs") / f"compare-{now}"
    with guarded(console), threadpool_limits(1), Phases(console) as phases:
        check_free(folder)
        tried = read_grid(grid, seed=seed, n_repetitions=repetitions, n_clients=clients)
        design = Design(
            tried.variants,
            tried.n_repetitions,
            find_profiles(profiles or ("recordings" if corpus else "synthetic")),
            [read_manifest(path) for path in corpus] if corpus else [SyntheticCorpus()],
        )
        console.print(design.in_words(), soft_wrap=True)
        pool = open_complete_pool(design.corpora, n_jobs=workers, progress=phases)
        results = run_design(design, n_workers=workers, progress=phases)
        found = standings(tried, results)
        write_comparison(folder, grid=tried, results=results, standings=found)
    output = Console()
    output.print(corpus_lines(pool.facts()))
    output.print(comparison_table(found, n_nights=tried.baseline.settings.nights.n_nights))
    output.print(f"Everything in {folder}", soft_wrap=True)


if __name__ == "__main__":
    app()
