"""What the server remembers of users from night to night."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fedasc.aggregators.content import Content
from fedasc.aggregators.summary import Summary
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.questions.evidence import Evidence
from fedasc.strategies.pooling import pooled

_MOST_DAYS = 20
"""Days of which a user's answers are remembered."""


@dataclass(frozen=True, eq=False)
class Memory:
    """Users as the server knows them.

    Args:
        contents: By device, what its summaries said, the older the less.
        classifiers: By device, what it was sent last.
        evidence: By device, what its user said of days, the latest last, the older the less.
        days: By device, the last night and what it sent then, to ask about.
    """

    contents: Mapping[int, Content] = field(default_factory=dict)
    classifiers: Mapping[int, EmbeddedClassifier] = field(default_factory=dict)
    evidence: Mapping[int, tuple[Evidence, ...]] = field(default_factory=dict)
    days: Mapping[int, tuple[int, Summary]] = field(default_factory=dict)

    def told(self, summaries: Mapping[int, Summary], *, retention: float) -> "Memory":
        """With more summaries.

        Args:
            retention: Share of what is remembered of a user, in what is known of her afterwards;
                the new summary has the rest. So what was told k nights ago counts
                (1 - retention) retention^k.
        """
        contents = dict(self.contents)
        for device, summary in summaries.items():
            old = contents.get(device) if retention else None
            new = summary.content
            contents[device] = (
                new if old is None else pooled([old, new], [retention, 1 - retention])
            )
        return replace(self, contents=contents)

    def sent(self, classifiers: Mapping[int, EmbeddedClassifier]) -> "Memory":
        """With the classifiers that devices were sent."""
        return replace(self, classifiers={**self.classifiers, **classifiers})

    def answered(self, answers: Mapping[int, Evidence], *, retention: float) -> "Memory":
        """With what users said tonight.

        Args:
            retention: So much of what was said k nights ago counts, to the power of k; with 0 it is
                forgotten.
        """
        evidence = {
            device: tuple(day.faded(retention) for day in days[-_MOST_DAYS:] if retention)
            for device, days in self.evidence.items()
        }
        for device, day in answers.items():
            evidence[device] = (*evidence.get(device, ()), day)
        return replace(self, evidence=evidence)
