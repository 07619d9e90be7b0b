"""What anybody may send: read without harm, or refused.

The rules are stated here once more, in other words than where they are checked.
"""

import re
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flwr.app import RecordDict
from flwr.common.serde import recorddict_from_proto, recorddict_to_proto
from numpy.typing import NDArray

from fedasc.admission import admission_for, refusals_of
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from fedasc.flower.messages import failure_of, scores_of, summary_of, summary_reply
from fedasc.models.inputs import KINDS
from fedasc.night import BEGINNING, answer
from fedasc.simulated import SimulatedDevices
from fedasc.strategies.personalised import PersonalisedStrategy
from tests.flower.contents import (
    ASKED,
    DEVICE,
    HIGH_DB,
    LOW_DB,
    MIN_WINDOWS,
    N_EVALUATION,
    N_HEARD,
    NIGHT,
    MadeUp,
    made_up,
)
from tests.worlds import AGGREGATOR, RELEASE, same_classifier, tiny_world
from tests.worlds import N_HEARD as N_HEARD_TINY

N_CONTENTS = 2000
MOST_BYTES_OF_MEMORY = 2 * 2**20

DECLARED = {
    **{"gmm": 1456, "gmm in 16 bits": 728, "gmm in 8 bits": 388},
    **{"full": 17296, "full in 16 bits": 8648, "full in 8 bits": 4348, "tied": 4876},
    **{"moments": 364, "by scene": 1460, "by scene in 8 bits": 392},
    **{"features": 180 * N_HEARD, "features in 16 bits": 90 * N_HEARD},
    **{"weights": 2536, "weights in 8 bits": 698},
    **{"histograms": 13_500, "sketches": 180, "nothing": 0},
}
MOST_COMPONENTS = {"gmm": 4, "full": 4, "tied": 4, "moments": 1, "by scene": 4}
CLASSIFIER = {
    **dict.fromkeys(("mean", "variance", "scale", "shift"), (45,)),
    **{"hidden_weights": (45, 9), "hidden_biases": (9,)},
    **{"output_weights": (9, 4), "output_biases": (4,)},
}
DTYPES = {"float32": "<f4", "float16": "<f2", "uint8": "|u1", "int8": "|i1", "int32": "<i4"}
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00v\x00\{'descr': '(.{3})', 'fortran_order': False, 'shape': (\(.*\)), \} *\n"
)

Numbers = Mapping[str, NDArray[Any]]


def arrived(content: RecordDict) -> RecordDict:
    """What comes over the wire, or in a pickle if it can't travel otherwise."""
    try:
        return recorddict_from_proto(recorddict_to_proto(content))
    except Exception:
        return content


def numbers_of(record: Any) -> Numbers:
    """What a record of arrays holds, and nothing else does."""
    numbers = {}
    for name, array in record.items():
        header, rest = array.data[:128], array.data[128:]
        matched = HEADER.fullmatch(header)
        assert matched, header
        assert matched[1].decode() == DTYPES[array.dtype]
        assert matched[2].decode() == repr(array.shape)
        assert array.stype == "numpy.ndarray"
        assert len(rest) == np.dtype(array.dtype).itemsize * np.prod(array.shape, dtype=object)
        numbers[name] = np.frombuffer(rest, array.dtype).reshape(array.shape)
    return numbers


def in_full(numbers: Numbers, bits: int) -> dict[str, NDArray[Any]]:
    """The numbers that stand for others in fewer bits."""
    if bits == 32:
        return dict(numbers)
    restored: dict[str, NDArray[Any]] = {}
    for name, array in numbers.items():
        if name == "scene":
            restored[name] = array
        elif bits == 16:
            assert array.dtype == np.float16
            restored[name] = array.astype(float)
        elif name.endswith(" range"):
            assert array.shape == (2,)
            assert array.dtype == np.float32
            assert array[0] <= array[1]
        else:
            assert array.dtype == np.uint8
            low, high = numbers[f"{name} range"].astype(float)
            assert (array.min(), array.max()) == ((0, 255) if low < high else (0, 0))
            restored[name] = low + array * (high - low) / 255
    assert all(f"{name} range" in numbers for name in restored if bits == 8 and name != "scene")
    return restored


