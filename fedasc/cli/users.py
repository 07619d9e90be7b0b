"""The command `fedasc users`: draw users once, to look at them and to use them again."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fedasc.atomic import check_writable
from fedasc.cli.terminal import Phases, guarded
from fedasc.config import given, read_toml
from fedasc.corpus.division import open_division
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.recordings import Corpus
from fedasc.corpus.splits import USER_PARTS
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.flower.partitions import label_shares
from fedasc.population.profile import find_profiles
from fedasc.population.roster import write_roster
from fedasc.population.users import draw_users, users_of_shares
from fedasc.report.user_picture import plot_users

Text = typer.Option


def draw(
    corpus: Annotated[
        list[Path] | None, Text(help="Manifests (CSV) of recordings. (an embedded corpus)")
    ] = None,
    clients: Annotated[int | None, Text(help="Users, each with one hearing aid. (50)")] = None,
    profiles: Annotated[
        str | None, Text(help="Who the users are: TOML, or recordings, synthetic, dirichlet.")
    ] = None,
    partitioner: Annotated[
        str | None,
        Text(
            help="Flower's way to divide what users hear, in place of profiles: dirichlet, iid, "
            "natural or pathological. Needs fedasc[hf]."
        ),
    ] = None,
    by: Annotated[str, Text(help="What it divides: type, group or domain.")] = "type",
    concentration: Annotated[float, Text(help="Of dirichlet; less makes users differ more.")] = 0.5,
    settings: Annotated[Path | None, Text(help="Any other setting (TOML); see README.")] = None,
    seed: Annotated[int | None, Text(help="The same seed gives the same users. (1)")] = None,
    workers: Annotated[int, Text(help="Processes that decode; changes no result.", min=1)] = (
        os.cpu_count() or 1
    ),
    out: Annotated[
        Path, Text(help="File of users (CSV); a picture of them goes beside it.")
    ] = Path("users.csv"),
) -> None:
    """Draw users and show how they differ."""
    from fedasc.settings import settings_of  # brings PyTorch along, for seconds

    console = Console(stderr=True)
    picture = out.with_suffix(".png")
    with guarded(console), Phases(console) as phases:
        check_writable(out, suffix=".csv")
        content = dict(read_toml(settings)) if settings else {}
        content |= given({"n_clients": clients, "seed": seed})
        chosen = settings_of(content, where=str(settings or "settings"))
        corpora: list[Corpus] = [read_manifest(path) for path in corpus or ()]
        who = find_profiles(profiles or ("recordings" if corpora else "synthetic"))
        division = open_division(
            corpora or [SyntheticCorpus()],
            seed=chosen.seed,
            nested=chosen.nested,
            n_jobs=workers,
            progress=phases,
        )
        library, streams = division.library, division.streams
        if partitioner is None:
            users = draw_users(
                who, chosen.n_clients, library=library, settings=chosen.users, streams=streams
            )
        else:
            heard = [
                recording
                for recording, part in zip(division.recordings, division.parts, strict=True)
                if part == USER_PARTS[0]
            ]
            noise, music = (
                label_shares(
                    heard,
                    label,
                    partitioner=partitioner,
                    n_partitions=chosen.n_clients,
                    by=by,
                    concentration=concentration,
                    seed=chosen.seed,
                )
                for label in ("noise", "music")
            )
            users = users_of_shares(
                noise,
                music,
                chosen.n_clients,
                profile=partitioner,
                known=who.known(library),
                library=library,
                settings=chosen.users,
                streams=streams,
            )
        write_roster(out, users)
        plot_users(users, library, picture)
    Console().print(f"{len(users)} users in {out}, a picture of them in {picture}", soft_wrap=True)
