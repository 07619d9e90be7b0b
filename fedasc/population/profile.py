"""Profiles: what the baseline set holds and what kinds of users there are, from a settings file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from fedasc.config import from_mapping, read_toml
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.recordings import Corpus
from fedasc.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class BaselineProfile:
    """What the baseline classifier knows.

    Args:
        noise: Noise domains or types; "*" for all, "*half" for half of the types, the first ones by
            name.
        music: Genres, likewise.
        data_set: Data set that the recordings belong to; any if empty.
    """

    noise: tuple[str, ...]
    music: tuple[str, ...]
    data_set: str = ""

    def surroundings(self, library: Library, *, where: str) -> Surroundings:
        """What the profile means in a library.

        Raises:
            CorpusError: If the library has no such noise or music.
        """
        return Surroundings(
            noise_types=library.types_named(self.noise, label="noise", where=where),
            genres=library.types_named(self.music, label="music", where=where),
            data_set=self.data_set,
        )


@dataclass(frozen=True, kw_only=True)
class UserProfile:
    """What the users of a profile hear.

    Args:
        noise: For each noise domain or type, or "*", how many of its types a user hears at most;
            a number below 1 is a share of them, rounded up. "*known" are the types of the baseline
            set, "*other" all others; where nobody could hear these, any.
        music: Genres that all users of the profile hear; "*" for all. Or, as of noise, how many a
            user hears at most.
        data_set: Data set that the recordings belong to; any if empty.
        concentration: Of the Dirichlet distribution from which a user draws how often she hears
            each of her noise types and genres: 0.1 gives few of them nearly all the time, 100 all
            about equally. With inf, each is heard as often as there are recordings of it.
    """

    noise: Mapping[str, int | float]
    music: tuple[str, ...] | Mapping[str, int | float]
    data_set: str = ""
    concentration: float = inf

    def __post_init__(self) -> None:
        for label, counts in (("noise", self.noise), ("music", self.music)):
            if isinstance(counts, Mapping) and (
                not counts or any(not (0 < n < 1 or n % 1 == 0 < n) for n in counts.values())
            ):
                raise SettingsError(
                    f"profile: {label} must give each domain or type a count from 1 up, or a "
                    "share between 0 and 1"
                )
        if not all(isinstance(name, str) for name in self.music):
            raise SettingsError(f"profile: music must be names, got {self.music}")
        if not self.concentration > 0:
            raise SettingsError(f"profile: concentration must be > 0, got {self.concentration}")


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """The baseline and the users' profiles, as a file names them.

    Args:
        user_settings: What goes with these users unless the settings say otherwise: of the section
            users, see `fedasc.population.users.UserSettings`.
    """

    where: str
    baseline: BaselineProfile
    users: Mapping[str, UserProfile]
    user_settings: Mapping[str, Any] = field(default_factory=dict)

    def known(self, library: Library) -> Surroundings:
        """The surroundings that the baseline classifier is trained on."""
        return self.baseline.surroundings(library, where=f"{self.where}, [baseline]")


NAMES = ("wide", "auto", "own", "dirichlet", "recordings", "synthetic")
"""Of the profiles that come along."""

_BY_CORPUS = {
    "wide": ("recordings", "synthetic"),
    "own": ("own", "own_synthetic"),
    "dirichlet": ("dirichlet", "dirichlet"),
}
"""Their files, for recordings and for the embedded corpus, which has other genres."""


def find_profiles(name: str, *, embedded: bool = False) -> Profiles:
    """The profiles in a file, or those that come with fedasc.

    Args:
        name: A path, or wide, auto, own or dirichlet, or recordings or synthetic, which are the
            two files of wide.
        embedded: Whether they are for the embedded corpus.

    Raises:
        SettingsError: If they can't be used.
    """
    for_recordings, for_embedded = _BY_CORPUS.get(name, (name, name))
    file = for_embedded if embedded else for_recordings
    shipped = Path(str(files("fedasc.population.profiles") / f"{file}.toml"))
    return read_profiles(shipped if "/" not in name and shipped.is_file() else Path(name))


def suitable_profiles(name: str, corpora: Sequence[Corpus], *, embedded: bool = False) -> Profiles:
    """Those of `find_profiles` that corpora can serve, if they come with fedasc.

    Args:
        name: Likewise; if empty, wide, or auto where the corpora lack something that wide names. Of
            the baseline set of own and dirichlet what they lack is half of what they have.

    Raises:
        SettingsError: If they can't be used.
    """
    profiles = find_profiles(name or "wide", embedded=embedded)
    baseline, users = profiles.baseline, profiles.users.values()
    if not name:
        suits = _serve(corpora, "noise", {*baseline.noise}.union(*(one.noise for one in users)))
        suits &= _serve(corpora, "music", {*baseline.music}.union(*(one.music for one in users)))
        return profiles if suits else find_profiles("auto")
    if name not in _BY_CORPUS or name == "wide":
        return profiles
    noise, music = (
        names if _serve(corpora, label, names) else ("*half",)
        for label, names in (("noise", baseline.noise), ("music", baseline.music))
    )
    return replace(profiles, baseline=replace(baseline, noise=noise, music=music))


def _serve(corpora: Sequence[Corpus], label: str, names: Iterable[str]) -> bool:
    """Whether corpora have all types or domains of a label that profiles name."""
    held = {
        name
        for corpus in corpora
        for recording in corpus.recordings
        if recording.label == label
        for name in (recording.type, recording.domain)
    }
    return all(name in held or name.startswith("*") for name in names)


def read_profiles(path: Path) -> Profiles:
    """Read profiles from a TOML file.

    Raises:
        SettingsError: If the file is missing, no TOML, or has unknown or missing keys.
    """
    content = read_toml(path)
    users, settings = content.get("users"), content.get("settings", {"users": {}})
    if (
        set(content) - {"settings"} != {"baseline", "users"}
        or not isinstance(users, dict)
        or not users
    ):
        raise SettingsError(
            f"{path}: expected the sections [baseline] and at least one [users.NAME]"
        )
    if not isinstance(settings, dict) or set(settings) != {"users"}:
        raise SettingsError(
            f"{path}: of the settings, profiles may hold the section [settings.users] alone; the "
            "others belong into a settings file"
        )
    return Profiles(
        where=str(path),
        baseline=_section(BaselineProfile, content["baseline"], f"{path}, [baseline]"),
        users={
            name: _section(UserProfile, section, f"{path}, [users.{name}]")
            for name, section in users.items()
        },
        user_settings=settings["users"],
    )


P = TypeVar("P", BaselineProfile, UserProfile)


def _section(kind: type[P], section: Any, where: str) -> P:
    if not isinstance(section, dict) or {"noise", "music"} - set(section):
        raise SettingsError(f"{where}: expected the keys noise and music")
    return from_mapping(kind, section, where=where)
