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

from fedasc.admission import Admission
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import Nothing, NothingAggregator
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from fedasc.evaluation.scores import ON_DEVICES, Confusion
from fedasc.flower.given import Given
from fedasc.flower.messages import (
    devices_of,
    evaluate_request,
    failed_reply,
    failure_of,
    night_of,
    scores_of,
    scores_reply,
    summary_of,
    summary_reply,
    train_request,
)
from fedasc.losses import Reason
from fedasc.models.embedded import EmbeddedClassifier
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
NIGHT, N_HEARD, N_EVALUATION = 7, 10**6, 160
ANY_MIXTURE = GmmAggregator(n_components=40, covariance="full")
RIGHT = Confusion(np.full((4, 4), 10))
SCORES = dict.fromkeys(ON_DEVICES, RIGHT)


def admitting(aggregator: Aggregator = ANY_MIXTURE, *, bits: int = 32) -> Admission:
    """Of anything that such an aggregator may send."""
    return Admission(
        aggregator=aggregator,
        release=Release(min_windows=1, bits=bits),
        n_heard=N_HEARD,
        low=np.full(45, -100.0),
        high=np.full(45, 100.0),
    )


def read(content: RecordDict, admission: Admission, *, device: int = 1) -> Summary:
    """What comes over the wire of what a device sends on the night."""
    arrived = over_the_wire(content).content
    return summary_of(arrived, device=device, night=NIGHT, admission=admission)


def judged(
    content: RecordDict, *, device: int = 1, trains: bool = False
) -> tuple[dict[str, Confusion], EmbeddedClassifier | None]:
    """What comes over the wire of how classifiers did on a device on the night."""
    arrived = over_the_wire(content).content
    return scores_of(arrived, device=device, night=NIGHT, n_windows=N_EVALUATION, trains=trains)


@given(st.integers(0, 2**31))
def test_a_night_survives_the_wire(night: int) -> None:
    assert night_of(over_the_wire(train_request(night, (), SHIPPED, {}))) == night


@pytest.mark.parametrize("devices", [(), (3,), (0, 11, 2)])
def test_a_request_names_its_devices(devices: tuple[int, ...]) -> None:
    for request in (
        train_request(3, devices, SHIPPED, {}),
        evaluate_request(3, devices, {"baseline": SHIPPED}, {}),
    ):
        assert devices_of(over_the_wire(request)) == devices


def test_the_classifiers_that_devices_have_survive_the_wire() -> None:
    held = {device: random_classifier(device) for device in (1, 11)}
    arrived = Given(over_the_wire(train_request(3, (0, 1, 11, 111), SHIPPED, held)))
    for device in (0, 1, 11, 111):
        assert same_classifier(arrived.had(device), held.get(device, SHIPPED))
    nothing = Given(over_the_wire(evaluate_request(3, (0,), {}, {})))
    with pytest.raises(MessageError, match="expected a classifier of device 0"):
        nothing.had(0)


def test_classifiers_survive_the_wire() -> None:
    shared = {name: random_classifier(n) for n, name in enumerate(("baseline", "comprehensive"))}
    personal = {device: random_classifier(device) for device in (1, 11, 12)}
    request = over_the_wire(evaluate_request(3, tuple(personal), shared, personal))
    assert night_of(request) == 3
    given_to = Given(request)
    assert given_to.judged(1)["baseline"] is given_to.judged(11)["baseline"], "read once"
    for device, own in personal.items():
        arrived = given_to.judged(device)
        sent = {**shared, "personal": own}
        assert arrived.keys() == sent.keys()
        assert all(same_classifier(arrived[name], sent[name]) for name in sent)


