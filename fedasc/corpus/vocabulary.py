"""The vocabulary: which of AudioSet's labels are noise types, and which are genres."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeGuard

from fedasc.config import read_toml
from fedasc.corpus.names import flaw_of
from fedasc.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class SoundType:
    """A noise type or a genre.

    Args:
        name: What fedasc calls it.
        label: noise or music.
        domain: Surroundings of a noise, empty for music.
        mid: Machine id in AudioSet's ontology.
    """

    name: str
    label: str
    domain: str
    mid: str


@dataclass(frozen=True)
class Vocabulary:
    """The types that data sets are made of, each of another machine id."""

    types: tuple[SoundType, ...]

    def named(self, names: Iterable[str], *, label: str, where: str) -> tuple[str, ...]:
        """The types of a label meant by names of types or of domains, in the vocabulary's order.

        Raises:
            SettingsError: If a name is neither.
        """
        wanted = set(names)
        types = [kind for kind in self.types if kind.label == label]
        known = {name for kind in types for name in (kind.name, kind.domain) if name}
        if unknown := sorted(wanted - known):
            raise SettingsError(
                f"{where}: no {label} {unknown[0]!r}; known are {', '.join(sorted(known))}"
            )
        return tuple(kind.name for kind in types if {kind.name, kind.domain} & wanted)


def shipped_data_sets() -> Path:
    """Path of the file with the paper's types and data sets."""
    return Path(str(files("fedasc.corpus.datasets") / "paper.toml"))


def read_vocabulary(path: Path) -> Vocabulary:
    """The sections [noise.DOMAIN] and [music] of a file of data sets.

    Raises:
        SettingsError: If a section is missing, a name or machine id stands twice, or nothing can be
            called so.
    """
    content = read_toml(path)
    domains, genres = content.get("noise"), content.get("music")
    if not _is_table(domains) or not _is_table(genres) or not all(map(_is_table, domains.values())):
        raise SettingsError(f"{path}: expected the sections [noise.DOMAIN] and [music]")
    types = [
        SoundType(name=name, label=label, domain=domain, mid=mid)
        for label, domain, section in (
            *(("noise", domain, section) for domain, section in domains.items()),
            ("music", "", genres),
        )
        for name, mid in section.items()
    ]
    for what in ("name", "mid"):
        seen = [getattr(kind, what) for kind in types]
        for value in seen:
            if not isinstance(value, str) or seen.count(value) > 1:
                raise SettingsError(
                    f"{path}: {what} {value!r} must be a text and stand for one type only"
                )
    for kind in types:
        if flaw := flaw_of(kind.name):
            raise SettingsError(f"{path}: the name of a type {flaw}")
    return Vocabulary(tuple(types))


def _is_table(section: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(section, Mapping) and bool(section)
