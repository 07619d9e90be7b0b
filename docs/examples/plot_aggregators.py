"""
Aggregators side by side
========================

The same users, the same days and the same server: what differs is how the day is summarised. Each
point is a user's gain over the baseline, beside the bytes that her device sent. `fedasc compare`
does this on ten splits, with intervals and paired tests.
"""

import matplotlib.pyplot as plt
import numpy as np
from small_run import compared

from fedasc.report.looks import series

results = compared("moments", "kmeans", "gmm", "stepwise-em")

# %%
# Users are paired: each has a point in every column.

figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
axes.axhline(0, color="black", linewidth=0.8)
gains = {
    name: 100 * np.array([record.gain for record in records]) for name, records in results.items()
}
axes.plot(np.stack([*gains.values()]), color="0.85", linewidth=0.7, zorder=0)
for place, (name, look) in enumerate(series(gains).items()):
    axes.plot(np.full(len(gains[name]), place), gains[name], **look.as_points())
    axes.hlines(gains[name].mean(), place - 0.25, place + 0.25, color=look.colour, linewidth=2)
axes.set_xticks(
    range(len(gains)),
    [
        f"{name}\n{np.mean([record.bytes_up for record in records]):,.0f} bytes"
        for name, records in results.items()
    ],
)
axes.set_ylabel("gain over the baseline (points)")
plt.show()
