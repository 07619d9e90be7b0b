"""Contents that no honest device sends: valid ones, of which something was changed.

What can be said of a content, a test asks of thousands of these: whatever it changes, a mutation
need not make it invalid.
"""

import copy
import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict
from numpy.typing import NDArray

from fedasc.admission import Admission
from fedasc.aggregators.aggregator import Aggregator, Budget, Stream
from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features, FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.nothing import Nothing, NothingAggregator
from fedasc.aggregators.public import Public
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.evaluation.scores import ON_DEVICES, Confusion
from fedasc.flower.messages import failed_reply, scores_reply, summary_reply
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.release.release import Release
from simulations.plugins.histograms import Counts, Histograms
from tests.aggregators.test_mixture import (
    random_full_mixture,
    random_mixture,
    random_tied_mixture,
)
from tests.models.test_embedded import random_classifier

DEVICE, NIGHT, N_HEARD, N_EVALUATION = 3, 7, 60, 160
LOW_DB, HIGH_DB = -90.0, 60.0
MIN_WINDOWS = 5


@dataclass(frozen=True, eq=False)
class Sketch(Content):
    """Of somebody who relies on what comes."""

    kind = "sketches"
    numbers: NDArray[np.float32]

    def __post_init__(self) -> None:
        rows = self.numbers.reshape(9, 5)
        assert rows[0, 0] == rows.flat[0] or rows.dtype == np.float32
        {"f": None}[self.numbers.dtype.kind]


@dataclass(frozen=True, kw_only=True)
class Sketches(Aggregator):
    kind = Sketch

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Sketch:
        raise NotImplementedError

    def budget(self, n_windows: int) -> Budget:
        return Budget(n_bytes=180, memory_bytes=180, n_macs=0, n_rounded=1)


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked, and a valid reply.

    Args:
        reply: From a device.
        admission: Of a summary; None of scores and of failures.
    """

    reply: RecordDict
    admission: Admission | None = None


def admission_of(aggregator: Aggregator, bits: int) -> Admission:
    return Admission(
        aggregator=aggregator,
        release=Release(bits=bits, min_windows=MIN_WINDOWS),
        n_heard=N_HEARD,
        low=np.full(45, LOW_DB),
        high=np.full(45, HIGH_DB),
    )


def _asked(content: Content, aggregator: Aggregator, bits: int = 32) -> Asked:
    admission = admission_of(aggregator, bits)
    summary = Summary.of(content, N_HEARD, encoding=admission.release.encoding)
    return Asked(summary_reply(DEVICE, NIGHT, summary), admission)


def _histograms() -> Counts:
    rng = np.random.default_rng(0)
    bins = np.stack([np.bincount(rng.integers(75, size=N_HEARD), minlength=75) for _ in range(45)])
    return Counts(bins.astype(np.int32))


def _weights() -> Weights:
    return Weights.of(random_classifier(1))


_WINDOWS = np.random.default_rng(5).normal(-20, 8, (N_HEARD, 45)).astype(np.float32)
_SCENES = SceneMixture(random_mixture(4), np.arange(4, dtype=np.int8))
_SCORES = dict.fromkeys(ON_DEVICES, Confusion(np.full((4, 4), 10)))
_FOUR = GmmAggregator(n_components=4)
_FULL = GmmAggregator(n_components=4, covariance="full")
_TIED = GmmAggregator(n_components=4, covariance="tied")

ASKED: Mapping[str, Asked] = {
    "gmm": _asked(random_mixture(4), _FOUR),
    "gmm in 16 bits": _asked(random_mixture(4), _FOUR, 16),
    "gmm in 8 bits": _asked(random_mixture(4), _FOUR, 8),
    "full": _asked(random_full_mixture(3), _FULL),
    "full in 16 bits": _asked(random_full_mixture(2), _FULL, 16),
    "full in 8 bits": _asked(random_full_mixture(2), _FULL, 8),
    "tied": _asked(random_tied_mixture(3), _TIED),
    "moments": _asked(random_mixture(1), MomentsAggregator()),
    "by scene": _asked(_SCENES, SceneGaussiansAggregator()),
    "by scene in 8 bits": _asked(_SCENES, SceneGaussiansAggregator(), 8),
    "features": _asked(Features(_WINDOWS), FeaturesAggregator()),
    "features in 16 bits": _asked(Features(_WINDOWS), FeaturesAggregator(), 16),
    "weights": _asked(_weights(), SelfTrainedAggregator()),
    "weights in 8 bits": _asked(_weights(), SelfTrainedAggregator(), 8),
    "histograms": _asked(_histograms(), Histograms()),
    "sketches": _asked(Sketch(_WINDOWS[0]), Sketches()),
    "nothing": _asked(Nothing(), NothingAggregator()),
    "scores": Asked(scores_reply(DEVICE, NIGHT, _SCORES)),
    "trained": Asked(scores_reply(DEVICE, NIGHT, _SCORES, random_classifier(2))),
    "failure": Asked(failed_reply("ValueError: microphone broken")),
}

Rng = np.random.Generator
Mutation = Callable[[RecordDict, Rng], object]


@dataclass(frozen=True, eq=False)
class MadeUp:
    """A content, of what it was made, and by which mutations."""

    content: RecordDict
    name: str
    mutations: Sequence[str]

    @property
    def asked(self) -> Asked:
        return ASKED[self.name]


def made_up(number: int, *, seed: int = 0, names: Sequence[str] = tuple(ASKED)) -> MadeUp:
    """Content of this number; every seventh as it should be, some changed in two ways."""
    rng = np.random.default_rng([seed, number])
    name = names[number % len(names)]
    valid = ASKED[name].reply
    tried: list[str] = []
    content = copy.deepcopy(valid)
    if number % 7:
        n_mutations = int(rng.choice([1, 1, 1, 2]))
        while len(tried) < n_mutations or _are_same(content, valid):
            tried.append(_any(rng, _NEAR if rng.random() < 0.2 else [*MUTATIONS]))
            MUTATIONS[tried[-1]](content, rng)
    return MadeUp(content, name, tuple(tried))


def _are_same(one: RecordDict, other: RecordDict) -> bool:
    try:
        return bool(one == other)
    except ValueError:  # of an array, which is compared number by number
        return False


def _any(rng: Rng, values: Sequence[Any]) -> Any:
    return values[int(rng.integers(len(values)))]


def _put(record: Any, key: Any, value: Any) -> None:
    """Past Flower's own checks, as a pickled message would."""
    record.__dict__["_data"][key] = value