@given(
    device=st.integers(0, 10_000),
    full=st.booleans(),
    n_components=st.integers(1, 40),
    n_more=st.integers(0, N_HEARD - 40),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_summary_survives_the_wire(
    device: int, full: bool, n_components: int, n_more: int, seed: int
) -> None:
    make = random_full_mixture if full else random_mixture
    sent = Summary.of(make(n_components, seed=seed), n_components + n_more)
    arrived = read(summary_reply(device, NIGHT, sent), admitting(), device=device)
    assert arrived.n_windows == n_components + n_more
    for name in ("weights", "means", "covariances"):
        one, other = getattr(arrived.content, name), getattr(sent.content, name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@given(
    device=st.integers(0, 10_000), places=st.lists(st.integers(0, 15), min_size=160, max_size=160)
)
def test_scores_survive_the_wire(device: int, places: list[int]) -> None:
    counts = np.bincount(places, minlength=16).reshape(4, 4)
    sent = dict.fromkeys(ON_DEVICES, Confusion(counts))
    arrived, trained = judged(scores_reply(device, NIGHT, sent), device=device)
    assert trained is None
    assert list(arrived) == list(ON_DEVICES)
    for name in ON_DEVICES:
        np.testing.assert_array_equal(arrived[name].counts, counts)


def test_what_a_device_has_trained_survives_the_wire_where_devices_train() -> None:
    trained = random_classifier(2)
    content = scores_reply(1, NIGHT, SCORES, trained)
    _, arrived = judged(content, trains=True)
    assert arrived is not None
    assert same_classifier(arrived, trained)
    _, nothing = judged(scores_reply(1, NIGHT, SCORES), trains=True)
    assert nothing is None
    with pytest.raises(MessageError, match=r"device 1: .*and nothing else"):
        judged(content)


@pytest.mark.parametrize("array", [np.full(45, np.nan, np.float32), np.zeros(44, np.float32)])
def test_what_is_no_classifier_was_not_trained(array: Any) -> None:
    content = scores_reply(1, NIGHT, SCORES, random_classifier(2))
    content.array_records["trained"]["mean"] = Array(array)
    with pytest.raises(MessageError, match=r"device 1: weights: expected"):
        judged(content, trains=True)


@pytest.mark.parametrize("name", ["shipped", "held"])
def test_nothing_that_is_not_finite_is_ever_sent(name: str) -> None:
    spoilt = replace(SHIPPED, scale=np.full(45, np.inf, np.float32))
    assert SHIPPED.is_finite
    assert not spoilt.is_finite
    shipped, held = (spoilt, {}) if name == "shipped" else (SHIPPED, {4: spoilt})
    told = "expected finite numbers in scale" if name == "shipped" else "device 4: .* in scale"
    with pytest.raises(MessageError, match=told):
        train_request(NIGHT, (4,), shipped, held)
    with pytest.raises(MessageError, match=told):
        evaluate_request(NIGHT, (4,), {"baseline": shipped}, held)


def test_a_summary_of_another_night_or_device_is_refused() -> None:
    sent = summary_reply(1, NIGHT - 1, Summary.of(GOOD, 30))
    with pytest.raises(MessageError, match=r"device 1: .*another night than 7, a replay"):
        read(sent, admitting())
    sent = summary_reply(2, NIGHT, Summary.of(GOOD, 30))
    with pytest.raises(MessageError, match=r"device 1: .*another device"):
        read(sent, admitting())


def test_scores_of_another_night_or_device_are_refused() -> None:
    with pytest.raises(MessageError, match=r"device 1: .*a replay"):
        judged(scores_reply(1, NIGHT + 1, SCORES))
    with pytest.raises(MessageError, match=r"device 1: .*another device"):
        judged(scores_reply(2, NIGHT, SCORES))


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("ValueError: microphone broken", "ValueError: microphone broken"),
        ("Traceback\n  line 3\x00\nKeyError\t'x'\ud800", "Traceback line 3 KeyError 'x'"),
        (" \n", "no reason given"),
        ("x" * 10_000, "x" * 500),
    ],
)
def test_a_device_tells_why_it_failed_in_a_line(reason: str, told: str) -> None:
    assert failure_of(over_the_wire(failed_reply(reason)).content) == told


def test_a_device_tells_how_it_came_up_too() -> None:
    reason = Reason("why", 'File "mine.py", line 3\n    1 / 0\x1b[31m')
    read = failure_of(over_the_wire(failed_reply(reason)).content)
    assert read is not None
    assert read == "why"
    assert read.trace == 'File "mine.py", line 3\n    1 / 0\\x1b[31m'
    far = failure_of(over_the_wire(failed_reply(Reason("why", "x" * 9000))).content)
    assert far is not None
    assert far.trace == "x" * 5000


def test_what_did_not_fail_tells_no_reason() -> None:
    assert failure_of(summary_reply(1, NIGHT, Summary.of(GOOD, 30))) is None


