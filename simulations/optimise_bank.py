"""Search for better edges of the filter banks, on the training part of the split."""

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from threadpoolctl import threadpool_limits

from fedasc.atomic import check_writable
from fedasc.bank_search.objective import CrossValidated
from fedasc.bank_search.search import Found, search
from fedasc.bank_search.settings import SearchSettings
from fedasc.bank_search.settings_file import write_bank
from fedasc.bank_search.trial import held_out_accuracy
from fedasc.cli.terminal import Phases, guarded
from fedasc.config import from_mapping, given, read_toml
from fedasc.corpus.division import open_division
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.models.committee import member_of
from fedasc.models.ensemble import EnsembleSettings
from fedasc.report.banks import bank_table
from fedasc.settings import settings_of

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Text = typer.Option


@app.command()
def optimise(
    corpus: Annotated[
        list[Path] | None, Text(help="Manifests (CSV) of recordings. (an embedded corpus)")
    ] = None,
    seed: Annotated[int | None, Text(help="Of the split and the search. (1)")] = None,
    settings: Annotated[
        Path | None, Text(help="Settings of a run (TOML), whose bank is the one to start from.")
    ] = None,
    objective: Annotated[
        str, Text(help="What shall classify best: embedded (C1), or lda.")
    ] = SearchSettings.objective,
    evaluations: Annotated[
        int, Text(help="Banks to try; a search may be done before.")
    ] = SearchSettings.n_evaluations,
    windows: Annotated[
        int, Text(help="Windows of 10 s that each is tried on.")
    ] = SearchSettings.n_windows,
    out: Annotated[
        Path, Text(help="Settings file of the best bank so far, for run.py --settings.")
    ] = Path("bank.toml"),
) -> None:
    """Search for the bank whose features classify best, and try it where nothing was searched.

    The same command goes on where an interrupted one was.
    """
    console = Console(stderr=True)
    with guarded(console), threadpool_limits(1), Phases(console) as phases:
        check_writable(out, suffix=".toml")
        content = dict(read_toml(settings)) if settings else {}
        content |= given({"seed": seed})
        run = settings_of(content, where=str(settings or "settings"))
        options = {"objective": objective, "n_evaluations": evaluations, "n_windows": windows}
        how = from_mapping(SearchSettings, options, where="options")
        corpora = [read_manifest(path) for path in corpus] if corpus else [SyntheticCorpus()]
        n_jobs = os.cpu_count() or 1
        division = open_division(
            corpora, seed=run.seed, nested=run.nested, n_jobs=n_jobs, progress=phases
        )

        def keep(best: Found) -> None:
            accuracy = f"{100 * best.accuracy:.2f} % by {objective} on the training part"
            write_bank(out, best.bank, remark=f"Seed {run.seed}: {accuracy}, cross-validated.")

        judge = CrossValidated(division, how, embedded=run.embedded)
        found = search(
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
        before, after = held_out(run.bank), held_out(found.bank)
    output = Console()
    output.print(bank_table(run.bank, found.bank, before=before, after=after))
    output.print(f"The best bank is in {out}; run.py takes it by --settings", soft_wrap=True)


if __name__ == "__main__":
    app()
