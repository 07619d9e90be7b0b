"""
What a summary tells an attacker
================================

Was this window heard? Of twice as many windows that a user might have heard, half were; the
attacker holds the windows and the summary. A curve on the diagonal is a guess; the further above,
the more is told. The more windows stand behind each component, the less is told of one of them;
windows that are sent as they are tell everything, and noise with a guarantee next to nothing.
"""

import matplotlib.pyplot as plt
from small_run import small_world

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.privacy.game import GameSettings
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.membership import window_game
from fedasc.privacy.roc import FPR_GRID
from fedasc.release.release import Release
from fedasc.report.looks import series

world = small_world()
releases: dict[str, Aggregator] = {
    "every window": FeaturesAggregator(),
    "48 components, of single windows too": GmmAggregator(n_components=48, min_windows=1),
    "4 components": GmmAggregator(n_components=4),
    "with noise, ε = 1 a window": DpMixtureAggregator(epsilon=1.0),
}
game = GameSettings(n_releases=6, n_canaries=0)

# %%
# Six days of one user are released. Each is attacked in four ways, and the best one is shown.

figure, axes = plt.subplots(figsize=(5.5, 5), layout="constrained")
axes.plot(FPR_GRID, FPR_GRID, color="black", linewidth=0.6)
for (name, aggregator), look in zip(releases.items(), series(releases).values(), strict=True):
    mechanism = Mechanism(
        aggregator=aggregator,
        release=Release(min_windows=1),
        classifier=world.server.baseline,
        public=world.server.public,
    )
    attacks = window_game(world.scenario, world.server, mechanism, 0, settings=game)
    told = max(attacks.values(), key=lambda success: success.auc)
    axes.plot(
        FPR_GRID, told.roc, **look.as_line(), markevery=(30, 2), label=f"{name}: AUC {told.auc:.2f}"
    )
axes.set_xlabel("false positives")
axes.set_ylabel("true positives")
axes.legend(frameon=False)
plt.show()
