"""The result of a run as a table on the terminal."""

from collections.abc import Mapping, Sequence

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from fedasc.corpus.pool import Pool
from fedasc.evaluation.scores import Spread
from fedasc.report.results import CLASSIFIERS, ProfileSummary, Row


def result_table(
    summaries: Sequence[ProfileSummary], results: Sequence[Row], seconds: Mapping[str, float]
) -> Group:
    """What a user of the simulation wants to see first.

    Args:
        summaries: By profile, and of all users.
        results: By device.
        seconds: By phase.
    """
    table = Table(title="Accuracy on each device's own evaluation windows, in %")
    table.add_column("profile")
    table.add_column("users", justify="right")
    for name in CLASSIFIERS:
        table.add_column(name, justify="right")
    table.add_column("gain", justify="right")
    table.add_column("worst tenth", justify="right")
    table.add_column("made worse", justify="right")
    table.add_column("gain in noise (95 %)", justify="right")
    for summary in summaries:
        if summary.profile == "all":
            table.add_section()
        table.add_row(
            summary.profile,
            str(summary.n_users),
            *(f"{100 * summary.accuracy[name]:.1f}" for name in CLASSIFIERS),
            _points(summary.gain.median),
            _points(summary.gain.worst_tenth),
            f"{100 * summary.made_worse:.0f} %",
            _with_interval(summary.gain_noise),
        )
    up, down = (np.median([row[key] for row in results]) for key in ("bytes_up", "bytes_down"))
    phases = ", ".join(f"{phase} {spent:.1f} s" for phase, spent in seconds.items())
    return Group(
        table,
        Text(
            "Medians over users; gain is personal less baseline, in points; comprehensive is a C1 "
            "trained on everything."
        ),
        Text(f"Per device: {up:,.0f} bytes up, {down:,.0f} bytes down."),
        Text(f"Time: {phases}."),
    )


def corpus_lines(pool: Pool, *, n_listed: int = 10) -> Text:
    """What was used of a corpus, and what was not and why."""
    lines = [
        f"{len(pool.recordings)} clips of 10 s; left out: {len(pool.bursts)} with short bursts "
        f"only, {len(pool.unusable)} unusable" + (":" if pool.unusable else ".")
    ]
    lines += [f"  {path}: {reason}" for path, reason in pool.unusable[:n_listed]]
    if len(pool.unusable) > n_listed:
        lines.append(f"  and {len(pool.unusable) - n_listed} more, see summary.json")
    return Text("\n".join(lines))


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"


def _with_interval(spread: Spread) -> str:
    """Median, and the interval of the mean."""
    return f"{_points(spread.median)} ({_points(spread.low)} to {_points(spread.high)})"
