"""Sources: the recordings that are a user's own, by day and when she is evaluated."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from fedasc.arithmetic.functions import log
from fedasc.corpus.library import WHOLE, Excerpt, Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.corpus.recordings import LABELS
from fedasc.errors import SettingsError
from fedasc.seeds import Purpose, Streams

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SourceCounts:
    """How many recordings a user hears by day: groups, of which each may have several clips.

    Args:
        noise, music, speech: Of each label; None for all that her surroundings have.
    """

    noise: int | None = None
    music: int | None = None
    speech: int | None = None

    def __post_init__(self) -> None:
        for label, n in self.items():
            if n is not None and n < 1:
                raise SettingsError(
                    f"n_sources: {label} must be at least 1, got {n}; leave it out for all"
                )

    def items(self) -> tuple[tuple[str, int | None], ...]:
        """By label."""
        return tuple((one.name, getattr(self, one.name)) for one in fields(self))

    @property
    def are_set(self) -> bool:
        """Whether there is one."""
        return any(n is not None for _, n in self.items())


@dataclass(frozen=True)
class Sources:
    """What a user hears of a corpus, by day and in her evaluation; all there is by default.

    Args:
        day: Of the part aggregation.
        familiar: Of the same recordings, for the evaluation: what she doesn't hear by day of those
            that have several clips, and those again that have just one.
        unfamiliar: Of the part evaluation.
    """

    day: Excerpt = WHOLE
    familiar: Excerpt = WHOLE
    unfamiliar: Excerpt = WHOLE


def sources_of(
    n_sources: SourceCounts,
    nights: Iterable[Surroundings],
    *,
    index: int,
    library: Library,
    streams: Streams,
) -> Sources:
    """The sources of a user.

    By day she hears as many recordings as `n_sources` says, or all there are if these are fewer;
    each is the likelier, the more often its type is heard. Where a type gives way to another, its
    recordings do; all others stay. The unfamiliar ones of her evaluation are as many, of the same
    types as far as there are enough.

    Args:
        nights: What surrounded her on each night until now.
        index: Of the user.
    """
    heard: dict[str, frozenset[str]] = {}
    others: dict[str, frozenset[str]] = {}
    surrounded = list(nights)

    def ranked(label: str, part: str, night: Surroundings) -> Mapping[str, str]:
        address = (index, LABELS.index(label), USER_PARTS.index(part))
        rng = streams.generator(Purpose.SOURCES, *address)
        return _ranked(label, part, night, library=library, rng=rng)

    for label, n in n_sources.items():
        if n is None:
            continue
        hers: list[str] = []
        for night in surrounded:
            types = ranked(label, USER_PARTS[0], night)
            stay = [group for group in hers if group in types]
            hers = [*stay, *(group for group in types if group not in stay)][:n]
        wanted = Counter(types[group] for group in hers)
        alike: list[str] = []
        unlike: list[str] = []
        for group, kind in ranked(label, USER_PARTS[1], surrounded[-1]).items():
            (alike if wanted[kind] > 0 else unlike).append(group)
            wanted[kind] -= 1
        heard[label] = frozenset(hers)
        others[label] = frozenset([*alike, *unlike][: len(hers)])
    return Sources(Excerpt(heard, "earlier"), Excerpt(heard, "later"), Excerpt(others))


def warn_of_sources(asked: Collection[tuple[SourceCounts, Surroundings]], library: Library) -> None:
    """Say it, once for each label, if users hear fewer recordings than were asked for.

    They hear those that there are.

    Args:
        asked: Of each user.
    """
    short: dict[str, tuple[int, int, str]] = {}
    for counts, surroundings in set(asked):
        for label, n in counts.items():
            for part in USER_PARTS if n else ():
                there = len(library.recordings(part, label, surroundings))
                if n and there < n:
                    short[label] = min((there, n, part), short.get(label, (there, n, part)))
    for label in sorted(short):
        there, n, part = short[label]
        _log.warning(
            "users.n_sources: %d recordings of %s were asked for, and of the part %s a user "
            "has but %d, and hears these; ask for fewer, or add recordings of other groups",
            *(n, label, part, there),
        )


def _ranked(
    label: str,
    part: str,
    surroundings: Surroundings,
    *,
    library: Library,
    rng: np.random.Generator,
) -> Mapping[str, str]:
    """Recordings of a part with their types, in the order in which they are drawn.

    It is the order of exponential variables, each divided by its weight, in which one draws without
    putting back (Efraimidis and Spirakis 2006). A recording has the same variable whatever else
    surrounds the user.
    """
    everything = library.recordings(part, label, Surroundings(data_set=surroundings.data_set))
    times = dict(zip(everything, -log(1 - rng.random(len(everything))), strict=True))
    types = library.recordings(part, label, surroundings)
    weights, n_of_type = surroundings.weights(label), Counter(types.values())

    def turn(group: str) -> float:
        kind = types[group]
        weight = weights[kind] / n_of_type[kind] if weights else 1.0
        return float(times[group]) / weight

    return {group: types[group] for group in sorted(types, key=turn)}
