"""What leaves a device, message by message: summaries and counts, and nothing that was heard."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from flwr.app import (
    Array,
    ArrayRecord,
    ConfigRecord,
    Context,
    Error,
    Message,
    MetricRecord,
    RecordDict,
)
from flwr.clientapp import ClientApp
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, whole
from fedasc.aggregators.answered import AnsweredAggregator
from fedasc.aggregators.content import Arrays
from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.public import Public
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.device import Devices
from fedasc.errors import RunError
from fedasc.execution import Engine, Execution
from fedasc.flower.client_app import make_client_app
from fedasc.flower.engine import run_flower
from fedasc.flower.hosts import bundle, unbundle
from fedasc.flower.messages import devices_of
from fedasc.flower.shared import Here, Shared
from fedasc.models.embedded import EmbeddedClassifier, initial
from fedasc.models.self_training import SelfTraining
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.simulated import SimulatedDevices, hear
from fedasc.strategies.answered import AnsweredStrategy
from fedasc.strategies.local import LocalStrategy
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.strategy import Strategy
from fedasc.world import World
from tests.flower.conftest import Fly, app_of
from tests.worlds import AGGREGATOR, N_EVALUATION, N_HEARD, N_USERS, RELEASE

N = AGGREGATOR.n_components
FULL = GmmAggregator(n_components=1, covariance="full", min_windows=1)
PERSONALISED = PersonalisedStrategy()
N_QUESTIONS = 5
ANSWERED = AnsweredStrategy(n_questions=N_QUESTIONS)
CLASSIFIERS = ("baseline", "personal", "comprehensive")
INT, FLOAT32 = np.dtype(np.int64), np.dtype(np.float32)
FLOAT16, INT8, UINT8 = np.dtype(np.float16), np.dtype(np.int8), np.dtype(np.uint8)
Form = Mapping[str, tuple[tuple[int | range, ...], np.dtype[Any]]]
"""Shape and type of each array; a range where it depends on the day."""
SCORES: Form = {
    "device/index": ((), INT),
    "device/night": ((), INT),
    **{f"scores/{name}": ((16,), INT) for name in CLASSIFIERS},
}
ANSWERS: Form = {
    "device/index": ((), INT),
    "device/night": ((), INT),
    "answers/counts": ((range(1, N + 1), 4), UINT8),
}
MOST_SCORES = 16 * len(CLASSIFIERS) + 2


def mixture(n: int | range, *covariance: int | range, dtype: np.dtype[Any] = FLOAT32) -> Form:
    """The form of a mixture of so many components."""
    shapes = {"weights": (n,), "means": (n, 45), "covariances": covariance or (n, 45)}
    return {name: (shape, dtype) for name, shape in shapes.items()}


MIXTURE = mixture(N)


def in_eight_bits(form: Form) -> Form:
    rounded = {name: (shape, UINT8) for name, (shape, _) in form.items()}
    return {**rounded, **{f"{name} range": ((2,), FLOAT32) for name in form}}


class Leak(AssertionError):  # noqa: N818
    """A reply holds more than it may."""


class Watcher:
    """Looks into every message of a run, and raises Leak at what must not leave a device."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        aggregator: Aggregator = AGGREGATOR,
        release: Release = RELEASE,
        form: Form | None = None,
        trained: Form | None = None,
        nearness_db: float = 1e-3,
        width: int = 9,
    ) -> None:
        self._n_heard = scenario.listening.n_heard
        form = MIXTURE if form is None else form
        self._aggregator, self._release = aggregator, release
        self._allowed: Mapping[str, Form] = {
            "train": {
                "device/index": ((), INT),
                "device/night": ((), INT),
                "day/n_windows": ((), INT),
                **{
                    f"summary/{name}": its
                    for name, its in (MIXTURE if form is None else form).items()
                },
            },
            "query": ANSWERS,
            "evaluate": {
                **SCORES,
                **{f"trained/{name}": its for name, its in (trained or {}).items()},
            },
        }
        self._most_scored = 8 * MOST_SCORES + sum(
            dtype.itemsize * np.prod(shape) for shape, dtype in (trained or {}).values()
        )
        self._nearness_db, self._width = nearness_db, width
        heard = [
            hear(scenario, device, purpose).x
            for device in range(N_USERS)
            for purpose in (Purpose.HEARD, Purpose.EVALUATION)
        ]
        self._vectors = np.concatenate(heard).reshape(-1, width)
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
        contents = _by_device(message.content)
        asked = [str(device) for device in devices_of(request)]
        expect(list(contents) == asked, "devices that weren't asked")
        for hosted, content in contents.items():
            self._check_content(kind, hosted, content)

    def _check_content(self, kind: str, hosted: str, content: RecordDict) -> None:
        """Hold that a device's own content, as its node brings it, is what it may be."""
        found, allowed = _numbers(content), self._allowed[kind]
        expect(
            found.keys() == allowed.keys()
            and all(_fits(array, *allowed[name]) for name, array in found.items()),
            f"reply to {kind} holds {sorted(found)}",
        )
        arrays = {
            name.removeprefix("summary/"): array
            for name, array in found.items()
            if name.startswith("summary/")
        }
        declared = self._release.budget(self._aggregator.budget(self._n_heard)).n_bytes
        most = {"train": declared, "query": 2 * 8 + 4 * N, "evaluate": self._most_scored}[kind]
        sent = arrays if kind == "train" else found
        expect(sum(array.nbytes for array in sent.values()) <= most, "more than was declared")
        device = int(found["device/index"])
        expect(device in range(N_USERS) and hosted == str(device), "no number of a device")
        self.devices[kind, device] += 1
        expect(found["device/night"] == 0, "another number of the night")
        if kind == "train":
            expect(found["day/n_windows"] == self._n_heard, "another count of windows")
        elif kind == "query":
            expect(found["answers/counts"].sum() <= N_QUESTIONS, "more than was asked")
        else:
            counts = np.stack([found[f"scores/{name}"] for name in CLASSIFIERS])
            expect((counts >= 0).all(), "counts under zero")
            expect((counts.sum(axis=1) == N_EVALUATION).all(), "other numbers than counts")
        for name, array in found.items():
            expect(not self._was_heard(array), f"{name} holds what was heard")
        if kind == "train":
            self._check_meaning(arrays)

    def _check_meaning(self, arrays: Arrays) -> None:
        """Hold that what the server reads from a summary was not heard either."""
        encoding = self._release.encoding
        summary = Summary(self._aggregator.kind, arrays, self._n_heard, encoding)
        for name, array in summary.content.arrays().items():
            expect(not self._was_heard(array), f"{name} tells what was heard")

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
        """Whether any nine numbers in a row, at multiples of nine, are a feature vector z.

        With a width of 45, they are a sequence x.
        """
        n = self._width
        sent = array.ravel()[: array.size // n * n].reshape(-1, n)
        return any(
            (np.abs(self._vectors - its).max(axis=1) < self._nearness_db).any() for its in sent
        )


def _fits(array: NDArray[Any], shape: tuple[int | range, ...], dtype: np.dtype[Any]) -> bool:
    return (
        array.dtype == dtype
        and array.ndim == len(shape)
        and all(
            n in may if isinstance(may, range) else n == may
            for n, may in zip(array.shape, shape, strict=True)
        )
    )


def expect(holds: bool | np.bool_, otherwise: str) -> None:
    if not holds:
        raise Leak(otherwise)


def _by_device(content: RecordDict) -> dict[str, RecordDict]:
    """Each device's content by what stands before its records."""
    found: dict[str, RecordDict] = {}
    for name, record in content.items():
        hosted, _, its = name.partition("/")
        expect(re.fullmatch("[0-9]{1,4}", hosted) is not None, "records of no device")
        found.setdefault(hosted, RecordDict())[its] = record
    return found


def _numbers(content: RecordDict) -> dict[str, NDArray[Any]]:
    """Every value of every record, by record and key; only numbers are allowed."""
    for name, record in content.items():
        expect(bool(record) or name == "summary", "an empty record, whose name may say a lot")
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


def test_of_users_who_are_asked_counts_leave_besides(world: World) -> None:
    watcher = Watcher(world.scenario)
    fly_watched(world, app_of(world), 2, watcher, strategy=ANSWERED)
    assert watcher.seen == {
        (way, kind): N_USERS // 2
        for way in ("request", "reply")
        for kind in ("train", "query", "evaluate")
    }
    assert watcher.devices == {
        (kind, n): 1 for kind in ("train", "query", "evaluate") for n in range(N_USERS)
    }


@pytest.fixture(scope="module")
def longer(world: World) -> World:
    """The same with a longer day, which has more windows than there are features."""
    listening = replace(world.scenario.listening, n_heard=100)
    return replace(world, scenario=replace(world.scenario, listening=listening))


def test_no_more_than_a_triangle_of_each_full_covariance_leaves_a_device(longer: World) -> None:
    form = mixture(1, 1, 45 * 46 // 2)
    watcher = Watcher(longer.scenario, aggregator=FULL, form=form)
    fly_watched(longer, app_of(longer, FULL), 1, watcher, aggregator=FULL)
    assert watcher.seen.total() == 4 * N_USERS


UP_TO_3, UP_TO_4 = range(1, 4), range(1, 5)
TRAINED: Form = {
    name: (array.shape, FLOAT32)
    for name, array in initial(np.random.default_rng(0)).arrays().items()
}
OTHERS: Mapping[str, tuple[Aggregator, int, Form]] = {
    "full": (GmmAggregator(n_components=1, covariance="full"), 32, mixture(1, 1, 45 * 46 // 2)),
    "tied": (
        GmmAggregator(n_components=3, covariance="tied"),
        32,
        mixture(UP_TO_3, 1, 45 * 46 // 2),
    ),
    "moments": (MomentsAggregator(), 32, mixture(1)),
    "answered": (AnsweredAggregator(n_components=3), 32, mixture(UP_TO_3)),
    "dp-mixture": (DpMixtureAggregator(n_components=3), 32, mixture(UP_TO_3)),
    "pooled-sums": (
        PooledSumsAggregator(n_components=3),
        32,
        {"sums": ((3, 5), INT), "terms": ((3,), INT)},
    ),
    "stepwise-em": (StepwiseEmAggregator(n_components=3), 32, mixture(UP_TO_3)),
    "kmeans": (KMeansAggregator(n_components=3), 32, mixture(UP_TO_3)),
    "scene-gaussians": (
        SceneGaussiansAggregator(),
        32,
        {**mixture(UP_TO_4), "scene": ((UP_TO_4,), INT8)},
    ),
    "self-trained": (
        SelfTrainedAggregator(training=SelfTraining(certainty=0.3, batch_size=4)),
        32,
        TRAINED,
    ),
    "nothing": (NothingAggregator(), 32, {}),
    "in 16 bits": (AGGREGATOR, 16, mixture(N, dtype=FLOAT16)),
    "in 8 bits": (AGGREGATOR, 8, in_eight_bits(mixture(N))),
    "by scene in 8 bits": (
        SceneGaussiansAggregator(),
        8,
        {**in_eight_bits(mixture(UP_TO_4)), "scene": ((UP_TO_4,), INT8)},
    ),
    "weights in 8 bits": (SelfTrainedAggregator(), 8, in_eight_bits(TRAINED)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_aggregator_lets_out_more_than_it_declares(longer: World, name: str) -> None:
    aggregator, bits, form = OTHERS[name]
    assert not aggregator.sends_raw
    # Levels of 8 bits lie so far apart that a few of them may be near anything.
    near = {"nearness_db": 0.2, "width": 45} if bits == 8 else {"nearness_db": 0.01}
    release = Release(bits=bits)
    watcher = Watcher(longer.scenario, aggregator=aggregator, release=release, form=form, **near)  # type: ignore[arg-type]
    app = app_of(longer, aggregator, release)
    fly_watched(
        longer, app, 1, watcher, aggregator=aggregator, release=release, strategy=NoStrategy()
    )
    assert watcher.seen.total() == 4 * N_USERS


def test_of_a_device_that_trains_its_classifier_is_all_that_leaves_besides(longer: World) -> None:
    strategy = LocalStrategy(training=SelfTraining(certainty=0.3, batch_size=4))
    aggregator = NothingAggregator()
    sent = {**TRAINED, "inputs": ((), np.dtype(np.uint8))}
    watcher = Watcher(longer.scenario, aggregator=aggregator, form={}, trained=sent)
    devices = SimulatedDevices(
        scenario=longer.scenario,
        aggregator=aggregator,
        release=RELEASE,
        public=longer.server.public,
        training=strategy.device_training(),
    )
    app = make_client_app(Here(devices))
    fly_watched(longer, app, 1, watcher, aggregator=aggregator, strategy=strategy)
    assert watcher.seen.total() == 4 * N_USERS


def test_what_is_public_goes_down_with_the_app_and_in_no_message(world: World) -> None:
    """The same for every device, and none of it is what a message is for."""
    given: list[Devices] = []
    messages: list[Message] = []

    def make_app(devices: Shared[Devices]) -> ClientApp:
        given.append(devices.get())
        return make_client_app(devices)

    run_flower(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=NoStrategy(),
        execution=Execution(engine="local"),
        make_app=make_app,
        watch=messages.append,
    )
    (devices,) = given
    assert isinstance(devices, SimulatedDevices)
    public = world.server.public
    assert devices.public.digest == public.digest
    published = [public.axes, *public.mixture.arrays().values()]
    carried = [
        value.numpy().tobytes()
        for message in messages
        for record in message.content.values()
        for value in record.values()
        if isinstance(value, Array)
    ]
    assert len(carried) > 4 * N_USERS
    assert not any(array.tobytes() in each for array in published for each in carried)


def test_every_aggregator_that_does_not_send_what_was_heard_is_watched() -> None:
    watched = {type(aggregator) for aggregator, _, _ in OTHERS.values()}
    for name in Aggregator.family.builtin:
        aggregator = Aggregator.from_section({"name": name}, where="x")
        assert (type(aggregator) in watched) is not aggregator.sends_raw


@dataclass(frozen=True, kw_only=True)
class LastWindow(Aggregator):
    """A plug-in that sends the last window for a mean, and says so or doesn't."""

    says_so: bool = True
    kind = Mixture

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Mixture | Draft[Mixture]:
        one = Mixture(np.ones(1, np.float32), whole(stream)[-1:], np.ones((1, 45), np.float32))
        return Draft(one, np.ones(1)) if self.says_so else one

    def budget(self, n_windows: int) -> Budget:
        return MomentsAggregator().budget(n_windows)


@pytest.mark.parametrize(
    ("says_so", "told"),
    [
        (True, r"LastWindow': none of 1 component\(s\) stands for 5 windows \(the most is 1\)"),
        (False, r"LastWindow': .*must return fedasc.aggregators.draft:Draft"),
    ],
)
def test_a_component_of_a_single_window_stays_whatever_made_it(
    world: World, says_so: bool, told: str
) -> None:
    aggregator, release = LastWindow(says_so=says_so), Release()
    with pytest.raises(RunError, match=told) as ended:
        fly_watched(
            world,
            app_of(world, aggregator, release),
            1,
            None,
            aggregator=aggregator,
            release=release,
            strategy=NoStrategy(),
        )
    assert "\n" not in str(ended.value)
    assert str(ended.value).startswith("4 of 4 devices are lost")


def test_the_watcher_sees_a_component_of_a_single_window(world: World) -> None:
    """So the test above would be red without the stage."""
    aggregator = LastWindow()
    watcher = Watcher(world.scenario, aggregator=aggregator, form=mixture(1))
    app = app_of(world, aggregator)
    with pytest.raises(Leak, match="means holds what was heard"):
        fly_watched(world, app, 1, watcher, aggregator=aggregator, strategy=NoStrategy())


WINDOWS: Form = {"x": ((N_HEARD, 45), FLOAT32)}
RAW: Mapping[str, tuple[int, Form, float]] = {
    "features": (32, WINDOWS, 1e-3),
    "features in 16 bits": (16, {"x": ((N_HEARD, 45), FLOAT16)}, 0.05),
    "features in 8 bits": (8, in_eight_bits(WINDOWS), 0.2),
}


@pytest.mark.parametrize("name", RAW)
def test_what_was_heard_says_so_and_is_seen(world: World, name: str) -> None:
    bits, form, nearness_db = RAW[name]
    aggregator, release = FeaturesAggregator(), Release(bits=bits)
    assert aggregator.sends_raw
    watcher = Watcher(
        world.scenario,
        aggregator=aggregator,
        release=release,
        form=form,
        nearness_db=nearness_db,
        width=45,
    )
    app = app_of(world, aggregator, release)
    with pytest.raises(Leak, match=r"x (holds|tells) what was heard"):
        fly_watched(
            world, app, 1, watcher, aggregator=aggregator, release=release, strategy=NoStrategy()
        )


@pytest.mark.parametrize(
    ("symmetric", "told"), [(False, "transpose"), (True, "mixtures and nothing else")]
)
def test_the_other_half_of_a_covariance_is_refused(
    world: World, symmetric: bool, told: str
) -> None:
    roomy = replace(FULL, n_components=3)  # so that the other half would be no more than declared

    def answer(message: Message, context: Context) -> Message:
        reply = app_of(world, roomy)(message, context)
        contents = unbundle(reply.content)
        for content in contents.values():
            square = np.stack([100 * np.eye(45, dtype=np.float32)])
            square[0, 0, 1:] = hear(world.scenario, 2, Purpose.HEARD).x[0, 1:] / 100
            if symmetric:
                square[0, 1:, 0] = square[0, 0, 1:]
            content.array_records["summary"]["covariances"] = Array(square)
        reply.content = bundle(contents)
        return reply

    app = ClientApp()
    app.train()(answer)
    with pytest.raises(RunError, match=f"4 of 4 devices are lost.*{told}"):
        fly_watched(world, app, 1, None, aggregator=roomy)


Sequences = NDArray[np.float32]
Tamper = Callable[[Message, Sequences], Message | None]
"""Adds to a reply what was heard, or replies something else."""


def extra_record(reply: Message, x: Sequences) -> None:
    reply.content["features"] = ArrayRecord({"x": Array(x)})


def name_of_an_empty_record(reply: Message, x: Sequences) -> None:
    reply.content[x[0].tobytes().hex()] = MetricRecord()


def extra_array(reply: Message, x: Sequences) -> None:
    reply.content.array_records["summary"]["x"] = Array(x)


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
        reply.content.array_records["summary"][name] = Array(array)


def rows_for_means(reply: Message, x: Sequences) -> None:
    reply.content.array_records["summary"]["means"] = Array(x[:N])


def one_vector_in_the_covariances(reply: Message, x: Sequences) -> None:
    covariances = reply.content.array_records["summary"]["covariances"].numpy().copy()
    covariances[1, 9:18] = x[7, 27:36]
    reply.content.array_records["summary"]["covariances"] = Array(covariances)


def double_precision(reply: Message, x: Sequences) -> None:
    means = reply.content.array_records["summary"]["means"].numpy()
    reply.content.array_records["summary"]["means"] = Array(means + 1e-9 * x[:N].astype(np.float64))


def bytes_after_an_array(reply: Message, x: Sequences) -> None:
    means = reply.content.array_records["summary"]["means"]
    reply.content.array_records["summary"]["means"] = Array(
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


def more_answers(reply: Message, x: Sequences) -> None:
    counts = np.abs(x[:1, :4]).astype(np.uint8) + np.uint8(N_QUESTIONS)
    reply.content.array_records["answers"]["counts"] = Array(counts)


def features_for_answers(reply: Message, x: Sequences) -> None:
    reply.content.array_records["answers"]["counts"] = Array(x[:1, :4])


def answers_beside_others(reply: Message, x: Sequences) -> None:
    reply.content.array_records["answers"]["x"] = Array(x)


ANYWHERE: dict[Tamper, str] = {
    extra_record: "holds .*features/x",
    name_of_an_empty_record: "empty record",
    text_beside_the_device: "a bytes",
    group_id: "metadata of its own",
    time_to_live: "time to live",
    error_text: "an error",
}
WITH_A_SUMMARY: dict[Tamper, str] = {
    extra_array: "holds .*summary/x",
    extra_metric: "holds .*day/x",
    list_for_the_count: "reply to train holds",
    number_for_the_count: "another count of windows",
    more_components: "reply to train holds",
    rows_for_means: "summary/means holds what was heard",
    one_vector_in_the_covariances: "summary/covariances holds what was heard",
    double_precision: "reply to train holds",
    bytes_after_an_array: "data of an array",
}
WITH_ANSWERS: dict[Tamper, str] = {
    more_answers: "more than was asked",
    features_for_answers: "reply to query holds",
    answers_beside_others: "holds .*answers/x",
}
WITH_SCORES: dict[Tamper, str] = {
    extra_scores: "holds .*scores/x",
    features_for_counts: "reply to evaluate holds",
    whole_features_for_counts: "counts under zero",
}


def text_beside_the_devices(content: RecordDict, x: Sequences) -> None:
    content["node/index"] = ConfigRecord({"x": x.tobytes()})


def another_device(content: RecordDict, x: Sequences) -> None:
    content[f"{abs(int(x[0, 0]))}/day"] = MetricRecord({"n_windows": N_HEARD})


@pytest.mark.parametrize("phase", ["train", "evaluate"])
@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (text_beside_the_devices, "records of no device"),
        (another_device, "devices that weren't asked"),
    ],
)
def test_a_node_that_tells_more_than_its_devices_is_seen(
    world: World, tamper: Callable[[RecordDict, Sequences], None], reason: str, phase: str
) -> None:
    usual, app = app_of(world), ClientApp()

    def answer(message: Message, context: Context) -> Message:
        reply = usual(message, context)
        if message.metadata.message_type == phase:
            tamper(reply.content, hear(world.scenario, 2, Purpose.HEARD).x)
        return reply

    app.train()(answer)
    app.evaluate()(answer)
    with pytest.raises(Leak, match=reason):
        fly_watched(world, app, 1, Watcher(world.scenario))


def tampered_app(world: World, phase: str, tamper: Tamper | None) -> ClientApp:
    """The usual devices, but for one that adds what it hears to its reply in one phase."""
    usual, app = app_of(world), ClientApp()

    def answer(message: Message, context: Context) -> Message:
        reply = usual(message, context)
        if tamper is None or 2 not in devices_of(message) or message.metadata.message_type != phase:
            return reply
        purpose = Purpose.EVALUATION if phase == "evaluate" else Purpose.HEARD
        contents = unbundle(reply.content)
        reply.content = contents[2]
        tampered = tamper(reply, hear(world.scenario, 2, purpose).x) or reply
        if tampered.has_content():
            tampered.content = bundle({**contents, 2: tampered.content})
        return tampered

    app.train()(answer)
    app.query()(answer)
    app.evaluate()(answer)
    return app


def fly_watched(
    world: World,
    app: ClientApp,
    per_node: int,
    watcher: Watcher | None,
    *,
    aggregator: Aggregator = AGGREGATOR,
    release: Release = RELEASE,
    strategy: Strategy = PERSONALISED,
) -> None:
    run_flower(
        world.scenario,
        world.server,
        aggregator=aggregator,
        release=release,
        strategy=strategy,
        execution=Execution(engine="local", per_node=per_node),
        make_app=lambda *_: app,
        watch=watcher or (lambda message: None),
    )


@pytest.mark.parametrize("per_node", [1, 3])
@pytest.mark.parametrize(
    ("phase", "tamper", "reason"),
    [
        pytest.param(phase, tamper, reason, id=f"{phase}-{tamper.__name__}")
        for phase, tampers in (
            ("train", WITH_A_SUMMARY),
            ("query", WITH_ANSWERS),
            ("evaluate", WITH_SCORES),
        )
        for tamper, reason in (ANYWHERE | tampers).items()
    ],
)
def test_a_device_that_sends_more_is_seen(
    world: World, phase: str, tamper: Tamper, reason: str, per_node: int
) -> None:
    with pytest.raises(Leak, match=reason):
        fly_watched(
            world,
            tampered_app(world, phase, tamper),
            per_node,
            Watcher(world.scenario),
            strategy=ANSWERED if phase == "query" else PERSONALISED,
        )


def test_a_device_that_passes_its_replies_on_is_not_accused(world: World) -> None:
    watcher = Watcher(world.scenario)
    fly_watched(world, tampered_app(world, "train", None), 1, watcher)
    assert watcher.seen.total() == 4 * N_USERS
