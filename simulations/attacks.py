"""What each attack costs the users whose devices don't take part in it, strategy by strategy."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
import typer

from fedasc.api import corpora_of, profiles_of
from fedasc.attacks.attack import Attack, AttackName
from fedasc.cli.options import N_WORKERS, Clients, Corpus, Profiles, Repetitions, Seed, Workers
from fedasc.cli.terminal import Terminal, script
from fedasc.corpus.pool import open_complete_pool
from fedasc.errors import SettingsError
from fedasc.evaluation.paired import interval_of_mean
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Design, Result, run_design
from fedasc.experiments.grid import read_grid
from fedasc.report.rows import Row, write_rows
from fedasc.report.terminal import points

ATTACKS: tuple[AttackName, ...] = tuple(name for name in get_args(AttackName) if name != "none")
_UNDEFENDED = ", undefended"


def main(
    corpus: Corpus = None,
    grid: Annotated[
        str, typer.Option(help="Settings with a section comparison (TOML), or attacks.")
    ] = "attacks",
    attackers: Annotated[
        list[int] | None,
        typer.Option(
            help="Devices that attack; may be given more than once.", show_default="1 and 4"
        ),
    ] = None,
    profiles: Profiles = None,
    seed: Seed = None,
    repetitions: Repetitions = None,
    clients: Clients = None,
    workers: Workers = N_WORKERS,
    out: Annotated[Path | None, typer.Option(help="File for the losses (CSV).")] = None,
) -> None:
    """Make a table of what others lose by every attack, in points of accuracy."""
    terminal = Terminal()
    with terminal.job() as phases:
        corpora = corpora_of(corpus)
        who = profiles_of(profiles, corpora)
        tried = read_grid(
            grid, seed=seed, n_repetitions=repetitions, n_clients=clients, profiles=who
        )
        n_users = tried.baseline.settings.n_clients
        attacks = [Attack()] + [
            Attack(name=name, share=n / n_users)
            for name in ATTACKS
            for n in dict.fromkeys(attackers or (1, 4))
        ]
        design = Design(
            tuple(attacked(variant, attack) for attack in attacks for variant in tried.variants),
            tried.n_repetitions,
            who,
            corpora,
        )
        terminal.tell(design.in_words())
        open_complete_pool(corpora, n_jobs=workers, progress=phases)
        rows = losses(run_design(design, n_workers=workers, progress=phases))
        if out:
            write_rows(out, rows)
    typer.echo(markdown(rows))


def attacked(variant: Variant, attack: Attack) -> Variant:
    """A variant in which some attack."""
    return replace(variant, settings=replace(variant.settings, attack=attack))


def losses(results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row per entry and attack: what others lose against the same nights without it.

    Of each repetition, it is the mean over users whose devices don't attack, on the last night.
    Of entries LABEL and "LABEL, undefended", the row without attack tells what the defence costs.
    """
    accuracy = {
        (*_place(result), result.variant.settings.attack): _accuracy(result) for result in results
    }
    lost: dict[tuple[tuple[str, ...], Attack], list[float]] = defaultdict(list)
    for (label, repetition, attack), mine in accuracy.items():
        rival = label if attack.name != "none" else (label[0] + _UNDEFENDED, *label[1:])
        without = accuracy.get((rival, repetition, Attack()))
        if without is not None:
            lost[label, attack].append(float(np.mean([without[n] - mine[n] for n in mine])))
    order = list(dict.fromkeys(result.variant.label for result in results))
    rows = []
    for (label, attack), each in sorted(lost.items(), key=lambda item: order.index(item[0][0])):
        low, high = (None if isnan(end) else end for end in interval_of_mean(np.array(each)))
        words = {"strategy": label[0], "aggregator": label[1], "attack": attack.name}
        numbers = {"mean": float(np.mean(each)), "low": low, "high": high, "worst": max(each)}
        rows.append({**words, "share": attack.share, "n_repetitions": len(each), **numbers})
    if not rows:
        raise SettingsError("nothing was attacked; name a strategy")
    return rows


def markdown(rows: Sequence[Row]) -> str:
    """A line for each attack, a column for each strategy."""
    strategies = list(dict.fromkeys(row["strategy"] for row in rows))
    lines = [("attack", "attackers", *strategies), ("---",) * (len(strategies) + 2)]
    cells = {(row["attack"], row["share"], row["strategy"]): _cell(row) for row in rows}
    tried = dict.fromkeys((row["attack"], row["share"]) for row in rows)
    for name, share in sorted(tried, key=lambda one: one[0] == "none"):
        is_none = name == "none"
        words = ("none (cost of the defence)", "") if is_none else (name, f"{100 * share:g} %")
        lines.append((*words, *(cells.get((name, share, one), "") for one in strategies)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _place(result: Result) -> tuple[tuple[str, ...], int]:
    return result.variant.label, result.repetition


def _accuracy(result: Result) -> dict[int, float]:
    """By device that doesn't attack, on the last night."""
    last = result.records[-1].night
    return {
        record.device: record.accuracy["personal"]
        for record in result.records
        if record.night == last and not record.attack
    }


def _cell(row: Row) -> str:
    ends = [points(row[end]).removeprefix("+") for end in ("low", "high") if row[end] is not None]
    interval = f" ({' to '.join(ends)})" if ends else ""
    return f"{points(row['mean'])}{interval}".replace("-", "−")


app = script(main)

if __name__ == "__main__":
    app()
