"""
What a summary tells an attacker
================================

Was this window heard? Of twice as many windows that a user might have heard, half were; the attacker
holds the windows and the summary. A curve on the diagonal is a guess; the further above, the more is told. More
components tell more, and noise with a guarantee tells next to nothing.
"""

import matplotlib.pyplot as plt
from small_run import small_world

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.privacy.game import GameSettings
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.membership import window_game
from fedasc.privacy.roc import FPR_GRID
from fedasc.release.release import Release
from fedasc.report.looks import series

world = small_world()
releases: dict[str, Aggregator] = {
    "2 components": GmmAggregator(n_components=2),
    "16 components": GmmAggregator(n_components=16),
    "with noise, ε = 1 a window": DpMixtureAggregator(epsilon=1.0),
}
game = GameSettings(n_releases=6, n_canaries=0)

# %%
# Six days of one user are released, and each is attacked with what the others are like.

figure, axes = plt.subplots(figsize=(5.5, 5), layout="constrained")
axes.plot(FPR_GRID, FPR_GRID, color="black", linewidth=0.6)
for (name, aggregator), look in zip(
    releases.items(), series(releases).values(), strict=True
):
    mechanism = Mechanism(
        aggregator=aggregator,
        release=Release(),
        classifier=world.server.baseline,
        public=world.server.public,
    )
    told = window_game(world.scenario, world.server, mechanism, 0, settings=game)["lira-online"]
    axes.plot(
        FPR_GRID, told.roc, **look.as_line(), markevery=4, label=f"{name}: AUC {told.auc:.2f}"
    )
axes.set_xscale("log")
axes.set_yscale("log")
axes.set_xlim(1e-3, 1)
axes.set_ylim(1e-3, 1)
axes.set_xlabel("false positives")
axes.set_ylabel("true positives")
axes.legend(frameon=False)
plt.show()
