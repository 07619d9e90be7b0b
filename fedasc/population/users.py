"""Users, drawn around profiles."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import inf, isfinite
from typing import Any, Literal, overload

import numpy as np

from fedasc.audio.microphone import FULL_SCALE_DB_SPL, Microphone
from fedasc.config import check_choices
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.errors import CorpusError, SettingsError
from fedasc.population.choices import Choices, choices, drawn
from fedasc.population.devices import device_of, has_speech
from fedasc.population.dirichlet import drawn_shares
from fedasc.population.distance import distance
from fedasc.population.profile import Profiles
from fedasc.population.responses import Responses
from fedasc.population.sources import SourceCounts, Sources, sources_of
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose, Streams

_FURTHER = 1  # after a user's number: draws that must move none of the others
_KEPT = 128


@dataclass(frozen=True, kw_only=True)
class UserSettings:
    """How far users of one profile differ.

    Args:
        share_concentration: Of the Dirichlet distribution of the four scenes' shares, per scene;
            10 gives shares of 0.25 ± 0.07.
        gain_spread_db: Standard deviation of the microphones' gain.
        tilt_spread_db: Standard deviation of the microphones' spectral tilt.
        responses: Measured responses, of which each user's microphone has one, any of them as
            likely; flat if there are none. Settings give the path of their file.
        self_noise_db_spl: Mean level of the microphones' own noise (see `Microphone`); none if
            None.
        self_noise_spread_db: Its standard deviation.
        clipping_db_spl: Level of the loudest sine that microphones don't clip; no limit if None.
        calibration_db_spl: Level of full scale of recordings that aren't calibrated; what the
            levels of noise and clipping are told by.
        microphones: simulated; or recorded: each user has one of the devices that the corpus was
            recorded with, any of those as likely that have something of all that her profile names,
            and hears nothing that another of them recorded.
        drift: How much changes from one night to the next: the probability that another noise type
            takes the place of each of hers, and how far the scenes' shares move, from 0 to 1.
        familiarity: Share of the evaluation windows that are made of recordings which the user
            hears by day, of other stretches and mixed anew; the others are made of recordings that
            she has never heard.
        n_sources: How many recordings a user hears by day. With these or with familiarity, the
            later half of a recording's clips is kept for the evaluation, and the day is the same
            whatever the familiarity.
    """

    share_concentration: float = 10.0
    gain_spread_db: float = 3.0
    tilt_spread_db: float = 0.0
    responses: Responses = field(default_factory=Responses)
    self_noise_db_spl: float | None = None
    self_noise_spread_db: float = 0.0
    clipping_db_spl: float | None = None
    calibration_db_spl: float = FULL_SCALE_DB_SPL
    microphones: Literal["simulated", "recorded"] = "simulated"
    drift: float = 0.0
    familiarity: float = 0.0
    n_sources: SourceCounts = field(default_factory=SourceCounts)

    def __post_init__(self) -> None:
        check_choices(self, section="users")
        if not 0 < self.share_concentration < inf:
            raise SettingsError("users: share_concentration must be positive and finite")
        if not (0 <= self.gain_spread_db <= 15 and 0 <= self.tilt_spread_db <= 4):
            raise SettingsError(
                "users: gain_spread_db must lie between 0 and 15, tilt_spread_db between 0 and 4, "
                f"got {self.gain_spread_db:g} and {self.tilt_spread_db:g}"
            )
        for name, low, high in (
            ("self_noise_db_spl", -20, 80),
            ("self_noise_spread_db", 0, 10),
            ("clipping_db_spl", 60, 160),
            ("calibration_db_spl", 40, 200),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise SettingsError(
                    f"users: {name} must lie between {low} and {high}, got {value:g}"
                )
        if self.self_noise_spread_db and self.self_noise_db_spl is None:
            raise SettingsError(
                "users: self_noise_spread_db spreads what isn't there; set self_noise_db_spl, too"
            )
        if self.responses.each and self.microphones == "recorded":
            raise SettingsError(
                "users: recorded microphones have the responses that they were recorded with; "
                "leave out responses, or set microphones to simulated"
            )
        if not 0 <= self.drift <= 1:
            raise SettingsError(f"users: drift must lie between 0 and 1, got {self.drift}")
        if not 0 <= self.familiarity <= 1:
            raise SettingsError(
                f"users: familiarity must lie between 0 and 1, got {self.familiarity}; it is a "
                "share of the evaluation windows"
            )


@dataclass(frozen=True, kw_only=True)
class User:
    """One user and what surrounds her.

    Args:
        index: Her number, and her device's.
        profile: Name of the profile she was drawn from.
        surroundings: Noise and music that she hears.
        shares: (4,) probability of each scene.
        microphone: Her device's.
        drift: See `UserSettings`.
        distance: How much of what she hears the baseline set doesn't hold, from 0 to 1.
        familiarity, n_sources: See `UserSettings`.

    Raises:
        SettingsError: If shares are no probabilities, or drift or familiarity lies outside 0 to 1.
    """

    index: int
    profile: str
    surroundings: Surroundings
    shares: tuple[float, ...]
    microphone: Microphone
    drift: float = 0.0
    distance: float = 0.0
    familiarity: float = 0.0
    n_sources: SourceCounts = field(default_factory=SourceCounts)

    def __post_init__(self) -> None:
        if (
            len(self.shares) != N_SCENES
            or any(not isfinite(share) or share < 0 for share in self.shares)
            or abs(sum(self.shares) - 1) > 1e-6
        ):
            raise SettingsError(f"shares of the {N_SCENES} scenes must add up to 1")
        if not 0 <= self.drift <= 1:
            raise SettingsError(f"drift must lie between 0 and 1, got {self.drift}")
        if not 0 <= self.familiarity <= 1:
            raise SettingsError(f"familiarity must lie between 0 and 1, got {self.familiarity}")

    @property
    def divides(self) -> bool:
        """Whether of the recordings of her day some clips are kept for the evaluation."""
        return self.familiarity > 0 or self.n_sources.are_set


@dataclass(frozen=True, eq=False, kw_only=True)
class DrawnUsers(Sequence[User]):
    """Users of profiles, profile after profile in turn, each drawn when she is asked for.

    So it takes the same memory for any number of them. Picklable.

    Args:
        n_users: How many there are.
        names: Of the profiles, in turn.
        by_device: For each profile, what its users draw from; see `choices`.
        known: What the baseline classifier is trained on.
    """

    n_users: int
    profiles: Profiles
    names: tuple[str, ...]
    by_device: Mapping[str, Mapping[str, Choices]]
    known: Surroundings
    library: Library
    settings: UserSettings
    streams: Streams

    def __len__(self) -> int:
        return self.n_users

    @overload
    def __getitem__(self, index: int) -> User: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[User, ...]: ...

    def __getitem__(self, index: int | slice) -> User | tuple[User, ...]:
        if isinstance(index, slice):
            return tuple(self._drawn(n) for n in range(self.n_users)[index])
        return self._drawn(range(self.n_users)[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_drawn"}

    @cached_property
    def _drawn(self) -> Callable[[int], User]:
        return lru_cache(maxsize=_KEPT)(self._draw)

    def _draw(self, index: int) -> User:
        settings, library, streams = self.settings, self.library, self.streams
        name = self.names[index % len(self.names)]
        device = ""
        if settings.microphones == "recorded":
            where = f"{self.profiles.where}, [users.{name}]"
            able = list(self.by_device[name])
            device = device_of(index, able, library=library, where=where, streams=streams)
        types = self.by_device[name][device]
        rng = streams.generator(Purpose.USERS, index)
        noise_types, genres = (drawn(types[label], rng) for label in ("noise", "music"))
        habits = _habits(settings, index, rng=rng, streams=streams)
        profile = self.profiles.users[name]
        surroundings = Surroundings(
            noise_types=noise_types,
            genres=genres,
            noise_weights=_weights(len(noise_types), profile.concentration, rng),
            genre_weights=_weights(len(genres), profile.concentration, rng),
            data_set=profile.data_set,
            microphone=device,
        )
        user = habits.user(index, name, surroundings)
        return placed(user, known=self.known, library=library, streams=streams)


def draw_users(
    profiles: Profiles, n_users: int, *, library: Library, settings: UserSettings, streams: Streams
) -> DrawnUsers:
    """Users, profile after profile in turn.

    A user only hears noise types and genres of which both her day and her evaluation have
    recordings, never the same ones.

    Raises:
        CorpusError: If a profile asks for what the corpus lacks.
    """
    names = tuple(profiles.users)
    known = profiles.known(library)
    recorded = settings.microphones == "recorded"
    users = DrawnUsers(
        n_users=n_users,
        profiles=profiles,
        names=names,
        by_device={
            name: choices(profiles, name, known, library, recorded=recorded) for name in names
        },
        known=known,
        library=library,
        settings=settings,
        streams=streams,
    )
    _ = users[: len(names)]  # refuses now what a profile asks for in vain
    return users


def users_of_shares(
    noise: Sequence[Mapping[str, float]],
    music: Sequence[Mapping[str, float]],
    n_users: int,
    *,
    profile: str,
    known: Surroundings,
    library: Library,
    settings: UserSettings,
    streams: Streams,
) -> tuple[User, ...]:
    """Users who hear given shares of noise types and of genres, for example a partition's.

    Args:
        noise: Shares of noise types; user i takes number i, counted round.
        music: Shares of genres, likewise.
        profile: What to call these users.
        known: What the baseline classifier is trained on.

    Raises:
        CorpusError: If of what a user hears nothing can also be evaluated on.
    """
    users = []
    for index in range(n_users):
        kinds: list[tuple[str, ...]] = []
        weights: list[tuple[float, ...]] = []
        hers = {"noise": noise[index % len(noise)], "music": music[index % len(music)]}
        device = ""
        if settings.microphones == "recorded":
            able = [
                name
                for name in library.devices
                if has_speech(library, Surroundings(microphone=name))
                and all(
                    library.types_in_all(shares, USER_PARTS, label=label, microphone=name)
                    for label, shares in hers.items()
                )
            ]
            where = f"user {index}"
            device = device_of(index, able, library=library, where=where, streams=streams)
        for label, shares in hers.items():
            types = library.types_in_all(shares, USER_PARTS, label=label, microphone=device)
            if not types:
                raise CorpusError(
                    f"user {index} hears no {label} that she could be evaluated on; add recordings "
                    "of other groups, or let users differ less"
                )
            kinds.append(types)
            weights.append(tuple(shares[kind] for kind in types))
        surroundings = Surroundings(
            noise_types=kinds[0],
            genres=kinds[1],
            noise_weights=weights[0],
            genre_weights=weights[1],
            microphone=device,
        )
        rng = streams.generator(Purpose.USERS, index)
        habits = _habits(settings, index, rng=rng, streams=streams)
        user = habits.user(index, profile, surroundings)
        users.append(placed(user, known=known, library=library, streams=streams))
    return tuple(users)


def placed(user: User, *, known: Surroundings, library: Library, streams: Streams) -> User:
    """The user with her distance from the baseline set, by what she hears on the first night.

    Args:
        known: What the baseline classifier is trained on.
    """
    day = hears([user], library=library, streams=streams).day
    return replace(user, distance=distance(user.surroundings, user.shares, known, library, day))


def hears(nights: Iterable[User], *, library: Library, streams: Streams) -> Sources:
    """Which recordings a user hears on the last of some nights, and which in her evaluation.

    Args:
        nights: The user as she lives on each night from the first one on.
    """
    first, *later = nights
    if not first.divides:
        return Sources()
    return sources_of(
        first.n_sources,
        [user.surroundings for user in (first, *later)],
        index=first.index,
        library=library,
        streams=streams,
    )


@dataclass(frozen=True, kw_only=True)
class _Habits:
    """What a user brings along, whatever surrounds her."""

    shares: tuple[float, ...]
    microphone: Microphone
    drift: float
    familiarity: float
    n_sources: SourceCounts

    def user(self, index: int, profile: str, surroundings: Surroundings) -> User:
        return User(
            index=index,
            profile=profile,
            surroundings=surroundings,
            shares=self.shares,
            microphone=self.microphone,
            drift=self.drift,
            familiarity=self.familiarity,
            n_sources=self.n_sources,
        )


def _habits(
    settings: UserSettings, index: int, *, rng: np.random.Generator, streams: Streams
) -> _Habits:
    shares = tuple(drawn_shares(rng, N_SCENES, settings.share_concentration).tolist())
    gain_db = float(rng.normal(0, settings.gain_spread_db))
    tilt_db = float(rng.normal(0, settings.tilt_spread_db))
    microphone = Microphone(
        gain_db=gain_db,
        tilt_db=tilt_db,
        clipping_db_spl=settings.clipping_db_spl,
        calibration_db_spl=settings.calibration_db_spl,
    )
    responses, noise_db_spl = settings.responses.each, settings.self_noise_db_spl
    if responses or noise_db_spl is not None:
        further = streams.generator(Purpose.USERS, index, _FURTHER)
        spread_db = settings.self_noise_spread_db * float(further.standard_normal())
        place = int(further.random() * len(responses))
        microphone = replace(
            microphone,
            response=responses[place] if responses else None,
            self_noise_db_spl=None if noise_db_spl is None else noise_db_spl + spread_db,
        )
    return _Habits(
        shares=shares,
        microphone=microphone,
        drift=settings.drift,
        familiarity=settings.familiarity,
        n_sources=settings.n_sources,
    )


def _weights(n: int, concentration: float, rng: np.random.Generator) -> tuple[float, ...]:
    if concentration == inf:
        return ()
    weights = drawn_shares(rng, n, concentration) + 1e-12  # a type that she hears has clips
    return tuple((weights / weights.sum()).tolist())