_HUGE = 10**5000
_COUNTS: tuple[Any, ...] = (
    *(0, -1, -(2**62), 2**62, 2**31, N_HEARD + 1, N_HEARD - 1, 1, 4, 5, 160, _HUGE, True, False),
    *(60.0, 30.5, float("nan"), float("inf"), [60], [], "60", b"60", None, np.int64(60)),
)
_TEXTS = (
    *("float64", "float16", "int32", "int8", "uint8", "<f4", ">f4", "f4", "float32 ", " float32"),
    *("object", "O", "bool", "complex64", "datetime64[s]", "U10", "V1000000000", "longdouble"),
    *("(1000000000,)f4", "f4,f4", "", "\0", "float32" + " " * 10**6, "x" * 10**6, None, 32, b"f4"),
    "[('a', 'f4')]",
)
_SHAPES = (
    *((), (0,), (-1,), (4, -45), (2**40,), (2**62, 2**62), (0, 2**62), (0, 10**4), (1,) * 40),
    *((1,) * 100_000, (True,), (4.0, 45), ("4",), [4, 45], None, 4, (np.int64(4), 45), (_HUGE,)),
)
_NUMBERS = (
    *(float("nan"), float("inf"), float("-inf"), 1e-45, -1e-45, 1e-38, 3e38, -3e38, 1e30, 1e6),
    *(-1e6, 200.0, -200.0, 61.0, 59.0, -91.0, -0.0, 0.0, 1.0, -1.0, 255.0, 127.0, 65504.0),
)


def _arrays(content: RecordDict) -> list[tuple[ArrayRecord, str]]:
    """Every array of a content."""
    records = [record for record in content.values() if isinstance(record, ArrayRecord)]
    return [(record, name) for record in records for name in record]


