"""Folders of results: settings, tables, summaries and pictures, all or none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fedasc.atomic import moved_into, new_folder
from fedasc.experiments.audit import Audited
from fedasc.experiments.design import Result
from fedasc.experiments.grid import Grid
from fedasc.experiments.preset import Plan
from fedasc.experiments.record import DeviceRecord
from fedasc.experiments.when import WhenGrid
from fedasc.models.teacher import StudentTeacher
from fedasc.plugins import as_section
from fedasc.population.roster import write_roster
from fedasc.privacy.accountant import account
from fedasc.report.browser.run import write_run_page
from fedasc.report.browser.studies import (
    write_comparison_page,
    write_corpora_page,
    write_paper_page,
    write_when_page,
)
from fedasc.report.browser.users import UserBook
from fedasc.report.comparison_figures import plot_comparison, plot_comparison_nights
from fedasc.report.comparison_latex import comparison_latex
from fedasc.report.comparison_results import device_rows, night_means, profile_rows
from fedasc.report.corpora import LETTERS
from fedasc.report.difference_figures import plot_differences
from fedasc.report.drawing import Pictured, drawn
from fedasc.report.overview import Overview
from fedasc.report.paper_figures import plot_figure_3, plot_figure_4, plot_paper_differences
from fedasc.report.privacy_figures import plot_privacy, plot_roc
from fedasc.report.privacy_results import (
    attack_rows,
    figure_rows,
    roc_curves,
    told_together,
)
from fedasc.report.rows import (
    COUNT_COLUMNS,
    Row,
    count_rows,
    device_row,
    lost_row,
    stream_rows,
    write_json,
    write_rows,
)
from fedasc.report.sounds.clip import Clip
from fedasc.report.when_figure import plot_when
from fedasc.scenario import Scenario
from fedasc.settings import Settings
from fedasc.workers import ALONE, Workers

MadeBy = Mapping[str, Any]
"""The command that made results, under `command`, and under `versions` those of software."""
NOBODY: MadeBy = MappingProxyType({})


def write_run(
    folder: Path,
    *,
    settings: Settings,
    corpus: Mapping[str, Any],
    scenario: Scenario,
    nights: Iterable[Iterable[DeviceRecord]],
    overview: Overview,
    seconds: Mapping[str, float],
    student: StudentTeacher | None,
    clips: Sequence[Clip] = (),
    command: str = "",
    versions: Mapping[str, str] = NOBODY,
    workers: Workers = ALONE,
) -> None:
    """Write the results into the folder of a run, all or none.

    Args:
        folder: Of the run; there already.
        settings: All of them, defaults included.
        corpus: What the corpus held.
        scenario: Who the users are.
        nights: By night and device; each record is looked at twice.
        overview: What these come to.
        seconds: By phase.
        student: What was distilled of the teacher.
        clips: Windows to listen to.
        command: That asked for the run; empty if it was called from Python.
        versions: Of fedasc and the libraries that make numbers.
        workers: Who draws the figures.
    """
    users = UserBook(scenario.users, n_nights=overview.n_nights)
    with moved_into(folder) as draft, drawn(Pictured.of(scenario, overview), workers) as pictures:
        write_json(draft / "settings.json", as_section(settings))
        write_json(
            draft / "summary.json",
            {
                "corpus": corpus,
                "profiles": [summary.as_dict() for summary in overview.profiles],
                "teacher_calibration_error": {
                    name: bins.error for name, bins in overview.reliability.items()
                },
                "student": student and student.facts(),
                "lost": [lost_row(record) for record in overview.lost],
                "epsilon": account(settings.aggregator, settings.nights.n_nights),
                "seconds": _rounded(seconds),
            },
        )
        rows = (device_row(record) for records in nights for record in users.passing(records))
        stream_rows(draft / "devices.csv", rows, columns=overview.columns)
        counts = (row for records in nights for record in records for row in count_rows(record))
        stream_rows(draft / "confusions.csv", counts, columns=COUNT_COLUMNS)
        if overview.n_nights > 1:
            write_rows(draft / "nights.csv", overview.nights)
        write_roster(draft / "users.csv", scenario.users)
        write_run_page(
            draft / "report.html",
            settings=as_section(settings),
            corpus=corpus,
            overview=overview,
            users=users,
            seconds=seconds,
            student=student,
            clips=clips,
            command=command,
            versions=versions,
        )
        for name, content in pictures().items():
            (draft / name).write_bytes(content)


def write_paper(
    folder: Path,
    *,
    plan: Plan,
    settings: Settings,
    corpus: Mapping[str, Any],
    rows: Sequence[Row],
    gains: Sequence[Row],
    seconds: Mapping[str, float],
    made_by: MadeBy = NOBODY,
) -> None:
    """Write the folder of the paper's experiments; it appears whole or not at all.

    Args:
        folder: Must not exist yet.
        plan: Who stands in which figure.
        corpus: What the corpus held.
        rows, gains: By point, and of every system on every user.
        seconds: By phase.
        made_by: Command and versions.
    """
    told = {"study": as_section(plan), **as_section(settings)}
    with new_folder(folder) as draft:
        plot_figure_3(rows, plan.typical, draft / "figure3")
        plot_figure_4(rows, plan.distant, draft / "figure4")
        plot_paper_differences(gains, (*plan.typical, *plan.distant), draft / "differences")
        write_rows(draft / "points.csv", rows)
        write_rows(draft / "differences.csv", gains)
        write_json(draft / "settings.json", told)
        summary = {"corpus": corpus, "comparisons": gains, "seconds": _rounded(seconds)}
        write_json(draft / "summary.json", summary)
        write_paper_page(
            draft / "report.html",
            settings=told,
            gains=gains,
            files_=_there(draft),
            corpus=corpus,
            seconds=seconds,
            **made_by,
        )


def write_comparison(
    folder: Path,
    *,
    grid: Grid,
    results: Sequence[Result],
    standings: Sequence[Row],
    audited: Sequence[Audited] = (),
    privacy: Sequence[Row] = (),
    made_by: MadeBy = NOBODY,
) -> None:
    """Write the folder of a comparison; it appears whole or not at all.

    Args:
        folder: Must not exist yet.
        results: By cell.
        standings: By variant.
        audited: Games against what is released, if there were any.
        privacy: What they came to, by release.
        made_by: Command and versions.
    """
    curves = night_means(results)
    with new_folder(folder) as draft:
        write_rows(draft / "comparison.csv", standings)
        write_rows(draft / "devices.csv", device_rows(results))
        (draft / "comparison.tex").write_text(comparison_latex(standings), encoding="utf-8")
        plot_comparison(standings, draft / "comparison")
        plot_differences(standings, draft / "differences")
        if len(curves[grid.baseline.label]) > 1:
            plot_comparison_nights(curves, grid.baseline.label, draft / "nights.png")
        if audited:
            _write_audit(draft, grid, standings, audited, privacy)
        write_json(draft / "settings.json", grid.as_section())
        write_comparison_page(
            draft / "report.html",
            settings=grid.as_section(),
            standings=standings,
            profiles=profile_rows(results),
            curves=curves,
            privacy=privacy,
            files_=_there(draft),
            **made_by,
        )


def _write_audit(
    draft: Path,
    grid: Grid,
    standings: Sequence[Row],
    audited: Sequence[Audited],
    rows: Sequence[Row],
) -> None:
    together = told_together(standings, rows)
    write_rows(draft / "attacks.csv", attack_rows(audited))
    write_rows(draft / "attack_figures.csv", figure_rows(audited))
    write_json(draft / "privacy.json", {"privacy": as_section(grid.audit), "releases": rows})
    if "recording" in grid.audit.units:
        plot_privacy(together, draft / "privacy")
    if curves := roc_curves(audited):
        plot_roc(curves, draft / "roc")


def write_each(
    folder: Path, writers: Sequence[Callable[[Path], None]], rows: Sequence[Row]
) -> None:
    """Write the folder of one corpus, or one that holds a folder for each of several.

    Args:
        folder: Must not exist yet.
        writers: Make the folders, which are called A, B and so on if there are several.
        rows: Of all corpora side by side, for corpora.csv.
    """
    if len(writers) == 1:
        writers[0](folder)
        return
    with new_folder(folder) as draft:
        for letter, write in zip(LETTERS, writers, strict=False):
            write(draft / letter)
        write_rows(draft / "corpora.csv", rows)
        write_corpora_page(draft / "report.html", rows=rows, n_corpora=len(writers))


def write_when(
    folder: Path,
    *,
    grid: WhenGrid,
    corpus: Mapping[str, Any],
    users: Sequence[Row],
    conditions: Sequence[Row],
    made_by: MadeBy = NOBODY,
) -> None:
    """Write the folder of a map of conditions; it appears whole or not at all.

    Args:
        folder: Must not exist yet.
        corpus: What the corpus held.
        users, conditions: By user, and over all repetitions.
        made_by: Command and versions.
    """
    with new_folder(folder) as draft:
        write_rows(draft / "when.csv", conditions)
        write_rows(draft / "users.csv", users)
        plot_when(grid.plan, conditions, draft / "when")
        told = {**grid.as_section(), "corpus": corpus, "conditions": conditions}
        write_json(draft / "when.json", told)
        write_when_page(
            draft / "report.html",
            plan=grid.plan,
            settings=grid.as_section(),
            conditions=conditions,
            files_=_there(draft),
            corpus=corpus,
            **made_by,
        )


def _there(folder: Path) -> dict[str, str]:
    """What stands in a folder; of each picture the PNG, as which there are PDF and SVG."""
    return {
        path.name: "a picture; as PDF and SVG, too" if path.suffix == ".png" else ""
        for path in sorted(folder.iterdir())
        if path.suffix in (".csv", ".json", ".tex", ".png")
    }


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {phase: round(spent, 2) for phase, spent in seconds.items()}
