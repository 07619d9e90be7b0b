"""The paper's strategy: every device gets a classifier trained for its own surroundings."""

from dataclasses import dataclass

from fedasc.strategies.retraining import Retraining


@dataclass(frozen=True, kw_only=True)
class PersonalisedStrategy(Retraining):
    """A classifier for each device, from its own summaries alone (section 3.2).

    The paper's settings are in the preset `paper`.
    """
