"""The wire format: what stands in each message, packed here and checked here.

For each of its devices that take part, a node's reply to `train` holds the summary's arrays, the
count of windows, the numbers of the device and the night, and nothing else. A reply to `evaluate`
exists in a simulation only: it holds counts of right and wrong, and of a device that trains by
itself what its classifier has become, so that the run can go on elsewhere from what the server
knows. In place of either a device may tell why it failed.

Whatever a content holds, reading it raises no other error than `MessageError`.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict

from fedasc.admission import Admission, refusals_of
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError, in_a_line, printable
from fedasc.evaluation.scores import ON_DEVICES, Confusion
from fedasc.flower.records import classifier_of, expect, packed, record_of, unpacked
from fedasc.losses import Reason
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.scenes import N_SCENES

TASK = "task"
DEVICE = "device"
PERSONAL = "personal"
SHIPPED = "shipped"
_SUMMARY = "summary"
_DAY = "day"
_SCORES = "scores"
_TRAINED = "trained"
_FAILED = "failed"
_LONGEST_REASON = 500
_LONGEST_TRACE = 5000


def train_request(
    night: int,
    devices: Sequence[int],
    shipped: EmbeddedClassifier,
    held: Mapping[int, EmbeddedClassifier],
) -> RecordDict:
    """What devices of a node shall summarise.

    Args:
        devices: Those that are asked.
        shipped: The classifier of devices that haven't had another one.
        held: Those of the others, by device.

    Raises:
        MessageError: If a classifier isn't finite.
    """
    return _request(night, devices, {SHIPPED: shipped}, held)


def evaluate_request(
    night: int,
    devices: Sequence[int],
    shared: Mapping[str, EmbeddedClassifier],
    held: Mapping[int, EmbeddedClassifier],
) -> RecordDict:
    """What devices of a node shall judge.

    Args:
        devices: Those that are asked.
        shared: Classifiers that all of them judge, by name.
        held: What each device has after the server's answer, if it isn't what was shipped.

    Raises:
        MessageError: If a classifier isn't finite.
    """
    return _request(night, devices, shared, held)


def night_of(request: Message) -> int:
    """The number of the night that a request is about."""
    return _task_of(request)[0]


def devices_of(request: Message) -> tuple[int, ...]:
    """The numbers of the devices that are asked."""
    return _task_of(request)[1]


def summary_reply(device: int, night: int, summary: Summary) -> RecordDict:
    """What a device sends of its day."""
    return RecordDict(
        {
            DEVICE: sender(device, night),
            _SUMMARY: packed(summary.arrays),
            _DAY: MetricRecord({"n_windows": summary.n_windows}),
        }
    )


def summary_of(content: RecordDict, *, device: int, night: int, admission: Admission) -> Summary:
    """The summary that a device sent.

    Args:
        device, night: Who was asked, and for what.
        admission: What may be sent.

    Raises:
        MessageError: If the content is anything else, of another device or another night.
    """
    with refusals_of(device):
        expect(
            "summary", content, {DEVICE: ConfigRecord, _SUMMARY: ArrayRecord, _DAY: MetricRecord}
        )
        check_sender(content, device, night)
        day = content.metric_records[_DAY]
        expect("summary, day", day, {"n_windows": int})
        n_windows = cast(int, day["n_windows"])
        most = admission.most_bytes(n_windows)
        arrays = unpacked("summary", content.array_records[_SUMMARY], most_bytes=most)
        summary = Summary(admission.aggregator.kind, arrays, n_windows, admission.release.encoding)
    admission.check(device, summary)
    return summary


def scores_reply(
    device: int,
    night: int,
    scores: Mapping[str, Confusion],
    trained: EmbeddedClassifier | None = None,
) -> RecordDict:
    """How classifiers did on a device.

    Args:
        trained: What it has made of its classifier, if it trains by itself.
    """
    record = MetricRecord()
    for name, score in scores.items():
        record[name] = score.counts.ravel().tolist()
    content = RecordDict({DEVICE: sender(device, night), _SCORES: record})
    if trained is not None:
        content[_TRAINED] = record_of(trained)
    return content


def scores_of(
    content: RecordDict, *, device: int, night: int, n_windows: int, trains: bool
) -> tuple[dict[str, Confusion], EmbeddedClassifier | None]:
    """How classifiers did on a device, and what it trained, if anything.

    Args:
        device, night: Who was asked, and for what.
        n_windows: That each classifier was to be tried on.
        trains: Whether devices were told to train by themselves.

    Raises:
        MessageError: If the content is anything else, of another device or another night.
    """
    with refusals_of(device):
        kinds: dict[str, type] = {DEVICE: ConfigRecord, _SCORES: MetricRecord}
        if trains and _TRAINED in content:
            kinds[_TRAINED] = ArrayRecord
        expect("scores", content, kinds)
        check_sender(content, device, night)
        record = content.metric_records[_SCORES]
        expect("scores", record, dict.fromkeys(ON_DEVICES, list))
        scores = {
            name: _confusion(name, cast(list[int], record[name]), n_windows) for name in ON_DEVICES
        }
        heard = {score.counts.sum(axis=1).tobytes() for score in scores.values()}
        if len(heard) > 1:
            raise MessageError("scores: expected the same windows of every classifier")
        trained = content.array_records.get(_TRAINED)
        return scores, None if trained is None else classifier_of(trained)


def failed_reply(reason: str) -> RecordDict:
    """Why a device failed, in one line whatever the reason looks like; and its trace, if any."""
    line = in_a_line(reason, longest=_LONGEST_REASON) or "no reason given"
    record = ConfigRecord({"reason": line})
    if trace := getattr(reason, "trace", ""):
        lines = (printable(line) for line in trace.splitlines())
        record["trace"] = "\n".join(lines)[-_LONGEST_TRACE:]
    return RecordDict({_FAILED: record})


def failure_of(content: RecordDict) -> Reason | None:
    """Why a device says that it failed; None if it doesn't say so.

    Raises:
        MessageError: If it says anything else besides, more than a line, or a trace that can't be
            printed.
    """
    if _FAILED not in content:
        return None
    expect("failure", content, {_FAILED: ConfigRecord})
    record = content.config_records[_FAILED]
    told = ("reason", "trace") if "trace" in record else ("reason",)
    expect("failure", record, dict.fromkeys(told, str))
    reason, trace = cast(str, record["reason"]), cast(str, record.get("trace", ""))
    if len(reason) > _LONGEST_REASON or not reason.isprintable() or not reason.strip():
        raise MessageError(f"failure: expected a line of {_LONGEST_REASON} characters at most")
    if len(trace) > _LONGEST_TRACE or not all(map(str.isprintable, trace.split("\n"))):
        raise MessageError(f"failure: expected a trace of {_LONGEST_TRACE} characters at most")
    return Reason(reason, trace)


def _request(
    night: int,
    devices: Sequence[int],
    shared: Mapping[str, EmbeddedClassifier],
    held: Mapping[int, EmbeddedClassifier],
) -> RecordDict:
    records = {name: record_of(classifier) for name, classifier in shared.items()}
    for device in devices:
        if device in held:
            with refusals_of(device):
                records[held_by(device)] = record_of(held[device])
    return RecordDict({TASK: task(night, devices), **records})


def task(night: int, devices: Sequence[int]) -> ConfigRecord:
    """What every request says: for which devices, on what night."""
    return ConfigRecord({"night": night, "devices": list(devices)})


def _task_of(request: Message) -> tuple[int, tuple[int, ...]]:
    task = request.content.config_records.get(TASK)
    if task is None:
        raise MessageError("request: expected the number of a night and those of devices")
    expect("request", task, {"night": int, "devices": list})
    devices = cast(list[int], task["devices"])
    if not all(type(device) is int and device >= 0 for device in devices):
        raise MessageError("request: expected numbers of devices")
    return cast(int, task["night"]), tuple(devices)


def held_by(device: int | str) -> str:
    """Name of the record with the classifier that a device has."""
    return f"{PERSONAL} {device}"


def sender(device: int, night: int) -> ConfigRecord:
    """What every reply says: of which device, on what night."""
    return ConfigRecord({"index": device, "night": night})


def check_sender(content: RecordDict, device: int, night: int) -> None:
    """Hold that a content is of this device, and not of a night before."""
    record = content.config_records[DEVICE]
    expect("reply, device", record, {"index": int, "night": int})
    if record["index"] != device:
        raise MessageError("reply: it claims to be of another device")
    if record["night"] != night:
        raise MessageError(f"reply: it is of another night than {night}, a replay")


def _confusion(name: str, counts: list[int], n_windows: int) -> Confusion:
    are_counts = len(counts) == N_SCENES**2 and all(
        type(count) is int and 0 <= count <= n_windows for count in counts
    )
    if not are_counts or sum(counts) != n_windows:
        raise MessageError(
            f"scores: expected {N_SCENES**2} counts of {name} that add up to {n_windows} windows"
        )
    return Confusion(np.array(counts, np.int64).reshape(N_SCENES, N_SCENES))
