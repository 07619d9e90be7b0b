"""Users: profiles read from a settings file, and users drawn around them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from fedasc.config import from_mapping, read_toml
from fedasc.corpus.library import Library
from fedasc.errors import CorpusError, SettingsError
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose, Streams

USER_PARTS = ("aggregation", "evaluation")


@dataclass(frozen=True, kw_only=True)
class BaselineProfile:
    """What the baseline classifier knows.

    Args:
        noise: Noise domains or types.
        music: Genres.
    """

    noise: tuple[str, ...]
    music: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class UserProfile:
    """What the users of a profile hear.

    Args:
        noise: For each noise domain or type, how many of its types a user hears at most.
        music: Genres.
    """

    noise: Mapping[str, int]
    music: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.noise or any(type(n) is not int or n < 1 for n in self.noise.values()):
            raise SettingsError("profile: noise must give each domain or type a count from 1 up")


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """The baseline and the users' profiles, as a file names them."""

    where: str
    baseline: BaselineProfile
    users: Mapping[str, UserProfile]


@dataclass(frozen=True, kw_only=True)
class UserSettings:
    """How far users of one profile differ.

    Args:
        share_concentration: Of the Dirichlet distribution of the four scenes' shares, per scene;
            10 gives shares of 0.25 ± 0.07.
        gain_spread_db: Standard deviation of the microphones' gain.
    """

    share_concentration: float = 10.0
    gain_spread_db: float = 3.0

    def __post_init__(self) -> None:
        if not (0 < self.share_concentration < np.inf and 0 <= self.gain_spread_db < np.inf):
            raise SettingsError(
                "users: share_concentration must be positive, gain_spread_db not negative, and "
                "both finite"
            )


@dataclass(frozen=True, kw_only=True)
class User:
    """One user and what surrounds her.

    Args:
        index: Her number, and her device's.
        profile: Name of the profile she was drawn from.
        noise_types: Noise types she hears.
        genres: Music she hears.
        shares: (4,) probability of each scene.
        gain_db: Gain of her device's microphone.
    """

    index: int
    profile: str
    noise_types: tuple[str, ...]
    genres: tuple[str, ...]
    shares: tuple[float, ...]
    gain_db: float


def read_profiles(path: Path) -> Profiles:
    """Read profiles from a TOML file.

    Raises:
        SettingsError: If the file is missing, no TOML, or has unknown or missing keys.
    """
    content = read_toml(path)
    users = content.get("users")
    if set(content) != {"baseline", "users"} or not isinstance(users, dict) or not users:
        raise SettingsError(
            f"{path}: expected the sections [baseline] and at least one [users.NAME]"
        )
    return Profiles(
        where=str(path),
        baseline=_section(BaselineProfile, content["baseline"], f"{path}, [baseline]"),
        users={
            name: _section(UserProfile, section, f"{path}, [users.{name}]")
            for name, section in users.items()
        },
    )


P = TypeVar("P", BaselineProfile, UserProfile)


def _section(kind: type[P], section: Any, where: str) -> P:
    if not isinstance(section, dict) or {"noise", "music"} - set(section):
        raise SettingsError(f"{where}: expected the keys noise and music")
    return from_mapping(kind, section, where=where)


def draw_users(
    profiles: Profiles, n_users: int, *, library: Library, settings: UserSettings, streams: Streams
) -> tuple[User, ...]:
    """Draw users, profile after profile in turn.

    A user only hears noise types and genres of which both her day and her evaluation have
    recordings, never the same ones.

    Raises:
        CorpusError: If a profile asks for what the corpus lacks.
    """
    names = list(profiles.users)
    choices = {name: _choices(profiles, name, library) for name in names}
    users = []
    for index in range(n_users):
        name = names[index % len(names)]
        noise, genres = choices[name]
        rng = streams.generator(Purpose.USERS, index)
        drawn = [rng.permutation(types)[:n] for types, n in noise]
        users.append(
            User(
                index=index,
                profile=name,
                noise_types=tuple(sorted({str(kind) for kind in np.concatenate(drawn)})),
                genres=genres,
                shares=tuple(rng.dirichlet([settings.share_concentration] * N_SCENES).tolist()),
                gain_db=float(rng.normal(0, settings.gain_spread_db)),
            )
        )
    return tuple(users)


def _choices(
    profiles: Profiles, name: str, library: Library
) -> tuple[list[tuple[tuple[str, ...], int]], tuple[str, ...]]:
    """The noise types to draw from, with how many, and the genres of a profile."""
    where = f"{profiles.where}, [users.{name}]"

    def heard(names: tuple[str, ...], label: str) -> tuple[str, ...]:
        types = library.types_named(names, label=label, where=where)
        usable = library.types_in_all(types, USER_PARTS, label=label)
        if not usable:
            raise CorpusError(
                f"{where}: no type of {', '.join(names)} has recordings both to hear and to "
                "evaluate on; add recordings of other groups"
            )
        return usable

    profile = profiles.users[name]
    noise = [(heard((source,), "noise"), n) for source, n in profile.noise.items()]
    return noise, heard(profile.music, "music")
