"""The command `fedasc server`: prepare a server once, to answer summaries whenever they come."""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.options import (
    N_WORKERS,
    RESULTS,
    AsJson,
    Corpus,
    Profiles,
    Quiet,
    Seed,
    SettingsFile,
    Verbose,
    Workers,
)
from fedasc.cli.terminal import Terminal


def server(
    corpus: Corpus = None,
    profiles: Profiles = None,
    settings: SettingsFile = None,
    seed: Seed = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a corpus with recordings that can't be used.")
    ] = False,
    workers: Workers = N_WORKERS,
    out: Annotated[
        Path, typer.Option(help="Folder for the server; a new one.", rich_help_panel=RESULTS)
    ] = Path("server"),
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Train what a server has before the first night, and save it.

    It is the server that fedasc run with the same settings begins with: a teacher, training sets,
    and the classifiers that devices are shipped with, which are files of their own in the folder.
    It learns from a part of the corpus alone; the rest is left to listen to.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from fedasc.api import asked_corpora, profiles_of
    from fedasc.atomic import claimed, new_folder
    from fedasc.config import given
    from fedasc.dry_pass import dry_pass
    from fedasc.live.app import BASELINE
    from fedasc.live.prepared import prepare, write_prepared
    from fedasc.runs.settings_file import Asked, read_settings
    from fedasc.seal import seal
    from fedasc.settings import settings_of

    with terminal.job() as phases, claimed(out):
        file = read_settings(settings) if settings else Asked()
        content = {**file.settings, **given({"seed": seed})}
        corpora = asked_corpora(file, corpus)
        who = profiles_of(profiles or file.profiles, corpora)
        chosen = settings_of(content, where=str(settings or "settings"), profiles=who)
        dry_pass(chosen)
        prepared = prepare(chosen, corpora, who, strict=strict, n_jobs=workers, progress=phases)
        with new_folder(out) as draft:
            write_prepared(draft, prepared)
            seal(draft)
    terminal.show(
        last=f"The server is in {out}, and what it ships to devices in {out / BASELINE}",
        summary={
            "folder": str(out),
            "server": prepared.digest,
            "n_known_clips": len(prepared.known),
        },
    )
