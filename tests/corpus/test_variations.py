"""Hundreds of odd files and tables: each is used for what it is, or named with a reason."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from fedasc.audio import Signal
from fedasc.audio.files import read_recording
from fedasc.audio.sound import Sound
from fedasc.corpus.clips import CLIP_S
from fedasc.corpus.manifest import ManifestCorpus, read_manifest, write_manifest
from fedasc.corpus.pool import Pool, open_pool
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError
from tests.corpus.siren import fault, part_of
from tests.corpus.table_variations import TABLES, TableVariation, table_variations
from tests.corpus.variations import KINDS, Variation, variations

pytestmark = pytest.mark.usefixtures("timely")

SEED = 19
N_SOUNDS, N_TABLES = 5, 10
SHORTEST_S = 5


@dataclass(frozen=True)
class Heard:
    """A corpus that keeps the signals that were read of it, by path."""

    corpus: ManifestCorpus
    signals: dict[str, Signal] = field(default_factory=dict)

    @property
    def recordings(self) -> tuple[Recording, ...]:
        return self.corpus.recordings

    @property
    def name(self) -> str:
        return self.corpus.name

    def fingerprint(self) -> str:
        return self.corpus.fingerprint()

    def seconds(self, index: int) -> float:
        return self.corpus.seconds(index)

    def read(self, index: int) -> Signal:
        return self.sound(index).signal

    def sound(self, index: int) -> Sound:
        sound = self.corpus.sound(index)
        self.signals[self.recordings[index].path] = sound.signal
        return sound


def test_there_are_three_hundred() -> None:
    assert len(KINDS) * N_SOUNDS + len(TABLES) * N_TABLES >= 300


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_is_heard_whole_or_named(kind: str, tmp_path: Path) -> None:
    made = {f"{n}{v.suffix}": v for n, v in enumerate(variations(kind, N_SOUNDS, seed=SEED))}
    faults = list(faults_of_sounds(made, tmp_path))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_is_read_right_or_refused_by_name(kind: str, tmp_path: Path) -> None:
    made = table_variations(kind, N_TABLES, seed=SEED)
    faults = list(faults_of_tables(made, tmp_path))
    assert not faults, "\n".join(faults)


def faults_of_sounds(made: dict[str, Variation], folder: Path) -> Iterator[str]:
    """What goes wrong when files are used as a corpus, in words."""
    for name, variation in made.items():
        (folder / name).write_bytes(variation.content)
    recordings = [Recording(path=name, label="noise", type="any", group=name) for name in made]
    write_manifest(folder / "manifest.csv", recordings, root=folder)
    corpus = Heard(read_manifest(folder / "manifest.csv"))
    pool = open_pool([corpus])
    for name, variation in made.items():
        if wrong := _wrong(name, variation, corpus.signals.get(name), pool, folder):
            yield f"{variation.kind}, {name}: {wrong}"


def _wrong(name: str, wanted: Variation, heard: Signal | None, pool: Pool, folder: Path) -> str:
    reasons = dict([*pool.unusable, *pool.bursts])
    n_clips = Counter(recording.path for recording in pool.recordings)[name]
    told = name in json.dumps(pool.facts())
    seconds = sum(seconds for _, seconds in wanted.plays)
    if name in reasons:
        reason, too_short = reasons[name], seconds < SHORTEST_S + wanted.slack_s
        right = wanted.may_be_left_out or (too_short and reason.startswith("shorter than"))
        return "" if right and reason and "\n" not in reason else f"left out: {reason!r}"
    if not wanted.plays:
        return "used, though it holds no sound"
    if heard is None:
        return "not read"
    if wrong := fault(heard, wanted.plays, gain=wanted.gain, slack_s=wanted.slack_s):
        return "" if wanted.may_be_left_out and told else wrong
    if wanted.must_be_told and not told:
        return "nobody was told"
    about = (seconds - wanted.slack_s, seconds + wanted.slack_s)
    if n_clips not in {max(1, int(most // CLIP_S)) for most in about}:
        return f"{n_clips} clips of {seconds} s"
    # stretches of the file are where they are in the whole
    for share in (0.15, 0.5):
        start_s, length_s = round(share * seconds, 2), min(5.0, 0.4 * seconds)
        part = read_recording(folder / name, start_s=start_s, duration_s=length_s)
        plays = part_of(wanted.plays, start_s, length_s)
        if wrong := fault(part, plays, gain=wanted.gain, slack_s=wanted.slack_s):
            return f"from {start_s} s: {wrong}"
    return ""


def faults_of_tables(made: list[TableVariation], folder: Path) -> Iterator[str]:
    """What goes wrong when corpora are built, and their manifests read again, in words."""
    for number, variation in enumerate(made):
        root = folder / f"{number}"
        root.mkdir()
        variation.write(root, folder)
        try:
            built = variation.build(root)
            wrong = variation.fault(built)
            if not built.recordings:
                yield from [f"{variation.kind}, {number}: {wrong}"] if wrong else []
                continue
            write_manifest(root / "again.csv", built.recordings, root=root)
            again = read_manifest(root / "again.csv").recordings
            if list(map(_plain, again)) != list(map(_plain, built.recordings)):
                wrong = wrong or "another when it was written and read again"
        except CorpusError as error:
            text = str(error)
            names = [Path(path).name for path in (*variation.files, *variation.sounds)]
            named = any(name in text for name in names) and "\n" not in text
            wrong = "" if variation.may_be_refused and named else f"refused: {text}"
        if wrong:
            yield f"{variation.kind}, {number}: {wrong}"


def _plain(recording: Recording) -> Recording:
    """Without further columns that are empty, which one line has and another lacks."""
    further = sorted((name, value) for name, value in recording.further if value)
    return replace(recording, further=tuple(further))
