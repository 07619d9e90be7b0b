"""The scenario: the world in which devices live, and all that a device's own code needs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from fedasc.attacks.attack import Attack
from fedasc.audio.bank import FilterBank
from fedasc.cache import CacheEntry
from fedasc.corpus.clips import Clips
from fedasc.corpus.features import Pickup
from fedasc.corpus.library import Library
from fedasc.corpus.parts import USER_PARTS
from fedasc.device_code.language import Language
from fedasc.errors import SettingsError
from fedasc.population.attendance import Attendance, NightsSettings, attendance
from fedasc.population.drift import lived
from fedasc.population.sources import Sources
from fedasc.population.users import User, hears
from fedasc.questions.user import AnswersSettings
from fedasc.seeds import Purpose, Streams


@dataclass(frozen=True, kw_only=True)
class ListeningSettings:
    """How much a device hears, in windows of 10 s.

    Args:
        n_heard: Windows of a day, from which the summary is made; two at least.
        n_evaluation: Windows with known scenes that classifiers are evaluated on.
    """

    n_heard: int = 1000
    n_evaluation: int = 500

    def __post_init__(self) -> None:
        if self.n_heard < 2 or self.n_evaluation < 1:
            raise SettingsError("listening: n_heard must be at least 2, n_evaluation at least 1")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Users and their surroundings. Picklable: it travels to every worker.

    Args:
        clips: Sound of the pool.
        library: What each clip is.
        users: User i has device i.
        bank: The devices' front end.
        listening: How much they hear.
        streams: Random streams of the run.
        name: Tells corpora and their split from others.
        pools: Where each corpus is kept.
        nights: How many nights there are, and who takes part.
        only: Devices that take part at all; every one if None. What others draw stays the same.
        attack: What some of them do to harm the others.
        answers: How users answer questions.
        language: Of the devices' code: Python, or the C that leaves for real ones.
    """

    clips: Clips
    library: Library
    users: Sequence[User]
    bank: FilterBank
    listening: ListeningSettings
    streams: Streams
    name: str
    pools: tuple[CacheEntry, ...]
    nights: NightsSettings = field(default_factory=NightsSettings)
    only: tuple[int, ...] | None = None
    attack: Attack = field(default_factory=Attack)
    answers: AnswersSettings = field(default_factory=AnswersSettings)
    language: Language = "python"

    @property
    def origin(self) -> tuple[Any, ...]:
        """All that the features of windows depend on besides who hears which, for the cache."""
        return self.pools, self.library.digest, self.streams, self.bank

    @cached_property
    def attackers(self) -> frozenset[int]:
        """Devices that attack whenever they send something."""
        return self.attack.attackers(self.devices, streams=self.streams)

    @property
    def devices(self) -> Sequence[int]:
        """Those that take part at all, in order."""
        return range(len(self.users)) if self.only is None else sorted(self.only)

    def attendance(self, night: int, devices: Iterable[int] | None = None) -> Attendance:
        """Who takes part in a night.

        Args:
            devices: Of which, in order; of all if None.
        """
        some = self.devices if devices is None else filter(self._takes_part, devices)
        return attendance(self.nights, some, night, streams=self.streams)

    def _takes_part(self, device: int) -> bool:
        return self._only is None or device in self._only

    @cached_property
    def _only(self) -> frozenset[int] | None:
        return None if self.only is None else frozenset(self.only)

    def user(self, index: int, night: int) -> User:
        """A user as she lives on a night."""
        *_, user = self._lived(index, night)
        return user

    def sources(self, index: int, night: int) -> Sources:
        """Which recordings a user hears on a night, and which in her evaluation."""
        return hears(self._lived(index, night), library=self.library, streams=self.streams)

    def pickup(self, user: User, *address: int) -> Pickup:
        """How sound gets into a user's device.

        Args:
            address: Tells what it hears from all else, for its self-noise.
        """
        return Pickup(
            microphone=user.microphone,
            full_scale_db_spl=self.library.full_scale_db_spl,
            noise=partial(self.streams.generator, Purpose.SELF_NOISE, *address),
        )

    def _lived(self, index: int, night: int) -> Iterator[User]:
        """A user as she lives on each night until one."""
        user = self.users[index]
        if not night:
            return iter([user])
        elsewhere = self.library.types_in_all(
            self.library.types_named(["*"], label="noise", where=self.name),
            USER_PARTS,
            label="noise",
            data_set=user.surroundings.data_set,
            microphone=user.surroundings.microphone,
        )
        return lived(user, night, elsewhere=elsewhere, streams=self.streams)
