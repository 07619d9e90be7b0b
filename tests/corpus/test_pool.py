import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fedasc.audio import Signal
from fedasc.corpus import decoding
from fedasc.corpus.clips import CLIP_BYTES, CLIP_SAMPLES
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.pool import Pool, open_pool, require_labels
from fedasc.corpus.recordings import Recording
from fedasc.errors import AudioError, CorpusError, StorageError


def sound(seed: int, n_samples: int = CLIP_SAMPLES) -> Signal:
    return (0.1 * np.random.default_rng(seed).normal(size=n_samples)).astype(np.float32)


def burst() -> Signal:
    return sound(9) * (np.arange(CLIP_SAMPLES) < 4_000)


@dataclass(frozen=True)
class Listed:
    """A corpus of signals, or of what goes wrong, that counts how often it is read."""

    contents: Sequence[tuple[str, Signal | Exception]]
    reads: list[int] = field(default_factory=list)
    name: str = "listed"

    @property
    def recordings(self) -> tuple[Recording, ...]:
        return tuple(
            Recording(path=f"r{n}", label=label, type="any", group=str(n))
            for n, (label, _) in enumerate(self.contents)
        )

    def fingerprint(self) -> str:
        return str(len(self.contents))

    def seconds(self, index: int) -> float:
        return 19.0 if index == 1 else 10.0

    def read(self, index: int) -> Signal:
        self.reads.append(index)
        content = self.contents[index][1]
        if isinstance(content, Exception):
            raise content
        return content


def listed(*further: tuple[str, Signal | Exception]) -> Listed:
    """One good recording of each label, then these."""
    good = [(label, sound(n)) for n, label in enumerate(("noise", "music", "speech"))]
    return Listed([*good, *further])


def paths(pool: Pool) -> list[str]:
    return [recording.path for recording in pool.recordings]


@pytest.mark.parametrize("peak", [0.01, 1.0, 1.5])
def test_samples_are_those_of_the_source_to_the_last_bit_of_16(peak: float) -> None:
    ramp = np.linspace(-peak, peak, CLIP_SAMPLES, dtype=np.float32)
    clip = open_pool([listed(("speech", ramp))]).clips.read(3)
    assert clip.dtype == np.float32
    np.testing.assert_allclose(clip, np.clip(ramp, -1, 1), rtol=0, atol=1 / 32768)


def test_long_recordings_give_several_clips() -> None:
    long = sound(7, 3 * CLIP_SAMPLES + 100_000)
    pool = open_pool([listed(("noise", long))])
    assert paths(pool) == ["r0", "r1", "r2", "r3", "r3", "r3"]
    for n in range(3):
        piece = long[n * CLIP_SAMPLES : (n + 1) * CLIP_SAMPLES]
        np.testing.assert_allclose(pool.clips.read(3 + n), piece, rtol=0, atol=1 / 32768)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (sound(0, CLIP_SAMPLES // 2 - 1), "shorter than 5 s"),
        (sound(0, 0), "shorter than 5 s"),
        (np.zeros(CLIP_SAMPLES, np.float32), "silent"),
        (sound(0) * np.float32(1e-4), "silent"),
        (AudioError("r3: broken"), "r3: broken"),
    ],
    ids=["short", "empty", "digital silence", "nearly silent", "unreadable"],
)
def test_a_bad_recording_among_good_ones_is_left_out_or_refused(
    content: Signal | Exception, reason: str
) -> None:
    corpus = listed(("speech", content), ("noise", sound(5)))
    pool = open_pool([corpus])
    assert paths(pool) == ["r0", "r1", "r2", "r4"]
    np.testing.assert_allclose(pool.clips.read(3), sound(5), atol=1 / 32768)
    ((path, why),) = pool.unusable
    assert path == "r3"
    assert reason in why
    assert not pool.bursts
    with pytest.raises(CorpusError, match=f"listed: 1 recording.*r3: .*{reason}"):
        open_pool([corpus], strict=True)


@pytest.mark.parametrize("label", ["noise", "music"])
def test_bursts_are_left_out_by_rule_and_not_held_against_the_corpus(label: str) -> None:
    pool = open_pool([listed((label, burst()))], strict=True)
    assert paths(pool) == ["r0", "r1", "r2"]
    assert not pool.unusable
    ((path, why),) = pool.bursts
    assert path == "r3"
    assert "40.0 > 5" in why


def test_speech_may_come_in_bursts() -> None:
    pool = open_pool([listed(("speech", burst()))])
    assert paths(pool) == ["r0", "r1", "r2", "r3"]
    assert not pool.bursts


