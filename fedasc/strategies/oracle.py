"""The ceiling: what was heard itself, with its true scenes."""

from dataclasses import dataclass

from fedasc.strategies.labels import Labels
from fedasc.strategies.retraining import Retraining


@dataclass(frozen=True, kw_only=True)
class OracleStrategy(Retraining):
    """As personalised, but with the scenes that were really heard in place of the teacher's.

    No server knows them. It shows how far one gets with this classifier and this day, whatever
    summaries and teachers may achieve.
    """

    labels: Labels = "truth"
