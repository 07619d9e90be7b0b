"""The run folder: settings, results per device, a summary and plots, all or none."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fedasc.atomic import moved_into
from fedasc.evaluation.calibration import Reliability
from fedasc.experiments.record import DeviceRecord
from fedasc.plugins import as_section
from fedasc.population.roster import write_roster
from fedasc.report.json_file import write_json
from fedasc.report.nights import night_rows, plot_nights
from fedasc.report.plots import plot_before_after, plot_gains
from fedasc.report.reliability import plot_reliability
from fedasc.report.results import ProfileSummary
from fedasc.report.rows import device_row, write_rows
from fedasc.report.user_picture import plot_users
from fedasc.scenario import Scenario
from fedasc.settings import Settings


def write_run(
    folder: Path,
    *,
    settings: Settings,
    corpus: Mapping[str, Any],
    scenario: Scenario,
    nights: Sequence[Sequence[DeviceRecord]],
    summaries: Sequence[ProfileSummary],
    reliability: Mapping[str, Reliability],
    seconds: Mapping[str, float],
) -> None:
    """Write the results into the folder of a run, all or none.

    Args:
        folder: Of the run; there already.
        settings: All of them, defaults included.
        corpus: What the corpus held.
        scenario: Who the users are.
        nights: By night and device.
        summaries: By profile, of the last night.
        reliability: The teacher's, by profile, and for all users.
        seconds: By phase.
    """
    with moved_into(folder) as draft:
        write_json(draft / "settings.json", as_section(settings))
        write_json(
            draft / "summary.json",
            {
                "corpus": corpus,
                "profiles": [summary.as_dict() for summary in summaries],
                "teacher_calibration_error": {name: its.error for name, its in reliability.items()},
                "seconds": {phase: round(spent, 2) for phase, spent in seconds.items()},
            },
        )
        write_rows(
            draft / "devices.csv", [device_row(record) for records in nights for record in records]
        )
        if len(nights) > 1:
            curves = night_rows(nights)
            write_rows(draft / "nights.csv", curves)
            plot_nights(curves, draft / "nights.png")
        write_roster(draft / "users.csv", scenario.users)
        plot_users(scenario.users, scenario.library, draft / "users.png")
        plot_gains(nights[-1], draft / "gains.png")
        plot_before_after(nights[-1], draft / "before_after.png")
        plot_reliability(reliability, draft / "reliability.png")
