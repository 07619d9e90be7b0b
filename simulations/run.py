"""Simulate one night of many hearing aids: listen, summarise, personalise, evaluate."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from threadpoolctl import threadpool_limits

from fedasc.cli import Phases, guarded
from fedasc.config import from_mapping, read_toml
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.corpus.users import read_profiles
from fedasc.flower.engine import run_flower_night
from fedasc.night import teacher_scores
from fedasc.report.folder import check_free, write_run
from fedasc.report.results import rows, summarise_profiles
from fedasc.report.table import corpus_lines, result_table
from fedasc.settings import Settings
from fedasc.simulation import build_world, shipped_profiles

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Text = typer.Option


@app.command()
def run(
    clients: Annotated[int | None, Text(help="Users, each with one hearing aid. (50)")] = None,
    corpus: Annotated[
        Path | None, Text(help="Manifest (CSV) of recordings. (the embedded synthetic corpus)")
    ] = None,
    profiles: Annotated[
        Path | None, Text(help="Who the users are (TOML). (the ones that fit the corpus)")
    ] = None,
    settings: Annotated[Path | None, Text(help="Any other setting (TOML); see README.")] = None,
    seed: Annotated[int | None, Text(help="The same seed gives the same numbers. (1)")] = None,
    teacher: Annotated[
        str | None, Text(help="What labels samples: ensemble, or mobilenet (C2). (ensemble)")
    ] = None,
    teacher_file: Annotated[Path | None, Text(help="A teacher trained before.")] = None,
    components: Annotated[int | None, Text(help="Components of each mixture, N. (32)")] = None,
    engine: Annotated[
        Literal["ray", "local"], Text(help="Processes side by side, or everything in one.")
    ] = "ray",
    workers: Annotated[int, Text(help="Processes; changes no result.", min=1)] = (
        os.cpu_count() or 1
    ),
    strict: Annotated[bool, Text(help="Refuse a corpus with unusable recordings.")] = False,
    out: Annotated[Path | None, Text(help="Folder for the results. (runs/<time>)")] = None,
) -> None:
    """Simulate one night of many hearing aids.

    Each listens for a day, sends a mixture of Gaussians that describes what it heard, gets back
    a classifier of its own, and is evaluated before and after.
    """
    console = Console(stderr=True)
    with guarded(console), threadpool_limits(1), Phases(console) as phases:
        folder = out or Path("runs") / datetime.now().strftime("%Y-%m-%d-%H-%M-%S")
        check_free(folder)
        given: dict[str, Any] = dict(read_toml(settings)) if settings else {}
        for key, value in (("n_clients", clients), ("seed", seed), ("teacher", teacher)):
            given |= {} if value is None else {key: value}
        if components is not None:
            given["gmm"] = {**given.get("gmm", {}), "n_components": components}
        chosen = from_mapping(Settings, given, where=str(settings or "settings"))
        world = build_world(
            chosen,
            read_manifest(corpus) if corpus else SyntheticCorpus(),
            read_profiles(profiles or shipped_profiles("recordings" if corpus else "synthetic")),
            strict=strict,
            teacher_file=teacher_file,
            n_jobs=workers,
            progress=phases,
        )
        phases("preparing", 1, 1)
        night = run_flower_night(
            world.scenario,
            world.server,
            aggregator=chosen.gmm,
            strategy=chosen.personalised,
            engine=engine,
            n_workers=workers,
            progress=phases,
        )
        teacher_bound = teacher_scores(world.scenario, world.server, progress=phases)
        results = rows(world.scenario.users, night, teacher_bound)
        summaries = summarise_profiles(results)
        write_run(
            folder,
            settings=chosen,
            corpus=world.corpus_facts(),
            results=results,
            summaries=summaries,
            seconds=phases.seconds,
        )
    output = Console()
    output.print(corpus_lines(world.pool), highlight=False)
    output.print(result_table(summaries, results, phases.seconds))
    output.print(f"Everything in {folder}")


if __name__ == "__main__":
    app()
