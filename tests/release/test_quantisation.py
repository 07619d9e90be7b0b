import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.encoding import Encoding
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.errors import MessageError
from fedasc.release.quantisation import EightBits, HalfPrecision
from tests.aggregators.days import heard
from tests.aggregators.test_mixture import MAKERS, random_mixture


@dataclass(frozen=True, eq=False)
class Fine(Content):
    """Numbers of more than four bytes."""

    kind = "fine numbers"
    x: NDArray[np.float64]


BOTH: list[Encoding] = [HalfPrecision(), EightBits()]
both = pytest.mark.parametrize("encoding", BOTH)


@given(make=st.sampled_from(MAKERS), seed=st.integers(0, 2**32 - 1), encoding=st.sampled_from(BOTH))
def test_a_mixture_is_one_still_and_nearly_the_same(
    make: Any, seed: int, encoding: Encoding
) -> None:
    mixture: Mixture = make(4, seed=seed)
    arrived = encoding.decode(Mixture, encoding.encode(mixture))
    assert arrived.weights.dtype == arrived.means.dtype == arrived.covariances.dtype == np.float32
    step = float(np.ptp(mixture.means)) / 255 if isinstance(encoding, EightBits) else 0.04
    np.testing.assert_allclose(arrived.means, mixture.means, atol=0.51 * step)
    np.testing.assert_allclose(arrived.weights, mixture.weights, rtol=0.05)


@given(
    x=st.lists(st.floats(-150, 50, width=32), min_size=45, max_size=45),
    encoding=st.sampled_from(BOTH),
)
def test_numbers_move_by_half_a_step_at_most(x: list[float], encoding: Encoding) -> None:
    content = Features(np.array([x], np.float32))
    arrived = encoding.decode(Features, encoding.encode(content)).x
    if isinstance(encoding, EightBits):
        ends = arrived.min(), arrived.max()
        assert ends == pytest.approx((min(x), max(x)), rel=1e-6)
        tolerance = np.full(45, np.ptp(content.x) / 255 / 2 + 1e-4)
    else:
        tolerance = 2**-11 * np.abs(content.x[0]) + 1e-7
    np.testing.assert_array_less(np.abs(arrived - content.x)[0], tolerance)


def test_sizes_are_two_bytes_or_one_with_eight_for_both_ends_of_every_array() -> None:
    mixture = random_mixture(32)
    half, eight = (encoding.encode(mixture) for encoding in BOTH)
    assert sum(array.nbytes for array in half.values()) == 2 * 32 * 91
    assert sum(array.nbytes for array in eight.values()) == 32 * 91 + 3 * 8
    assert set(eight) == {
        name + end for name in ("weights", "means", "covariances") for end in ("", " range")
    }


@both
def test_whole_numbers_go_as_they_are(encoding: Encoding) -> None:
    content = SceneMixture(random_mixture(4), np.array([3, 1, 1, 0], np.int8))
    encoded = encoding.encode(content)
    assert encoded["scene"].tobytes() == content.scene.tobytes()
    assert "scene range" not in encoded
    arrived = encoding.decode(SceneMixture, encoded)
    np.testing.assert_array_equal(arrived.scene, content.scene)


@both
def test_is_a_value(encoding: Encoding) -> None:
    assert pickle.loads(pickle.dumps(encoding)) == encoding
    assert encoding == type(encoding)()
    assert encoding != (BOTH[0] if encoding is BOTH[1] else BOTH[1])


def test_too_much_for_half_precision_is_refused_where_it_arrives() -> None:
    content = Features(heard(2) * np.float32(1e4))
    with pytest.raises(MessageError, match="finite numbers in x"):
        HalfPrecision().decode(Features, HalfPrecision().encode(content))


@both
@pytest.mark.parametrize("name", ["weights", "means", "covariances"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.int64, "U3", bool])
def test_other_types_are_refused(encoding: Encoding, name: str, dtype: Any) -> None:
    encoded = dict(encoding.encode(random_mixture(3)))
    encoded[name] = encoded[name].astype(dtype)
    with pytest.raises(MessageError, match=r"summary|mixture"):
        encoding.decode(Mixture, encoded)


@both
def test_other_shapes_are_refused(encoding: Encoding) -> None:
    good = encoding.encode(random_mixture(3))
    for name in ("weights", "means", "covariances"):
        array = good[name]
        for wrong in (array[:-1], array[None], array.ravel()[:1].reshape(())):
            with pytest.raises(MessageError, match=r"summary|mixture"):
                encoding.decode(Mixture, {**good, name: wrong})


@pytest.mark.parametrize("name", ["weights", "means", "covariances"])
@pytest.mark.parametrize(
    "ends",
    [
        np.array([0, 1, 2], np.float32),
        np.array([[0, 1]], np.float32),
        np.array([0, 1], np.float64),
        np.array([0, 1], np.uint8),
        np.array([1, 0], np.float32),
        np.array([0, np.nan], np.float32),
        np.array([-np.inf, 0], np.float32),
    ],
)
def test_other_ends_are_refused(name: str, ends: np.ndarray) -> None:
    encoded = {**EightBits().encode(random_mixture(3)), name + " range": ends}
    with pytest.raises(MessageError, match="summary"):
        EightBits().decode(Mixture, encoded)


@pytest.mark.parametrize("name", ["x", "x range", "means range range"])
@both
def test_more_arrays_are_refused(encoding: Encoding, name: str) -> None:
    encoded = encoding.encode(random_mixture(3))
    with pytest.raises(MessageError, match="nothing else"):
        encoding.decode(Mixture, {**encoded, name: np.array([0, 1], np.float32)})


def test_half_precision_has_no_ends() -> None:
    encoded = HalfPrecision().encode(random_mixture(3))
    with pytest.raises(MessageError, match="nothing else"):
        HalfPrecision().decode(Mixture, {**encoded, "means range": np.zeros(2, np.float32)})


@pytest.mark.parametrize("levels", [(1, 255), (0, 254), (3, 3)])
def test_levels_that_leave_out_an_end_are_refused(levels: tuple[int, int]) -> None:
    encoded = dict(EightBits().encode(random_mixture(3)))
    encoded["means"] = np.clip(encoded["means"], *levels)
    with pytest.raises(MessageError, match="expected levels of means from 0 to 255"):
        EightBits().decode(Mixture, encoded)


def test_levels_of_a_single_number_are_its_lowest() -> None:
    encoded = dict(EightBits().encode(random_mixture(1)))
    assert encoded["weights"].tolist() == [0]
    encoded["weights"] = np.array([7], np.uint8)
    with pytest.raises(MessageError, match="expected levels of weights from 0 to 0"):
        EightBits().decode(Mixture, encoded)


def test_finer_numbers_reach_both_ends_too() -> None:
    fine = Fine(1e6 + np.array([0.04, 0.19]))
    assert EightBits().encode(fine)["x"].tolist() == [0, 255]
