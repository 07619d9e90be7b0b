"""A classifier for each group of users whose surroundings are alike."""

from dataclasses import dataclass

from fedasc.strategies.groups import Groups
from fedasc.strategies.retraining import Retraining


@dataclass(frozen=True, kw_only=True)
class ClusteredStrategy(Retraining):
    """Users grouped by the distance between their summaries; a group's are pooled."""

    groups: Groups = "clusters"
