"""Results of an audit: a row per attack, and every release beside what it is good for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fedasc.audio import FloatArray
from fedasc.evaluation.two_levels import mean_of
from fedasc.experiments.audit import Audited
from fedasc.experiments.audit_plan import AuditPlan
from fedasc.privacy.roc import Success
from fedasc.report.rows import Row

SHOWN = {"windows": "lira-offline", "recordings": "lira-online", "user days": "lira-online"}
"""The attacks that tables tell of, by game; the others stand in attacks.csv. Of windows, a dozen
releases are too few to know how much each moves a release, which online wants."""

ATTRIBUTES = (
    *("noise/same", "noise/other", "music/same", "music/other", "shares/told", "shares/guessed"),
)
"""See `fedasc.privacy.attributes`."""
ECHO = ("matched", "windows", "recordings/noise", "recordings/music", "recordings/speech")
"""See `fedasc.privacy.echo`."""

Values = Iterable[tuple[int, float]]
"""Of users, or of many at once, each with the number of the repetition."""


def attack_rows(audited: Sequence[Audited]) -> list[dict[str, Any]]:
    """A row per release, repetition, game, user and attack; rates lie between 0 and 1."""
    return [
        {
            **_place(one),
            "attack": attack,
            "subset": subset or "all",
            "auc": success.auc,
            "tpr_at_1_percent": success.tpr_1,
            "tpr_at_0.1_percent": success.tpr_01,
            "n_in": success.n_in,
            "n_out": success.n_out,
        }
        for one in audited
        for name, success in one.outcome.attacks.items()
        for attack, _, subset in (name.partition("/"),)
    ]


def figure_rows(audited: Sequence[Audited]) -> list[dict[str, Any]]:
    """A row for each other number: linkage, attributes and reconstruction."""
    return [
        {**_place(one), "figure": name, "value": value}
        for one in audited
        for name, value in one.outcome.figures.items()
    ]


def privacy_rows(plan: AuditPlan, audited: Sequence[Audited]) -> list[dict[str, Any]]:
    """A row per release: how well each kind of attack does, with 95 % intervals (`mean_of`).

    Columns that end in auc are areas under the ROC curve, in tpr shares of members found where 1 %
    of the others are taken for some; linkage_N says how many of N users are named by what they send
    on another day, of the same recordings or, elsewhere, of others. epsilon is what a release
    claims to be bounded by, infinite without a claim, and epsilon_measured what was shown of it
    from below, see `fedasc.privacy.claims`.
    """
    by_release: dict[str, list[Audited]] = defaultdict(list)
    for one in audited:
        by_release[one.cell.variant.label[-1]].append(one)
    return [
        {
            "aggregator": label,
            "n_repetitions": len({one.cell.repetition for one in some}),
            "epsilon": _epsilon(some[0]),
            "epsilon_measured": _measured(some),
            **{
                column: value
                for name, values in _measures(plan, some).items()
                for column, value in zip(
                    (name, f"{name}_low", f"{name}_high"),
                    mean_of(_by_repetition(values)),
                    strict=True,
                )
            },
        }
        for label, some in by_release.items()
    ]


def told_together(standings: Sequence[Row], privacy: Sequence[Row]) -> list[dict[str, Any]]:
    """What every entry gains, with what its release gives away, of those that were audited.

    Args:
        standings: See `fedasc.report.comparison_results.standings`.
        privacy: See `privacy_rows`.
    """
    by_release = {row["aggregator"]: row for row in privacy}
    return [
        {
            **row,
            **by_release[row["aggregator"]],
            "n_repetitions": row["n_repetitions"],
            "n_attacked": by_release[row["aggregator"]]["n_repetitions"],
        }
        for row in standings
        if row["aggregator"] in by_release
    ]


def roc_curves(audited: Sequence[Audited]) -> Mapping[tuple[str, str], FloatArray]:
    """By game and release: the true positives of `SHOWN` at `fedasc.privacy.roc.FPR_GRID`.

    Of each user by herself, then the mean: a threshold over users would be none of an attacker's.
    """
    curves: dict[tuple[str, str], list[tuple[float, ...]]] = defaultdict(list)
    for one in audited:
        if success := one.outcome.attacks.get(SHOWN.get(one.cell.game.name, "")):
            curves[one.cell.game.name, one.cell.variant.label[-1]].append(success.roc)
    return {place: _mean_curve(np.array(some)) for place, some in curves.items()}


def _mean_curve(curves: FloatArray) -> FloatArray:
    """(n_points,) over curves (n_curves, n_points) of which some points may be NaN."""
    known = ~np.isnan(curves)
    mean = np.where(known, curves, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.any(axis=0), mean, np.nan)


def _place(one: Audited) -> dict[str, Any]:
    cell = one.cell
    return {
        "aggregator": cell.variant.label[-1],
        "repetition": cell.repetition,
        "seed": cell.world.settings.seed,
        "game": cell.game.name,
        "user": "" if cell.game.user is None else cell.game.user,
    }


def _epsilon(one: Audited) -> float:
    epsilon = one.cell.variant.settings.aggregator.epsilon
    return float("inf") if epsilon is None else epsilon


def _measured(some: Sequence[Audited]) -> float:
    """The largest that an audit has shown from below; NaN where nothing is claimed."""
    shown = [
        one.outcome.figures[name]
        for one in some
        if one.cell.game.name == "claims"
        for name in ("sums", "received")
    ]
    return max(shown, default=float("nan"))


def _measures(plan: AuditPlan, some: Sequence[Audited]) -> dict[str, Values]:
    """What is told of a release, by column."""

    def reached(game: str, subset: str, of: Callable[[Success], float]) -> Values:
        attack = f"{SHOWN[game]}{subset}"
        return [
            (one.cell.repetition, of(one.outcome.attacks[attack]))
            for one in some
            if one.cell.game.name == game and attack in one.outcome.attacks
        ]

    def figure(game: str, name: str) -> Values:
        return [
            (one.cell.repetition, one.outcome.figures[name])
            for one in some
            if one.cell.game.name == game and name in one.outcome.figures
        ]

    def auc(success: Success) -> float:
        return success.auc

    def tpr(success: Success) -> float:
        return success.tpr_1

    measures: dict[str, Values] = {}
    if "window" in plan.units:
        measures["window_auc"] = reached("windows", "", auc)
        measures["window_tpr"] = reached("windows", "", tpr)
        measures["reconstruction"] = figure("windows", "ratio")
        measures["rare_tpr"] = reached("windows", "/rare", tpr)
    if "recording" in plan.units:
        measures["recording_auc"] = reached("recordings", "", auc)
        measures["recording_tpr"] = reached("recordings", "", tpr)
        for label in ("noise", "music", "speech"):
            measures[f"{label}_auc"] = reached("recordings", f"/{label}", auc)
        for name in ATTRIBUTES:
            measures[name] = figure("recordings", name)
    if "user-day" in plan.units:
        measures["user_day_auc"] = reached("user days", "", auc)
        for name in ECHO:
            measures[f"echo_{name}"] = figure("classifiers", name)
        for n in plan.n_linked:
            measures[f"linkage_{n}"] = figure("linkage", f"same recordings/{n}")
            measures[f"linkage_{n}_elsewhere"] = figure("linkage", f"other recordings/{n}")
    return measures


def _by_repetition(values: Values) -> list[FloatArray]:
    parts: dict[int, list[float]] = defaultdict(list)
    for repetition, value in values:
        parts[repetition].append(value)
    return [np.array(part) for part in parts.values()]
