"""A comparison as a table on the terminal."""

from collections.abc import Sequence
from itertools import groupby
from math import inf, isnan
from operator import itemgetter

from rich.console import Group
from rich.text import Text

from fedasc.report.rows import Row
from fedasc.report.table import attackers_in_words
from fedasc.report.terminal import number, percent, points, table_of

_HEADINGS = ("accuracy", "gain", "comp.", "p", "worse", "w.c.", "sent", "rec.", "link", "ε")


def comparison_table(standings: Sequence[Row], *, n_nights: int) -> Group:
    """Every entry beside the baseline, by strategy, in 80 columns."""
    n, when = standings[0]["n_repetitions"], " on the last night" if n_nights > 1 else ""
    lines = []
    for strategy, group in groupby(standings, key=lambda row: row["strategy"]):
        lines.append((Text(strategy, style="bold"), *[""] * len(_HEADINGS)))
        for row in group:
            accuracy, _, *others = cells(row)[: len(_HEADINGS)]
            label = Text(f" {row['aggregator']}{' *' if row['sends_raw'] else ''}")
            gain = "" if row["is_baseline"] else points(row["over_baseline_mean"])
            lines.append((label, accuracy, gain, *others))  # of the gain p tells enough
    table = table_of(
        lines,
        {name: itemgetter(number) for number, name in enumerate(("", *_HEADINGS))},
        title=f"Mean accuracy over users{when} in %, {n} repetition(s)",
    )
    return Group(table, Text(_legend(standings)))


def cells(row: Row) -> tuple[str, ...]:
    """An entry's accuracy, gains over the baseline and the comprehensive C1, p, harm, and bytes.

    Then follow what these tell (AUC of recordings, linkage, epsilon), memory and multiply-adds.
    """
    return (
        _with_half(percent(row["accuracy"]), row["low"], row["high"]),
        "" if row["is_baseline"] else _gain(row, "over_baseline"),
        _gain(row, "over_comprehensive"),
        _p_in_words(row["p_holm"]),
        *(number(100 * row[harm], ".0f") for harm in ("made_worse", "worse_than_comprehensive")),
        _short(row["bytes_up"]),
        number(row["recording_auc"], ".2f").removeprefix("0"),
        number(100 * row["linkage"], ".0f"),
        epsilon_in_words(row["epsilon"]),
        *(_short(row[size]) for size in ("memory_bytes", "n_macs")),
    )


def epsilon_in_words(epsilon: float) -> str:
    """A bound; an infinite one is none."""
    return "∞" if epsilon == inf else number(epsilon, ".3g")


def _legend(standings: Sequence[Row]) -> str:
    baseline = next(row for row in standings if row["is_baseline"])
    comprehensive, shipped, teacher = (
        percent(baseline[f"{name}_accuracy"]) for name in ("comprehensive", "baseline", "teacher")
    )
    n_attackers = max(row["n_attackers"] for row in standings)
    attacks = f" {attackers_in_words(n_attackers, baseline['attack'])}" if n_attackers else ""
    ceiling = " *: sends what was heard." if any(row["sends_raw"] for row in standings) else ""
    return (
        f"gain: over {baseline['strategy']!r}; comp.: gain over a C1 trained on the comprehensive "
        f"set ({comprehensive}), which needs no device's help. The baseline C1 has "
        f"{shipped}, the teacher {teacher}. ±: half the "
        "95 % interval of the mean over repetitions. p: paired t test of the gain over "
        "repetitions, with Holm's correction for all entries. worse: % of users whose classifier "
        "does worse than the baseline C1, w.c.: than the comprehensive one. "
        f"sent: bytes, median.{_what_is_given_away(standings)}{ceiling}{attacks}"
    )


def _what_is_given_away(standings: Sequence[Row]) -> str:
    """What the columns of attacks say, if there were any."""
    if all(isnan(row["recording_auc"]) for row in standings):
        return " rec., link and ε: not found out (--privacy)."
    n_linked = standings[0]["n_linked"]
    return (
        " rec.: AUC of telling from what is sent whether a user was where a recording was made, "
        f".50 if nothing is told; link: % of {n_linked} users whom it names on another day of the "
        "same recordings; ε: bound of what a night tells, ∞ without one."
    )


def _gain(row: Row, name: str) -> str:
    return _with_half(points(row[f"{name}_mean"]), row[f"{name}_low"], row[f"{name}_high"])


def _with_half(value: str, low: float, high: float) -> str:
    """A number with half its interval; without, if there is none."""
    return value if isnan(low) else f"{value} ±{percent((high - low) / 2)}"


def _p_in_words(p: float) -> str:
    if isnan(p):
        return ""
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def _short(number: float) -> str:
    """A size with three digits and a unit of a thousand, a million or a billion."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"
