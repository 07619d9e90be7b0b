"""Attendance: who takes part in a night, and who is too late."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from fedasc.errors import SettingsError
from fedasc.seeds import Purpose, Streams


@dataclass(frozen=True, kw_only=True)
class NightsSettings:
    """How many nights there are, and how reliable devices are.

    Args:
        n_nights: Nights one after the other; how much a user's world changes from one to the next
            is `drift` of the users.
        dropout: Probability that a device misses a night: it sends nothing and gets nothing.
        straggle: Probability that the summary of a device that doesn't miss the night comes when
            the server has done its work: the device gets nothing, but the server may remember it.
        join: Share of users who aren't there on the first night but from a later one on.
        leave: Share of users who leave for good before the last night.
    """

    n_nights: int = 1
    dropout: float = 0.0
    straggle: float = 0.0
    join: float = 0.0
    leave: float = 0.0

    def __post_init__(self) -> None:
        if self.n_nights < 1:
            raise SettingsError(f"nights: n_nights must be at least 1, got {self.n_nights}")
        for name in ("dropout", "straggle", "join", "leave"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(
                    f"nights: {name} must lie between 0 and 1, got {getattr(self, name)}"
                )
        if self.n_nights == 1 and (self.join or self.leave):
            raise SettingsError("nights: users can join or leave only if n_nights is 2 or more")


@dataclass(frozen=True)
class Attendance:
    """Who takes part in a night; devices in order.

    Args:
        members: Users who are there, whose devices classify and are judged.
        on_time: Devices whose summaries the server has when it begins, and who get its answer.
        late: Devices whose summaries come when it has ended.
    """

    members: tuple[int, ...]
    on_time: tuple[int, ...]
    late: tuple[int, ...]

    def among(self, devices: Collection[int]) -> "Attendance":
        """Of some devices alone."""
        groups = (self.members, self.on_time, self.late)
        return Attendance(*(tuple(n for n in group if n in devices) for group in groups))

    def word(self, device: int) -> str:
        """How a member took part, in a word or two."""
        return self._words.get(device, "missing")

    @cached_property
    def _words(self) -> dict[int, str]:
        return {**dict.fromkeys(self.on_time, "in time"), **dict.fromkeys(self.late, "late")}

    @cached_property
    def sending(self) -> tuple[int, ...]:
        """Devices that send a summary."""
        return tuple(sorted((*self.on_time, *self.late)))


def attendance(
    settings: NightsSettings, devices: Iterable[int], night: int, *, streams: Streams
) -> Attendance:
    """Which of some devices take part in a night; device and server know the same without a word.

    Args:
        devices: In order.
    """
    members = tuple(device for device in devices if _is_there(settings, device, night, streams))
    if not settings.dropout and not settings.straggle:
        return Attendance(members, members, ())
    on_time: list[int] = []
    late: list[int] = []
    for device in members:
        misses, straggles = streams.generator(Purpose.ATTENDANCE, night, device).random(2)
        if misses >= settings.dropout:
            (late if straggles < settings.straggle else on_time).append(device)
    return Attendance(members, tuple(on_time), tuple(late))


def check_attendance(
    settings: NightsSettings, devices: Collection[int], *, streams: Streams
) -> None:
    """Hold that somebody is there on every night.

    Raises:
        SettingsError: If nobody is.
    """
    for night in range(settings.n_nights):
        if not any(_is_there(settings, device, night, streams) for device in devices):
            raise SettingsError(
                f"nobody is there on night {night}; have fewer users join late or leave"
            )


def _is_there(settings: NightsSettings, device: int, night: int, streams: Streams) -> bool:
    if not settings.join and not settings.leave:
        return True
    rng = streams.generator(Purpose.ATTENDANCE, device)
    joins, leaves, first, last = rng.random(4)
    n_later = settings.n_nights - 1
    comes = 1 + int(n_later * first) if joins < settings.join else 0
    # Who leaves stays for a night at least, and is gone on the last one.
    goes = comes + 1 + int(max(n_later - comes, 0) * last) if leaves < settings.leave else night + 1
    return comes <= night < goes
