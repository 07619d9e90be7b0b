import numpy as np
import pytest
from scipy.signal import butter

from fedasc.audio.butterworth import fourth_order, second_order


@pytest.mark.parametrize("order", [1, 2])
def test_sections_are_those_of_scipy(order: int) -> None:
    """Of bands from a hundredth of an octave to all there is; the gain is shared evenly."""
    rng = np.random.default_rng(0)
    edges_hz = [np.sort(np.exp(rng.uniform(np.log(20), np.log(7900), 2))) for _ in range(300)]
    for low_hz, high_hz in [*edges_hz, (75, 250), (900, 4500), (1000, 1007)]:
        sections = butter(order, (low_hz, high_hz), btype="bandpass", output="sos", fs=16_000)
        gain = np.prod(sections[:, 0]) ** (1 / order)
        expected = [(gain, a1, a2) for a1, a2 in sections[:, 4:]]
        design = {1: second_order, 2: fourth_order}[order]
        np.testing.assert_allclose(design(low_hz, high_hz, 16_000), expected, rtol=0, atol=1e-12)
