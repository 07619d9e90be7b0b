"""MLflow: a database, and a folder of artifacts beside it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedasc.trackers.tracker import Log, Tracked, Tracker

_EXPERIMENT = "fedasc"
_KEY = "fedasc.key"
_N_PARAMS = 100
"""That MLflow takes at a time."""


@dataclass(frozen=True, kw_only=True)
class MlflowTracker(Tracker):
    """Writes what `mlflow ui --backend-store-uri` shows; to a server if its address is given."""

    needs = ("mlflow", "sqlalchemy")
    hidden = ("MLFLOW_", "DATABRICKS_")
    takes_address = True

    def environment(self, run: Tracked) -> Mapping[str, str]:
        return {"MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet"}

    def log(self, run: Tracked) -> Log:
        return _MlflowLog(run)


class _MlflowLog:
    def __init__(self, run: Tracked) -> None:
        from mlflow import MlflowClient
        from mlflow.entities import Param

        is_local = "://" not in run.place
        folder = Path(run.place).resolve()
        uri = f"sqlite:///{folder / 'mlflow.db'}" if is_local else run.place
        self._client = MlflowClient(tracking_uri=uri)
        known = self._client.get_experiment_by_name(_EXPERIMENT)
        artifacts = (folder / "artifacts").as_uri() if is_local else None
        experiment = (
            known.experiment_id
            if known
            else self._client.create_experiment(_EXPERIMENT, artifact_location=artifacts)
        )
        before = self._client.search_runs([experiment], f"tags.`{_KEY}` = '{run.key}'")
        if before:
            self._run = before[0].info.run_id
            self._client.update_run(self._run, status="RUNNING")
            return
        begun = self._client.create_run(experiment, run_name=run.title, tags={_KEY: run.key})
        self._run = begun.info.run_id
        params = [Param(name, str(value)) for name, value in run.settings.items()]
        for start in range(0, len(params), _N_PARAMS):
            self._client.log_batch(self._run, params=params[start : start + _N_PARAMS])

    def night(self, number: int, numbers: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now_ms = int(1000 * time.time())
        metrics = [Metric(name, value, now_ms, number) for name, value in numbers.items()]
        for start in range(0, len(metrics), 1000):
            self._client.log_batch(self._run, metrics=metrics[start : start + 1000])

    def keep(self, files: Sequence[Path]) -> None:
        for path in files:
            self._client.log_artifact(self._run, str(path))

    def close(self, *, is_finished: bool) -> None:
        self._client.set_terminated(self._run, status="FINISHED" if is_finished else "KILLED")
