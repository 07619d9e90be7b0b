"""Make Figures 3 and 4 of the paper, with the numbers behind them and the reasons."""

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
from fedasc.experiments.design import run_design
from fedasc.experiments.estimate import estimate
from fedasc.experiments.paper import paper_design, warn_of_samples
from fedasc.experiments.preset import read_preset
from fedasc.population.profile import find_profiles
from fedasc.report.folder import write_paper
from fedasc.report.paper_results import differences, point_rows
from fedasc.report.paper_table import paper_table
from fedasc.report.table import corpus_lines

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Text = typer.Option


@app.command()
def paper(
    corpus: Annotated[
        list[Path] | None,
        Text(
            help="Manifest (CSV) of recordings; may be given more than once. (an embedded corpus)"
        ),
    ] = None,
    preset: Annotated[
        str, Text(help="Settings with a section [study] (TOML), or cpu, method, paper.")
    ] = "cpu",
    profiles: Annotated[
        str | None, Text(help="Who the users are: TOML, or recordings, synthetic, dirichlet.")
    ] = None,
    seed: Annotated[int | None, Text(help="Of the first repetition. (1)")] = None,
    repetitions: Annotated[
        int | None, Text(help="Splits of the corpus, each with the next seed. (10)")
    ] = None,
    workers: Annotated[int, Text(help="Processes; changes no result.", min=1)] = 2,
    out: Annotated[Path | None, Text(help="Folder for the results. (runs/paper-<time>)")] = None,
) -> None:
    """Make Figures 3 and 4 of the paper, with the numbers behind them.

    Says first how long it will take. What is finished is kept: interrupted, it goes on where it
    was.
    """
    console = Console(stderr=True)
    now = datetime.now().strftime("%Y-%m-%d-%H-%M-%S")
    folder = out or Path("runs") / f"paper-{now}"
    with guarded(console), threadpool_limits(1), Phases(console) as phases:
        check_free(folder)
        settings, plan = read_preset(preset, seed=seed, n_repetitions=repetitions)
        design = paper_design(
            settings,
            plan,
            find_profiles(profiles or ("recordings" if corpus else "synthetic")),
            [read_manifest(path) for path in corpus] if corpus else [SyntheticCorpus()],
        )
        pool = open_complete_pool(design.corpora, n_jobs=workers, progress=phases)
        console.print(
            estimate(design, n_workers=workers, progress=phases).in_words(), soft_wrap=True
        )
        results = run_design(design, n_workers=workers, progress=phases)
        warn_of_samples(results)
        rows = point_rows(plan.users, results)
        gains = differences(rows)
        write_paper(
            folder,
            plan=plan,
            settings=settings,
            corpus=pool.facts(),
            rows=rows,
            gains=gains,
            seconds=phases.seconds,
        )
    output = Console()
    output.print(corpus_lines(pool.facts()))
    output.print(paper_table(gains, rows, phases.seconds))
    output.print(f"Everything in {folder}", soft_wrap=True)


if __name__ == "__main__":
    app()
