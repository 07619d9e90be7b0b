"""Yardsticks for how far artificial samples are from what was heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fedasc.evaluation.diagnosis import energy_distance
from fedasc.probes.probe import Probe
from fedasc.probes.sight import N_MOST, Sight


@dataclass(frozen=True, kw_only=True)
class YardsticksProbe(Probe):
    """Energy distances that a device's user has whatever it sends.

    It tells energy_halves, between two halves of what was heard, and energy_evaluation, to the
    evaluation windows, which are other recordings.
    """

    columns = ("energy_halves", "energy_evaluation")

    def look(self, sight: Sight) -> Mapping[str, Any]:
        heard = sight.heard.x[:N_MOST]
        order = sight.rng().permutation(len(heard))
        halves = (sight.cloud(heard[some]) for some in np.split(order, [len(heard) // 2]))
        return {
            "energy_halves": energy_distance(*halves),
            "energy_evaluation": energy_distance(
                sight.day, sight.cloud(sight.evaluation.x[:N_MOST])
            ),
        }