@pytest.mark.parametrize(
    "failed",
    [
        ConfigRecord({"reason": "x" * 501}),
        ConfigRecord({"reason": "two\nlines"}),
        ConfigRecord({"reason": " "}),
        ConfigRecord({"reason": ["x"]}),
        ConfigRecord({"reason": "x", "more": 1}),
        ConfigRecord({"reason": "x", "trace": "y" * 5001}),
        ConfigRecord({"reason": "x", "trace": "a bell \a"}),
        ConfigRecord({"reason": "x", "trace": 1}),
        ConfigRecord(),
        MetricRecord({"reason": 1}),
    ],
)
def test_a_reason_that_is_no_line_is_refused(
    failed: ConfigRecord | MetricRecord,
) -> None:
    with pytest.raises(MessageError, match="failure: expected"):
        failure_of(over_the_wire(RecordDict({"failed": failed})).content)


def test_a_failure_is_told_alone() -> None:
    content = RecordDict({**failed_reply("x"), "features": MetricRecord({"x": [1.0] * 45})})
    with pytest.raises(MessageError, match="nothing else"):
        failure_of(content)


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
    content = summary_reply(1, NIGHT, Summary.of(GOOD, 30))
    BAD_SUMMARIES[name](content)
    with pytest.raises(MessageError, match=r"\Adevice 1: .*\Z"):
        read(content, admitting())


def test_no_more_is_taken_than_the_release_stage_leaves_of_it() -> None:
    aggregator = GmmAggregator(n_components=4)
    admission = admitting(aggregator, bits=16)
    sent = Summary.of(random_mixture(4), 30, encoding=admission.release.encoding)
    content = summary_reply(1, NIGHT, sent)
    assert read(content, admission).n_bytes == 728
    with pytest.raises(MessageError, match=r"'covariances': 360 bytes, .* 178 are left of 546"):
        read(content, admitting(replace(aggregator, n_components=3), bits=16))


@pytest.mark.parametrize("n_components", [4, 5])
def test_no_more_is_taken_than_the_aggregator_declares(n_components: int) -> None:
    content = summary_reply(1, NIGHT, Summary.of(random_mixture(n_components), 30))
    admission = admitting(GmmAggregator(n_components=4))
    if n_components == 4:
        assert read(content, admission).n_bytes == 1456
    else:
        with pytest.raises(
            MessageError, match=r"'covariances': 900 bytes, .* 536 are left of 1456"
        ):
            read(content, admission)


def test_a_summary_without_a_number_survives_the_wire() -> None:
    sent = summary_reply(2, NIGHT, Summary.of(Nothing(), 30))
    arrived = read(sent, admitting(NothingAggregator()), device=2)
    assert (arrived.n_windows, arrived.n_bytes) == (30, 0)
    assert isinstance(arrived.content, Nothing)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_rounded_summary_survives_the_wire(bits: int) -> None:
    admission = admitting(bits=bits)
    summary = Summary.of(GOOD, 30, encoding=admission.release.encoding)
    content = summary_reply(1, NIGHT, summary)
    arrived = read(content, admission)
    with pytest.raises(MessageError):
        read(content, admitting())
    assert arrived.n_bytes == summary.n_bytes
    for name, array in summary.content.arrays().items():
        np.testing.assert_array_equal(arrived.content.arrays()[name], array)


BAD_SCORES: dict[str, Tamper] = {
    "a record too many": put_record("features", MetricRecord({"x": [1.0] * 45})),
    "no scores": take("scores"),
    "no device": take("device"),
    "a text beside the device": put("device", "name", "Ada"),
    "fifteen counts": put("scores", "personal", [10] * 14 + [20]),
    "a single count": put("scores", "personal", 16),
    "fractions": put("scores", "personal", [10.0] * 16),
    "counts under zero": put("scores", "personal", [-10, 30] + [10] * 14),
    "a window more": lambda content: [
        content.metric_records["scores"].update({name: [11] + [10] * 15}) for name in ON_DEVICES
    ],
    "other scenes": put("scores", "personal", [20, *[10] * 14, 0]),
    "a classifier too many": put("scores", "x", [10] * 16),
    "a classifier too few": take("scores", "baseline"),
    "scores that are no metrics": put_record("scores", ConfigRecord({"personal": [1] * 16})),
}


@pytest.mark.parametrize("name", BAD_SCORES)
def test_refuses_a_reply_that_is_not_exactly_counts(name: str) -> None:
    content = scores_reply(1, NIGHT, SCORES)
    BAD_SCORES[name](content)
    with pytest.raises(MessageError, match=r"\Adevice 1: .*\Z"):
        judged(content)


def test_refuses_a_night_that_is_no_number() -> None:
    content = RecordDict({"task": ConfigRecord({"night": "first"})})
    with pytest.raises(MessageError, match="night"):
        night_of(over_the_wire(content))
