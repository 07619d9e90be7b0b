"""What users' answers are worth, and what wrong, missing and lazy ones cost: gain and harm."""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.api import corpora_of, profiles_of
from fedasc.atomic import dated, new_folder
from fedasc.cli.options import N_WORKERS, Clients, Corpus, Repetitions, Seed, Workers
from fedasc.cli.terminal import Terminal, script
from fedasc.corpus.pool import open_complete_pool
from fedasc.experiments.curves import read_curves
from fedasc.experiments.design import run_design
from fedasc.report.curves import curve_rows, curves_in_words, plot_curves
from fedasc.report.rows import write_rows


def main(
    corpus: Corpus = None,
    plan: Annotated[
        str, typer.Option(help="Settings with tables [curves.NAME] (TOML), or answers.")
    ] = "answers",
    profiles: Annotated[str, typer.Option(help="Who the users are.")] = "own",
    seed: Seed = None,
    repetitions: Repetitions = None,
    clients: Clients = None,
    workers: Workers = N_WORKERS,
    out: Annotated[
        Path | None, typer.Option(help="Folder for results.", show_default="runs/DATE")
    ] = None,
) -> None:
    """Make a table and a picture of how much users gain, and how many of them lose."""
    terminal = Terminal()
    with terminal.job() as phases:
        corpora = corpora_of(corpus)
        who = profiles_of(profiles, corpora)
        curves, design = read_curves(
            plan, who, corpora, seed=seed, n_repetitions=repetitions, n_clients=clients
        )
        terminal.tell(design.in_words())
        open_complete_pool(corpora, n_jobs=workers, progress=phases)
        rows = curve_rows(curves, run_design(design, n_workers=workers, progress=phases))
        with new_folder(out or dated("runs")) as draft:
            write_rows(draft / "answers.csv", rows)
            plot_curves(rows, draft / "answers.png")
    typer.echo(curves_in_words(rows))


app = script(main)

if __name__ == "__main__":
    app()
