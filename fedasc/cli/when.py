"""The command `fedasc when`: a map of where it pays to be personal."""

from typing import Annotated, Any

import typer

from fedasc.cli.invocation import invocation
from fedasc.cli.options import (
    N_WORKERS,
    AsJson,
    Corpus,
    OutFolder,
    OwnProfiles,
    Quiet,
    Repetitions,
    Seed,
    Verbose,
    Workers,
    preset_names,
    setting,
)
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError

AXES = "Axes of the map, each a list of values"


def _axis(default: str, text: str, *names: str) -> Any:
    return setting(*names, default=default, text=text, metavar="VALUES", rich_help_panel=AXES)


def when(
    corpus: Corpus = None,
    plan: Annotated[
        str,
        typer.Option(
            help="Settings with a section when (TOML), or when, which comes along.",
            autocompletion=preset_names("when"),
        ),
    ] = "when",
    who: OwnProfiles = "own",
    seed: Seed = None,
    repetitions: Repetitions = None,
    familiarity: Annotated[
        str | None,
        _axis("0,0.5,1", "Share of the evaluation windows made of what was heard by day."),
    ] = None,
    sources: Annotated[
        str | None,
        _axis("3,15", "Recordings that a user hears, or all that her profile has."),
    ] = None,
    evenness: Annotated[
        str | None,
        _axis("2", "Concentration of the shares of scenes; the larger, the more even."),
    ] = None,
    answers: Annotated[
        str | None, _axis("0,10", "Questions that a user answers; her rivals, too.")
    ] = None,
    heard: Annotated[str | None, _axis("1000", "Windows of a day.")] = None,
    users: Annotated[
        str | None, _axis("4", "Users of a repetition, each with one hearing aid.", "--clients")
    ] = None,
    workers: Workers = N_WORKERS,
    out: OutFolder = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Find out when it pays to be personal: the gain over the best rival in a map of conditions.

    Rivals are the baseline classifier, the comprehensive one, and what the settings name. What is
    finished is kept: interrupted, it goes on where it was, and a larger map makes the new cells
    alone.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from fedasc.api import corpora_of, profiles_of
    from fedasc.atomic import claimed, dated
    from fedasc.corpus.pool import open_complete_pool
    from fedasc.experiments.design import Design, run_design
    from fedasc.experiments.estimate import estimate
    from fedasc.experiments.when import read_when
    from fedasc.report.folder import write_when
    from fedasc.report.table import corpus_lines
    from fedasc.report.when_results import condition_rows, user_rows
    from fedasc.report.when_table import when_table

    folder = out or dated("runs", prefix="when-")
    with terminal.job() as phases, claimed(folder):
        axes = {
            "familiarity": _values(familiarity, float, name="familiarity"),
            "sources": _values(sources, int, name="sources", words=("all",)),
            "evenness": _values(evenness, float, name="evenness"),
            "answers": _values(answers, int, name="answers"),
            "heard": _values(heard, int, name="heard"),
            "users": _values(users, int, name="clients"),
        }
        corpora = corpora_of(corpus)
        profiles = profiles_of(who, corpora)
        grid = read_when(plan, seed=seed, n_repetitions=repetitions, axes=axes, profiles=profiles)
        design = Design(grid.variants, grid.plan.n_repetitions, profiles, corpora)
        design.rehearse()
        pool = open_complete_pool(corpora, n_jobs=workers, progress=phases)
        terminal.tell(estimate(design, n_workers=workers, progress=phases).in_words())
        by_user = user_rows(grid, run_design(design, n_workers=workers, progress=phases))
        rows = condition_rows(grid.rivals, by_user)
        write_when(
            folder,
            grid=grid,
            corpus=pool.facts(),
            users=by_user,
            conditions=rows,
            made_by=invocation(),
        )
    terminal.show(
        corpus_lines(pool.facts()),
        when_table(grid.plan, rows),
        last=f"Everything in {folder}",
        summary={"folder": str(folder), "conditions": rows},
    )


def _values(
    text: str | None, kind: type[int] | type[float], *, name: str, words: tuple[str, ...] = ()
) -> list[int | float | str] | None:
    """The values of an axis.

    Args:
        text: Separated by commas.
        words: What may stand in place of a number.

    Raises:
        SettingsError: If one is no number of this kind.
    """
    if text is None:
        return None
    try:
        parts = [part.strip() for part in text.split(",")]
        return [part if part in words else kind(part) for part in parts]
    except ValueError:
        numbers = "whole numbers" if kind is int else "numbers"
        also = "".join(f" or {one}" for one in words)
        raise SettingsError(
            f"--{name}: expected {numbers}{also}, separated by commas, got {text!r}"
        ) from None
