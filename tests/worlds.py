"""A world small enough for tests: a corpus in memory, four users, and a server."""

import atexit
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.audio import Signal
from fedasc.audio.bank import FilterBank
from fedasc.corpus.library import Library, catalogue
from fedasc.corpus.pool import CLIP_SAMPLES, Pool, open_pool
from fedasc.corpus.recordings import Recording
from fedasc.corpus.splits import split_by_group
from fedasc.corpus.training import TrainingSetSettings
from fedasc.corpus.users import BaselineProfile, Profiles, UserProfile, UserSettings, draw_users
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.training import EmbeddedSettings
from fedasc.scenario import ListeningSettings, Scenario
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server, set_up

N_USERS = 4
N_HEARD = 30
N_EVALUATION = 20
AGGREGATOR = GmmAggregator(n_components=3)

_RATE_HZ = 16_000
_N_GROUPS = 6
_N_TAKES = 2


@dataclass(frozen=True)
class _Sound:
    """Coloured noise and a tone, both swelling up and down."""

    label: str
    domain: str
    slope_db: float
    swell_hz: float
    depth: float
    tone_hz: float = 0.0


_SOUNDS: Mapping[str, _Sound] = {
    "fan": _Sound("noise", "domestic", -3.0, 0.7, 0.1),
    "dishes": _Sound("noise", "domestic", 2.0, 6.0, 0.7),
    "wind": _Sound("noise", "nature", -8.0, 0.6, 0.8),
    "leaves": _Sound("noise", "nature", 3.0, 1.5, 0.5),
    "motor": _Sound("noise", "urban", -6.0, 25.0, 0.6),
    "crowd": _Sound("noise", "urban", -4.0, 9.0, 0.4),
    "pop": _Sound("music", "", -5.0, 2.0, 0.6, 440.0),
    "jazz": _Sound("music", "", -7.0, 3.0, 0.4, 262.0),
    "rock": _Sound("music", "", -4.0, 2.5, 0.7, 110.0),
    "adult": _Sound("speech", "", -7.0, 4.0, 0.95, 120.0),
    "child": _Sound("speech", "", -6.0, 5.0, 0.95, 300.0),
}


@dataclass(frozen=True)
class TinyCorpus:
    """Two takes of each of six groups of each of a few types, computed when read."""

    seed: int = 0

    @cached_property
    def recordings(self) -> tuple[Recording, ...]:
        return tuple(
            Recording(
                path=f"{kind}/{group}/{take}",
                label=sound.label,
                type=kind,
                group=f"{kind}/{group}",
                domain=sound.domain,
            )
            for kind, sound in _SOUNDS.items()
            for group in range(_N_GROUPS)
            for take in range(_N_TAKES)
        )

    @property
    def name(self) -> str:
        return "tiny"

    def fingerprint(self) -> str:
        return f"tiny {self.seed}"

    def read(self, index: int) -> Signal:
        kind = self.recordings[index].type
        sound = _SOUNDS[kind]
        place = np.random.default_rng([self.seed, index // _N_TAKES])
        take = np.random.default_rng([self.seed, index, 1])
        spectrum = np.fft.rfft(take.standard_normal(CLIP_SAMPLES))
        octaves = np.log2(np.maximum(np.arange(len(spectrum)), 1))
        slope_db = sound.slope_db + place.normal(0, 0.5)
        noise = np.fft.irfft(spectrum * 10 ** (octaves * slope_db / 20))
        time = np.arange(CLIP_SAMPLES) / _RATE_HZ
        tone_hz = sound.tone_hz * place.uniform(0.9, 1.1)
        heard = noise / noise.std() + 2 * np.sin(2 * np.pi * tone_hz * time)
        phase = 2 * np.pi * sound.swell_hz * place.uniform(0.9, 1.1) * time
        heard *= 1 + sound.depth * np.sin(phase + take.uniform(0, 6))
        level = 10 ** (place.uniform(-30, -20) / 20)
        signal: Signal = (heard * level / np.sqrt(np.mean(heard**2))).astype(np.float32)
        return signal


_PROFILES = Profiles(
    where="tests",
    baseline=BaselineProfile(noise=("domestic",), music=("pop", "rock")),
    users={
        "home": UserProfile(noise={"domestic": 2}, music=("pop",)),
        "town": UserProfile(noise={"urban": 1, "nature": 1}, music=("jazz",)),
    },
)


@dataclass(frozen=True)
class World:
    """Everything before the first night."""

    pool: Pool
    scenario: Scenario
    server: Server

    def groups(self, clips: set[int]) -> set[str]:
        """Groups of recordings that clips come from."""
        return {self.pool.recordings[clip].group for clip in clips}


@cache
def tiny_world() -> World:
    """Made once for all tests, in a cache folder of its own."""
    folder = TemporaryDirectory(prefix="fedasc-tests-")
    atexit.register(folder.cleanup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", folder.name)
        return _built()


def _built() -> World:
    corpus = TinyCorpus()
    streams = Streams(1)
    pool = open_pool(corpus, strict=True)
    parts = split_by_group(pool.recordings, rng=streams.generator(Purpose.SPLIT))
    library: Library = catalogue(pool.recordings, parts)
    scenario = Scenario(
        clips=pool.clips,
        library=library,
        users=draw_users(
            _PROFILES, N_USERS, library=library, settings=UserSettings(), streams=streams
        ),
        bank=FilterBank(),
        listening=ListeningSettings(n_heard=N_HEARD, n_evaluation=N_EVALUATION),
        streams=streams,
        name=corpus.fingerprint(),
    )
    return World(pool, scenario, make_server(scenario))


def make_server(scenario: Scenario, *, teacher_file: Path | None = None) -> Server:
    """The tiny server of a scenario."""
    return set_up(
        scenario,
        profile=_PROFILES.baseline,
        where=_PROFILES.where,
        sizes=TrainingSetSettings(
            comprehensive=40, comprehensive_validation=10, baseline=20, baseline_validation=10
        ),
        embedded=EmbeddedSettings(n_epochs=5),
        teacher=EnsembleSettings(n_trees=10, tree_rate=0.3),
        teacher_file=teacher_file,
    )


def with_seed(scenario: Scenario, seed: int) -> Scenario:
    """The same people and places on other days."""
    return replace(scenario, streams=Streams(seed))


def same_classifier(one: EmbeddedClassifier, other: EmbeddedClassifier) -> bool:
    """Whether two classifiers are equal to the last bit."""
    mine, others = one.arrays(), other.arrays()
    return all(mine[name].tobytes() == others[name].tobytes() for name in mine)
