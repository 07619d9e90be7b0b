import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy.signal import freqz

from fedasc.audio import FloatArray
from fedasc.audio.bank import FilterBank
from fedasc.errors import SettingsError


def gain_db(sections: FloatArray, frequency_hz: float, rate_hz: float) -> float:
    """Gain of a cascade of sections b0, a1, a2 with the numerator b0 · [1, 0, -1]."""
    responses = [
        freqz([b0, 0, -b0], [1, a1, a2], worN=[frequency_hz], fs=rate_hz)[1]
        for b0, a1, a2 in sections
    ]
    return float(20 * np.log10(np.abs(np.prod(responses))))


@pytest.mark.parametrize("band", range(3))
@pytest.mark.parametrize("which", ["carrier", "modulation"])
def test_bands_pass_their_middle_and_lose_three_decibels_at_their_edges(
    which: str, band: int
) -> None:
    bank = FilterBank()
    if which == "carrier":
        sections, edges, rate = bank.carrier_sections(), bank.carrier_edges_hz, 16_000.0
    else:
        sections, edges, rate = bank.modulation_sections()[:, None], bank.modulation_edges_hz, 500.0
    low, high = edges[band], edges[band + 1]
    assert gain_db(sections[band], low, rate) == pytest.approx(-3.01, abs=0.01)
    assert gain_db(sections[band], high, rate) == pytest.approx(-3.01, abs=0.01)
    assert gain_db(sections[band], math.sqrt(low * high), rate) == pytest.approx(0, abs=0.1)
    slope_db = gain_db(sections[band], low / 4, rate) - gain_db(sections[band], low / 8, rate)
    assert slope_db == pytest.approx({"carrier": 12, "modulation": 6}[which], abs=1.5)


def test_sizes_follow_the_settings() -> None:
    bank = FilterBank()
    assert (bank.n_carriers, bank.n_modulations, bank.n_features) == (3, 3, 9)
    assert (bank.envelopes_per_vector, bank.samples_per_vector) == (1000, 32_000)
    assert bank.envelopes_to_settle == 250
    assert bank.floor == pytest.approx(1e-9)
    other = FilterBank(carrier_edges_hz=(100, 900), modulation_edges_hz=(1, 2, 4), hop=16)
    assert (other.n_features, other.samples_per_vector) == (2, 32_000)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sample_rate_hz", 0),
        ("hop", 0),
        ("hop", -1),
        ("carrier_edges_hz", ()),
        ("carrier_edges_hz", (100.0,)),
        ("carrier_edges_hz", (0.0, 700.0)),
        ("carrier_edges_hz", (700.0, 100.0)),
        ("carrier_edges_hz", (100.0, 700.0, 700.0)),
        ("carrier_edges_hz", (100.0, 8000.0)),
        ("carrier_edges_hz", (100.0, math.nan)),
        ("modulation_edges_hz", (0.5,)),
        ("modulation_edges_hz", (-1.0, 2.0)),
        ("modulation_edges_hz", (0.5, 250.0)),
        ("reference", "loudest"),
        ("vector_s", 0.0),
        ("vector_s", -2.0),
        ("vector_s", 2.001),
        ("vector_s", math.nan),
        ("vector_s", math.inf),
        ("settle_s", 0.0),
        ("settle_s", 2.1),
        ("settle_s", math.nan),
        ("floor_dbfs", math.nan),
        ("floor_dbfs", -math.inf),
    ],
)
def test_settings_that_make_no_bank_are_refused_by_name(key: str, value: Any) -> None:
    settings: Mapping[str, Any] = {key: value}
    with pytest.raises(SettingsError, match=key):
        FilterBank(**settings)
