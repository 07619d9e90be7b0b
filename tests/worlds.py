"""A world small enough for tests: a corpus in memory, four users, and a server."""

import atexit
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import soundfile

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.audio import Signal
from fedasc.corpus.clips import CLIP_SAMPLES
from fedasc.corpus.recordings import Recording
from fedasc.corpus.training import TrainingSetSettings
from fedasc.corpus.windows import Windows
from fedasc.experiments.design import Design
from fedasc.experiments.paper import paper_design
from fedasc.experiments.preset import Plan
from fedasc.models.calibration import Calibration
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.student_settings import StudentSettings
from fedasc.models.training import EmbeddedSettings
from fedasc.night import Night
from fedasc.population.attendance import Attendance
from fedasc.population.profile import BaselineProfile, Profiles, UserProfile
from fedasc.release.release import Release
from fedasc.scenario import ListeningSettings, Scenario
from fedasc.seeds import Streams
from fedasc.server import Server, set_up
from fedasc.settings import Settings
from fedasc.world import World, build_world

N_USERS = 4
N_HEARD = 30
N_EVALUATION = 20
AGGREGATOR = GmmAggregator(n_components=3, min_windows=1)
RELEASE = Release(min_windows=1)
ENSEMBLE = EnsembleSettings(n_trees=10, tree_rate=0.3)

