"""
A day, and the mixture that is sent of it
=========================================

Each point is a window of 10 s, in two of its 45 features, in the colour of its true scene, which
no device knows. The ellipses are the components of the mixture, one standard deviation wide: they
are all that leaves the device.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Ellipse
from small_run import SETTINGS, small_world

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.report.looks import SCENES
from fedasc.seeds import Purpose
from fedasc.simulated import hear

world = small_world()
day = hear(world.scenario, 0, Purpose.HEARD)
aggregator = GmmAggregator(n_components=SETTINGS["aggregator"]["n_components"])
draft = aggregator.summarise(
    iter(day.x), classifier=world.server.baseline, public=world.server.public, seed=0
)
mixture = draft.content

# %%
# Feature 0 is the slowest modulation of the lowest band in the first 2 s of the window, feature 7
# the one in the middle of the highest band.

SLOW, FAST = 0, 7

figure, axes = plt.subplots(figsize=(6.5, 5), layout="constrained")
for number, (name, colour) in enumerate(SCENES.items()):
    here = day.scene == number
    axes.scatter(day.x[here, SLOW], day.x[here, FAST], s=18, color=colour, label=name)
for weight, mean, variance in zip(mixture.weights, mixture.means, mixture.variances, strict=True):
    width, height = 2 * np.sqrt(variance[[SLOW, FAST]])
    axes.add_patch(
        Ellipse(mean[[SLOW, FAST]], width, height, fill=False, linewidth=0.8 + 8 * weight)
    )
axes.set_xlabel("slow modulation, low band (dB)")
axes.set_ylabel("fast modulation, high band (dB)")
axes.legend(frameon=False, title="true scene")
plt.show()
