"""The floor: labels that know nothing."""

from dataclasses import dataclass

from fedasc.strategies.labels import Labels
from fedasc.strategies.retraining import Retraining


@dataclass(frozen=True, kw_only=True)
class RandomLabelsStrategy(Retraining):
    """As personalised, but each sample's scene is drawn by lot in place of the teacher's."""

    labels: Labels = "random"