@pytest.mark.parametrize("n_samples", [CLIP_SAMPLES // 2, CLIP_SAMPLES - 1])
def test_what_lasts_half_a_clip_is_repeated_to_fill_one(n_samples: int) -> None:
    short = sound(5, n_samples)
    clip = open_pool([listed(("noise", short))]).clips.read(3)
    np.testing.assert_allclose(clip[:n_samples], short, atol=1 / 32768)
    np.testing.assert_array_equal(clip[n_samples:], clip[: CLIP_SAMPLES - n_samples])


def test_what_is_usable_of_a_recording_is_used() -> None:
    silence = np.zeros(CLIP_SAMPLES, np.float32)
    pool = open_pool([listed(("noise", np.concatenate([silence, sound(5), burst()])))])
    assert paths(pool) == ["r0", "r1", "r2", "r3"]
    np.testing.assert_allclose(pool.clips.read(3), sound(5), atol=1 / 32768)
    assert not pool.unusable
    assert not pool.bursts


def test_opening_again_decodes_nothing() -> None:
    corpus = listed()
    first = open_pool([corpus])
    assert corpus.reads == [0, 1, 2]
    assert open_pool([corpus]) == first
    assert corpus.reads == [0, 1, 2]


def test_a_pool_without_a_label_can_be_refused() -> None:
    pool = open_pool([Listed([("noise", sound(0)), ("music", burst())])])
    with pytest.raises(
        CorpusError, match=r"here: no usable recording of music, speech; .* r1: short"
    ):
        require_labels(pool, where="here")
    require_labels(open_pool([listed()]), where="here")


def test_progress_counts_recordings() -> None:
    seen: list[tuple[int, int]] = []
    open_pool([listed()], progress=lambda _, done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_two_processes_make_the_bytes_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["path,label,type,group"]
    for n, label in enumerate(("noise", "music", "speech") * 4):
        soundfile.write(tmp_path / f"{n}.wav", sound(n, n // 3 * CLIP_SAMPLES), 16_000)
        lines.append(f"{n}.wav,{label},any,{n}")
    (tmp_path / "manifest.csv").write_text("\n".join([*lines, "none.wav,noise,any,none"]))
    made = []
    for n_jobs in (1, 2):
        monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / f"{n_jobs}"))
        corpus = read_manifest(tmp_path / "manifest.csv")
        folder = open_pool([corpus], n_jobs=n_jobs).clips.files[0].path.parent
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert made[0] == made[1]
    assert len(made[0]["samples.i16"]) == 2 * CLIP_SAMPLES * 18


def test_clips_travel_light_and_arrive_readable() -> None:
    clips = open_pool([listed()]).clips
    before = clips.read(1)
    packed = pickle.dumps(clips)
    assert len(packed) < 1_000
    np.testing.assert_array_equal(pickle.loads(packed).read(1), before)


def folder_of(corpus: Listed) -> Path:
    return open_pool([corpus]).clips.files[0].path.parent


def bytes_in(folder: Path) -> dict[str, bytes]:
    """What decoding has written."""
    return {name: (folder / name).read_bytes() for name in (decoding.SAMPLES, decoding.JOURNAL)}


@pytest.mark.parametrize("n_done", [0, 1, 3])
def test_an_interrupted_decoding_goes_on_and_makes_the_same_bytes(
    n_done: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [("speech", sound(8, 2 * CLIP_SAMPLES)), ("noise", burst()), ("music", sound(7))]
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "whole"))
    whole = bytes_in(folder_of(listed(*contents)))

    def stop(_: str, done: int, total: int) -> None:
        assert total == 6
        if done > n_done:
            raise KeyboardInterrupt

    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "resumed"))
    with pytest.raises(KeyboardInterrupt):
        open_pool([listed(*contents)], progress=stop)
    again = listed(*contents)
    assert bytes_in(folder_of(again)) == whole
    assert again.reads == list(range(n_done + 1, 6))


@pytest.mark.parametrize("torn", ["samples", "journal", "line", "changed", "level"])
def test_what_an_interruption_tore_is_decoded_anew(
    torn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "whole"))
    whole = bytes_in(folder_of(listed()))
    samples, journal = whole[decoding.SAMPLES], whole[decoding.JOURNAL]
    lines = journal.splitlines(keepends=True)
    left = {
        "samples": (samples[: 2 * CLIP_BYTES - 2], journal),
        "journal": (samples, lines[0]),
        "line": (samples, lines[0] + lines[1][:-9]),
        "level": (samples, lines[0] + lines[1].replace(b"-20.", b"-21.") + lines[2]),
        "changed": (samples[:CLIP_BYTES] + b"x" + samples[CLIP_BYTES + 1 :], journal),
    }[torn]
    draft = tmp_path / "draft"
    draft.mkdir()
    for name, content in zip((decoding.SAMPLES, decoding.JOURNAL), left, strict=True):
        (draft / name).write_bytes(content)
    corpus = listed()
    decoding.decode(corpus, draft, n_jobs=1, progress=lambda *_: None)
    assert bytes_in(draft) == whole
    assert corpus.reads == [1, 2]


