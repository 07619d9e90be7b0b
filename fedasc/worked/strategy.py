"""A strategy: what the server makes of the summaries of a night.

fedasc plugin check FILE.py
fedasc run --clients 4 --strategy FILE.py:WorkedStrategy
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fedasc import Mixture, Strategy
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult

N_SCENES = 4


@dataclass(frozen=True, kw_only=True)
class WorkedStrategy(Strategy):
    """Everybody's classifier, told how often each scene is heard here.

    The teacher says what the user's mixture consists of, and the output biases are moved by the
    logarithms of these shares over those of the training set (Saerens, Latinne and Decaestecker
    2002). Nothing is trained.

    The fields are what a settings file may say below [strategy]; each has a default.

    Args:
        strength: How far biases are moved, from 0 to 1.
        n_samples: That are drawn of each mixture.
    """

    accepts = (Mixture,)  # kinds of summaries that serve can use
    default_aggregator = "gmm"  # which goes with it, if none is named
    serves_alone = True  # what a device gets depends on no other's summary

    strength: float = 0.5
    n_samples: int = 500

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1 or self.n_samples < 1:
            raise SettingsError("strength must be from 0 to 1, and n_samples at least 1")

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        """Make classifiers of a night's summaries.

        Args:
            server: Its labelled windows, its teacher and the classifiers that it ships.
            summaries: By device, in any order; some devices send nothing.
            memory: What this method returned the night before; None at first.
            context: The night's number, streams for draws, and workers for long work.
        """
        personal = {}
        for device in sorted(summaries):
            mixture = summaries[device].content
            assert isinstance(mixture, Mixture)
            # A stream of the device's and the night's: no order changes what is drawn.
            rng = context.streams.generator(Purpose.SAMPLING, context.night, device)
            x = mixture.sample(self.n_samples, rng=rng)  # (n_samples, 45)
            shares = server.annotator.probabilities(x).mean(axis=0)
            personal[device] = Personal(self._moved(server, shares))
        return RoundResult(personal)  # who isn't named keeps the classifier that it has

    def _moved(self, server: Server, shares: Any) -> EmbeddedClassifier:
        """Everybody's classifier with other output biases.

        Args:
            shares: (4,) of the scenes.
        """
        scenes = server.comprehensive_set.training.scene
        usual = np.bincount(scenes, minlength=N_SCENES) / len(scenes)
        shift = self.strength * (np.log(shares + 0.01) - np.log(usual + 0.01))
        general = server.comprehensive
        biases = (general.output_biases + shift).astype(np.float32)
        return replace(general, output_biases=biases)
