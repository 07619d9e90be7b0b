"""A probe of one's own: how much of her day a user heard each scene.

fedasc run --probe simulations/plugins/scenes.py:ScenesHeard
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight
from fedasc.scenes import SCENE_NAMES


@dataclass(frozen=True, kw_only=True)
class ScenesHeard(Probe):
    """Shares of the scenes, by their true labels."""

    columns = tuple(f"heard_{name}" for name in SCENE_NAMES)

    def look(self, sight: Sight) -> Mapping[str, float]:
        counts = np.bincount(sight.heard.scene, minlength=len(self.columns))
        return dict(zip(self.columns, (counts / counts.sum()).tolist(), strict=True))
