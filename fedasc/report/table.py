"""The result of a run as a table on the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Group
from rich.text import Text

from fedasc.evaluation.calibration import Reliability
from fedasc.experiments.record import DeviceRecord
from fedasc.report.nights import night_rows, night_table
from fedasc.report.results import ProfileSummary
from fedasc.report.terminal import percent, plain_table, points, time_spent

HEADINGS = (
    *("profile", "users", "before", "after", "gain", "worst tenth", "made worse"),
    *("all data", "over it", "teacher"),
)
"""Of the table of accuracies."""


def result_table(
    summaries: Sequence[ProfileSummary],
    nights: Sequence[Sequence[DeviceRecord]],
    reliability: Mapping[str, Reliability],
    seconds: Mapping[str, float],
) -> Group:
    """What a user of the simulation wants to see first.

    Args:
        summaries: By profile, and of all users, on the last night.
        nights: By night and device.
        reliability: The teacher's, by profile, and for all users.
        seconds: By phase.
    """
    table = plain_table(*HEADINGS, title="Accuracy on each device's own evaluation windows, in %")
    noise = plain_table(
        "profile", "before", "after", "gain", "mean gain, 95 % interval", "all data", "over it",
        title="The class noise alone, in %",
    )  # fmt: skip
    for summary in summaries:
        if summary.profile == "all":
            table.add_section()
            noise.add_section()
        table.add_row(*_cells(summary))
        noise.add_row(
            summary.profile,
            percent(summary.noise["baseline"]),
            percent(summary.noise["personal"]),
            points(summary.gain_noise.median),
            f"{points(summary.gain_noise.low)} to {points(summary.gain_noise.high)}",
            percent(summary.noise["comprehensive"]),
            points(summary.noise_over_comprehensive.median),
        )
    up, down = (
        np.median([getattr(record, key) for records in nights for record in records])
        for key in ("bytes_up", "bytes_down")
    )
    before = [night_table(night_rows(nights))] if len(nights) > 1 else []
    return Group(
        *before,
        table,
        Text(
            "Medians over users. before: the baseline classifier; after: the personal one; all "
            "data: a C1 trained on the comprehensive set, which needs no device's help; over it: "
            "the personal one less that."
        ),
        noise,
        Text(
            "Expected calibration error of the teacher, in points: "
            + ", ".join(f"{name} {percent(bins.error)}" for name, bins in reliability.items())
            + "."
        ),
        Text(f"Per device and night: {up:,.0f} bytes up, {down:,.0f} bytes down."),
        time_spent(seconds),
    )


def result_markdown(summaries: Sequence[ProfileSummary]) -> str:
    """The first of these tables in Markdown."""
    rule = ["---"] * len(HEADINGS)
    rows = [
        [name, *(number.replace("-", "−") for number in numbers)]
        for name, *numbers in map(_cells, summaries)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEADINGS, rule, *rows))


def _cells(summary: ProfileSummary) -> list[str]:
    """What stands under the headings."""
    return [
        summary.profile,
        str(summary.n_users),
        percent(summary.accuracy["baseline"]),
        percent(summary.accuracy["personal"]),
        points(summary.gain.median),
        points(summary.gain.worst_tenth),
        f"{100 * summary.made_worse:.0f} %",
        percent(summary.accuracy["comprehensive"]),
        points(summary.gain_over_comprehensive.median),
        percent(summary.accuracy["teacher"]),
    ]


def corpus_lines(corpus: Mapping[str, Any], *, n_listed: int = 10) -> Text:
    """What was used of a corpus, and what was not and why.

    Args:
        corpus: See `Pool.facts`.
    """
    unusable = corpus["unusable"]
    lines = [
        f"{sum(corpus['n_clips'].values())} clips of 10 s; left out: "
        f"{corpus['left_out_as_bursts']} with short bursts only, {len(unusable)} unusable"
        + (":" if unusable else ".")
    ]
    lines += [f"  {left['path']}: {left['reason']}" for left in unusable[:n_listed]]
    if len(unusable) > n_listed:
        lines.append(f"  and {len(unusable) - n_listed} more, see summary.json")
    return Text("\n".join(lines))
