"""What leaves a device, message by message: summaries and counts, and nothing that was heard."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, Context, Error, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from numpy.typing import NDArray

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.device import hear
from fedasc.errors import MessageError
from fedasc.flower.cohorts import Cohorts, bundle, unbundle
from fedasc.flower.engine import Engine, run_flower_night
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.flower.conftest import Fly, app_of
from tests.worlds import AGGREGATOR, N_EVALUATION, N_HEARD, N_USERS

N = AGGREGATOR.n_components
FULL = GmmAggregator(n_components=1, covariance="full", min_windows=1)
CLASSIFIERS = ("baseline", "personal", "comprehensive")
INT, FLOAT32 = np.dtype(np.int64), np.dtype(np.float32)
ALLOWED: Mapping[str, Mapping[str, tuple[tuple[int, ...], np.dtype[Any]]]] = {
    "train": {
        "device/index": ((), INT),
        "day/n_windows": ((), INT),
        "mixture/weights": ((N,), FLOAT32),
        "mixture/means": ((N, 45), FLOAT32),
        "mixture/covariances": ((N, 45), FLOAT32),
    },
    "evaluate": {
        "device/index": ((), INT),
        **{f"scores/{name}": ((16,), INT) for name in CLASSIFIERS},
    },
}
ALLOWED_FULL: Mapping[str, Mapping[str, tuple[tuple[int, ...], np.dtype[Any]]]] = {
    **ALLOWED,
    "train": {
        "device/index": ((), INT),
        "day/n_windows": ((), INT),
        "mixture/weights": ((1,), FLOAT32),
        "mixture/means": ((1, 45), FLOAT32),
        "mixture/covariances": ((1, 45 * 46 // 2), FLOAT32),
    },
}
MOST_NUMBERS_FULL = 1 + 45 + 45 * 46 // 2 + 2
MOST_NUMBERS = {"train": N * 91 + 2, "evaluate": 16 * len(CLASSIFIERS) + 1}


class Leak(AssertionError):  # noqa: N818
    """A reply holds more than it may."""


class Watcher:
    """Looks into every message of a run, and raises Leak at what must not leave a device."""

    def __init__(self, scenario: Scenario, *, full: bool = False) -> None:
        self._allowed = ALLOWED_FULL if full else ALLOWED
        self._most = MOST_NUMBERS | ({"train": MOST_NUMBERS_FULL} if full else {})
        heard = [
            hear(scenario, device, purpose).x
            for device in range(N_USERS)
            for purpose in (Purpose.HEARD, Purpose.EVALUATION)
        ]
        self._vectors = np.concatenate(heard).reshape(-1, 9)
        self._requests: list[Message] = []
        self.seen: Counter[tuple[str, str]] = Counter()
        self.devices: Counter[tuple[str, int]] = Counter()

    def __call__(self, message: Message) -> None:
        kind = message.metadata.message_type
        request = self._request_of(message)
        self.seen["request" if request is None else "reply", kind] += 1
        if request is None:
            self._requests.append(message)
            return
        self._check_envelope(message, request)
        for hosted, content in _by_device(message.content).items():
            self._check_content(kind, hosted, content)

    def _check_content(self, kind: str, hosted: str, content: RecordDict) -> None:
        """Hold that a device's own content, as its node brings it, is what it may be."""
        found = _numbers(content)
        expect(
            {name: (array.shape, array.dtype) for name, array in found.items()}
            == self._allowed[kind],
            f"reply to {kind} holds {sorted(found)}",
        )
        expect(
            sum(array.size for array in found.values()) <= self._most[kind],
            "more numbers than allowed",
        )
        device = int(found["device/index"])
        expect(device in range(N_USERS) and hosted == str(device), "no number of a device")
        self.devices[kind, device] += 1
        if kind == "train":
            expect(found["day/n_windows"] == N_HEARD, "another count of windows")
        else:
            counts = np.stack([found[f"scores/{name}"] for name in CLASSIFIERS])
            expect((counts >= 0).all(), "counts under zero")
            expect((counts.sum(axis=1) == N_EVALUATION).all(), "other numbers than counts")
        for name, array in found.items():
            expect(not self._was_heard(array), f"{name} holds what was heard")

    def _request_of(self, message: Message) -> Message | None:
        number = message.metadata.reply_to_message_id
        asked = [r for r in self._requests if r.metadata.message_id == number]
        return asked[0] if number and asked else None

    def _check_envelope(self, reply: Message, request: Message) -> None:
        expect(not reply.has_error() and reply.has_content(), "an error, whose text may say a lot")
        expect(vars(reply).keys() == vars(request).keys(), "an attribute of its own")
        ours, theirs = dict(vars(reply.metadata)), vars(request.metadata)
        expect(ours.keys() == theirs.keys(), "an attribute of its own in the metadata")
        expected = {
            "_run_id": theirs["_run_id"],
            "_src_node_id": theirs["_dst_node_id"],
            "_dst_node_id": theirs["_src_node_id"],
            "_src_task_id": theirs["_dst_task_id"],
            "_dst_task_id": theirs["_src_task_id"],
            "_reply_to_message_id": theirs["_message_id"],
            "_group_id": theirs["_group_id"],
            "_message_type": theirs["_message_type"],
        }
        numbered = str(ours.pop("_message_id"))
        expect(re.fullmatch(r"|[0-9a-f]{64}|[0-9a-f-]{36}", numbered) is not None, "a message id")
        expect(0 <= ours.pop("_created_at") - theirs["_created_at"] < 600, "another time")
        expect(0 < ours.pop("_ttl") <= theirs["_ttl"], "another time to live")
        expect(len(str(ours.pop("_delivered_at"))) <= 32, "a long time of delivery")
        expect(ours == expected, "metadata of its own")

    def _was_heard(self, array: NDArray[Any]) -> bool:
        """Whether any nine numbers in a row, at multiples of nine, are a feature vector z."""
        sent = array.ravel()[: array.size // 9 * 9].reshape(-1, 9)
        return any((np.abs(self._vectors - nine).max(axis=1) < 1e-3).any() for nine in sent)


def expect(holds: bool | np.bool_, otherwise: str) -> None:
    if not holds:
        raise Leak(otherwise)


def _by_device(content: RecordDict) -> dict[str, RecordDict]:
    """The content of each of a node's devices, by what stands before their records' names."""
    found: dict[str, RecordDict] = {}
    for name, record in content.items():
        hosted, _, own = name.partition("/")
        expect(re.fullmatch("[0-9]{1,4}", hosted) is not None, "records of no device")
        found.setdefault(hosted, RecordDict())[own] = record
    return found


def _numbers(content: RecordDict) -> dict[str, NDArray[Any]]:
    """Every value of every record, by record and key; only numbers are allowed."""
    expect(all(content.values()), "an empty record, whose name may say a lot")
    return {
        f"{name}/{key}": _plain(value)
        for name, record in content.items()
        for key, value in record.items()
    }


def _plain(value: object) -> NDArray[Any]:
    if isinstance(value, Array):
        array: NDArray[Any] = value.numpy()
        canonical = Array(array)
        expect(vars(value).keys() <= {*vars(canonical), "_chunks"}, "an attribute of its own")
        for name in ("dtype", "shape", "stype", "data"):
            same = getattr(value, name) == getattr(canonical, name)
            expect(same, f"{name} of an array holds more than the array")
        return array
    numbers = value if isinstance(value, list) else [value]
    expect(all(type(number) in (int, float) for number in numbers), f"a {type(value).__name__}")
    return np.array(value)


@pytest.mark.parametrize(
    ("engine", "n_workers", "per_node"),
    [
        ("local", 1, 1),
        ("local", 1, 2),
        pytest.param("ray", 2, 1, marks=(pytest.mark.ray, pytest.mark.filterwarnings("ignore"))),
    ],
)
def test_nothing_but_summaries_and_counts_leaves_a_device(
    world: World, fly: Fly, engine: Engine, n_workers: int, per_node: int
) -> None:
    watcher = Watcher(world.scenario)
    for message in fly(engine, n_workers, per_node).messages:
        watcher(message)
    phases = (
        ("request", "train"),
        ("reply", "train"),
        ("request", "evaluate"),
        ("reply", "evaluate"),
    )
    assert watcher.seen == dict.fromkeys(phases, N_USERS // per_node)
    expected = {(kind, n): 1 for kind in ("train", "evaluate") for n in range(N_USERS)}
    assert watcher.devices == expected


def test_no_more_than_a_triangle_of_each_full_covariance_leaves_a_device(world: World) -> None:
    watcher = Watcher(world.scenario, full=True)
    fly_watched(world, app_of(world, FULL), 1, watcher)
    assert watcher.seen.total() == 4 * N_USERS


def test_the_other_half_of_a_covariance_is_refused(world: World) -> None:
    def answer(message: Message, context: Context) -> Message:
        reply = app_of(world, FULL)(message, context)
        contents = unbundle(reply.content)
        for content in contents.values():
            square = np.stack([100 * np.eye(45, dtype=np.float32)])
            square[0, 0, 1:] = hear(world.scenario, 2, Purpose.HEARD).x[0, 1:]
            content.array_records["mixture"]["covariances"] = Array(square)
        reply.content = bundle(contents)
        return reply

    app = ClientApp()
    app.train()(answer)
    with pytest.raises(MessageError, match="triangles"):
        fly_watched(world, app, 1, None)


Sequences = NDArray[np.float32]
Tamper = Callable[[Message, Sequences], Message | None]
"""Adds to a reply what was heard, or replies something else."""


def extra_record(reply: Message, x: Sequences) -> None:
    reply.content["features"] = ArrayRecord({"x": Array(x)})


def name_of_an_empty_record(reply: Message, x: Sequences) -> None:
    reply.content[x[0].tobytes().hex()] = MetricRecord()


def extra_array(reply: Message, x: Sequences) -> None:
    reply.content.array_records["mixture"]["x"] = Array(x)


def extra_metric(reply: Message, x: Sequences) -> None:
    reply.content.metric_records["day"]["x"] = x.ravel().astype(float).tolist()


def list_for_the_count(reply: Message, x: Sequences) -> None:
    reply.content.metric_records["day"]["n_windows"] = x[0].astype(int).tolist()


def number_for_the_count(reply: Message, x: Sequences) -> None:
    reply.content.metric_records["day"]["n_windows"] = int(x[:1, :1].view(np.int32)[0, 0])


def text_beside_the_device(reply: Message, x: Sequences) -> None:
    reply.content.config_records["device"]["x"] = x.tobytes()


def more_components(reply: Message, x: Sequences) -> None:
    shares = np.full(len(x), 1 / len(x), np.float32)
    arrays = {"weights": shares, "means": x, "covariances": np.ones_like(x)}
    for name, array in arrays.items():
        reply.content.array_records["mixture"][name] = Array(array)


def rows_for_means(reply: Message, x: Sequences) -> None:
    reply.content.array_records["mixture"]["means"] = Array(x[:N])


def one_vector_in_the_covariances(reply: Message, x: Sequences) -> None:
    covariances = reply.content.array_records["mixture"]["covariances"].numpy().copy()
    covariances[1, 9:18] = x[7, 27:36]
    reply.content.array_records["mixture"]["covariances"] = Array(covariances)


def double_precision(reply: Message, x: Sequences) -> None:
    means = reply.content.array_records["mixture"]["means"].numpy()
    reply.content.array_records["mixture"]["means"] = Array(means + 1e-9 * x[:N].astype(np.float64))


def bytes_after_an_array(reply: Message, x: Sequences) -> None:
    means = reply.content.array_records["mixture"]["means"]
    reply.content.array_records["mixture"]["means"] = Array(
        means.dtype, means.shape, means.stype, means.data + x.tobytes()
    )


def group_id(reply: Message, x: Sequences) -> None:
    reply.metadata.group_id = x[0].tobytes().hex()


def time_to_live(reply: Message, x: Sequences) -> None:
    reply.metadata.ttl = 1e9 + float(x[0, 0])


def error_text(reply: Message, x: Sequences) -> Message:
    request = Message(
        RecordDict(),
        dst_node_id=reply.metadata.src_node_id,
        message_type=reply.metadata.message_type,
    )
    request.metadata.__dict__["_message_id"] = reply.metadata.reply_to_message_id
    return Message(Error(code=0, reason=str(x.tolist())), reply_to=request)


def extra_scores(reply: Message, x: Sequences) -> None:
    reply.content.metric_records["scores"]["x"] = x[0].astype(float).tolist()


def features_for_counts(reply: Message, x: Sequences) -> None:
    reply.content.metric_records["scores"]["personal"] = x[0, :16].astype(float).tolist()


def whole_features_for_counts(reply: Message, x: Sequences) -> None:
    reply.content.metric_records["scores"]["personal"] = np.rint(x[0, :16]).astype(int).tolist()


ANYWHERE: dict[Tamper, str] = {
    extra_record: "holds .*features/x",
    name_of_an_empty_record: "empty record",
    text_beside_the_device: "a bytes",
    group_id: "metadata of its own",
    time_to_live: "time to live",
    error_text: "an error",
}
WITH_A_SUMMARY: dict[Tamper, str] = {
    extra_array: "holds .*mixture/x",
    extra_metric: "holds .*day/x",
    list_for_the_count: "reply to train holds",
    number_for_the_count: "another count of windows",
    more_components: "reply to train holds",
    rows_for_means: "mixture/means holds what was heard",
    one_vector_in_the_covariances: "mixture/covariances holds what was heard",
    double_precision: "reply to train holds",
    bytes_after_an_array: "data of an array",
}
WITH_SCORES: dict[Tamper, str] = {
    extra_scores: "holds .*scores/x",
    features_for_counts: "reply to evaluate holds",
    whole_features_for_counts: "counts under zero",
}


def tampered_app(world: World, phase: str, tamper: Tamper | None, per_node: int) -> ClientApp:
    """The usual devices, but for one that adds what it hears to its reply in one phase."""
    cohorts = Cohorts(N_USERS, per_node)
    usual, app = app_of(world, cohorts=cohorts), ClientApp()

    def answer(message: Message, context: Context) -> Message:
        reply = usual(message, context)
        node = int(context.node_config["partition-id"])
        if (
            tamper is None
            or 2 not in cohorts.devices(node)
            or message.metadata.message_type != phase
        ):
            return reply
        purpose = Purpose.HEARD if phase == "train" else Purpose.EVALUATION
        contents = unbundle(reply.content)
        reply.content = contents[2]
        tampered = tamper(reply, hear(world.scenario, 2, purpose).x) or reply
        if tampered.has_content():
            tampered.content = bundle({**contents, 2: tampered.content})
        return tampered

    app.train()(answer)
    app.evaluate()(answer)
    return app


def fly_watched(world: World, app: ClientApp, per_node: int, watcher: Watcher | None) -> None:
    run_flower_night(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        strategy=PersonalisedStrategy(),
        engine="local",
        per_node=per_node,
        make_app=lambda *_: app,
        watch=watcher or (lambda message: None),
    )


@pytest.mark.parametrize("per_node", [1, 3])
@pytest.mark.parametrize(
    ("phase", "tamper", "reason"),
    [
        pytest.param(phase, tamper, reason, id=f"{phase}-{tamper.__name__}")
        for phase, tampers in (("train", WITH_A_SUMMARY), ("evaluate", WITH_SCORES))
        for tamper, reason in (ANYWHERE | tampers).items()
    ],
)
def test_a_device_that_sends_more_is_seen(
    world: World, phase: str, tamper: Tamper, reason: str, per_node: int
) -> None:
    with pytest.raises(Leak, match=reason):
        fly_watched(
            world,
            tampered_app(world, phase, tamper, per_node),
            per_node,
            Watcher(world.scenario),
        )


def test_a_device_that_passes_its_replies_on_is_not_accused(world: World) -> None:
    watcher = Watcher(world.scenario)
    fly_watched(world, tampered_app(world, "train", None, 1), 1, watcher)
    assert watcher.seen.total() == 4 * N_USERS
