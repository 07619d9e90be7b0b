"""Yardsticks for how far artificial samples are from what was heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
        x, others = (
            sight.server.standardised(some.x[:N_MOST]) for some in (sight.heard, sight.evaluation)
        )
        order = sight.rng().permutation(len(x))
        halves = x[order[: len(x) // 2]], x[order[len(x) // 2 :]]
        return {
            "energy_halves": energy_distance(*halves),
            "energy_evaluation": energy_distance(x, others),
        }
