import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.aggregators.moments import MomentsAggregator
from fedasc.errors import SettingsError
from tests.aggregators.days import PUBLIC, classifier, heard, stream


@given(seed=st.integers(0, 2**32 - 1), n_windows=st.integers(1, 60), offset=st.floats(-1e4, 1e4))
def test_are_the_mean_and_the_variance(seed: int, n_windows: int, offset: float) -> None:
    x = (heard(n_windows, seed=seed) + offset).astype(np.float32)
    aggregator = MomentsAggregator(variance_floor_db2=0.5)
    draft = aggregator.summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=0)
    found = draft.content
    assert draft.n_effective == n_windows
    exact = x.astype(np.float64)
    assert found.weights.tolist() == [1]
    np.testing.assert_allclose(found.means[0], exact.mean(axis=0), rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(found.variances[0], exact.var(axis=0) + 0.5, rtol=1e-6)


def test_need_no_more_room_for_a_longer_day() -> None:
    short, long = MomentsAggregator().budget(10), MomentsAggregator().budget(10_000)
    assert short.memory_bytes == long.memory_bytes == 4 * (91 + 45)


@pytest.mark.parametrize("floor", [0.0, -1.0])
def test_refuse_settings_out_of_range(floor: float) -> None:
    with pytest.raises(SettingsError, match="moments"):
        MomentsAggregator(variance_floor_db2=floor)