def holds_of_a_mixture(kind: str, numbers: Numbers, bits: int, summary: Summary) -> None:
    weights, means = numbers["weights"].astype(float), numbers["means"].astype(float)
    spreads = numbers["covariances"].astype(float)
    n = len(weights)
    assert 1 <= n <= MOST_COMPONENTS[kind]
    assert n == 1 or n * MIN_WINDOWS <= summary.n_windows
    assert weights.shape == (n,)
    assert means.shape == (n, 45)
    if bits < 32:
        weights = np.exp(weights - weights.max())
        weights /= weights.sum()
    assert (weights > -1e-12).all()
    assert abs(weights.sum() - 1) < 2e-4
    if spreads.shape == (n, 45):
        variances = spreads if bits == 32 else np.exp(spreads)
        covariances = variances
    else:
        assert spreads.shape in ((n, 45 * 46 // 2), (1, 45 * 46 // 2))
        lower = np.zeros((len(spreads), 45, 45))
        lower[:, *np.tril_indices(45)] = spreads
        if bits < 32:
            lower[:, range(45), range(45)] = np.exp(np.diagonal(lower, axis1=1, axis2=2))
            covariances = lower @ np.swapaxes(lower, 1, 2)
        else:
            covariances = lower + np.swapaxes(np.tril(lower, -1), 1, 2)
        eigenvalues = np.linalg.eigvalsh(covariances)
        assert (eigenvalues.min(axis=1) > -1e-6 * eigenvalues.max(axis=1)).all()
        variances = np.diagonal(covariances, axis1=1, axis2=2)
    assert (means >= LOW_DB - 0.1).all()
    assert (means <= HIGH_DB + 0.1).all()
    assert (variances > 0).all()
    assert (np.sqrt(variances) <= 1.001 * (HIGH_DB - LOW_DB) / 2).all()
    mixture = getattr(summary.content, "mixture", summary.content)
    assert isinstance(mixture, Mixture)
    np.testing.assert_allclose(mixture.weights, weights, rtol=1e-3, atol=1e-30)
    np.testing.assert_allclose(mixture.means, means, rtol=1e-3, atol=1e-30)
    scale = variances.max()
    np.testing.assert_allclose(mixture.covariances, covariances, rtol=1e-3, atol=1e-3 * scale)


def holds_of_a_classifier(numbers: Numbers) -> None:
    assert {name: array.shape for name, array in numbers.items()} == CLASSIFIER
    assert (numbers["variance"] >= 0).all()


def holds(name: str, content: Any, summary: Summary) -> None:
    """All that was stated of a summary."""
    assert {key: type(record).__name__ for key, record in content.items()} == {
        "device": "ConfigRecord",
        "summary": "ArrayRecord",
        "day": "MetricRecord",
    }
    assert dict(content["device"]) == {"index": DEVICE, "night": NIGHT}
    assert all(type(value) is int for value in content["device"].values())
    assert list(content["day"]) == ["n_windows"]
    n_windows = content["day"]["n_windows"]
    assert type(n_windows) is int
    assert 1 <= n_windows <= N_HEARD
    assert summary.n_windows == n_windows
    sent = numbers_of(content["summary"])
    assert sum(array.nbytes for array in sent.values()) <= DECLARED[name]
    assert all(np.isfinite(array).all() for array in sent.values())
    kind, _, bits = name.partition(" in ")
    n_bits = int(bits.split()[0]) if bits else 32
    numbers = in_full(sent, n_bits)
    if n_bits == 32 and kind not in ("histograms", "by scene"):
        assert all(array.dtype == np.float32 for array in numbers.values())
    if kind in MOST_COMPONENTS:
        names = {"weights", "means", "covariances"} | ({"scene"} if kind == "by scene" else set())
        assert numbers.keys() == names
        holds_of_a_mixture(kind, numbers, n_bits, summary)
        if kind == "by scene":
            assert numbers["scene"].dtype == np.int8
            assert numbers["scene"].shape == numbers["weights"].shape
            assert set(numbers["scene"].tolist()) <= {0, 1, 2, 3}
    elif kind == "features":
        assert list(numbers) == ["x"]
        assert numbers["x"].shape == (n_windows, 45)
        assert LOW_DB - 0.1 <= numbers["x"].min() <= numbers["x"].max() <= HIGH_DB + 0.1
    elif kind == "weights":
        if n_bits < 32:
            numbers["variance"] = numbers["variance"] ** 2
        holds_of_a_classifier(numbers)
        assert LOW_DB <= numbers["mean"].min() <= numbers["mean"].max() <= HIGH_DB
        assert np.sqrt(numbers["variance"].max()) <= (HIGH_DB - LOW_DB) / 2
    elif kind == "histograms":
        assert numbers["counts"].shape == (45, 75)
        assert numbers["counts"].min() >= 0
        assert set(numbers["counts"].sum(axis=1).tolist()) == {n_windows}
    else:
        assert list(numbers) == ([] if kind == "nothing" else ["numbers"])


def scores_hold(content: Any) -> None:
    """All that was stated of scores."""
    assert dict(content["device"]) == {"index": DEVICE, "night": NIGHT}
    assert set(content) - {"trained"} == {"device", "scores"}
    scores = dict(content["scores"])
    assert scores.keys() == {"baseline", "personal", "comprehensive"}
    for counts in scores.values():
        assert [type(count) for count in counts] == [int] * 16
        assert min(counts) >= 0
        assert sum(counts) == N_EVALUATION
    rows = {tuple(np.reshape(counts, (4, 4)).sum(axis=1)) for counts in scores.values()}
    assert len(rows) == 1
    if "trained" in content:
        numbers = dict(numbers_of(content["trained"]))
        inputs = numbers.pop("inputs")
        assert inputs.dtype == np.uint8
        assert not inputs.shape
        assert inputs < len(KINDS)
        assert all(array.dtype == np.float32 for array in numbers.values())
        assert all(np.isfinite(array).all() for array in numbers.values())
        holds_of_a_classifier(numbers)


def read(one: MadeUp, content: RecordDict) -> str | Summary | None:
    """As a server reads it."""
    with refusals_of(DEVICE):
        reason = failure_of(content)
    if reason is not None:
        return reason
    if one.asked.admission is not None:
        return summary_of(content, device=DEVICE, night=NIGHT, admission=one.asked.admission)
    scores_of(content, device=DEVICE, night=NIGHT, n_windows=N_EVALUATION, trains=True)
    return None


@pytest.mark.parametrize("name", ASKED)
def test_whatever_is_sent_keeps_to_the_rules_or_is_refused_in_a_line(name: str) -> None:
    n_changed = n_refused = 0
    for number in range(N_CONTENTS // len(ASKED)):
        one = made_up(number, names=(name,))
        content = arrived(one.content) if number % 2 else one.content
        tracemalloc.start()
        try:
            was_read, error = read(one, content), None
        except MessageError as refusal:
            error = refusal
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < MOST_BYTES_OF_MEMORY, one.mutations
        if error is not None:
            assert one.mutations, str(error)
            assert re.fullmatch(r"device 3: [^\n]{1,300}", str(error))
            assert str(error).isprintable()
            # Kinds of ours say themselves what is wrong; of others' kinds anything may be raised.
            assert error.__cause__ is None or name == "sketches", one.mutations
            n_refused += 1
            continue
        n_changed += bool(one.mutations)
        if isinstance(was_read, str):
            assert {key: dict(record) for key, record in content.items()} == {
                "failed": {"reason": was_read}
            }
            assert was_read.isprintable()
            assert 0 < len(was_read) <= 500
        elif was_read is None:
            scores_hold(content)
        else:
            holds(name, content, was_read)
    assert n_refused > 50
    # Or it wouldn't show what is let in and shouldn't be.
    assert n_changed > 2 or name in ("nothing", "histograms", "scores", "failure")


@pytest.fixture(scope="module")
def honest() -> Mapping[int, Summary]:
    """What the devices of the tiny world send."""
    world = tiny_world()
    devices = SimulatedDevices(
        scenario=world.scenario, aggregator=AGGREGATOR, release=RELEASE, public=world.server.public
    )
    sent = {n: devices.summarise(n, world.server.baseline) for n in range(4)}
    return {n: summary for n, summary in sent.items() if summary is not None}


def test_what_a_device_sends_changes_nobody_elses_classifier(honest: Mapping[int, Summary]) -> None:
    world = tiny_world()
    admission = admission_for(world.scenario, world.server, AGGREGATOR, RELEASE)
    strategy = PersonalisedStrategy(n_epochs=2, amount=1.0)

    def served(second: Summary) -> dict[int, Any]:
        personal, *_ = answer(
            world.scenario, world.server, strategy, {**honest, 2: second}, BEGINNING
        )
        return {n: one.classifier for n, one in personal.items()}

    usual = served(honest[2])
    far = Mixture(
        np.array([0.9, 0.05, 0.05], np.float32),
        np.stack([admission.high - 1, admission.low + 1, admission.high - 1]).astype(np.float32),
        np.full((3, 45), 1e-30, np.float32),
    )
    wide = replace(far, covariances=np.full((3, 45), 1e3, np.float32))
    for content, n_windows in ((far, 3), (wide, N_HEARD_TINY)):
        reply = summary_reply(2, 0, Summary.of(content, n_windows))
        hostile = summary_of(reply, device=2, night=0, admission=admission)
        changed = served(hostile)
        assert changed.keys() == usual.keys()
        assert not same_classifier(changed[2], usual[2])
        assert all(classifier.is_finite for classifier in changed.values())
        for device in (0, 1, 3):
            assert same_classifier(changed[device], usual[device])
