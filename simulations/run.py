"""Simulate nights of many hearing aids: listen, summarise, personalise, evaluate."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from threadpoolctl import threadpool_limits

from fedasc.cli.options import with_options
from fedasc.cli.terminal import Phases, guarded
from fedasc.config import read_toml
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import SettingsError
from fedasc.execution import Execution
from fedasc.population.profile import find_profiles
from fedasc.report.table import corpus_lines, result_table
from fedasc.runs.inputs import Inputs
from fedasc.runs.run import run as simulate
from fedasc.settings import settings_of

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Text = typer.Option


@app.command()
def run(
    clients: Annotated[int | None, Text(help="Users, each with one hearing aid. (50)")] = None,
    corpus: Annotated[
        list[Path] | None, Text(help="Manifest (CSV), one or more. (an embedded corpus)")
    ] = None,
    profiles: Annotated[
        str | None, Text(help="Who the users are: TOML, or recordings, synthetic, dirichlet.")
    ] = None,
    users: Annotated[
        Path | None, Text(help="File of users (CSV), in place of --clients; see fedasc users.")
    ] = None,
    settings: Annotated[Path | None, Text(help="Any other setting (TOML); see README.")] = None,
    seed: Annotated[int | None, Text(help="The same seed gives the same numbers. (1)")] = None,
    teacher: Annotated[
        str | None,
        Text(
            help="What labels: committee, ensemble, deep_sets, mobilenet (C2), module:Class or "
            "file.py:Class. (committee)"
        ),
    ] = None,
    teacher_file: Annotated[Path | None, Text(help="A teacher trained before.")] = None,
    aggregator: Annotated[
        str | None,
        Text(
            help="How devices summarise: a name, module:Class or file.py:Class; see README. (gmm)"
        ),
    ] = None,
    strategy: Annotated[
        str | None, Text(help="How the server makes classifiers, likewise. (personalised)")
    ] = None,
    components: Annotated[int | None, Text(help="Components of each mixture, N. (32)")] = None,
    nights: Annotated[int | None, Text(help="Nights, one after the other. (1)")] = None,
    drift: Annotated[
        float | None, Text(help="How much users' worlds change every night, from 0 to 1. (0)")
    ] = None,
    dropout: Annotated[
        float | None, Text(help="Probability that a device misses a night. (0)")
    ] = None,
    straggle: Annotated[
        float | None, Text(help="Probability that a summary comes too late. (0)")
    ] = None,
    join: Annotated[float | None, Text(help="Share of users who come later. (0)")] = None,
    leave: Annotated[float | None, Text(help="Share of users who leave for good. (0)")] = None,
    engine: Annotated[
        Literal["ray", "local"], Text(help="Processes side by side, or everything in one.")
    ] = "ray",
    workers: Annotated[int, Text(help="Processes; changes no result.", min=1)] = (
        os.cpu_count() or 1
    ),
    ray_address: Annotated[
        str | None, Text(help="A running Ray cluster to work on, in place of --workers.")
    ] = None,
    device: Annotated[
        str, Text(help="Where the server labels and trains: cpu, or cuda for a GPU.")
    ] = "cpu",
    devices_per_node: Annotated[
        int | None, Text(help="Devices that one message speaks for; changes no result.", min=1)
    ] = None,
    why: Annotated[bool, Text(help="Tell of each device why its night helped or not.")] = True,
    strict: Annotated[bool, Text(help="Refuse a corpus with unusable recordings.")] = False,
    out: Annotated[Path | None, Text(help="Folder for the results. (runs/<time>)")] = None,
) -> None:
    """Simulate one night of many hearing aids, or several.

    Each listens for a day, sends a mixture of Gaussians that describes what it heard, gets back
    a classifier of its own, and is evaluated before and after.
    """
    console = Console(stderr=True)
    folder = out or Path("runs") / datetime.now().strftime("%Y-%m-%d-%H-%M-%S")
    with guarded(console), threadpool_limits(1), Phases(console) as phases:
        if users and clients is not None:
            raise SettingsError("give --clients or --users, not both; a file names all its users")
        if users and drift is not None:
            raise SettingsError("--drift is for drawn users; a file says it in its column drift")
        options: dict[str, Any] = {
            "n_clients": clients,
            "seed": seed,
            "teacher": {"name": teacher},
            "users": {"drift": drift},
            "nights": {
                "n_nights": nights,
                "dropout": dropout,
                "straggle": straggle,
                "join": join,
                "leave": leave,
            },
            "aggregator": {"name": aggregator, "n_components": components},
            "strategy": {"name": strategy},
            "probes": None if why else (),
        }
        given = with_options(read_toml(settings) if settings else {}, options)
        inputs = Inputs(
            settings=settings_of(given, where=str(settings or "settings")),
            corpora=[read_manifest(path) for path in corpus] if corpus else [SyntheticCorpus()],
            profiles=find_profiles(profiles or ("recordings" if corpus else "synthetic")),
            roster=users,
            strict=strict,
            teacher_file=teacher_file,
        )
        execution = Execution(
            engine=engine,
            n_workers=workers,
            address=ray_address,
            per_node=devices_per_node,
            torch_device=device,
        )
        done = simulate(
            inputs,
            folder=folder,
            execution=execution,
            progress=phases,
            seconds=lambda: phases.seconds,
        )
    output = Console()
    output.print(corpus_lines(done.corpus))
    output.print(result_table(done.profiles, done.records, done.reliability, phases.seconds))
    output.print(f"Everything in {folder}", soft_wrap=True)


if __name__ == "__main__":
    app()
