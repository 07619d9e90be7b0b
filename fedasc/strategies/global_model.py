"""One classifier for all: the usual federated learning, with summaries in place of weights."""

from dataclasses import dataclass

from fedasc.strategies.groups import Groups
from fedasc.strategies.retraining import Retraining


@dataclass(frozen=True, kw_only=True)
class GlobalStrategy(Retraining):
    """All summaries pooled, by how many windows they stand for, and one classifier for everyone."""

    groups: Groups = "all"
