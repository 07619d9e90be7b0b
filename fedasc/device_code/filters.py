"""The modulation filters in the form that the C code has them."""

import numpy as np

from fedasc.audio import FloatArray
from fedasc.audio.bank import FilterBank


def state_variables(bank: FilterBank) -> FloatArray:
    """(n_modulations, 4) modulation filters as state-variable filters (Zavalishin 2012).

    Of the band-pass 1 + a₁z⁻¹ + a₂z⁻² with the frequency g = tan(ω/2) and the width k these are
    1 / (1 + g(g + k)), g and g² times that, and the gain of the band's state.
    """
    b0, a1, a2 = bank.modulation_sections().T
    g = np.sqrt((1 + a1 + a2) / (1 - a1 + a2))
    k = 2 * g * (1 - a2) / (1 + a1 + a2)
    first = 1 / (1 + g * (g + k))
    gain = k * b0 / ((1 - a2) / 2)
    return np.stack([first, g * first, g * g * first, gain], axis=1)
