"""The header `fedasc_parameters.h`: all numbers that the C code is made for."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.aggregators.weights import Weights
from fedasc.audio.bank import FilterBank
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.filters import state_variables
from fedasc.device_code.fixed import fixed_parameters
from fedasc.device_code.initialisers import number, numbers
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.inputs import KINDS as INPUTS

_PER_LINE = 16


def header(code: DeviceCode) -> str:
    """The text of the header."""
    values = {
        "FIXED": int(code.numbers == "fixed"),
        **_bank(code.bank),
        **(_single(code.bank) if code.numbers == "single" else fixed_parameters(code.bank)),
        "AGGREGATOR": f"FEDASC_{code.kind}",
        **_aggregator(code.aggregator),
        "RELEASE_MIN_WINDOWS": number(code.release.min_windows),
        "RELEASE_MIN_WEIGHT": number(code.release.min_weight),
        "BITS": code.release.bits,
        "SHIPPED": _bytes(wire(code.classifier)),
    }
    lines = [f"#define FEDASC_{name} {value}" for name, value in values.items()]
    return "\n".join(["/* Made by fedasc export. */", *lines, ""])


def wire(classifier: EmbeddedClassifier) -> bytes:
    """A classifier as it is sent: its numbers in the order of the wire, and what its inputs are."""
    arrays = Weights.of(classifier).arrays().values()
    kind = INPUTS.index(classifier.inputs)
    return b"".join(array.astype("<f4").tobytes() for array in arrays) + bytes([kind])


def _bank(bank: FilterBank) -> dict[str, Any]:
    return {
        "RATE_HZ": bank.sample_rate_hz,
        "HOP": bank.hop,
        "N_CARRIERS": bank.n_carriers,
        "N_MODULATIONS": bank.n_modulations,
        "ENVELOPES_PER_VECTOR": bank.envelopes_per_vector,
        "ENVELOPES_TO_SETTLE": bank.envelopes_to_settle,
        "REFERENCE": f"FEDASC_{bank.reference.upper()}",
    }


def _single(bank: FilterBank) -> dict[str, str]:
    sections = bank.carrier_sections()
    filters = state_variables(bank)
    return {
        "FLOOR": number(bank.floor),
        "CARRIERS": numbers(sections[:, :, 1:].reshape(-1, 4)),
        "GAINS": numbers(sections[:, :, 0].prod(axis=1) / bank.hop),
        "MODULATIONS": numbers(filters[:, :3]),
        "POWERS": numbers(np.square(filters[:, 3])),
    }


def _aggregator(aggregator: Aggregator) -> Mapping[str, Any]:
    """Its settings, in the words of online expectation maximisation where that is what is done."""
    if isinstance(aggregator, SceneGaussiansAggregator):
        defaults = StepwiseEmAggregator()
        stepwise = StepwiseEmAggregator(
            n_components=aggregator.n_components,
            min_windows=aggregator.min_windows,
            n_merged=defaults.n_merged,
            variance_floor_db2=aggregator.variance_floor_db2,
        )
    elif isinstance(aggregator, MomentsAggregator):
        floor = aggregator.variance_floor_db2
        stepwise = StepwiseEmAggregator(
            n_components=1, n_merged=0, min_windows=1, variance_floor_db2=floor
        )
    elif isinstance(aggregator, KMeansAggregator):
        return {
            "N_COMPONENTS": aggregator.n_components,
            "N_MERGED": 0,
            "MIN_WINDOWS": aggregator.min_windows,
            "BATCH_SIZE": aggregator.batch_size,
            "VARIANCE_FLOOR": number(aggregator.variance_floor_db2),
            "HAS_STEPS": 0,
        }
    else:
        assert isinstance(aggregator, StepwiseEmAggregator)
        stepwise = aggregator
    return {
        "N_COMPONENTS": stepwise.n_components,
        "N_MERGED": stepwise.n_merged,
        "MIN_WINDOWS": stepwise.min_windows,
        "PRIOR_WINDOWS": number(stepwise.prior_windows),
        "VARIANCE_FLOOR": number(stepwise.variance_floor_db2),
        "HAS_STEPS": int(stepwise.step_exponent < 1 or stepwise.step_delay > 0),
        "STEP_EXPONENT": number(stepwise.step_exponent),
        "STEP_DELAY": number(stepwise.step_delay),
    }


def _bytes(content: bytes) -> str:
    lines = [
        ", ".join(map(str, content[start : start + _PER_LINE]))
        for start in range(0, len(content), _PER_LINE)
    ]
    return "{ \\\n    " + ", \\\n    ".join(lines) + "}"
