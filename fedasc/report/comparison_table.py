"""A comparison as a table on the terminal."""

from collections.abc import Sequence
from itertools import groupby
from math import isnan

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from fedasc.evaluation.paired import Paired
from fedasc.report.comparison_results import Standing

_LABEL_WIDTH = 16


def comparison_table(standings: Sequence[Standing]) -> Group:
    """Every entry beside the baseline, by strategy, in 80 columns."""
    first = standings[0]
    when = " on the last night" if len(first.by_night) > 1 else ""
    table = Table(
        "", "accuracy", "gain", "comp.", "p", "worse", "sent", "memory", "MACs",
        title=f"Mean accuracy over users{when} in %, {first.n_repetitions} repetition(s)",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=0,
    )  # fmt: skip
    for number, column in enumerate(table.columns):
        column.justify = "right" if number else "left"
        column.no_wrap = number > 0
    table.columns[0].overflow = "fold"
    table.columns[0].min_width = _LABEL_WIDTH
    for strategy, group in groupby(standings, key=lambda its: its.strategy):
        table.add_row(Text(strategy, style="bold"))
        for its in group:
            accuracy, gain, _, *others = cells(its)
            over = f"{100 * its.over_comprehensive.mean:+.1f}"
            label = Text(f" {its.aggregator}{' *' if its.sends_raw else ''}")
            table.add_row(label, accuracy, gain, over, *others)
    return Group(table, Text(_legend(standings)))


def cells(its: Standing) -> tuple[str, ...]:
    """An entry's accuracy, gains over the baseline and the comprehensive C1, p, and costs."""
    half = (its.high - its.low) / 2
    return (
        _with_half(its.accuracy, half, sign=""),
        "" if its.is_baseline else _gain(its.over_baseline),
        _gain(its.over_comprehensive),
        _p_in_words(its.p_holm),
        f"{100 * its.made_worse:.0f}",
        _short(its.bytes_up),
        _short(its.memory_bytes),
        _short(its.n_macs),
    )


def _legend(standings: Sequence[Standing]) -> str:
    baseline = next(its for its in standings if its.is_baseline)
    rivals = baseline.rivals
    ceiling = " *: sends what was heard." if any(its.sends_raw for its in standings) else ""
    return (
        f"gain: over {baseline.strategy!r}; comp.: gain over a C1 trained on the comprehensive set "
        f"({100 * rivals['comprehensive']:.1f}), which needs no device's help. The baseline C1 has "
        f"{100 * rivals['baseline']:.1f}, the teacher {100 * rivals['teacher']:.1f}. ±: half the "
        "95 % interval of the mean over repetitions. p: paired t test of the gain over "
        "repetitions, with Holm's correction for all entries. worse: % of users whose classifier "
        "does worse than the baseline C1. "
        "sent: bytes, median; memory in bytes and multiply-adds: most that a day takes on a "
        f"device, as declared.{ceiling}"
    )


def _gain(gain: Paired) -> str:
    return _with_half(gain.mean, (gain.high - gain.low) / 2, sign="+")


def _with_half(share: float, half: float, *, sign: str) -> str:
    """A share in % with half its interval; without, if there is none."""
    value = format(100 * share, f"{sign}.1f")
    return value if isnan(half) else f"{value} ±{100 * half:.1f}"


def _p_in_words(p: float) -> str:
    if isnan(p):
        return ""
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def _short(number: float) -> str:
    """A size with three digits and a unit of a thousand, a million or a billion."""
    for unit, its in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= its:
            return f"{number / its:.3g}{unit}"
    return f"{number:.0f}"
