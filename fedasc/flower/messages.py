"""The wire format: what stands in each message, packed here and checked here.

A reply to `train` holds the mixture, the count of windows and the device's number, and nothing
else. A reply to `evaluate` holds counts of right and wrong; it exists in a simulation only.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from fedasc.evaluation.scores import Confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.scenes import N_SCENES

_TASK = "task"
_DEVICE = "device"
_MIXTURE = ("weights", "means", "variances")


def train_request(night: int) -> RecordDict:
    return RecordDict({_TASK: ConfigRecord({"night": night})})


def evaluate_request(night: int, classifiers: Mapping[str, EmbeddedClassifier]) -> RecordDict:
    records = {name: _arrays(classifier.arrays()) for name, classifier in classifiers.items()}
    return RecordDict({_TASK: ConfigRecord({"night": night}), **records})


def night_of(request: Message) -> int:
    night = request.content.config_records[_TASK]["night"]
    if type(night) is not int:
        raise MessageError(f"request: expected a number of a night, got {night!r}")
    return night


def classifiers_of(request: Message) -> dict[str, EmbeddedClassifier]:
    return {
        name: EmbeddedClassifier(**{key: array.numpy() for key, array in record.items()})
        for name, record in request.content.array_records.items()
    }


def summary_reply(device: int, summary: Summary) -> RecordDict:
    mixture = summary.mixture
    return RecordDict(
        {
            _DEVICE: ConfigRecord({"index": device}),
            "mixture": _arrays({name: getattr(mixture, name) for name in _MIXTURE}),
            "day": MetricRecord({"n_windows": summary.n_windows}),
        }
    )


def summary_of(reply: Message) -> tuple[int, Summary]:
    """The device that sent a summary, and the summary.

    Raises:
        MessageError: If the reply holds anything else, or what it holds is not a summary.
    """
    content = reply.content
    _expect("summary", content, {_DEVICE, "mixture", "day"})
    mixture, day = content.array_records["mixture"], content.metric_records["day"]
    _expect("summary, mixture", mixture, set(_MIXTURE))
    _expect("summary, day", day, {"n_windows"})
    n_windows = day["n_windows"]
    if type(n_windows) is not int:
        raise MessageError(f"summary: expected a count of windows, got {n_windows!r}")
    arrays = {name: mixture[name].numpy() for name in _MIXTURE}
    return _device_of(content), Summary(Mixture(**arrays), n_windows)


def scores_reply(device: int, scores: Mapping[str, Confusion]) -> RecordDict:
    record = MetricRecord()
    for name, score in scores.items():
        record[name] = score.counts.ravel().tolist()
    return RecordDict({_DEVICE: ConfigRecord({"index": device}), "scores": record})


def scores_of(reply: Message) -> tuple[int, dict[str, Confusion]]:
    """The device that judged classifiers, and how they did.

    Raises:
        MessageError: If the reply holds anything else, or what it holds are not counts.
    """
    content = reply.content
    _expect("scores", content, {_DEVICE, "scores"})
    scores = {}
    for name, counts in content.metric_records["scores"].items():
        if not isinstance(counts, list) or len(counts) != N_SCENES**2:
            raise MessageError(f"scores: expected {N_SCENES**2} counts of {name}, got {counts!r}")
        scores[name] = Confusion(np.array(counts, np.int64).reshape(N_SCENES, N_SCENES))
    return _device_of(content), scores


def _device_of(content: RecordDict) -> int:
    record = content.config_records[_DEVICE]
    _expect("reply, device", record, {"index"})
    index = record["index"]
    if type(index) is not int:
        raise MessageError(f"reply: expected the number of a device, got {index!r}")
    return index


def _arrays(arrays: Mapping[str, NDArray[Any]]) -> ArrayRecord:
    return ArrayRecord({name: Array(array) for name, array in arrays.items()})


def _expect(what: str, record: Mapping[str, object], keys: set[str]) -> None:
    if set(record) != keys:
        raise MessageError(
            f"{what}: expected {sorted(keys)} and nothing else, got {sorted(record)}"
        )
