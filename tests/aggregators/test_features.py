import numpy as np
import pytest

from fedasc.aggregators.features import Features, FeaturesAggregator
from fedasc.errors import MessageError
from tests.aggregators.days import PUBLIC, classifier, heard, stream


def test_are_the_windows_in_their_order() -> None:
    x = heard(30)
    found = FeaturesAggregator().summarise(
        stream(x), classifier=classifier(), public=PUBLIC, seed=0
    )
    np.testing.assert_array_equal(found.x, x)


def test_say_that_they_are_what_was_heard() -> None:
    assert FeaturesAggregator().sends_raw


@pytest.mark.parametrize(
    "x",
    [
        heard(3).astype(np.float64),
        heard(3)[:, :44],
        heard(3)[0],
        heard(3)[:0],
        heard(3) * np.float32(np.nan),
        heard(3) + np.float32(np.inf),
    ],
)
def test_refuse_what_are_no_features(x: np.ndarray) -> None:
    with pytest.raises(MessageError, match="features"):
        Features(x)