@pytest.mark.parametrize("damage", ["shorter", "changed", "gone"])
def test_a_damaged_pool_is_noticed_and_decoded_anew(
    damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    corpus = listed()
    folder = folder_of(corpus)
    whole = bytes_in(folder)
    file = folder / decoding.SAMPLES
    number = file.stat().st_ino
    if damage == "shorter":
        file.write_bytes(whole[file.name][:-2])
    elif damage == "changed":
        file.write_bytes(b"x" + whole[file.name][1:])
    else:
        file.unlink()
    assert bytes_in(folder_of(corpus)) == whole
    assert "damaged" in caplog.text
    assert damage == "gone" or file.stat().st_ino != number, (
        "others may have mapped what is cut off"
    )
    assert corpus.reads == [0, 1, 2, *([2] if damage == "shorter" else [0, 1, 2])]


def test_what_the_disk_cannot_hold_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = listed()
    free = type("Usage", (), {"free": 3 * CLIP_BYTES - 1})
    monkeypatch.setattr("shutil.disk_usage", lambda _: free)
    with pytest.raises(
        StorageError,
        match=r"listed: decoding needs up to 1 MB .* FEDASC_CACHE .*; the longest .* r1 of 19 s",
    ):
        open_pool([corpus])
    assert not corpus.reads


def test_every_ten_seconds_are_measured() -> None:
    silence = np.zeros(CLIP_SAMPLES, np.float32)
    corpus = listed(("noise", np.concatenate([sound(5), burst(), silence])))
    examined = open_pool([corpus]).examined
    assert examined.used.tolist() == [True, True, True, True, False, False]
    np.testing.assert_allclose(examined.level_dbfs, [-20] * 4 + [-36, -np.inf], atol=0.3)
    np.testing.assert_allclose(examined.energy_peak_ratio, [1] * 4 + [40, np.nan], atol=0.1)


def test_what_is_clipped_scaled_or_odd_is_told_beside_what_is_used(tmp_path: Path) -> None:
    loud = sound(1) * (np.arange(CLIP_SAMPLES) < 80_000)
    floats = {"plain": sound(0), "loud": np.clip(loud * 10, -1, 1), "integers": sound(2) * 32_768}
    for name, samples in floats.items():
        soundfile.write(tmp_path / f"{name}.wav", samples, 16_000, subtype="FLOAT")
    soundfile.write(tmp_path / "beyond.wav", sound(3) * 20, 16_000, subtype="FLOAT")
    header = bytearray((tmp_path / "plain.wav").read_bytes())
    at = header.index(b"data") + 4
    header[at : at + 4] = (32_000).to_bytes(4, "little")
    (tmp_path / "wrong.wav").write_bytes(header)
    lines = ["path,label,type,group,calibration_db_spl"]
    lines += [f"{name}.wav,speech,x,{name},{94 if name == 'loud' else ''}" for name in (
        *floats, "beyond", "wrong"
    )]  # fmt: skip
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    pool = open_pool([read_manifest(tmp_path / "manifest.csv")])
    assert paths(pool) == ["plain.wav", "loud.wav", "integers.wav", "wrong.wav"]
    for index, expected in enumerate((*floats.values(), floats["plain"])):
        scale = 32_768 if index == 2 else 1
        np.testing.assert_allclose(pool.clips.read(index), expected / scale, atol=1 / 32768)
    facts = pool.facts()
    assert facts["n_clipped"] == 1
    assert facts["scaled"] == [{"path": "integers.wav", "full_scale": 32_768}]
    (odd,) = facts["odd"]
    assert odd["path"] == "wrong.wav"
    assert odd["note"].endswith("10.0 s could be read of 0.5 s")
    ((path, reason),) = pool.unusable
    assert path == "beyond.wav"
    assert reason.startswith("floats beyond full scale: ")
    (clipped,) = pool.clipped
    assert clipped.clipped == pytest.approx(np.mean(np.abs(floats["loud"]) == 1), abs=1e-6)
    assert clipped.level_db_spl == pytest.approx(94 + clipped.level_dbfs)
    np.testing.assert_array_equal(pool.examined.calibration_db_spl, [np.nan, 94, np.nan, np.nan])


def test_several_corpora_are_numbered_through() -> None:
    one, other = listed(), Listed([("noise", sound(5)), ("speech", sound(6))], name="other")
    pool = open_pool([one, other])
    assert paths(pool) == ["r0", "r1", "r2", "r0", "r1"]
    for index, seed in enumerate((0, 1, 2, 5, 6)):
        np.testing.assert_allclose(pool.clips.read(index), sound(seed), atol=1 / 32768)
    assert open_pool([one]).clips.files == pool.clips.files[:1]
    assert one.reads == [0, 1, 2]
