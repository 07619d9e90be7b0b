"""The command `fedasc privacy`: what releases give away, beside what they are good for."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from fedasc.cli.invocation import invocation
from fedasc.cli.options import (
    N_WORKERS,
    AsJson,
    Clients,
    Corpus,
    OutFolder,
    OwnProfiles,
    Quiet,
    Repetitions,
    Seed,
    Verbose,
    Workers,
    plugin_names,
    preset_names,
    setting,
)
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError

_ATTACKS = "Attacks"


def privacy(
    corpus: Corpus = None,
    aggregators: Annotated[
        list[str] | None,
        typer.Option(
            "--aggregator",
            help="How devices summarise: a name, module:Class or file.py:Class; may be given more "
            "than once, in place of --grid.",
            autocompletion=plugin_names("fedasc.aggregators.aggregator:Aggregator"),
        ),
    ] = None,
    grid: Annotated[
        str | None,
        typer.Option(
            help="Settings with a section comparison (TOML), or privacy, which comes along.",
            show_default="privacy",
            autocompletion=preset_names("comparison"),
        ),
    ] = None,
    who: OwnProfiles = "own",
    seed: Seed = None,
    repetitions: Repetitions = None,
    clients: Clients = None,
    unit: Annotated[
        list[str] | None,
        setting(
            default="all three",
            text="What an attacker is after: window, whether it was heard; recording, likewise; or "
            "user-day, whose it was; may be given more than once.",
            rich_help_panel=_ATTACKS,
        ),
    ] = None,
    attacked: Annotated[
        int | None,
        setting(
            default=6,
            text="Users of a split whose windows and recordings are sought.",
            rich_help_panel=_ATTACKS,
        ),
    ] = None,
    linked: Annotated[
        str | None,
        setting(
            default="50,200",
            text="Users among whom tonight's sender is looked for.",
            metavar="NUMBERS",
            rich_help_panel=_ATTACKS,
        ),
    ] = None,
    workers: Workers = N_WORKERS,
    out: OutFolder = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Find out what devices give away by what they send, and what it is good for.

    Every release is attacked, and beside it stands what users gain by it, over a control, too, that
    sends nothing. What is finished is kept: interrupted, it goes on where it was.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from fedasc.api import corpora_of, profiles_of
    from fedasc.atomic import claimed, dated
    from fedasc.corpus.pool import open_complete_pool
    from fedasc.experiments.audit import audit_cells, run_audit
    from fedasc.experiments.design import Design, run_design
    from fedasc.experiments.grid import read_grid
    from fedasc.report.comparison_results import standings
    from fedasc.report.folder import write_comparison
    from fedasc.report.privacy_results import privacy_rows, told_together
    from fedasc.report.privacy_table import privacy_table
    from fedasc.report.table import corpus_lines

    folder = out or dated("runs", prefix="privacy-")
    with terminal.job() as phases, claimed(folder):
        if aggregators and grid:
            raise SettingsError("--aggregator and --grid: give one of them; a grid names its own")
        corpora = corpora_of(corpus)
        people = profiles_of(who, corpora)
        tried = read_grid(
            _grid_of(aggregators) if aggregators else grid or "privacy",
            seed=seed,
            n_repetitions=repetitions,
            n_clients=clients,
            audit={"units": unit or None, "n_users": attacked, "n_linked": _numbers(linked)},
            profiles=people,
        )
        design = Design(tried.variants, tried.n_repetitions, people, corpora)
        design.rehearse()
        pool = open_complete_pool(corpora, n_jobs=workers, progress=phases)
        games = audit_cells(design, tried.audit)
        n_missing = sum(not game.cached.is_made for game in games)
        terminal.tell(
            f"{design.in_words()}; {len(games)} attacks, {len(games) - n_missing} of them cached"
        )
        results = run_design(design, n_workers=workers, progress=phases)
        audited = run_audit(design, tried.audit, n_workers=workers, progress=phases)
        rows = privacy_rows(tried.audit, audited)
        places = standings(tried, results, rows)
        write_comparison(
            folder,
            grid=tried,
            results=results,
            standings=places,
            audited=audited,
            privacy=rows,
            made_by=invocation(),
        )
    together = told_together(places, rows)
    terminal.show(
        corpus_lines(pool.facts()),
        privacy_table(tried.audit, together),
        last=f"Everything in {folder}",
        summary={"folder": str(folder), "releases": together},
    )


def _grid_of(aggregators: Sequence[str]) -> Mapping[str, Any]:
    """Aggregators, each with a strategy that can use it, beside the control that sends nothing."""
    from fedasc.aggregators.aggregator import Aggregator
    from fedasc.aggregators.content import Content
    from fedasc.strategies.strategy import Strategy

    sections: dict[str, dict[str, Any]] = {"none": {}, "distilled": {}}
    for name in dict.fromkeys(aggregators):
        kind = Aggregator.from_section(name, where="--aggregator").kind
        for strategy in ("personalised", *Strategy.family.names()):
            accepts = Strategy.from_section(strategy, where="strategy").accepts
            if issubclass(kind, accepts) and Content not in accepts:
                sections.setdefault(strategy, {"with": []})["with"].append(name)
                break
    return {
        "n_clients": 20,
        "users": {"familiarity": 0.5},
        "comparison": {
            "n_repetitions": 1,
            "aggregators": {name: {} for name in dict.fromkeys(aggregators)},
            "strategies": sections,
            "privacy": {"n_repetitions": 100},
        },
    }


def _numbers(text: str | None) -> list[int] | None:
    """Whole numbers, separated by commas."""
    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise SettingsError(
            f"--linked: expected whole numbers, separated by commas, got {text!r}"
        ) from None
