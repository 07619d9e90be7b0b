from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.common.serde import recorddict_from_proto, recorddict_to_proto
from flwr.supercore.task_identity import TaskIdentity
from hypothesis import given
from hypothesis import strategies as st

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import Nothing, NothingAggregator
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from fedasc.evaluation.scores import Confusion
from fedasc.flower.messages import (
    classifiers_of,
    evaluate_request,
    held_of,
    night_of,
    scores_of,
    scores_reply,
    summary_of,
    summary_reply,
    train_request,
)
from fedasc.release.release import Release
from tests.aggregators.test_mixture import random_full_mixture, random_mixture
from tests.models.test_embedded import random_classifier
from tests.worlds import same_classifier

Tamper = Callable[[RecordDict], object]


@pytest.fixture(autouse=True, scope="module")
def sender() -> Iterator[None]:
    """Flower stamps messages with who sends them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_task_id", "_run_id", "_node_id"):
            patch.setattr(TaskIdentity, name, 1)
        yield


def over_the_wire(content: RecordDict) -> Message:
    """A message with what arrives of a content."""
    arrived = recorddict_from_proto(recorddict_to_proto(content))
    return Message(arrived, dst_node_id=1, message_type="train")


SHIPPED = random_classifier(9)
PLAINLY = Release()
ANY_MIXTURE = GmmAggregator(n_components=40, covariance="full")


@given(st.integers(0, 2**31))
def test_a_night_survives_the_wire(night: int) -> None:
    assert night_of(over_the_wire(train_request(night, SHIPPED, {}))) == night


def test_the_classifiers_that_devices_have_survive_the_wire() -> None:
    held = {device: random_classifier(device) for device in (1, 11)}
    request = over_the_wire(train_request(3, SHIPPED, held))
    for device in (0, 1, 11, 111):
        assert same_classifier(held_of(request, device), held.get(device, SHIPPED))


def test_classifiers_survive_the_wire() -> None:
    shared = {name: random_classifier(n) for n, name in enumerate(("baseline", "comprehensive"))}
    personal = {device: random_classifier(device) for device in (1, 11, 12)}
    request = over_the_wire(evaluate_request(3, shared, personal))
    assert night_of(request) == 3
    for device, own in personal.items():
        arrived = classifiers_of(request, device)
        sent = {**shared, "personal": own}
        assert arrived.keys() == sent.keys()
        assert all(same_classifier(arrived[name], sent[name]) for name in sent)


@given(
    device=st.integers(0, 10_000),
    full=st.booleans(),
    n_components=st.integers(1, 40),
    n_windows=st.integers(1, 10**6),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_summary_survives_the_wire(
    device: int, full: bool, n_components: int, n_windows: int, seed: int
) -> None:
    make = random_full_mixture if full else random_mixture
    sent = Summary.of(make(n_components, seed=seed), n_windows)
    whose, arrived = summary_of(
        over_the_wire(summary_reply(device, sent)).content, ANY_MIXTURE, PLAINLY
    )
    assert (whose, arrived.n_windows) == (device, n_windows)
    for name in ("weights", "means", "covariances"):
        one, other = getattr(arrived.content, name), getattr(sent.content, name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@given(
    device=st.integers(0, 10_000),
    counts=st.lists(st.integers(0, 10**6), min_size=16, max_size=16),
)
def test_scores_survive_the_wire(device: int, counts: list[int]) -> None:
    sent = {"personal": Confusion(np.array(counts).reshape(4, 4))}
    whose, (arrived, trained) = scores_of(over_the_wire(scores_reply(device, sent)).content)
    assert whose == device
    assert trained is None
    assert arrived.keys() == sent.keys()
    np.testing.assert_array_equal(arrived["personal"].counts, sent["personal"].counts)


def test_what_a_device_has_trained_survives_the_wire_where_devices_train() -> None:
    scores, trained = {"personal": Confusion(np.ones((4, 4), np.int64))}, random_classifier(2)
    content = over_the_wire(scores_reply(1, scores, trained)).content
    _, (_, arrived) = scores_of(content, trains=True)
    assert arrived is not None
    assert same_classifier(arrived, trained)
    _, (_, nothing) = scores_of(over_the_wire(scores_reply(1, scores)).content, trains=True)
    assert nothing is None
    with pytest.raises(MessageError, match="and nothing else"):
        scores_of(content)


@pytest.mark.parametrize("array", [np.full(45, np.nan, np.float32), np.zeros(44, np.float32)])
def test_what_is_no_classifier_was_not_trained(array: Any) -> None:
    scores = {"personal": Confusion(np.ones((4, 4), np.int64))}
    content = scores_reply(1, scores, random_classifier(2))
    content.array_records["trained"]["mean"] = Array(array)
    with pytest.raises(MessageError, match="weights: expected"):
        scores_of(over_the_wire(content).content, trains=True)


def put(record: str, key: str, value: Any) -> Tamper:
    return lambda content: content[record].update({key: value})


def put_array(key: str, array: Any) -> Tamper:
    return put("summary", key, Array(np.asarray(array, np.float32)))


def put_record(name: str, record: ArrayRecord | ConfigRecord | MetricRecord) -> Tamper:
    def change(content: RecordDict) -> None:
        content.pop(name, None)
        content[name] = record

    return change


def take(record: str, key: str | None = None) -> Tamper:
    return lambda content: content.pop(record) if key is None else content[record].pop(key)


GOOD, FULL = random_mixture(4), random_full_mixture(4)
BAD_SUMMARIES: dict[str, Tamper] = {
    "a record too many": put_record("features", MetricRecord({"x": [1.0] * 45})),
    "no summary": take("summary"),
    "no day": take("day"),
    "no device": take("device"),
    "an array too many": put_array("x", np.zeros((30, 45))),
    "no means": take("summary", "means"),
    "a number too many": put("day", "level", 3.0),
    "a text beside the device": put("device", "name", "Ada"),
    "no number of the device": take("device", "index"),
    "a name for a device": put("device", "index", "first"),
    "a device that is true": put("device", "index", True),
    "half a window": put("day", "n_windows", 30.5),
    "windows in a list": put("day", "n_windows", [30]),
    "no windows": put("day", "n_windows", 0),
    "a mean that is NaN": put_array("means", np.where(GOOD.means > -20, np.nan, GOOD.means)),
    "weights of half the sum": put_array("weights", GOOD.weights / 2),
    "a single weight": put_array("weights", 1.0),
    "fewer variances than means": put_array("covariances", GOOD.covariances[1:]),
    "fewer triangles than means": put_array("covariances", FULL.arrays()["covariances"][1:]),
    "squares for triangles": put_array("covariances", FULL.covariances),
    "a triangle of more features": put_array("covariances", np.ones((4, 46 * 47 // 2))),
    "a triangle of no covariance": put_array("covariances", np.ones((4, 45 * 46 // 2))),
    "a single variance": put_array("covariances", 1.0),
    "means of fewer features": put_array("means", GOOD.means[:, 1:]),
    "a single mean": put_array("means", 1.0),
    "a summary that is no arrays": put_record("summary", MetricRecord({"means": [1.0]})),
    "a day that is no metrics": put_record("day", ConfigRecord({"n_windows": 30})),
    "a device that is no config": put_record("device", MetricRecord({"index": 1})),
}


@pytest.mark.parametrize("name", BAD_SUMMARIES)
def test_refuses_a_reply_that_is_not_exactly_a_summary(name: str) -> None:
    content = summary_reply(1, Summary.of(GOOD, 30))
    BAD_SUMMARIES[name](content)
    with pytest.raises(MessageError):
        summary_of(over_the_wire(content).content, ANY_MIXTURE, PLAINLY)


def test_no_more_is_taken_than_the_release_stage_leaves_of_it() -> None:
    release, content = Release(bits=16), random_mixture(4)
    wide = summary_reply(1, Summary.of(content, 30, encoding=release.encoding))
    aggregator = GmmAggregator(n_components=4)
    assert summary_of(over_the_wire(wide).content, aggregator, release)[1].n_bytes == 728
    with pytest.raises(MessageError, match=r"728 bytes, but aggregator 'gmm' declares 546"):
        summary_of(over_the_wire(wide).content, replace(aggregator, n_components=3), release)


@pytest.mark.parametrize("n_components", [4, 5])
def test_no_more_is_taken_than_the_aggregator_declares(n_components: int) -> None:
    content = summary_reply(1, Summary.of(random_mixture(n_components), 30))
    aggregator = GmmAggregator(n_components=4)
    if n_components == 4:
        assert summary_of(over_the_wire(content).content, aggregator, PLAINLY)[0] == 1
    else:
        with pytest.raises(MessageError, match=r"1820 bytes, but aggregator 'gmm' declares 1456"):
            summary_of(over_the_wire(content).content, aggregator, PLAINLY)


def test_a_summary_without_a_number_survives_the_wire() -> None:
    sent = summary_reply(2, Summary.of(Nothing(), 30))
    device, arrived = summary_of(over_the_wire(sent).content, NothingAggregator(), PLAINLY)
    assert (device, arrived.n_windows, arrived.n_bytes) == (2, 30, 0)
    assert isinstance(arrived.content, Nothing)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_rounded_summary_survives_the_wire(bits: int) -> None:
    release = Release(bits=bits)
    summary = Summary.of(GOOD, 30, encoding=release.encoding)
    content = over_the_wire(summary_reply(1, summary)).content
    _, arrived = summary_of(content, ANY_MIXTURE, release)
    with pytest.raises(MessageError):
        summary_of(content, ANY_MIXTURE, PLAINLY)
    assert arrived.n_bytes == summary.n_bytes
    for name, array in summary.content.arrays().items():
        np.testing.assert_array_equal(arrived.content.arrays()[name], array)


BAD_SCORES: dict[str, Tamper] = {
    "a record too many": put_record("features", MetricRecord({"x": [1.0] * 45})),
    "no scores": take("scores"),
    "no device": take("device"),
    "a text beside the device": put("device", "name", "Ada"),
    "fifteen counts": put("scores", "personal", [1] * 15),
    "a single count": put("scores", "personal", 16),
    "fractions": put("scores", "personal", [0.5] * 16),
    "counts under zero": put("scores", "personal", [-1] * 16),
    "scores that are no metrics": put_record("scores", ConfigRecord({"personal": [1] * 16})),
}


@pytest.mark.parametrize("name", BAD_SCORES)
def test_refuses_a_reply_that_is_not_exactly_counts(name: str) -> None:
    content = scores_reply(1, {"personal": Confusion(np.eye(4, dtype=np.int64))})
    BAD_SCORES[name](content)
    with pytest.raises(MessageError):
        scores_of(over_the_wire(content).content)


def test_refuses_a_night_that_is_no_number() -> None:
    content = RecordDict({"task": ConfigRecord({"night": "first"})})
    with pytest.raises(MessageError, match="night"):
        night_of(over_the_wire(content))
