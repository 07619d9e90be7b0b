"""A comparison on a page: every entry, who gains by profile, and night after night."""

from collections.abc import Mapping, Sequence

from fedasc.report.comparison_table import cells
from fedasc.report.markdown import (
    gain_in_words,
    markdown_table,
    true_minus,
    whole_percent,
)
from fedasc.report.rows import Row
from fedasc.report.terminal import percent, points

_HEADS = (
    *("strategy", "aggregator", "accuracy", "gain", "p", "over comprehensive"),
    "over the control",
    *("worse than baseline", "worse than comprehensive", "bytes", "recording AUC", "linkage"),
    *("ε", "memory", "multiply-adds"),
)


_RAW = " \\*"


def comparison_in_words(standings: Sequence[Row]) -> str:
    """A line for each entry: accuracy in %, gains in points, costs as declared."""
    lines, before = [], ""
    for row in standings:
        accuracy, gain, _, p, _, _, *costs = cells(row)
        strategy = row["strategy"] if row["strategy"] != before else ""
        before = row["strategy"]
        label = row["aggregator"] + (_RAW if row["sends_raw"] else "")
        worse = (whole_percent(row[name]) for name in ("made_worse", "worse_than_comprehensive"))
        over = (gain_in_words(row, f"over_{name}") for name in ("comprehensive", "control"))
        lines.append([strategy, label, accuracy, true_minus(gain), p, *over, *worse, *costs])
    baseline = next(row for row in standings if row["is_baseline"])
    told = (
        f"Gain: over {baseline['strategy']!r}, ± half the 95 % interval of the mean over splits; "
        "p: paired t test over splits with Holm's correction for all entries. Worse: share of "
        "users of all splits. Of what a release tells see *what releases give away*. The "
        "comprehensive C1 has "
        f"{percent(baseline['comprehensive_accuracy'])}, the teacher "
        f"{percent(baseline['teacher_accuracy'])}. \\*: sends what was heard."
    )
    return f"{markdown_table(_HEADS, lines)}\n\n{told}"


def profiles_in_words(rows: Sequence[Row]) -> str:
    """By profile, the first entry of each strategy: gains over both rivals, and who is worse off.

    Args:
        rows: Of `fedasc.report.comparison_results.profile_rows`.
    """
    first: dict[str, str] = {}
    for row in rows:
        first.setdefault(row["strategy"], row["aggregator"])
    lines = [
        [
            f"{row['strategy']}, {row['aggregator']}",
            row["profile"],
            *(gain_in_words(row, f"over_{rival}") for rival in ("baseline", "comprehensive")),
            *(whole_percent(row[f"worse_than_{rival}"]) for rival in ("baseline", "comprehensive")),
        ]
        for row in rows
        if first[row["strategy"]] == row["aggregator"]
    ]
    heads = ["entry", "profile", "over baseline", "over comprehensive"]
    heads += ["worse than baseline", "worse than comprehensive"]
    return markdown_table(heads, lines)


def nights_in_words(curves: Mapping[tuple[str, ...], Sequence[float]]) -> str:
    """Mean accuracy in % of every entry on some nights, and how far it moved from the first on.

    Args:
        curves: By label, see `fedasc.report.comparison_results.night_means`.
    """
    n_nights = len(next(iter(curves.values())))
    shown = sorted({*range(0, n_nights, 3), n_nights - 1})
    lines = [
        [
            ", ".join(label),
            *(percent(curve[night]) for night in shown),
            true_minus(points(curve[-1] - curve[0])),
        ]
        for label, curve in curves.items()
    ]
    return markdown_table(["entry", *(f"night {night}" for night in shown), "last − first"], lines)
