"""The command `fedasc users`: draw users once, to look at them and to use them again."""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.options import (
    N_WORKERS,
    AsJson,
    Clients,
    Corpus,
    Groups,
    Labels,
    Profiles,
    Quiet,
    Seed,
    SettingsFile,
    Verbose,
    Workers,
)
from fedasc.cli.terminal import Terminal


def users(
    corpus: Corpus = None,
    label: Labels = None,
    group: Groups = "",
    clients: Clients = None,
    profiles: Profiles = None,
    partitioner: Annotated[
        str | None,
        typer.Option(
            help="Flower's way to divide what users hear, in place of profiles: dirichlet, iid, "
            "natural or pathological. Needs flwr-datasets."
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="What it divides: type, group or domain.")] = "type",
    concentration: Annotated[
        float, typer.Option(help="Of dirichlet; less makes users differ more.")
    ] = 0.5,
    settings: SettingsFile = None,
    seed: Seed = None,
    workers: Workers = N_WORKERS,
    out: Annotated[
        Path, typer.Option(help="File of users (CSV); a picture of them goes beside it.")
    ] = Path("users.csv"),
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Draw users and show how they differ."""
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from collections import Counter
    from collections.abc import Sequence

    from fedasc.api import asked_corpora, profiles_of
    from fedasc.atomic import check_writable
    from fedasc.config import given
    from fedasc.corpus.builders.naming import Naming
    from fedasc.corpus.division import open_division
    from fedasc.corpus.folder import FolderCorpus
    from fedasc.corpus.needs import require_parts
    from fedasc.corpus.parts import USER_PARTS
    from fedasc.flower.partitions import label_shares
    from fedasc.population.devices import warn_of_microphones
    from fedasc.population.roster import write_roster
    from fedasc.population.sources import warn_of_sources
    from fedasc.population.users import User, draw_users, users_of_shares
    from fedasc.report.user_picture import plot_users
    from fedasc.runs.settings_file import Asked, read_settings
    from fedasc.settings import settings_of

    picture = out.with_suffix(".png")
    with terminal.job() as phases:
        check_writable(out, suffix=".csv")
        file = read_settings(settings) if settings else Asked()
        content = {**file.settings, **given({"n_clients": clients, "seed": seed})}
        corpora = asked_corpora(file, corpus, Naming(tuple(label or ()), group))
        for one in corpora:
            if isinstance(one, FolderCorpus):
                terminal.tell(one.in_words())
        who = profiles_of(profiles or file.profiles, corpora)
        chosen = settings_of(content, where=str(settings or "settings"), profiles=who)
        division = open_division(
            corpora, seed=chosen.seed, nested=chosen.nested, n_jobs=workers, progress=phases
        )
        library, streams = division.library, division.streams
        require_parts(library, nested=chosen.nested)
        if partitioner is None:
            drawn: Sequence[User] = draw_users(
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
            drawn = users_of_shares(
                noise,
                music,
                chosen.n_clients,
                profile=partitioner,
                known=who.known(library),
                library=library,
                settings=chosen.users,
                streams=streams,
            )
        warn_of_microphones(chosen.users, chosen.bank, library)
        warn_of_sources([(user.n_sources, user.surroundings) for user in drawn], library)
        write_roster(out, drawn)
        plot_users(drawn, library, streams, picture)
    terminal.show(
        last=f"{len(drawn)} users in {out}, a picture of them in {picture}",
        summary={
            "file": str(out),
            "picture": str(picture),
            "n_users": len(drawn),
            "n_by_profile": dict(Counter(user.profile for user in drawn)),
        },
    )
