"""The command `fedasc bank`: search for better edges of the filter banks."""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.options import (
    N_WORKERS,
    AsJson,
    Corpus,
    Quiet,
    Seed,
    SettingsFile,
    Verbose,
    Workers,
    setting,
)
from fedasc.cli.terminal import Terminal


def bank(
    corpus: Corpus = None,
    seed: Seed = None,
    settings: SettingsFile = None,
    objective: Annotated[
        str | None,
        setting(default="embedded", text="What shall classify best: embedded (C1), or lda."),
    ] = None,
    evaluations: Annotated[
        int | None, setting(default=150, text="Banks to try; a search may be done before.")
    ] = None,
    windows: Annotated[
        int | None, setting(default=2000, text="Windows of 10 s that each is tried on.")
    ] = None,
    workers: Workers = N_WORKERS,
    out: Annotated[
        Path, typer.Option(help="Settings file of the best bank so far, for --settings of a run.")
    ] = Path("bank.toml"),
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Search for the bank whose features classify best, on the training part of the split.

    Then tries it where nothing was searched. The same command goes on where an interrupted one
    was.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from dataclasses import asdict
    from functools import partial

    from fedasc.api import asked_corpora
    from fedasc.atomic import check_writable
    from fedasc.bank_search.objective import CrossValidated
    from fedasc.bank_search.search import Found, search
    from fedasc.bank_search.settings import SearchSettings
    from fedasc.bank_search.settings_file import write_bank
    from fedasc.bank_search.trial import held_out_accuracy
    from fedasc.config import from_mapping, given
    from fedasc.corpus.division import open_division
    from fedasc.models.committee import member_of
    from fedasc.models.ensemble import EnsembleSettings
    from fedasc.report.banks import bank_table
    from fedasc.runs.settings_file import Asked, read_settings
    from fedasc.settings import settings_of

    with terminal.job() as phases:
        check_writable(out, suffix=".toml")
        file = read_settings(settings) if settings else Asked()
        content = {**file.settings, **given({"seed": seed})}
        run = settings_of(content, where=str(settings or "settings"))
        options = {"objective": objective, "n_evaluations": evaluations, "n_windows": windows}
        how = from_mapping(SearchSettings, given(options), where="options")
        division = open_division(
            asked_corpora(file, corpus),
            seed=run.seed,
            nested=run.nested,
            n_jobs=workers,
            progress=phases,
        )

        def keep(best: Found) -> None:
            accuracy = f"{100 * best.accuracy:.2f} % by {how.objective} on the training part"
            write_bank(out, best.bank, remark=f"Seed {run.seed}: {accuracy}, cross-validated.")

        judge = CrossValidated(division, how, embedded=run.embedded)
        best = search(
            how, run.bank, judge, streams=division.streams, when_better=keep, progress=phases
        )
        held_out = partial(
            held_out_accuracy,
            division,
            sizes=run.training_sets,
            embedded=run.embedded,
            teacher=member_of(run.teacher, EnsembleSettings) or EnsembleSettings(),
            progress=phases,
        )
        before, after = held_out(run.bank), held_out(best.bank)
    terminal.show(
        bank_table(run.bank, best.bank, before=before, after=after),
        last=f"The best bank is in {out}; fedasc run takes it by --settings",
        summary={
            "file": str(out),
            "start": {"bank": asdict(run.bank), "accuracy": dict(before)},
            "best": {"bank": asdict(best.bank), "accuracy": dict(after)},
        },
    )