def _raw(change: Callable[[dict[str, Any], Rng], object]) -> Mutation:
    """Changes fields of any array, whatever they may be."""

    def mutate(content: RecordDict, rng: Rng) -> None:
        arrays = _arrays(content)
        if arrays:
            record, name = _any(rng, arrays)
            array = copy.copy(record[name])
            change(array.__dict__, rng)
            _put(record, name, array)

    return mutate


def _data(change: Callable[[bytes, Rng], Any]) -> Mutation:
    def mutate(fields: dict[str, Any], rng: Rng) -> None:
        if isinstance(fields["data"], bytes):  # as long as another mutation has left it
            fields["data"] = change(fields["data"], rng)

    return _raw(mutate)


def _shape(change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Mutation:
    def mutate(fields: dict[str, Any], rng: Rng) -> None:
        if isinstance(fields["shape"], tuple):
            fields["shape"] = change(fields["shape"])

    return _raw(mutate)


def _numbers(change: Callable[[NDArray[Any], Rng], Any]) -> Mutation:
    """Changes the numbers of any array, which are packed as ours are."""

    def mutate(content: RecordDict, rng: Rng) -> None:
        arrays = _arrays(content)
        if arrays:
            record, name = _any(rng, arrays)
            try:
                numbers = np.array(record[name].numpy())
            except Exception:
                return  # what another mutation has left can't be read
            with np.errstate(all="ignore"):
                record[name] = Array(np.asarray(change(numbers, rng), order="C"))

    return mutate


def _in_all(change: Callable[[str, NDArray[Any], Rng], NDArray[Any] | None]) -> Mutation:
    """Changes the numbers of all arrays together."""

    def mutate(content: RecordDict, rng: Rng) -> None:
        for record, name in _arrays(content):
            try:
                numbers = np.array(record[name].numpy())
            except Exception:
                return
            changed = change(name, numbers, rng)
            if changed is not None:
                record[name] = Array(np.asarray(changed, order="C"))

    return mutate


def _flipped(data: bytes, rng: Rng) -> bytes:
    changed = bytearray(data)
    if changed:
        end = _any(rng, (len(changed), min(len(changed), 128)))
        changed[int(rng.integers(end))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def _header(change: Callable[[str], str], *, version: int = 1) -> Callable[[bytes, Rng], bytes]:
    def changed(data: bytes, rng: Rng) -> bytes:
        text = change(data[10:128].decode("latin1")).encode("latin1")
        length = struct.pack("<H" if version == 1 else "<I", len(text))
        return b"\x93NUMPY" + bytes([version, 0]) + length + text + data[128:]

    return changed


def _zipped(data: bytes, rng: Rng) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", data)
    return file.getvalue()


def _pickled(data: bytes, rng: Rng) -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}], object), allow_pickle=True)
    return file.getvalue()


def _set(values: Sequence[float]) -> Callable[[NDArray[Any], Rng], NDArray[Any]]:
    def change(numbers: NDArray[Any], rng: Rng) -> NDArray[Any]:
        if numbers.size:
            some = rng.random(numbers.shape) < _any(rng, (0.01, 0.2, 1.0))
            some.flat[int(rng.integers(some.size))] = True
            value = np.float64(_any(rng, values))
            numbers[some] = value.astype(numbers.dtype)
        return numbers

    return change


def _moved(numbers: NDArray[Any], rng: Rng) -> NDArray[Any]:
    by = 1 + _any(rng, (1e-6, 1e-3, 0.1)) * rng.normal(size=numbers.shape)
    moved: NDArray[Any] = (numbers.astype(float) * by).astype(numbers.dtype)
    return moved


def _with_name(name: str) -> Mutation:
    def mutate(content: RecordDict, rng: Rng) -> None:
        arrays = _arrays(content)
        if arrays:
            record, old = _any(rng, arrays)
            _put(record, name, record.pop(old))

    return mutate


def _of_rows(name: str, numbers: NDArray[Any], rows: Callable[[NDArray[Any]], Any]) -> Any:
    return None if name.endswith("range") or not numbers.ndim else rows(numbers)


def _another_kind(content: RecordDict, rng: Rng) -> None:
    others = [asked.reply for asked in ASKED.values() if "summary" in asked.reply]
    other = copy.deepcopy(_any(rng, others))
    name = "summary" if "summary" in content else "trained"
    _put(content, name, other["summary"])


