"""The attack on a run: how it is done, and whose devices do it. Never imports torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.seeds import Purpose, Streams

AttackName = Literal["none", "far", "flip", "scale", "sybil"]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """Devices that send what harms others, in a form that nothing on the wire could refuse.

    What each attack sends instead of the day's summary, `fedasc.attacks.forgery` tells.

    Args:
        name: none; far, as far away as is plausible; flip, the opposite; scale, twenty times as
            much; or sybil, all attackers the same.
        share: Of the users whose devices attack, every night; one at least unless it is 0.

    Raises:
        SettingsError: If a value can't be used.
    """

    name: AttackName = "none"
    share: float = 0.05

    def __post_init__(self) -> None:
        check_choices(self, section="attack")
        if not 0 <= self.share < 1:
            raise SettingsError(
                f"attack: share must be at least 0 and less than 1, got {self.share}"
            )

    def attackers(self, devices: Sequence[int], *, streams: Streams) -> frozenset[int]:
        """Whose devices attack; who does with a small share does with a larger one.

        Args:
            devices: Those that take part in any night.

        Raises:
            SettingsError: If nobody would be left to suffer.
        """
        if self.name == "none" or not self.share:
            return frozenset()
        n_attackers = max(1, round(self.share * len(devices)))
        if n_attackers >= len(devices):
            raise SettingsError(
                f"attack: {n_attackers} of {len(devices)} users would attack, and nobody would be "
                "left whom it could harm; have more users or a smaller share"
            )
        order = streams.generator(Purpose.ATTACKERS).permutation(sorted(devices))
        return frozenset(order[:n_attackers].tolist())
