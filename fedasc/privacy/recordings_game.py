"""The recordings of a user's material, of which her device hears half in each release."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fedasc.corpus.clips import CLIP_SAMPLES
from fedasc.corpus.library import Deck, Excerpt, Material
from fedasc.corpus.parts import USER_PARTS
from fedasc.corpus.recordings import LABELS
from fedasc.corpus.windows import SNR_DB, Windows, draw_windows
from fedasc.models.hearing import heard_once
from fedasc.models.samples import Samples
from fedasc.privacy.game import NO_WINDOWS, Game, GameSettings
from fedasc.scenario import Scenario
from fedasc.scenes import Scene
from fedasc.seeds import Purpose
from fedasc.shelves import FEATURES

_DAY, _NEVER = USER_PARTS
_SCENES = {"noise": Scene.NOISE, "music": Scene.MUSIC, "speech": Scene.SPEECH}


@dataclass(frozen=True)
class Place:
    """A recording that a device may have heard: a group of clips of one label.

    Args:
        label: noise, music or speech.
        group: Its name.
        repeated: Whether the attacker holds clips of it that the device never hears; else it is the
            same clip from another start, and mixed anew.
    """

    label: str
    group: str
    repeated: bool


def places(scenario: Scenario, index: int) -> tuple[Place, ...]:
    """What is judged: the recordings of a user's day, of labels that have two at least.

    A single recording of a label is in every release, since she hears all scenes in each.
    """
    library, surroundings = scenario.library, scenario.user(index, 0).surroundings
    there = []
    for label, groups in _groups(scenario, index).items():
        for group in groups if len(groups) > 1 else ():
            heard, held = (
                getattr(library.material(_DAY, surroundings, excerpt), label).clips
                for excerpt in (
                    Excerpt({label: {group}}, "earlier"),
                    Excerpt({label: {group}}, "later"),
                )
            )
            there.append(Place(label, group, repeated=not np.isin(held, heard).any()))
    return tuple(there)


def places_in(scenario: Scenario, index: int, release: int) -> Mapping[str, frozenset[str]]:
    """By label, the recordings that are in a release: half of each label's.

    Of an odd number, one more or one less by the toss of a coin. What is in may be heard; in a day
    of few windows it needn't be.
    """
    rng = scenario.streams.generator(Purpose.PRIVACY, Game.RECORDINGS, index, 0, release)
    chosen = {}
    for label, groups in _groups(scenario, index).items():
        n_in = max(1, (len(groups) + int(rng.integers(2))) // 2)
        chosen[label] = frozenset(rng.permutation(groups)[:n_in].tolist())
    return chosen


def day_windows(scenario: Scenario, index: int, release: int, *, settings: GameSettings) -> Windows:
    """A day of the recordings that are in, of the earlier half of the clips of each."""
    user = scenario.user(index, 0)
    rng = scenario.streams.generator(Purpose.PRIVACY, Game.RECORDINGS, index, 1, release)
    excerpt = Excerpt(places_in(scenario, index, release), "earlier")
    material = scenario.library.material(_DAY, user.surroundings, excerpt)
    return draw_windows(material, settings.heard(scenario), shares=user.shares, rng=rng)


def probe_windows(scenario: Scenario, index: int, *, settings: GameSettings) -> Windows:
    """What the attacker holds: windows of each place in turn, `n_probes` of it.

    They are of the later half of its clips, which no release is made of, as far as it has several.
    Speech is mixed with noises that she never hears by day, so that it tells nothing of these.
    """
    library, surroundings = scenario.library, scenario.user(index, 0).surroundings
    rng = scenario.streams.generator(Purpose.PRIVACY, Game.RECORDINGS, index, 2)
    elsewhere = library.material(_NEVER, surroundings).noise
    windows = NO_WINDOWS
    for place in places(scenario, index):
        scene, n = _SCENES[place.label], settings.n_probes
        excerpt = Excerpt({place.label: {place.group}}, "later")
        material: Material = library.material(_DAY, surroundings, excerpt)
        deck: Deck = getattr(material, place.label)
        snr_db = rng.uniform(*SNR_DB[scene], size=n) if scene in SNR_DB else np.full(n, np.nan)
        windows += Windows(
            scene=np.full(n, int(scene)),
            clip=Deck(deck.clips).deal(n, rng),
            start=rng.integers(CLIP_SAMPLES, size=n),
            noise=elsewhere.deal(n, rng) if scene in SNR_DB else np.full(n, -1),
            snr_db=snr_db,
        )
    return windows


def day(scenario: Scenario, index: int, release: int, *, settings: GameSettings) -> Samples:
    """What such a day sounds like to a device; from the cache when it was heard before."""
    n_heard = settings.heard(scenario)
    return _heard(
        *(scenario, index, "day", release, n_heard),
        noise=(0, release),
        windows=lambda: day_windows(scenario, index, release, settings=settings),
    )


def probes(scenario: Scenario, index: int, *, settings: GameSettings) -> Samples:
    """What the attacker's windows sound like through the user's microphone, likewise."""
    return _heard(
        *(scenario, index, "probes", settings.n_probes),
        noise=(1,),
        windows=lambda: probe_windows(scenario, index, settings=settings),
    )


def _groups(scenario: Scenario, index: int) -> Mapping[str, tuple[str, ...]]:
    """By label, the recordings of a user's day, in order."""
    surroundings, hers = scenario.user(index, 0).surroundings, scenario.sources(index, 0).day.groups
    return {
        label: tuple(
            group
            for group in scenario.library.recordings(_DAY, label, surroundings)
            if label not in hers or group in hers[label]
        )
        for label in LABELS
    }


def _heard(
    scenario: Scenario,
    index: int,
    *address: Any,
    noise: tuple[int, ...],
    windows: Callable[[], Windows],
) -> Samples:
    user = scenario.user(index, 0)
    played = (Game.RECORDINGS, user, index, *address)
    return heard_once(
        FEATURES.entry(*scenario.origin, Purpose.PRIVACY, *played, by=(__name__,)),
        windows,
        bank=scenario.bank,
        clips=scenario.clips,
        pickup=scenario.pickup(user, Purpose.PRIVACY, Game.RECORDINGS, index, *noise),
    )