def _squares(content: RecordDict, rng: Rng) -> None:
    full = random_full_mixture(1).covariances.copy()
    full[0, 0, 1:] = _any(rng, (0.0, 1.0, 1e9))
    for name in ("summary", "trained"):
        if name in content:
            record = content.array_records[name]
            record["covariances"] = Array(full)


def _record(change: Callable[[RecordDict, str, Rng], object]) -> Mutation:
    def mutate(content: RecordDict, rng: Rng) -> None:
        if len(content):
            change(content, _any(rng, list(content)), rng)

    return mutate


def _any_value(content: RecordDict, name: str, rng: Rng) -> None:
    record = content[name]
    if not isinstance(record, ArrayRecord) and len(record):
        _put(record, _any(rng, list(record)), _any(rng, _COUNTS))


def _extra_value(content: RecordDict, name: str, rng: Rng) -> None:
    record = content[name]
    if not isinstance(record, ArrayRecord):
        _put(record, _any(rng, ("x", "", "index", "night", "n_windows", "x" * 10**6)), 1)


def _put_number(record: str, key: str) -> Mutation:
    def mutate(content: RecordDict, rng: Rng) -> None:
        if record in content:
            _put(content[record], key, _any(rng, (*_COUNTS, DEVICE + 1, NIGHT - 1, 0)))

    return mutate


def _a_count(content: RecordDict, rng: Rng) -> None:
    if "scores" in content and isinstance(content["scores"], MetricRecord):
        record = content["scores"]
        name = _any(rng, [*ON_DEVICES])
        counts = [10] * 16
        place = int(rng.integers(16))
        counts[place] = _any(rng, _COUNTS)
        if rng.random() < 0.3:
            counts = _any(rng, (counts[:15], [*counts, 0], [0] * 10**5, [160], [20, *[10] * 14, 0]))
        for changed in ON_DEVICES if rng.random() < 0.5 else (name,):
            _put(record, changed, counts)


def _reason(content: RecordDict, rng: Rng) -> None:
    line, long = "as it should be", "x" * 10**6
    reasons = ("", " ", "x" * 501, long, "two\nlines", "\0", "\ud800", 5, None, ["x"], line)
    failed = ConfigRecord()
    _put(failed, "reason", _any(rng, reasons))
    _put(content, "failed", failed)


def _renamed(content: RecordDict, name: str, rng: Rng) -> None:
    names = ("", "summary/means", "x" * 10**6, "3/summary", "device", "summary", "day", "scores")
    _put(content, _any(rng, names), content.pop(name))


