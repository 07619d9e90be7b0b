"""What releases give away, beside what they are good for, on a page."""

from collections.abc import Mapping, Sequence

from fedasc.experiments.audit_plan import AuditPlan
from fedasc.privacy.accountant import of_a_year
from fedasc.report.comparison_table import epsilon_in_words
from fedasc.report.markdown import gain_in_words, markdown_table, true_minus
from fedasc.report.privacy_table import name_of
from fedasc.report.rows import Row
from fedasc.report.terminal import NOT_KNOWN, number

_GAINS = {
    "over baseline": "over_baseline",
    "over comprehensive": "over_comprehensive",
    "over the control": "over_control",
}
_MEMBERSHIP = {
    "windows, AUC": "window_auc",
    "windows, TPR": "window_tpr",
    "rare windows, TPR": "rare_tpr",
    "recordings, AUC": "recording_auc",
    "of noise": "noise_auc",
    "of music": "music_auc",
    "of speech": "speech_auc",
    "pooled days, AUC": "user_day_auc",
}
_ATTRIBUTES = {
    "noise types, same recordings": "noise/same",
    "others": "noise/other",
    "genres, same recordings": "music/same",
    "others ": "music/other",
    "error of scenes' shares": "shares/told",
    "if guessed": "shares/guessed",
}
_ECHO = {
    "matched to the release": "echo_matched",
    "windows, AUC": "echo_windows",
    "recordings of noise, AUC": "echo_recordings/noise",
    "of music": "echo_recordings/music",
    "of speech": "echo_recordings/speech",
}
_TOLD = {name: _MEMBERSHIP[name] for name in ("windows, AUC", "recordings, AUC")}
_NIGHTS_SHOWN = (0.5, 1.0, 2.0, 4.0, 8.0)


def privacy_in_words(plan: AuditPlan, rows: Sequence[Row]) -> str:
    """A line for every release: gains, and what tells most of it.

    Args:
        rows: See `fedasc.report.privacy_results.told_together`.
    """
    linkage = _linkage(plan)
    shown = {**_TOLD, **{head: linkage[head] for head in list(linkage)[-2:-1]}}
    heads = ["release", *_GAINS, *_of_units(shown, rows), "ε"]
    lines = [
        [
            name_of(row),
            *(gain_in_words(row, name) for name in _GAINS.values()),
            *(_with_ends(row, name) for name in _of_units(shown, rows).values()),
            epsilon_in_words(row["epsilon"]),
        ]
        for row in rows
    ]
    return markdown_table(heads, lines)


def tables_in_words(plan: AuditPlan, rows: Sequence[Row]) -> Mapping[str, str]:
    """Tables of every attack, by the name of their place on the page of privacy.

    Args:
        rows: See `fedasc.report.privacy_results.told_together`.
    """
    parts = {
        "membership": _MEMBERSHIP,
        "linkage": _linkage(plan),
        "attributes": _ATTRIBUTES,
        "reconstruction": {"ratio": "reconstruction"},
        "echo": _ECHO,
    }
    return {
        "gain": privacy_in_words(plan, rows),
        **{name: _table(columns, rows) for name, columns in parts.items()},
        "nights": _nights(),
        "audit": _audits(rows),
    }


def _linkage(plan: AuditPlan) -> dict[str, str]:
    return {
        head: column
        for n in plan.n_linked
        for head, column in (
            (f"of {n}, same recordings", f"linkage_{n}"),
            (f"of {n}, others", f"linkage_{n}_elsewhere"),
        )
    }


def _table(columns: Mapping[str, str], rows: Sequence[Row]) -> str:
    shown = _of_units(columns, rows)
    lines = [[name_of(row), *(_with_ends(row, name) for name in shown.values())] for row in rows]
    return markdown_table(["release", *shown], lines)


def _of_units(columns: Mapping[str, str], rows: Sequence[Row]) -> dict[str, str]:
    """Those of the columns that the audit has."""
    return {head: name for head, name in columns.items() if name in rows[0]}


def _nights() -> str:
    lines = [[f"{epsilon:g}", f"{of_a_year(epsilon, 1e-5):.1f}"] for epsilon in _NIGHTS_SHOWN]
    return markdown_table(["ε of a night", "ε of what is heard on each of 365"], lines)


def _audits(rows: Sequence[Row]) -> str:
    """Of releases that claim a bound."""
    lines = [
        [name_of(row), epsilon_in_words(row["epsilon"]), number(row["epsilon_measured"], ".2f")]
        for row in rows
        if row["epsilon_measured"] == row["epsilon_measured"]
    ]
    return markdown_table(["release", "claimed ε", "measured, from below"], lines)


def _with_ends(row: Row, name: str) -> str:
    """A rate in %, anything else as it is, with the ends of its interval."""
    is_share = name.endswith("tpr") or name.startswith("linkage") or name == "echo_matched"
    scale, form = (100, ".1f") if is_share else (1, ".2f")
    value, low, high = (number(scale * row[f"{name}{end}"], form) for end in ("", "_low", "_high"))
    return true_minus(value if low == NOT_KNOWN else f"{value} ({low} to {high})")
