"""The two filter banks of the amplitude-modulation spectrum (AMS), as settings.

The paper uses AMS features of Agcaer and Martin (EUSIPCO 2019) and does not publish its filters.
The defaults here are ours: rounded edges in the middle of those that `simulations/optimise_bank.py`
found on the training parts of six splits of real recordings; what that brought stands in
docs/recordings-of-development.md.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np

from fedasc.arithmetic.powers import power
from fedasc.audio import FloatArray
from fedasc.audio.butterworth import fourth_order, second_order
from fedasc.config import check_choices
from fedasc.errors import SettingsError

Reference = Literal["total", "band", "none"]

VECTORS_PER_SEQUENCE = 5
"""Feature vectors z that make one sequence x (paper eq. 2)."""


@dataclass(frozen=True, kw_only=True)
class FilterBank:
    """Settings of the AMS front end.

    Args:
        sample_rate_hz: Rate of the audio that comes in.
        carrier_edges_hz: Edges of the acoustic bands, one more than there are bands.
        modulation_edges_hz: Edges of the modulation bands, one more than there are bands.
        hop: Samples averaged to one value of the envelope.
        vector_s: Seconds of audio per feature vector z.
        settle_s: Seconds whose mean envelope sets the modulation filters' first state.
        floor_dbfs: Level under which a band counts as silent.
        reference: What modulation energy is related to: the mean over the bands of the squared
            mean envelope, that of its own band, or nothing.

    Examples:
        >>> bank = FilterBank()
        >>> bank.n_carriers, bank.n_modulations, bank.n_features
        (3, 3, 9)

    Raises:
        SettingsError: If edges don't rise, reach half the rate, or times don't fill whole hops.
    """

    sample_rate_hz: int = 16_000
    carrier_edges_hz: tuple[float, ...] = (75.0, 250.0, 900.0, 4500.0)
    modulation_edges_hz: tuple[float, ...] = (0.6, 4.0, 14.0, 40.0)
    hop: int = 32
    vector_s: float = 2.0
    settle_s: float = 0.5
    floor_dbfs: float = -90.0
    reference: Reference = "total"

    def __post_init__(self) -> None:
        if self.sample_rate_hz < 1 or self.hop < 1:
            raise SettingsError("bank: sample_rate_hz and hop must be at least 1")
        _check_edges("carrier_edges_hz", self.carrier_edges_hz, self.sample_rate_hz / 2)
        _check_edges("modulation_edges_hz", self.modulation_edges_hz, self.envelope_rate_hz / 2)
        if not np.isfinite([self.vector_s, self.settle_s, self.floor_dbfs]).all():
            raise SettingsError("bank: vector_s, settle_s and floor_dbfs must be finite")
        check_choices(self, section="bank")
        whole = self.vector_s * self.envelope_rate_hz
        if whole < 1 or whole != int(whole):
            raise SettingsError(
                f"bank: vector_s must be a multiple of hop / sample_rate_hz = "
                f"{1 / self.envelope_rate_hz:g} s, got {self.vector_s:g}"
            )
        if not 1 / self.envelope_rate_hz <= self.settle_s <= self.vector_s:
            raise SettingsError(
                f"bank: settle_s must lie between one hop and vector_s, got {self.settle_s:g}"
            )

    @property
    def envelope_rate_hz(self) -> float:
        return self.sample_rate_hz / self.hop

    @property
    def n_carriers(self) -> int:
        return len(self.carrier_edges_hz) - 1

    @property
    def n_modulations(self) -> int:
        return len(self.modulation_edges_hz) - 1

    @property
    def n_features(self) -> int:
        """Length of z: the modulation bands of the first carrier, then of the next."""
        return self.n_carriers * self.n_modulations

    @property
    def envelopes_per_vector(self) -> int:
        return int(self.vector_s * self.envelope_rate_hz)

    @property
    def envelopes_to_settle(self) -> int:
        return int(self.settle_s * self.envelope_rate_hz)

    @property
    def samples_per_vector(self) -> int:
        return self.envelopes_per_vector * self.hop

    @property
    def floor(self) -> float:
        """ε of the features: the squared amplitude at `floor_dbfs`."""
        return float(power(10, self.floor_dbfs / 10))

    def carrier_sections(self) -> FloatArray:
        """(n_carriers, 2, 3) biquads b0, a1, a2 of fourth-order Butterworth band-passes."""
        return _band_passes(self.carrier_edges_hz, self.sample_rate_hz, n_sections=2)

    def modulation_sections(self) -> FloatArray:
        """(n_modulations, 3) biquads b0, a1, a2 of second-order Butterworth band-passes."""
        return _band_passes(self.modulation_edges_hz, self.envelope_rate_hz, n_sections=1)[:, 0]


def _check_edges(name: str, edges: tuple[float, ...], limit_hz: float) -> None:
    rising = all(low < high for low, high in pairwise((0.0, *edges)))
    if len(edges) < 2 or not rising or edges[-1] >= limit_hz:
        raise SettingsError(
            f"bank: {name} must be at least two rising frequencies between 0 and {limit_hz:g} Hz, "
            f"got {list(edges)}"
        )


@lru_cache(maxsize=32)  # designing filters takes as long as filtering a minute
def _band_passes(edges_hz: tuple[float, ...], rate_hz: float, *, n_sections: int) -> FloatArray:
    """(n_bands, n_sections, 3) sections b0, a1, a2, each with the numerator b0 · [1, 0, -1].

    A Butterworth band-pass has as many zeros at DC as at half the rate, so every section can take
    one of each; the product is the same filter that SciPy's `butter` pairs otherwise.
    """
    design = {1: second_order, 2: fourth_order}[n_sections]
    bands = np.array([design(low_hz, high_hz, rate_hz) for low_hz, high_hz in pairwise(edges_hz)])
    bands.flags.writeable = False
    return bands
