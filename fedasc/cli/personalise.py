"""The command `fedasc personalise`: what a server answers to the summary of a device."""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.options import (
    RESULTS,
    AsJson,
    Quiet,
    ServerFolder,
    Verbose,
)
from fedasc.cli.servers import server_folder
from fedasc.cli.terminal import Terminal


def personalise(
    summary: Annotated[
        Path, typer.Option(help="A day's summary, as fedasc listen wrote it.")
    ] = Path("day.summary"),
    server: ServerFolder = None,
    out: Annotated[
        Path, typer.Option(help="File for the classifier.", rich_help_panel=RESULTS)
    ] = Path("personal.npz"),
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Make a classifier for whoever's day a summary tells of.

    Nothing but the summary is known of it: the server samples it, lets its teacher label the
    samples and retrains the small classifier, as on a first night. See fedasc listen --classifier
    and fedasc evaluate.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from fedasc.atomic import check_writable
    from fedasc.live.answer import personalise as answered
    from fedasc.live.classifier_file import SUFFIX, write_classifier
    from fedasc.live.prepared import read_prepared
    from fedasc.scenes import SCENE_NAMES

    with terminal.job():
        check_writable(out, suffix=SUFFIX)
    folder = server_folder(server, quiet=quiet)
    with terminal.job() as phases:
        prepared = read_prepared(folder)
        made = answered(prepared, summary, progress=phases)
        content = prepared.shipping(made.classifier, replaces=prepared.server.baseline)
        write_classifier(out, content)
    kept = dict(zip(SCENE_NAMES, made.tally.kept, strict=True)) if made.tally else None
    learnt = (
        "It learnt from " + ", ".join(f"{n:,} samples of {scene}" for scene, n in kept.items())
        if kept
        else "No samples were drawn for it"
    )
    pays = "" if made.pays else ", and is everybody's: to be personal wouldn't pay"
    terminal.show(
        f"{learnt}{pays}.",
        last=f"The classifier is in {out}; fedasc listen and fedasc evaluate take it",
        summary={"file": str(out), "server": prepared.digest, "samples": kept, "pays": made.pays},
    )
