from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.weights import Weights
from fedasc.errors import MessageError
from tests.aggregators.days import classifier

GOOD = classifier().arrays()


def test_are_those_of_the_classifier() -> None:
    found = Weights.of(classifier()).classifier("sequence")
    for name, array in GOOD.items():
        assert getattr(found, name).tobytes() == array.tobytes()


def test_parameters_that_were_moved_are_weights_still() -> None:
    moved: dict[str, Any] = {
        name: array - np.float32(0.1) for name, array in Weights(**GOOD).parameters().items()
    }
    moved["variance"] = moved["variance"] * np.float32(-1)
    found = Weights.of_parameters(moved)
    np.testing.assert_allclose(found.variance, (np.sqrt(80) - 0.1) ** 2, rtol=1e-5)
    np.testing.assert_array_equal(found.mean, moved["mean"])


@pytest.mark.parametrize("name", GOOD)
def test_refuse_what_are_no_weights(name: str) -> None:
    array = GOOD[name]
    spoilt = array * np.float32(np.nan)
    wrong: list[Any] = [array[:-1], array.astype(np.float64), spoilt, array[None]]
    for each in wrong:
        with pytest.raises(MessageError, match="weights"):
            Weights(**{**GOOD, name: each})


def test_refuse_a_variance_under_zero() -> None:
    with pytest.raises(MessageError, match="variance"):
        Weights(**{**GOOD, "variance": -GOOD["variance"]})
    Weights(**{**GOOD, "variance": 0 * GOOD["variance"]})
