"""The folder of a comparison: tables, pictures and settings, all or none."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fedasc.atomic import new_folder
from fedasc.comparison.run import Result
from fedasc.report.comparison_figures import plot_comparison, plot_comparison_nights
from fedasc.report.comparison_latex import comparison_latex
from fedasc.report.comparison_results import Standing, device_rows
from fedasc.report.json_file import write_json
from fedasc.report.rows import write_rows


def write_comparison(
    folder: Path,
    *,
    settings: Mapping[str, Any],
    results: Sequence[Result],
    standings: Sequence[Standing],
) -> None:
    """Write the folder of a comparison; it appears whole or not at all.

    Args:
        folder: Must not exist yet.
        settings: All of them, the grid and defaults included.
        results: By cell.
        standings: By entry.
    """
    with new_folder(folder) as draft:
        write_rows(draft / "comparison.csv", [its.as_row() for its in standings])
        write_rows(draft / "devices.csv", device_rows(results))
        (draft / "comparison.tex").write_text(comparison_latex(standings), encoding="utf-8")
        plot_comparison(standings, draft / "comparison")
        if len(standings[0].by_night) > 1:
            plot_comparison_nights(standings, draft / "nights.png")
        write_json(draft / "settings.json", settings)
