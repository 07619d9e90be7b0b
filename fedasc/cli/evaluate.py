"""The command `fedasc evaluate`: what a classifier brings, on recordings whose scenes are known."""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.options import (
    N_WORKERS,
    AsJson,
    Corpus,
    Quiet,
    Seed,
    Verbose,
    Workers,
    setting,
)
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError


def evaluate(
    classifier: Annotated[Path, typer.Option(help="A classifier file.")] = Path("personal.npz"),
    corpus: Corpus = None,
    server: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the server that made it: its other classifiers are tried as well, and "
            "recordings that it has learnt from are left out.",
        ),
    ] = None,
    windows: Annotated[
        int, setting(default=2000, text="Windows of 10 s that are drawn.", min=1)
    ] = 2000,
    seed: Seed = None,
    workers: Workers = N_WORKERS,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Try a classifier on recordings, beside the one that it replaces.

    Of each scene about as many windows are drawn; speech is mixed with noise as in a simulation.
    The interval reckons with windows of one recording being alike.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from fedasc.api import corpora_of
    from fedasc.cli.options import DEFAULT_SEED
    from fedasc.corpus.pool import open_pool
    from fedasc.live.classifier_file import read_classifier
    from fedasc.live.rivals import rivals
    from fedasc.live.trial import trial
    from fedasc.report.trial import trial_summary, trial_table

    with terminal.job() as phases:
        if quiet and not as_json:
            raise SettingsError("--quiet leaves nothing to see; give --json as well")
        content = read_classifier(classifier)
        corpora = corpora_of(corpus)
        compared = rivals(content, corpora, server=server)
        tried = trial(
            open_pool(corpora, n_jobs=workers, progress=phases),
            compared.predictions,
            bank=content.bank,
            n_windows=windows,
            seed=DEFAULT_SEED if seed is None else seed,
            known=compared.known,
            progress=phases,
        )
    terminal.show(
        trial_table(tried, over=compared.over),
        last="",
        summary=trial_summary(tried, over=compared.over),
    )
