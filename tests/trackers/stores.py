"""What trackers hold, read from where they wrote it, in the same words for all."""

import json
import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BLOCK, _HEADER = 1 << 15, 7


@dataclass(frozen=True)
class Stored:
    """A run.

    Args:
        numbers: By name and night.
        settings: As texts.
        pictures, tables: Names of files.
    """

    numbers: dict[str, dict[int, float]]
    settings: dict[str, str]
    pictures: set[str]
    tables: set[str]


def of_tensorboard(folder: Path) -> Stored:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    tags = events.Tags()
    texts = {
        tag.removesuffix("/text_summary"): events.Tensors(tag)[0].tensor_proto.string_val[0]
        for tag in tags["tensors"]
        if not tag.startswith("_hparams_")
    }
    rows = [line.split(" | ") for line in texts.pop("settings").decode().splitlines()[2:]]
    return Stored(
        {tag: {one.step: one.value for one in events.Scalars(tag)} for tag in tags["scalars"]},
        {name.removeprefix("| "): value.removesuffix(" |") for name, value in rows},
        {f"{tag}.png" for tag in tags["images"]},
        set(texts),
    )


def of_mlflow(folder: Path) -> Stored:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("fedasc")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    return Stored(
        {
            name: {one.step: one.value for one in client.get_metric_history(run.info.run_id, name)}
            for name in run.data.metrics
        },
        run.data.params,
        *_parted(files),
    )


def of_trackio(folder: Path) -> Stored:
    with sqlite3.connect(folder / "fedasc.db") as store:
        logged = store.execute("select step, metrics from metrics").fetchall()
        ((config,),) = store.execute("select config from configs").fetchall()
        ((manifest,),) = store.execute("select manifest from artifact_versions").fetchall()
    settings = {k: str(v) for k, v in json.loads(config).items() if not k.startswith("_")}
    files = {file["path"] for file in json.loads(manifest)}
    return Stored(
        _by_name((step, json.loads(text)) for step, text in logged), settings, *_parted(files)
    )


def of_wandb(folder: Path) -> Stored:
    from wandb.proto import wandb_internal_pb2 as messages

    logged, settings, files = [], {}, set[str]()
    for path in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
        for content in _records(path.read_bytes()):
            record = messages.Record()
            record.ParseFromString(content)
            if record.HasField("history"):
                values = {
                    item.key or "/".join(item.nested_key): json.loads(item.value_json)
                    for item in record.history.item
                }
                logged.append((values["_step"], values))
            for item in record.run.config.update:
                if item.key != "_wandb":
                    settings[item.key] = str(json.loads(item.value_json))
            if record.HasField("request"):
                manifest = record.request.log_artifact.artifact.manifest
                files |= {entry.path for entry in manifest.contents}
            files |= {entry.path for entry in record.artifact.manifest.contents}
    return Stored(_by_name(logged), settings, *_parted(files))


def _records(content: bytes) -> Iterator[bytes]:
    """Those of a log as LevelDB has it, after W&B's own header of as many bytes."""
    place, part = _HEADER, b""
    while place + _HEADER <= len(content):
        left = _BLOCK - place % _BLOCK
        if left < _HEADER:
            place += left
            continue
        _, length, kind = struct.unpack_from("<IHB", content, place)
        part += content[place + _HEADER : place + _HEADER + length]
        place += _HEADER + length
        if kind in (1, 4):
            yield part
            part = b""


def _by_name(logged: Any) -> dict[str, dict[int, float]]:
    numbers: dict[str, dict[int, float]] = {}
    for night, values in logged:
        for name, value in values.items():
            if isinstance(value, int | float) and not name.startswith("_"):
                numbers.setdefault(name, {})[night] = float(value)
    return numbers


def _parted(files: set[str]) -> tuple[set[str], set[str]]:
    pictures = {file for file in files if file.endswith(".png")}
    return pictures, files - pictures


STORES = {
    "tensorboard": of_tensorboard,
    "mlflow": of_mlflow,
    "wandb": of_wandb,
    "trackio": of_trackio,
}
