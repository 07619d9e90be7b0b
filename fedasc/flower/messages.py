"""The wire format: what stands in each message, packed here and checked here.

For each of its devices that take part, a node's reply to `train` holds the summary's arrays, the
count of windows and the device's number, and nothing else. A reply to `evaluate` exists in a
simulation only: it holds counts of right and wrong, and of a device that trains by itself what its
classifier has become, so that the run can go on elsewhere from what the server knows.
"""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.encoding import PLAIN
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.errors import MessageError
from fedasc.evaluation.scores import Confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.release.release import Release
from fedasc.scenes import N_SCENES

_TASK = "task"
_DEVICE = "device"
PERSONAL = "personal"
_SHIPPED = "shipped"
_SUMMARY = "summary"
_TRAINED = "trained"
HELLO = "hello"
"""Of a query for a node's number, and nothing else."""


def train_request(
    night: int, shipped: EmbeddedClassifier, held: Mapping[int, EmbeddedClassifier]
) -> RecordDict:
    """What a node's devices shall summarise.

    Args:
        shipped: The classifier of devices that haven't had another one.
        held: Those of the others, by device.
    """
    records = {_SHIPPED: record_of(shipped)}
    records |= {_held(device): record_of(classifier) for device, classifier in held.items()}
    return RecordDict({_TASK: ConfigRecord({"night": night}), **records})


def held_of(request: Message, device: int) -> EmbeddedClassifier:
    """The classifier that one of the node's devices has."""
    records = request.content.array_records
    return classifier_of(records.get(_held(device)) or records[_SHIPPED])


def evaluate_request(
    night: int,
    shared: Mapping[str, EmbeddedClassifier],
    held: Mapping[int, EmbeddedClassifier],
) -> RecordDict:
    """What a node's devices shall judge.

    Args:
        shared: Classifiers that all of them judge, by name.
        held: What each device has after the server's answer, if it isn't what was shipped.
    """
    task = {_TASK: ConfigRecord({"night": night})}
    records = {name: record_of(classifier) for name, classifier in shared.items()}
    records |= {_held(device): record_of(classifier) for device, classifier in held.items()}
    return RecordDict({**task, **records})


def night_of(request: Message) -> int:
    night = request.content.config_records[_TASK]["night"]
    if type(night) is not int:
        raise MessageError(f"request: expected a number of a night, got {night!r}")
    return night


def classifiers_of(request: Message, device: int) -> dict[str, EmbeddedClassifier]:
    """What one of the node's devices shall judge, by name."""
    return {
        PERSONAL if name == _held(device) else name: classifier_of(record)
        for name, record in request.content.array_records.items()
        if name == _held(device) or not name.startswith(_held(""))
    }


def _held(device: int | str) -> str:
    """Name of the record with the classifier that a device has."""
    return f"{PERSONAL} {device}"


def summary_reply(device: int, summary: Summary) -> RecordDict:
    return RecordDict(
        {
            _DEVICE: ConfigRecord({"index": device}),
            _SUMMARY: _arrays(summary.arrays),
            "day": MetricRecord({"n_windows": summary.n_windows}),
        }
    )


def summary_of(
    content: RecordDict, aggregator: Aggregator, release: Release
) -> tuple[int, Summary]:
    """The device that sent a summary, and the summary.

    Args:
        aggregator, release: What devices were told to use.

    Raises:
        MessageError: If the content is anything else, or more than was declared.
    """
    kinds = {_DEVICE: ConfigRecord, _SUMMARY: ArrayRecord, "day": MetricRecord}
    _expect("summary", content, kinds)
    record, day = content.array_records[_SUMMARY], content.metric_records["day"]
    _expect("summary, day", day, {"n_windows": int})
    arrays = {name: _numbers(f"summary, {name}", array) for name, array in record.items()}
    n_windows = cast(int, day["n_windows"])
    summary = Summary(aggregator.kind, arrays, n_windows, release.encoding)
    n_most = release.budget(aggregator.budget(n_windows)).n_bytes
    if summary.n_bytes > n_most:
        raise MessageError(
            f"summary: {summary.n_bytes} bytes, but aggregator {aggregator.name!r} declares "
            f"{n_most} at most"
        )
    return _device_of(content), summary


def scores_reply(
    device: int, scores: Mapping[str, Confusion], trained: EmbeddedClassifier | None = None
) -> RecordDict:
    """How classifiers did on a device.

    Args:
        trained: What it has made of its classifier, if it trains by itself.
    """
    record = MetricRecord()
    for name, score in scores.items():
        record[name] = score.counts.ravel().tolist()
    content = RecordDict({_DEVICE: ConfigRecord({"index": device}), "scores": record})
    if trained is not None:
        content[_TRAINED] = record_of(trained)
    return content


def scores_of(
    content: RecordDict, *, trains: bool = False
) -> tuple[int, tuple[dict[str, Confusion], EmbeddedClassifier | None]]:
    """The device that judged classifiers, how they did, and what it trained, if anything.

    Args:
        trains: Whether devices were told to train by themselves.

    Raises:
        MessageError: If the content is anything else.
    """
    kinds: dict[str, type] = {_DEVICE: ConfigRecord, "scores": MetricRecord}
    if trains and _TRAINED in content:
        kinds[_TRAINED] = ArrayRecord
    _expect("scores", content, kinds)
    scores = {}
    for name, counts in content.metric_records["scores"].items():
        table = np.asarray(counts)
        if table.shape != (N_SCENES**2,) or table.dtype != np.int64 or (table < 0).any():
            raise MessageError(f"scores: expected {N_SCENES**2} counts of {name}, got {counts!r}")
        scores[name] = Confusion(table.reshape(N_SCENES, N_SCENES))
    return _device_of(content), (scores, _trained_of(content) if trains else None)


def _trained_of(content: RecordDict) -> EmbeddedClassifier | None:
    record = content.array_records.get(_TRAINED)
    if record is None:
        return None
    arrays = {name: _numbers(f"scores, {name}", array) for name, array in record.items()}
    return PLAIN.decode(Weights, arrays).classifier


def _device_of(content: RecordDict) -> int:
    record = content.config_records[_DEVICE]
    _expect("reply, device", record, {"index": int})
    return cast(int, record["index"])


def _arrays(arrays: Mapping[str, NDArray[Any]]) -> ArrayRecord:
    return ArrayRecord({name: Array(array) for name, array in arrays.items()})


def record_of(classifier: EmbeddedClassifier) -> ArrayRecord:
    return _arrays(classifier.arrays())


def classifier_of(record: ArrayRecord) -> EmbeddedClassifier:
    return EmbeddedClassifier(**{key: array.numpy() for key, array in record.items()})


def _numbers(what: str, array: Array) -> NDArray[Any]:
    """The numbers of an array, which must hold them and not a byte more."""
    numbers = array.numpy()
    if numbers.dtype.kind not in "fiu" or array.data != Array(numbers).data:
        raise MessageError(f"{what}: expected numbers and nothing else")
    return numbers


def _expect(what: str, record: Mapping[str, object], kinds: Mapping[str, type]) -> None:
    """Hold that a record has these keys, of these kinds, and no others."""
    received = {key: type(value) for key, value in record.items()}
    if received != dict(kinds):
        raise MessageError(
            f"{what}: expected {_in_words(kinds)} and nothing else, got {_in_words(received)}"
        )


def _in_words(kinds: Mapping[str, type]) -> str:
    return ", ".join(f"{key} ({kind.__name__})" for key, kind in sorted(kinds.items()))
