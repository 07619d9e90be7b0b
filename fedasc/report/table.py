"""The result of a run as a table on the terminal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Group
from rich.text import Text

from fedasc.errors import printable
from fedasc.experiments.record import by_profile
from fedasc.report.nights import night_table
from fedasc.report.overview import Overview
from fedasc.report.results import ProfileSummary
from fedasc.report.terminal import interval, number, percent, points, table_of, time_spent

_ACCURACY: dict[str, Callable[[ProfileSummary], str]] = {
    "profile": lambda one: one.profile,
    "users": lambda one: str(one.n_users),
    "before": lambda one: percent(one.accuracy["baseline"]),
    "after": lambda one: percent(one.accuracy["personal"]),
    "gain": lambda one: points(one.gain.median),
    "worst tenth": lambda one: points(one.gain.worst_tenth),
    "made worse": lambda one: f"{number(100 * one.made_worse, '.0f')} %",
    "all data": lambda one: percent(one.accuracy["comprehensive"]),
    "over it": lambda one: points(one.gain_over_comprehensive.median),
    "teacher": lambda one: percent(one.accuracy["teacher"]),
}
_NOISE: dict[str, Callable[[ProfileSummary], str]] = {
    "profile": lambda one: one.profile,
    "before": lambda one: percent(one.noise["baseline"]),
    "after": lambda one: percent(one.noise["personal"]),
    "gain": lambda one: points(one.gain_noise.median),
    "mean gain, 95 % interval": lambda one: interval(one.gain_noise.low, one.gain_noise.high),
    "all data": lambda one: percent(one.noise["comprehensive"]),
    "over it": lambda one: points(one.noise_over_comprehensive.median),
}
HEADINGS = tuple(_ACCURACY)
"""Of the table of accuracies."""


def result_table(
    run: Overview,
    seconds: Mapping[str, float],
) -> Group:
    """What a user of the simulation wants to see first.

    Args:
        run: What it came to.
        seconds: By phase.
    """
    accuracy, noise = (
        table_of(run.profiles, columns, title=title, section=lambda one: one.profile == "all")
        for columns, title in (
            (_ACCURACY, "Accuracy on each device's own evaluation windows, in %"),
            (_NOISE, "The class noise alone, in %"),
        )
    )
    before = [night_table(run.nights)] if run.n_nights > 1 else []
    attacks = [record.attack for record in run.last if record.attack]
    told = [Text(attackers_in_words(len(attacks), attacks[0]))] if attacks else []
    return Group(
        *told,
        *before,
        accuracy,
        Text(
            "Medians over users. before: the baseline classifier; after: the personal one; all "
            "data: a C1 trained on the comprehensive set, which needs no device's help; over it: "
            "the personal one less that."
        ),
        noise,
        Text(
            "Expected calibration error of the teacher, in points: "
            + ", ".join(f"{name} {percent(bins.error)}" for name, bins in run.reliability.items())
            + "."
        ),
        Text(
            "Distance of what users hear from the baseline set, from 0 to 1, medians: "
            + ", ".join(
                f"{name} {np.median([record.distance for record in some]):.2f}"
                for name, some in by_profile(run.last).items()
            )
            + "."
        ),
        Text(
            f"Per device and night: {run.bytes_up:,.0f} bytes up, {run.bytes_down:,.0f} bytes down."
        ),
        *_answers_lines(run),
        *_lost_lines(run),
        time_spent(seconds),
    )


def _answers_lines(run: Overview) -> list[Text]:
    """How many questions were answered, and for how many users it wasn't worth while."""
    reckoned = [record for record in run.last if record.expected_gain is not None]
    lines = []
    if run.n_answers:
        lines.append(f"Per device and night: {run.n_answers:.3g} answers of its user.")
    if n_declined := sum(not record.pays for record in reckoned):
        lines.append(
            f"{n_declined} of {len(reckoned)} users got the comprehensive classifier: too little "
            "was to be gained by one of their own, as reckoned from what they answered."
        )
    return [Text("\n".join(lines))] if lines else []


def _lost_lines(run: Overview, *, n_listed: int = 10) -> list[Text]:
    """Who was lost, and why; nothing if nobody was."""
    lost = run.lost
    if not lost:
        return []
    what, where = ("devices", "") if run.n_nights == 1 else ("nights of devices", "night {}, ")
    lines = [f"Lost and left out above, {len(lost)} of {run.n_records} {what}:"]
    lines += [
        f"  {where.format(record.night)}device {record.device}: {record.lost}"
        for record in lost[:n_listed]
    ]
    if len(lost) > n_listed:
        lines.append(f"  and {len(lost) - n_listed} more, see devices.csv")
    return [Text("\n".join(lines))]


def attackers_in_words(n_attackers: int, attack: str) -> str:
    """What to tell beside numbers of the others."""
    return (
        f"{n_attackers} device(s) attack ({attack}); all accuracies are those of the other users."
    )


def result_markdown(summaries: Sequence[ProfileSummary]) -> str:
    """The first of these tables in Markdown."""
    rule = ["---"] * len(HEADINGS)
    cells = [[cell(summary) for cell in _ACCURACY.values()] for summary in summaries]
    rows = [[name, *(number.replace("-", "−") for number in numbers)] for name, *numbers in cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEADINGS, rule, *rows))


def student_lines(student: Mapping[str, Any]) -> Text:
    """Who labelled devices' samples, and how far the student is off, as in summary.json."""
    who = "The student" if student["labels"] else "Not the student, but the teacher"
    return Text(
        f"{who} labelled devices' samples. It gives {percent(student['disagreement'])} % of "
        f"validation windows another scene than the teacher; bound {percent(student['bound'])} %."
    )


def account_lines(epsilon: Mapping[str, float]) -> Text:
    """What bounds the nights of a run tell within, as in summary.json; nothing without a bound."""
    if not epsilon:
        return Text()
    night, nights, year = (number(epsilon[name], ".3g") for name in ("night", "nights", "year"))
    return Text(
        f"ε of a night: {night}; what is heard on every night of this run: {nights}, and on every "
        f"night of a year: {year}."
    )


def corpus_lines(corpus: Mapping[str, Any], *, n_listed: int = 10) -> Text:
    """What was used of a corpus, and what was not and why.

    Args:
        corpus: See `Pool.facts`, and `World.corpus_facts`.
    """
    unusable = corpus["unusable"]
    lines = [
        f"{sum(corpus['n_clips'].values())} clips of 10 s; left out: "
        f"{corpus['left_out_as_bursts']} with short bursts only, {len(unusable)} unusable"
        + (":" if unusable else ".")
    ]
    lines += [f"  {printable(left['path'])}: {left['reason']}" for left in unusable[:n_listed]]
    if len(unusable) > n_listed:
        lines.append(f"  and {len(unusable) - n_listed} more, see summary.json")
    odd = corpus["n_clipped"], len(corpus["scaled"]), len(corpus["odd"])
    if any(odd):
        lines.append("Of what is used, {} recordings are clipped, {} scaled, {} odd.".format(*odd))
    if "baseline" in corpus:
        held = "; ".join(
            f"{label} {', '.join(types[:n_listed])}"
            + (f" and {len(types) - n_listed} more" if len(types) > n_listed else "")
            for label, types in corpus["baseline"].items()
        )
        lines.append(f"Profiles {corpus['profiles']}; the baseline set holds {held}.")
    return Text("\n".join(lines))
