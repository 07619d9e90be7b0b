"""Of an array nothing is read but what we would have packed ourselves."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord
from numpy.typing import NDArray

from fedasc.errors import MessageError
from fedasc.flower.records import classifier_of, expect, packed, record_of, unpacked
from fedasc.models.embedded import initial
from fedasc.models.inputs import KINDS, Inputs
from tests.worlds import same_classifier

NUMBERS = np.arange(12, dtype=np.float32).reshape(3, 4)
USUAL = Array(NUMBERS)


@pytest.mark.parametrize(
    "numbers",
    [
        NUMBERS,
        NUMBERS.T,
        NUMBERS[:, ::2],
        np.float64(3.5).reshape(()),
        np.zeros((0, 4), np.int8),
        np.arange(5, dtype=np.uint64),
    ],
)
def test_numbers_survive(numbers: NDArray[Any]) -> None:
    (arrived,) = unpacked("day", packed({"x": numbers}), most_bytes=48).values()
    assert arrived.dtype == numbers.dtype
    assert arrived.flags.c_contiguous
    assert arrived.flags.owndata
    np.testing.assert_array_equal(arrived, numbers)


def test_arrays_are_read_in_order_as_long_as_bytes_are_left() -> None:
    record = packed({"x": NUMBERS, "y": NUMBERS})
    assert list(unpacked("day", record, most_bytes=96)) == ["x", "y"]
    with pytest.raises(MessageError, match="day, 'y': 48 bytes, but 47 are left of 95"):
        unpacked("day", record, most_bytes=95)


@pytest.mark.parametrize("inputs", KINDS)
def test_a_classifier_survives_with_what_its_inputs_are(inputs: Inputs) -> None:
    sent = initial(np.random.default_rng(0), inputs)
    arrived = classifier_of(record_of(sent))
    assert arrived.inputs == inputs
    assert same_classifier(arrived, sent)


@pytest.mark.parametrize(
    "inputs", [np.uint8(len(KINDS)), np.int8(0), np.zeros(1, np.uint8), None], ids=repr
)
def test_a_classifier_of_unknown_inputs_is_refused(inputs: Any) -> None:
    arrays: dict[str, Any] = {**initial(np.random.default_rng(0)).arrays()}
    if inputs is not None:
        arrays["inputs"] = np.asarray(inputs)
    with pytest.raises(MessageError, match="classifier: expected a number for inputs, from 0 to 1"):
        classifier_of(packed(arrays))


def array(**fields: Any) -> Array:
    """The usual one, but for these."""
    usual = Array(NUMBERS)
    usual.__dict__.update(fields)
    return usual


DATA = USUAL.data
BAD: Mapping[str, tuple[Array, str]] = {
    "a text in the dtype": (array(dtype="float32" + " " * 10**6), "the name of a dtype"),
    "another byte order": (Array(NUMBERS.astype(">f4")), "the name of a dtype"),
    "booleans": (Array(NUMBERS > 3), "the name of a dtype"),
    "a dtype that isn't the data's": (array(dtype="int32"), "numbers and nothing else"),
    "numbers in the shape": (array(shape=(1,) * 100_000), "4 axes at most"),
    "a negative axis": (array(shape=(-3, -4)), "axes of 0 to 48"),
    "an axis of what is nothing": (array(shape=(0, 2**62)), "axes of 0 to 48"),
    "an axis that is true": (array(shape=(True, 12)), "axes of 0 to 48"),
    "another shape": (array(shape=(4, 3)), "numbers and nothing else"),
    "a shape of less": (array(shape=(2, 4)), "numbers and nothing else"),
    "another form": (array(stype="pickle"), "numbers and nothing else"),
    "a text after the numbers": (array(data=DATA + b"x" * 200), "48 bytes of numbers"),
    "a number less": (array(data=DATA[:-4]), "numbers and nothing else"),
    "no data": (array(data=b""), "48 bytes of numbers"),
    "a text in the padding": (array(data=DATA.replace(b"  \n", b"x \n")), "nothing else"),
    "columns": (array(data=DATA.replace(b"False,", b"True, ")), "numbers and nothing else"),
    "a pickle": (array(data=DATA.replace(b"<f4", b"|O ")), "numbers and nothing else"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_we_would_not_have_packed_is_refused(name: str) -> None:
    bad, told = BAD[name]
    record = ArrayRecord({"x": USUAL})
    record.__dict__["_data"]["x"] = bad
    with pytest.raises(MessageError, match=rf"\Aday, 'x': .*{told}") as refusal:
        unpacked("day", record, most_bytes=48)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    "record", [{"x" * 101: USUAL}, {str(number): USUAL for number in range(1001)}]
)
def test_names_can_not_carry_much(record: Mapping[str, Array]) -> None:
    with pytest.raises(MessageError, match="day: expected 1000 arrays at most, with short names"):
        unpacked("day", ArrayRecord(dict(record)), most_bytes=10**6)


def test_what_a_record_should_not_hold_is_told_in_short() -> None:
    record = ConfigRecord({"x" * 10**6: 1, **{str(number): "a" for number in range(100)}})
    with pytest.raises(MessageError, match=r"day: expected 'n' \(int\) and nothing else") as told:
        expect("day", record, {"n": int})
    assert len(str(told.value)) < 300
