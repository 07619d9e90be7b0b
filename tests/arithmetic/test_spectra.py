import numpy as np

from fedasc.arithmetic.spectra import spectral_product


def test_a_product_is_numpys_but_for_rounding() -> None:
    rng = np.random.default_rng(0)
    one, other = (rng.standard_normal(2 * 501, np.float32).view(np.complex64) for _ in range(2))
    expected = one.astype(np.complex128) * other
    spectral_product(one, other)
    np.testing.assert_allclose(one, expected, rtol=0, atol=1e-6)
