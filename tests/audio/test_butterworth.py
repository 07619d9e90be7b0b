import numpy as np
import pytest
from scipy.signal import butter

from fedasc.audio.butterworth import fourth_order, second_order


@pytest.mark.parametrize("order", [1, 2])
def test_sections_are_those_of_scipy(order: int) -> None:
    """Of bands from a hundredth of an octave to all there is; the gain is shared evenly."""
    rng = np.random.default_rng(0)
    drawn_hz = np.exp(rng.uniform(np.log(20), np.log(7900), (300, 2)))
    edges_hz = [*np.sort(drawn_hz, axis=1).tolist(), (75.0, 250.0), (900.0, 4500.0), (1e3, 1007.0)]
    design = {1: second_order, 2: fourth_order}[order]
    for low_hz, high_hz in edges_hz:
        expected = butter(order, (low_hz, high_hz), btype="bandpass", output="sos", fs=16_000)
        sections = np.array(design(low_hz, high_hz, 16_000))
        np.testing.assert_allclose(sections[:, 1:], expected[:, 4:], rtol=0, atol=1e-12)
        gain = np.prod(expected[:, 0]) ** (1 / order)
        np.testing.assert_allclose(sections[:, 0], gain, rtol=0, atol=1e-12)
