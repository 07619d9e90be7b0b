"""References: what an attacker holds of every recording that users may have heard."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.weights import Weights
from fedasc.audio import FloatArray
from fedasc.corpus.clips import CLIP_SAMPLES
from fedasc.corpus.parts import USER_PARTS
from fedasc.corpus.windows import Windows
from fedasc.models.hearing import heard_once
from fedasc.privacy.density import log_density
from fedasc.scenario import Scenario
from fedasc.scenes import Scene
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.shelves import FEATURES

Names = NDArray[np.str_]

_GAME = 4
_SCENES = {"noise": Scene.NOISE, "music": Scene.MUSIC, "speech": Scene.SPEECH}


@dataclass(frozen=True, eq=False, kw_only=True)
class References:
    """A window of each clip of the users' parts, by itself, through no user's microphone.

    Args:
        x: (n_windows, 45) in dB.
        parts, labels, types, groups: (n_windows,) of the clips.
    """

    x: NDArray[np.float32]
    parts: Names
    labels: Names
    types: Names
    groups: Names


def references(scenario: Scenario) -> References:
    """The same for all users; from the cache when they were heard before."""
    library = scenario.library
    clip = np.flatnonzero(np.isin(library.parts, USER_PARTS))

    def draw() -> Windows:
        rng = scenario.streams.generator(Purpose.PRIVACY, _GAME)
        return Windows(
            scene=np.array([_SCENES[library.labels[index]] for index in clip], np.int64),
            clip=clip,
            start=rng.integers(CLIP_SAMPLES, size=len(clip)),
            noise=np.full(len(clip), -1),
            snr_db=np.full(len(clip), np.nan),
        )

    entry = FEATURES.entry(*scenario.origin, Purpose.PRIVACY, _GAME)
    samples = heard_once(entry, draw, bank=scenario.bank, clips=scenario.clips)
    groups = library.groups or tuple(map(str, range(len(library.parts))))
    return References(
        x=samples.x,
        parts=np.array(library.parts)[clip],
        labels=np.array(library.labels)[clip],
        types=np.array(library.types)[clip],
        groups=np.array(groups)[clip],
    )


def log_ratio(content: Content, x: NDArray[np.float32], *, server: Server) -> FloatArray:
    """How much better a release speaks for windows than what the server has without it.

    Args:
        x: (n_samples, 45) in dB.

    Returns:
        (n_samples,) in the units of `log_density`; 0 for a release that tells nothing.
    """
    known = log_density(_without(content, server), x, server=server)
    return log_density(content, x, server=server) - known


def _without(content: Content, server: Server) -> Content:
    """What would be sent, in the same kind, by who had heard what the server has."""
    if isinstance(content, Features):
        return Features(server.comprehensive_set.training.x)
    if isinstance(content, Weights):
        return Weights.of(server.baseline)
    return content if isinstance(content, Nothing) else server.everything
