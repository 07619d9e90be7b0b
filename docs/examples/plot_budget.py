"""
What a summary costs a device
=============================

Every aggregator declares what it sends, holds and computes at most, and is held to it. Here for a
day of 1,000 windows, by the number of components. What is sent of a component is the same whoever
makes it, so three lines lie on each other.
"""

import matplotlib.pyplot as plt

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.report.looks import series

N_WINDOWS = 1000
COMPONENTS = (1, 2, 4, 8, 16, 32, 64)

budgets = {
    "gmm": [GmmAggregator(n_components=n).budget(N_WINDOWS) for n in COMPONENTS],
    "stepwise-em": [StepwiseEmAggregator(n_components=n).budget(N_WINDOWS) for n in COMPONENTS],
    "kmeans": [KMeansAggregator(n_components=n).budget(N_WINDOWS) for n in COMPONENTS],
    "moments": [MomentsAggregator().budget(N_WINDOWS)] * len(COMPONENTS),
}

figure, every = plt.subplots(1, 3, figsize=(10, 3.4), layout="constrained")
costs = {"n_bytes": "sent (bytes)", "memory_bytes": "held (bytes)", "n_macs": "multiply-adds a day"}
for axes, (cost, title) in zip(every, costs.items(), strict=True):
    for (name, some), look in zip(budgets.items(), series(budgets).values(), strict=True):
        axes.plot(COMPONENTS, [getattr(each, cost) for each in some], **look.as_line(), label=name)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlabel("components")
    axes.set_title(title)
every[0].legend(frameon=False)
plt.show()
