"""The windows of a user's material, of which her device hears half in each release."""

import numpy as np
from numpy.typing import NDArray

from fedasc.corpus.clips import CLIP_SAMPLES
from fedasc.corpus.library import Deck, Excerpt
from fedasc.corpus.parts import USER_PARTS
from fedasc.corpus.windows import SNR_DB, Windows, draw_windows
from fedasc.models.hearing import heard_once
from fedasc.models.samples import Samples
from fedasc.population.users import User
from fedasc.privacy.game import NO_WINDOWS, Game, GameSettings
from fedasc.scenario import Scenario
from fedasc.scenes import N_SCENES, Scene
from fedasc.seeds import Purpose
from fedasc.shelves import FEATURES

_DAY, _NEVER = USER_PARTS
_LABELS = {
    Scene.NOISE: ("noise",),
    Scene.MUSIC: ("music",),
    Scene.SPEECH: ("speech", "noise"),
    Scene.SPEECH_IN_NOISE: ("speech", "noise"),
}


def candidate_windows(scenario: Scenario, index: int, *, settings: GameSettings) -> Windows:
    """Windows that may be heard: twice as many as a day has, drawn like a day, then rare ones.

    Each of the rare ones is of recordings of her surroundings that none of the others is of: of
    the part that she never hears by day, and each recording once.
    """
    user, n_heard = scenario.user(index, 0), settings.heard(scenario)
    rng = scenario.streams.generator(Purpose.PRIVACY, Game.WINDOWS, index, 0)
    material = scenario.library.material(_DAY, user.surroundings, scenario.sources(index, 0).day)
    ordinary = draw_windows(material, 2 * n_heard, shares=user.shares, rng=rng)
    rng = scenario.streams.generator(Purpose.PRIVACY, Game.WINDOWS, index, 1)
    return ordinary + _rare_windows(scenario, user, min(settings.n_canaries, n_heard // 2), rng=rng)


def candidates(scenario: Scenario, index: int, *, settings: GameSettings) -> Samples:
    """What those windows sound like to a device; from the cache when a game was played before."""
    user, n_heard = scenario.user(index, 0), settings.heard(scenario)
    played = (Game.WINDOWS, user, index, n_heard, settings.n_canaries)
    return heard_once(
        FEATURES.entry(*scenario.origin, Purpose.PRIVACY, *played, by=(__name__,)),
        lambda: candidate_windows(scenario, index, settings=settings),
        bank=scenario.bank,
        clips=scenario.clips,
        pickup=scenario.pickup(user, Purpose.PRIVACY, Game.WINDOWS, index),
    )


def windows_in(
    scenario: Scenario, index: int, release: int, *, n_candidates: int, settings: GameSettings
) -> NDArray[np.int64]:
    """(n_heard,) numbers of the candidates that are in a release, in the order they are heard in.

    Rare windows are in or out by the toss of a coin, and as many ordinary ones as are missing then.

    Args:
        n_candidates: Ordinary and rare ones.
    """
    n_heard = settings.heard(scenario)
    rng = scenario.streams.generator(Purpose.PRIVACY, Game.WINDOWS, index, 2, release)
    n_ordinary = 2 * n_heard
    rare = n_ordinary + np.flatnonzero(rng.integers(2, size=n_candidates - n_ordinary))
    ordinary = rng.permutation(n_ordinary)[: n_heard - len(rare)]
    return rng.permutation(np.concatenate([ordinary, rare]))


def _rare_windows(scenario: Scenario, user: User, n: int, *, rng: np.random.Generator) -> Windows:
    """As many windows as there are recordings for, by her shares of scenes, each of other ones."""
    library, surroundings = scenario.library, user.surroundings
    left: dict[str, list[str]] = {}
    for label in surroundings.types():
        others = {group for groups in left.values() for group in groups}  # of several labels
        groups = library.recordings(_NEVER, label, surroundings).keys() - others
        left[label] = rng.permutation(sorted(groups)).tolist()

    def clip_of_another(label: str) -> int:
        excerpt = Excerpt({label: {left[label].pop()}})
        deck: Deck = getattr(library.material(_NEVER, surroundings, excerpt), label)
        return int(rng.choice(deck.clips))

    windows = NO_WINDOWS
    while len(windows) < n:
        there = [all(left[label] for label in _LABELS[scene]) for scene in Scene]
        shares = np.multiply(user.shares, there)
        if not shares.any():
            break
        scene = Scene(int(rng.choice(N_SCENES, p=shares / shares.sum())))
        clip, *noise = (clip_of_another(label) for label in _LABELS[scene])
        windows += Windows(
            scene=np.array([int(scene)]),
            clip=np.array([clip]),
            start=rng.integers(CLIP_SAMPLES, size=1),
            noise=np.array(noise or [-1]),
            snr_db=rng.uniform(*SNR_DB[scene], size=1) if noise else np.full(1, np.nan),
        )
    return windows