_RATE_HZ = 16_000


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
    """Takes of groups of a few types, computed when read."""

    seed: int = 0
    n_groups: int = 6
    n_takes: int = 2

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
            for group in range(self.n_groups)
            for take in range(self.n_takes)
        )

    @property
    def name(self) -> str:
        return "tiny"

    def fingerprint(self) -> str:
        return f"tiny {self}"

    def seconds(self, index: int) -> float:
        return 10.0

    def read(self, index: int) -> Signal:
        kind = self.recordings[index].type
        return _signal(kind, self.seed, place=index // self.n_takes, take=index)


@cache
def _signal(kind: str, seed: int, *, place: int, take: int) -> Signal:
    """Computed once in a process: most tests decode the whole corpus into a cache of their own."""
    sound = _SOUNDS[kind]
    of_place = np.random.default_rng([seed, place])
    of_take = np.random.default_rng([seed, take, 1])
    spectrum = np.fft.rfft(of_take.standard_normal(CLIP_SAMPLES))
    octaves = np.log2(np.maximum(np.arange(len(spectrum)), 1))
    slope_db = sound.slope_db + of_place.normal(0, 0.5)
    noise = np.fft.irfft(spectrum * 10 ** (octaves * slope_db / 20))
    time = np.arange(CLIP_SAMPLES) / _RATE_HZ
    tone_hz = sound.tone_hz * of_place.uniform(0.9, 1.1)
    heard = noise / noise.std() + 2 * np.sin(2 * np.pi * tone_hz * time)
    phase = 2 * np.pi * sound.swell_hz * of_place.uniform(0.9, 1.1) * time
    heard *= 1 + sound.depth * np.sin(phase + of_take.uniform(0, 6))
    level = 10 ** (of_place.uniform(-30, -20) / 20)
    signal: Signal = (heard * level / np.sqrt(np.mean(heard**2))).astype(np.float32)
    signal.setflags(write=False)
    return signal


def write_recordings(folder: Path, corpus: TinyCorpus = TinyCorpus()) -> Path:
    """A tiny corpus as WAV files and a manifest, whose path is returned."""
    lines = ["path,label,type,domain,group"]
    for index, recording in enumerate(corpus.recordings):
        name = recording.path.replace("/", "_") + ".wav"
        soundfile.write(folder / name, corpus.read(index), _RATE_HZ)
        lines.append(
            f"{name},{recording.label},{recording.type},{recording.domain},{recording.group}"
        )
    manifest = folder / "manifest.csv"
    manifest.write_text("\n".join(lines))
    return manifest


PROFILES = Profiles(
    where="tests",
    baseline=BaselineProfile(noise=("domestic",), music=("pop", "rock")),
    users={
        "home": UserProfile(noise={"domestic": 2}, music=("pop",)),
        "town": UserProfile(noise={"urban": 1, "nature": 1}, music=("jazz",)),
    },
)
SETTINGS = Settings(
    n_clients=N_USERS,
    listening=ListeningSettings(n_heard=N_HEARD, n_evaluation=N_EVALUATION),
    training_sets=TrainingSetSettings(
        comprehensive=40,
        comprehensive_validation=10,
        baseline=20,
        baseline_validation=10,
        artificial=200,
    ),
    embedded=EmbeddedSettings(n_epochs=5),
    teacher=ENSEMBLE,
    student=StudentSettings(n_steps=30, n_artificial=100, bound=1.0),
)


@cache
def tiny_world() -> World:
    """Made once for all tests, in a cache folder of its own."""
    folder = TemporaryDirectory(prefix="fedasc-tests-")
    atexit.register(folder.cleanup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", folder.name)
        return build_world(SETTINGS, [TinyCorpus()], PROFILES, strict=True)


TINY = replace(SETTINGS, aggregator=AGGREGATOR, release=RELEASE, probes=())
PLAN = Plan(
    n_repetitions=2, components=(1, 3), full_components=(1,), typical=("home",), distant=("town",)
)
"""The typical user is at home, the distant one in town."""


def tiny_paper(settings: Settings = TINY, **plan: Any) -> Design:
    """The paper's experiments with the tiny corpus.

    Args:
        plan: What is otherwise than in `PLAN`.
    """
    return paper_design(settings, replace(PLAN, **plan), PROFILES, (TinyCorpus(),))


def make_server(
    scenario: Scenario,
    *,
    calibration: Calibration = SETTINGS.calibration,
    teacher_file: Path | None = None,
) -> Server:
    """The tiny server, made anew for a scenario."""
    return set_up(
        scenario,
        known=PROFILES.known(scenario.library),
        sizes=SETTINGS.training_sets,
        embedded=SETTINGS.embedded,
        teacher=SETTINGS.teacher,
        calibration=calibration,
        ready=SETTINGS.teacher.load(teacher_file) if teacher_file else None,
    )


def groups_of(world: World, windows: Windows) -> set[str]:
    """Groups of recordings that windows are made of."""
    clips = {*windows.clip.tolist(), *windows.noise.tolist()} - {-1}
    return {world.pool.recordings[clip].group for clip in clips}


def with_seed(scenario: Scenario, seed: int) -> Scenario:
    """The same people and places on other days."""
    return replace(scenario, streams=Streams(seed))


def same_classifier(one: EmbeddedClassifier, other: EmbeddedClassifier) -> bool:
    """Whether two classifiers are equal to the last bit."""
    mine, others = one.arrays(), other.arrays()
    return all(mine[name].tobytes() == others[name].tobytes() for name in mine)


def joined(nights: Iterable[Night]) -> list[Night]:
    """Nights of all devices, of those of cohorts."""
    every: dict[int, Night] = {}
    for night in nights:
        before = every.get(night.number)
        every[night.number] = night if before is None else _joined(before, night)
    return list(every.values())


def _joined(one: Night, other: Night) -> Night:
    assert other.cohort == one.cohort + 1, "cohorts come in order"
    groups = ("members", "on_time", "late")
    attendance = Attendance(
        *(getattr(one.attendance, group) + getattr(other.attendance, group) for group in groups)
    )
    maps = ("summaries", "personal", "scores", "diagnoses", "lost", "answers")
    both: dict[str, Any] = {name: {**getattr(one, name), **getattr(other, name)} for name in maps}
    return replace(other, attendance=attendance, **both)


def content_of(night: Night) -> tuple[bytes | int, ...]:
    """Every number of a night, to compare two of them to the last bit."""
    found: list[bytes | int] = []
    for device, summary in night.summaries.items():
        found += [device, summary.n_windows]
        found += [array.tobytes() for array in summary.arrays.values()]
    for device, answers in night.answers.items():
        found += [device, answers.counts.tobytes()]
    for device, personal in night.personal.items():
        tally = personal.tally
        found += [device, *((tally.n_drawn, tally.n_kept, tally.n_wanted) if tally else ())]
        found += [array.tobytes() for array in personal.classifier.arrays().values()]
    for device, scores in night.scores.items():
        found += [device, *(score.counts.tobytes() for score in scores.values())]
    return tuple(found)
