"""What the server remembers of users from night to night."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fedasc.aggregators.content import Content
from fedasc.aggregators.summary import Summary
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.strategies.pooling import pooled


@dataclass(frozen=True, eq=False)
class Memory:
    """Users as the server knows them.

    Args:
        contents: By device, what its summaries said, the older the less.
        classifiers: By device, what it was sent last.
    """

    contents: Mapping[int, Content] = field(default_factory=dict)
    classifiers: Mapping[int, EmbeddedClassifier] = field(default_factory=dict)

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