MUTATIONS: Mapping[str, Mutation] = {
    "a bit flipped": _data(_flipped),
    "another bit flipped": _data(_flipped),
    "data cut": _data(lambda data, rng: data[: int(rng.integers(len(data) + 1))]),
    "data extended": _data(lambda data, rng: data + bytes(int(_any(rng, (1, 64, 10**6))))),
    "no data": _data(lambda data, rng: b""),
    "data that is no bytes": _data(lambda data, rng: _any(rng, (None, "x", bytearray(data), 5))),
    "a text in the padding": _data(_header(lambda text: text[:-9] + " what \n ")),
    "less padding": _data(_header(lambda text: text.rstrip() + "\n")),
    "more padding": _data(_header(lambda text: text[:-1] + " " * 64 + "\n")),
    "far more padding": _data(_header(lambda text: text[:-1] + " " * 30_000 + "\n")),
    "column after column": _data(_header(lambda text: text.replace("False, ", "True,  "))),
    "another dtype in the header": _data(_header(lambda text: text.replace("<f4", "<i4"))),
    "another shape in the header": _data(_header(lambda text: text.replace("(4, 45)", "(45, 4)"))),
    "an open bracket in the header": _data(_header(lambda text: text.replace("(", "((("))),
    "an object in the header": _data(_header(lambda text: text.replace("<f4", "|O"))),
    "a header of the second version": _data(_header(lambda text: text, version=2)),
    "a zipped array": _data(_zipped),
    "a pickled array": _data(_pickled),
    "another text for the dtype": _raw(lambda to, rng: to.update(dtype=_any(rng, _TEXTS))),
    "another shape": _raw(lambda to, rng: to.update(shape=_any(rng, _SHAPES))),
    "more axes": _shape(lambda shape: (*shape, 1)),
    "axes in another order": _shape(lambda shape: shape[::-1]),
    "another form": _raw(lambda to, rng: to.update(stype=_any(rng, ("pickle", "", "x" * 10**6)))),
    "numbers that can't be": _numbers(_set(_NUMBERS)),
    "more numbers that can't be": _numbers(_set(_NUMBERS)),
    "far numbers": _numbers(_set((61.0, 75.5, -91.0, 150.0, 1e4))),
    "near numbers": _numbers(_set((59.0, -89.0, 0.5, 1.0, 25.0))),
    "numbers moved a little": _numbers(_moved),
    "all numbers moved a little": _in_all(lambda name, x, rng: _moved(x, rng)),
    "another dtype": _numbers(
        lambda x, rng: x.astype(
            _any(rng, ("f2", "f4", "f8", ">f4", "i4", "i8", "u1", "?", "c8", "M8[s]", "i1"))
        )
    ),
    "one column less": _numbers(lambda x, rng: x[..., 1:] if x.ndim else x),
    "an axis more": _numbers(lambda x, rng: x[None]),
    "flat": _numbers(lambda x, rng: x.ravel()),
    "one row less": _numbers(lambda x, rng: x[1:] if x.ndim else x),
    "turned": _numbers(lambda x, rng: x.T),
    "scaled": _numbers(
        lambda x, rng: (x.astype(float) * _any(rng, (0.5, 2, -1, 1.01, 1e4))).astype(x.dtype)
    ),
    "one feature less": _in_all(
        lambda name, x, rng: _of_rows(name, x, lambda x: x[..., 1:] if x.ndim > 1 else x)
    ),
    "three features": _in_all(
        lambda name, x, rng: _of_rows(name, x, lambda x: x[..., :3] if x.ndim > 1 else x)
    ),
    "one component less": _in_all(
        lambda name, x, rng: _of_rows(name, x, lambda x: x[1:] if len(x) > 1 else x)
    ),
    "no component": _in_all(lambda name, x, rng: _of_rows(name, x, lambda x: x[:0])),
    "twice the components": _in_all(
        lambda name, x, rng: _of_rows(
            name, x, lambda x: np.concatenate([x, x]) / (2 if name == "weights" else 1)
        )
    ),
    "no rows of many features": _in_all(
        lambda name, x, rng: np.empty(
            {"weights": (0,), "means": (0, 150), "covariances": (0, 11325)}.get(name, (0, 150)),
            np.float32,
        )
    ),
    "another kind's arrays": _another_kind,
    "squares for triangles": _squares,
    "an empty name": _with_name(""),
    "a nested name": _with_name("summary/means"),
    "a long name": _with_name("x" * 10**6),
    "a name of another": _with_name("scene"),
    "an end of levels for a name": _with_name("means range"),
    "a thousand arrays": lambda content, rng: _put(
        content, "summary", ArrayRecord(dict.fromkeys(map(str, range(1001)), Array(np.zeros(0))))
    ),
    "an array too many": lambda content, rng: [
        record.update({"x": Array(np.zeros(_any(rng, (0, 45)), np.float32))})
        for record in content.array_records.values()
    ],
    "a record too few": _record(lambda content, name, rng: content.pop(name)),
    "a record too many": lambda content, rng: _put(
        content,
        _any(rng, ("x", "", "x" * 10**6, "failed", "trained")),
        MetricRecord({"x": [1.0] * 45}),
    ),
    "another name of a record": _record(_renamed),
    "a record of another type": _record(
        lambda content, name, rng: _put(
            content,
            name,
            _any(rng, (MetricRecord({"n_windows": 5}), ConfigRecord(), ArrayRecord())),
        )
    ),
    "another value": _record(_any_value),
    "a value too many": _record(_extra_value),
    "another count of windows": _put_number("day", "n_windows"),
    "another device": _put_number("device", "index"),
    "another night": _put_number("device", "night"),
    "another count": _a_count,
    "another reason": _reason,
    "nothing at all": lambda content, rng: [content.pop(name) for name in [*content]],
}

_NEAR = ("numbers moved a little", "all numbers moved a little", "near numbers", "a bit flipped")
"""Those that leave the most as it may be."""
