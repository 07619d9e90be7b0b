"""Samples of each scene's own mixture, with the scene that the device took them for as label."""

from dataclasses import dataclass

from fedasc.strategies.labels import Labels
from fedasc.strategies.retraining import Retraining


@dataclass(frozen=True, kw_only=True)
class ClassMixturesStrategy(Retraining):
    """As personalised, but the label of a sample is the scene whose mixture it was drawn from.

    So no teacher is asked, as in FedPFT (Beitollahi et al. 2024), where devices know the true
    classes; here they only have what their own classifiers predict.
    """

    labels: Labels = "device"
