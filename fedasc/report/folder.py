"""The run folder: settings, results per device, a summary and plots, all or none."""

import csv
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fedasc.errors import SettingsError
from fedasc.report.plots import plot_before_after, plot_gains
from fedasc.report.results import ProfileSummary, Row
from fedasc.settings import Settings


def check_free(folder: Path) -> None:
    """Refuse a run folder that exists, before anything long is done.

    Raises:
        SettingsError: If there is something at the path, or it can't be written.
    """
    if folder.exists():
        raise SettingsError(f"{folder}: exists; give --out another name or move it away")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder}: can't be made ({error.strerror}); see --out") from error


def write_run(
    folder: Path,
    *,
    settings: Settings,
    corpus: Mapping[str, Any],
    results: Sequence[Row],
    summaries: Sequence[ProfileSummary],
    seconds: Mapping[str, float],
) -> None:
    """Write a run folder; it appears whole or not at all.

    Args:
        folder: Must not exist yet.
        settings: All of them, defaults included.
        corpus: What the corpus held.
        results: By device.
        summaries: By profile.
        seconds: By phase.
    """
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _write_json(draft / "settings.json", asdict(settings))
        _write_json(
            draft / "summary.json",
            {
                "corpus": corpus,
                "profiles": [summary.as_dict() for summary in summaries],
                "seconds": {phase: round(spent, 2) for phase, spent in seconds.items()},
            },
        )
        with (draft / "devices.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(results[0]))
            writer.writeheader()
            writer.writerows(results)
        plot_gains(results, draft / "gains.png")
        plot_before_after(results, draft / "before_after.png")
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
