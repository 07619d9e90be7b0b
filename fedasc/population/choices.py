"""Choices: what the users of a profile draw their noise types and genres from."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from math import ceil, inf

import numpy as np

from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.needs import types_in_words
from fedasc.corpus.parts import USER_PARTS
from fedasc.errors import CorpusError
from fedasc.population.devices import has_speech
from fedasc.population.profile import Profiles

Choice = tuple[tuple[str, ...], int | float]
"""Types to draw from, and how many at most, or below 1 which share of them."""

Choices = Mapping[str, Sequence[Choice]]
"""By label."""

_log = logging.getLogger(__name__)


def choices(
    profiles: Profiles, name: str, known: Surroundings, library: Library, *, recorded: bool
) -> Mapping[str, Choices]:
    """What there is for a profile, of each device of the corpus that has something of everything.

    Args:
        name: Of the profile.
        known: What the baseline classifier is trained on.
        recorded: Whether users have the devices that the corpus was recorded with; if not, all
            there is stands under an empty name.

    Raises:
        CorpusError: If a profile asks for what the corpus lacks.
    """
    everything = _choices(profiles, name, known, library)
    if not recorded:
        return {"": everything}
    by_device = {}
    for device in library.devices:
        heard = Surroundings(data_set=profiles.users[name].data_set, microphone=device)
        if has_speech(library, heard):
            with suppress(CorpusError):
                by_device[device] = _choices(profiles, name, known, library, device)
    return by_device


def drawn(some: Sequence[Choice], rng: np.random.Generator) -> tuple[str, ...]:
    """The types that a user draws; where all are hers, nothing is drawn."""
    types: set[str] = set()
    for kinds, n in some:
        n_most = ceil(n * len(kinds)) if n < 1 else n
        types |= {str(kind) for kind in (kinds if n == inf else rng.permutation(kinds)[:n_most])}
    return tuple(sorted(types))


def _choices(
    profiles: Profiles, name: str, known: Surroundings, library: Library, device: str = ""
) -> Choices:
    where = f"{profiles.where}, [users.{name}]"
    profile = profiles.users[name]
    in_set = f" in the data set {profile.data_set!r}" if profile.data_set else ""

    def heard(names: tuple[str, ...], label: str) -> tuple[str, ...]:
        everything = library.types_named(["*"], label=label, where=where)
        typical = known.types()[label] or ()
        more = {"*known": typical, "*other": set(everything) - set(typical)}

        def usable(types: Iterable[str]) -> tuple[str, ...]:
            return library.types_in_all(
                types, USER_PARTS, label=label, data_set=profile.data_set, microphone=device
            )

        meant = library.types_named(names, label=label, where=where, more=more)
        types = usable(meant)
        if not types and names and set(names) <= set(more) and (types := usable(everything)):
            _log.warning(
                "%s: of the %s that %s means no type has recordings both to hear and to evaluate "
                "on (%s); these users hear %s",
                *(where, label, names[0], types_in_words(library, label, meant), ", ".join(types)),
            )
        if not types:
            raise CorpusError(
                f"{where}: no type of {', '.join(names)} has recordings both to hear and to "
                f"evaluate on{in_set}; {types_in_words(library, label, meant)}"
            )
        return types

    music = profile.music
    return {
        "noise": [(heard((source,), "noise"), n) for source, n in profile.noise.items()],
        "music": [(heard((source,), "music"), n) for source, n in music.items()]
        if isinstance(music, Mapping)
        else [(heard(music, "music"), inf)],
    }
