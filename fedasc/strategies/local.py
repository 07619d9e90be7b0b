"""Every device for itself."""

from dataclasses import dataclass, field

from fedasc.models.self_training import SelfTraining
from fedasc.strategies.none import NoStrategy


@dataclass(frozen=True, kw_only=True)
class LocalStrategy(NoStrategy):
    """Each device trains its own classifier on what that is certain of; the server does nothing.

    Args:
        training: How devices train.
    """

    training: SelfTraining = field(default_factory=SelfTraining)

    def device_training(self) -> SelfTraining:
        return self.training
