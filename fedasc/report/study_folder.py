"""The folder of a study: figures, numbers and settings, all or none."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fedasc.atomic import new_folder
from fedasc.corpus.pool import Pool
from fedasc.report.json_file import write_json
from fedasc.report.rows import write_rows
from fedasc.report.study_figures import plot_figure_3, plot_figure_4
from fedasc.report.study_results import Comparison, StudyRow
from fedasc.study.preset import Plan


def write_study(
    folder: Path,
    *,
    plan: Plan,
    settings: Mapping[str, Any],
    pool: Pool,
    rows: Sequence[StudyRow],
    comparisons: Sequence[Comparison],
    seconds: Mapping[str, float],
) -> None:
    """Write the folder of a study; it appears whole or not at all.

    Args:
        folder: Must not exist yet.
        plan: Who stands in which figure.
        settings: All of them, the plan and defaults included.
        pool: The corpus, as it was used.
        rows: By point.
        comparisons: Of every system on every user.
        seconds: By phase.
    """
    with new_folder(folder) as draft:
        plot_figure_3(rows, plan.typical, draft / "figure3")
        plot_figure_4(rows, plan.distant, draft / "figure4")
        write_rows(draft / "points.csv", rows)
        write_rows(draft / "differences.csv", [its.as_row() for its in comparisons])
        write_json(draft / "settings.json", settings)
        summary = {
            "corpus": pool.facts(),
            "comparisons": [_known(its.as_row()) for its in comparisons],
            "seconds": {phase: round(spent, 2) for phase, spent in seconds.items()},
        }
        write_json(draft / "summary.json", summary)


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    """None where there is no number, which JSON has no other word for."""
    return {name: None if value != value else value for name, value in row.items()}
