"""Weights & Biases, offline: what `wandb sync` sends when it is told to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedasc.trackers.tracker import Log, Tracked, Tracker


@dataclass(frozen=True, kw_only=True)
class WandbTracker(Tracker):
    """Writes runs that nobody is sent."""

    needs = ("wandb",)
    hidden = ("WANDB_",)

    def environment(self, run: Tracked) -> Mapping[str, str]:
        folders = {name: f"{run.place}/{name.lower()}" for name in ("CACHE_DIR", "CONFIG_DIR")}
        return {
            "WANDB_MODE": "offline",
            "WANDB_ERROR_REPORTING": "false",
            "WANDB_SILENT": "true",
            "WANDB_DATA_DIR": run.place,
            "WANDB_ARTIFACT_DIR": run.place,
            **{f"WANDB_{name}": folder for name, folder in folders.items()},
        }

    def log(self, run: Tracked) -> Log:
        return _WandbLog(run)


class _WandbLog:
    def __init__(self, run: Tracked) -> None:
        import wandb

        self._run = wandb.init(
            project="fedasc",
            name=run.title,
            id=run.key,
            dir=run.place,
            mode="offline",
            config=dict(run.settings),
            save_code=False,
            settings=wandb.Settings(
                console="off", disable_git=True, disable_code=True, x_disable_stats=True,
                x_disable_meta=True, x_disable_machine_info=True,
            ),
        )  # fmt: skip

    def night(self, number: int, numbers: Mapping[str, float]) -> None:
        self._run.log(dict(numbers), step=number)

    def keep(self, files: Sequence[Path]) -> None:
        import wandb

        results = wandb.Artifact(f"results-{self._run.id}", type="results")
        for path in files:
            results.add_file(str(path))
            if path.suffix == ".png":
                self._run.summary[path.stem] = wandb.Image(str(path))
        self._run.log_artifact(results)

    def close(self, *, is_finished: bool) -> None:
        self._run.finish(exit_code=0 if is_finished else 1)
