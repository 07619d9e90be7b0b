"""
A probe of one's own
====================

A probe asks a question of every device, and its answer is a column of the results. This one: how
different was the day that she heard from the evaluation that she is judged on?
"""

from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from small_run import probed

from fedasc import Probe
from fedasc.probes.sight import Sight
from fedasc.report.looks import CLASSIFIERS


@dataclass(frozen=True, kw_only=True)
class OtherDay(Probe):
    """How far the mean window of the day is from that of the evaluation, in dB."""

    columns = ("other_day_db",)

    def look(self, sight: Sight) -> Mapping[str, float]:
        far = sight.heard.x.mean(axis=0) - sight.evaluation.x.mean(axis=0)
        return {"other_day_db": float(np.sqrt((far**2).mean()))}


devices = probed(OtherDay())

# %%
# Does it tell who gains? Ask a hundred times as many users than this before you believe it.

figure, axes = plt.subplots(figsize=(6, 4.2), layout="constrained")
gain = 100 * (
    np.array(devices["personal_accuracy"], float) - np.array(devices["baseline_accuracy"], float)
)
axes.axhline(0, color="black", linewidth=0.8)
axes.plot(devices["other_day_db"], gain, **CLASSIFIERS["personal"].as_points())
axes.set_xlabel("distance between day and evaluation (dB)")
axes.set_ylabel("gain (points)")
plt.show()
