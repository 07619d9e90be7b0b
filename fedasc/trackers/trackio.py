"""Trackio: a database, and files beside it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedasc.trackers.tracker import Log, Tracked, Tracker

_PROJECT = "fedasc"


@dataclass(frozen=True, kw_only=True)
class TrackioTracker(Tracker):
    """Writes what `trackio show` shows."""

    needs = ("trackio",)
    hidden = ("TRACKIO_", "HF_", "HUGGING", "GRADIO_", "SPACE_", "SYSTEM")

    def environment(self, run: Tracked) -> Mapping[str, str]:
        # Even for a run that stays here it would ask the Hub who is logged in.
        return {
            "TRACKIO_DIR": run.place,
            "HF_HOME": f"{run.place}/huggingface",
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    def log(self, run: Tracked) -> Log:
        return _TrackioLog(run)


class _TrackioLog:
    def __init__(self, run: Tracked) -> None:
        import trackio

        self._key = run.key
        self._run = trackio.init(
            project=_PROJECT,
            name=f"{run.title} {run.key}",
            config=dict(run.settings),
            resume="allow",
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )

    def night(self, number: int, numbers: Mapping[str, float]) -> None:
        self._run.log(dict(numbers), step=number)

    def keep(self, files: Sequence[Path]) -> None:
        import trackio

        results = trackio.Artifact(re.sub(r"[^\w.-]", "_", f"results-{self._key}"), type="results")
        for path in files:
            results.add_file(str(path))
        self._run.log_artifact(results)
        pictures = {path.stem: trackio.Image(str(path)) for path in files if path.suffix == ".png"}
        self._run.log(pictures)

    def close(self, *, is_finished: bool) -> None:
        self._run.finish()  # type: ignore[no-untyped-call,unused-ignore]
