"""How a device's artificial samples came about, and how like they are to what was heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fedasc.evaluation.diagnosis import collapsed, energy_distance, label_shift
from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight
from fedasc.scenes import N_SCENES, SCENE_NAMES


@dataclass(frozen=True, kw_only=True)
class SamplesProbe(Probe):
    """Of a device that a classifier was trained for on artificial samples.

    It tells share_kept, of the samples drawn; kept_noise and so on, kept samples by the teacher's
    scene; collapsed, the names of scenes that hardly any of them belong to; label_shift, between
    them and what was heard; and energy_distance, likewise of the features.
    """

    columns = (
        "share_kept",
        *(f"kept_{name}" for name in SCENE_NAMES),
        "collapsed",
        "label_shift",
        "energy_distance",
    )

    def look(self, sight: Sight) -> Mapping[str, Any]:
        artificial, tally = sight.artificial, sight.personal and sight.personal.tally
        if artificial is None or not tally:
            return {}
        heard = np.bincount(sight.heard.scene, minlength=N_SCENES).tolist()
        return {
            "share_kept": tally.n_kept / tally.n_drawn,
            **{f"kept_{name}": n for name, n in zip(SCENE_NAMES, tally.kept, strict=True)},
            "collapsed": " ".join(collapsed(tally.kept)),
            "label_shift": label_shift(tally.kept, heard),
            "energy_distance": energy_distance(sight.day, artificial),
        }
