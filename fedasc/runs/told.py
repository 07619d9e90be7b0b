"""What trackers are told of a run, from what it keeps in its folder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fedasc.cohorts import served_together
from fedasc.experiments.record import Brief
from fedasc.runs.checkpoint import Checkpoint
from fedasc.scenario import Scenario
from fedasc.settings import Settings
from fedasc.trackers.tracker import Scalar


@dataclass(frozen=True)
class Told:
    """What there is to tell.

    Args:
        checkpoint: Of the run.
        asked: Its settings, as they were asked for.
        scenario: Who the users are.
    """

    checkpoint: Checkpoint
    asked: Settings
    scenario: Scenario

    def settings(self) -> Mapping[str, Scalar]:
        """All of them, by their path with dots."""
        from fedasc.trackers.numbers import settings_in_words

        return settings_in_words(replace(self.asked, n_clients=len(self.scenario.users)))

    def night(self, number: int) -> Mapping[str, float] | None:
        """What a night came to; None until all of its cohorts are there."""
        from fedasc.trackers.numbers import night_numbers

        nights = self.checkpoint.records()
        if number >= len(nights) or len(nights[number].paths) < self._n_cohorts():
            return None
        return night_numbers([Brief.of(record) for record in nights[number]])

    def _n_cohorts(self) -> int:
        n_users, size = len(self.scenario.users), self.checkpoint.per_cohort
        return sum(map(len, served_together(n_users, self.asked.strategy, size)))
