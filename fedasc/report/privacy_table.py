"""What releases give away, beside what they are good for, as a table on the terminal."""

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from fedasc.experiments.audit_plan import AuditPlan
from fedasc.report.comparison_table import epsilon_in_words
from fedasc.report.rows import Row
from fedasc.report.terminal import Cell, number, points, table_of


def privacy_table(plan: AuditPlan, rows: Sequence[Row]) -> Group:
    """A line for every release, in 80 columns.

    Args:
        rows: See `fedasc.report.privacy_results.told_together`.
    """
    columns: dict[str, Cell] = {
        "": lambda row: Text(name_of(row)),
        "gain": _gain("over_baseline_mean"),
        "comp.": _gain("over_comprehensive_mean"),
        "ctrl.": _gain("over_control_mean"),
    }
    if "window" in plan.units:
        columns |= {"win.": _auc("window_auc"), "tpr": _share("window_tpr", ".1f")}
        columns["rare"] = _share("rare_tpr", ".1f")
    if "recording" in plan.units:
        columns |= {"rec.": _auc("recording_auc"), "±": _half("recording_auc")}
    if "user-day" in plan.units:
        columns |= {f"@{n}": _share(f"linkage_{n}", ".0f") for n in plan.n_linked}
    columns["ε"] = lambda row: epsilon_in_words(row["epsilon"])
    n, n_attacked = rows[0]["n_repetitions"], max(row["n_attacked"] for row in rows)
    table = table_of(
        rows,
        columns,
        title=f"What is gained on {n} split(s), and what is told on {n_attacked}",
    )
    return Group(table, Text(_legend(plan)))


def name_of(row: Row) -> str:
    """What to call a release; of nothing, by what is done without it."""
    return str(row["strategy"] if row["aggregator"] == "nothing" else row["aggregator"])


def _gain(name: str) -> Cell:
    return lambda row: points(row[name])


def _auc(name: str) -> Cell:
    return lambda row: number(row[name], ".2f").removeprefix("0")


def _half(name: str) -> Cell:
    """Half of an interval."""
    return lambda row: number((row[f"{name}_high"] - row[f"{name}_low"]) / 2, ".2f").removeprefix(
        "0"
    )


def _share(name: str, form: str) -> Cell:
    return lambda row: number(100 * row[name], form)


def _legend(plan: AuditPlan) -> str:
    told = [
        "gain, comp., ctrl.: points over the baseline and the comprehensive C1, and over the "
        "control, which the server makes of its own recordings with nothing sent."
    ]
    if "window" in plan.units:
        told.append(
            "win.: AUC of telling whether a window was heard, .50 if nothing is told; tpr: % of "
            "those heard that are found where 1 % of the others are taken for some; rare: the same "
            "of windows that sound like nothing else of the user's."
        )
    if "recording" in plan.units:
        told.append(
            "rec.: AUC of telling by other windows of a recording whether the user was there, ±: "
            "half the 95 % interval over users and splits."
        )
    if "user-day" in plan.units:
        most = " and ".join(map(str, plan.n_linked))
        told.append(
            f"@: % of {most} users whom what is sent names on another day of the same recordings."
        )
    told.append("ε: bound of what a night tells, ∞ without one.")
    return " ".join(told)
