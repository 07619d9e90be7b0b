"""What a whole device is declared to take: its aggregator's budget, the front end and C1."""

from dataclasses import replace

from fedasc.aggregators.aggregator import Aggregator, Budget
from fedasc.audio.bank import FilterBank
from fedasc.models.embedded import N_HIDDEN, N_INPUTS, N_MACS
from fedasc.release.release import Release
from fedasc.scenes import N_SCENES

_STACK_BYTES = 1024
_WINDOW_S = 10
_HOP_SAMPLES = 32
"""That wait for the filters at a time."""


def declared(aggregator: Aggregator, release: Release, bank: FilterBank, n_windows: int) -> Budget:
    """What a day of so many windows costs a device at most, all of it."""
    own = release.budget(aggregator.budget(n_windows))
    return replace(
        own,
        memory_bytes=own.memory_bytes + _front_end_bytes(bank) + _classifier_bytes() + _STACK_BYTES,
        n_macs=own.n_macs + n_windows * (N_MACS + _WINDOW_S * _front_end_macs(bank)),
    )


def _front_end_bytes(bank: FilterBank) -> int:
    """States, sums of up to eight bytes, the values that settle the filters, and a window."""
    n_bands = bank.n_carriers * bank.n_modulations
    n_states = bank.n_carriers * 5 + 2 * n_bands
    n_sums = bank.n_carriers + n_bands + 1
    n_settling = bank.n_carriers * bank.envelopes_to_settle
    return 4 * (n_states + n_settling + N_INPUTS) + 8 * n_sums + 2 * (_HOP_SAMPLES + 2)


def _classifier_bytes() -> int:
    n_weights = (N_INPUTS + 1) * N_HIDDEN + (N_HIDDEN + 1) * N_SCENES
    return 4 * (3 * N_INPUTS + n_weights + N_SCENES) + 1


def _front_end_macs(bank: FilterBank) -> int:
    """Per second: four of each sample and carrier band, six of each of its modulation bands."""
    per_envelope = bank.hop * 4 + 1 + bank.n_modulations * 6
    return int(bank.envelope_rate_hz * bank.n_carriers * per_envelope)
