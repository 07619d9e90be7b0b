"""How many components a device's mixture has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedasc.aggregators.mixture import Mixture
from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight


@dataclass(frozen=True, kw_only=True)
class ComponentsProbe(Probe):
    """Of a device that sent a mixture.

    It tells n_sent, its components: those that stand for too few windows stay on the device.
    """

    columns = ("n_sent",)

    def look(self, sight: Sight) -> Mapping[str, Any]:
        mixture = sight.summary and sight.summary.content
        return {"n_sent": mixture.n_components} if isinstance(mixture, Mixture) else {}
