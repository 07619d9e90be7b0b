from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from fedasc.corpus.builders.slices import TOO_SHORT, UNREADABLE, Slice, put_together
from fedasc.errors import StorageError
from tests.audio.odd_files import flac, sweep
from tests.disks import small_files

RATE_HZ = 1_000
SOUND = (np.arange(20 * RATE_HZ) * 7919 % 30_011 - 15_000).astype(np.int16)
"""20 s in which each sample differs from those near it."""


def cut(root: Path, *spans_s: tuple[float, float], sound: Any = SOUND, **kinds: Any) -> list[Slice]:
    slices = []
    for start_s, end_s in spans_s:
        path = root / "audio" / f"{start_s:g}-{end_s:g}.wav"
        path.parent.mkdir(exist_ok=True)
        piece = sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
        soundfile.write(path, piece, RATE_HZ, **kinds)
        slices.append(Slice(path=str(path.relative_to(root)), start_s=100 + start_s))
    return slices


def spans(root: Path, slices: Sequence[Slice]) -> tuple[list[tuple[str, float]], Any]:
    stretches, left = put_together(root, slices, home=".")
    return [(stretch.path, stretch.duration_s) for stretch in stretches], left


def joined(root: Path, name: str, dtype: Any = np.int16) -> Any:
    samples, rate_hz = soundfile.read(root / "joined" / name, dtype=dtype)
    assert rate_hz == RATE_HZ
    return samples


def test_slices_that_follow_each_other_become_what_they_were_cut_from(tmp_path: Path) -> None:
    slices = cut(tmp_path, *((n, n + 1) for n in range(10)))
    assert spans(tmp_path, slices[::-1]) == ([("joined/0-1.wav", 10.0)], ())
    np.testing.assert_array_equal(joined(tmp_path, "0-1.wav"), SOUND[: 10 * RATE_HZ])
    assert sorted(path.name for path in (tmp_path / "joined").iterdir()) == ["0-1.wav"]


def test_what_overlaps_counts_once(tmp_path: Path) -> None:
    slices = cut(tmp_path, (0.5, 4.5), (1, 5), (1.5, 3), (3.5, 7), (7, 8.25))
    assert spans(tmp_path, slices) == ([("joined/0.5-4.5.wav", 7.75)], ())
    np.testing.assert_array_equal(joined(tmp_path, "0.5-4.5.wav"), SOUND[500:8250])


def test_a_gap_parts_two_stretches(tmp_path: Path) -> None:
    slices = cut(tmp_path, (0, 4), (2, 6), (6.1, 10), (9, 12), (13, 17))
    stretches, left = spans(tmp_path, slices)
    assert stretches == [("joined/0-4.wav", 6.0), ("joined/6.1-10.wav", 5.9)]
    assert left == (("audio/13-17.wav", TOO_SHORT),)


def test_what_suffices_by_itself_stays_where_it_is(tmp_path: Path) -> None:
    assert spans(tmp_path, cut(tmp_path, (3, 8))) == ([("audio/3-8.wav", 5.0)], ())
    assert not (tmp_path / "joined").exists()


def test_what_claims_too_little_is_whole_or_named(tmp_path: Path) -> None:
    whole = Slice(path="whole.flac", start_s=0)
    (tmp_path / whole.path).write_bytes(flac(sweep(6), 16_000))
    assert spans(tmp_path, [whole]) == ([("whole.flac", 6.0)], ())
    soundfile.write(tmp_path / "next.wav", np.zeros(80_000), 16_000)
    following = Slice(path="next.wav", start_s=6)
    assert spans(tmp_path, [whole, following]) == (
        [("next.wav", 5.0)],
        (("whole.flac", UNREADABLE),),
    )


def test_a_sample_that_resampling_took_makes_no_gap(tmp_path: Path) -> None:
    slices = cut(tmp_path, (0, 2.999), (3, 5.999))
    assert spans(tmp_path, slices) == ([("joined/0-2.999.wav", 5.998)], ())


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_samples_stay_as_they_are(subtype: str, tmp_path: Path) -> None:
    sound = np.stack([SOUND, SOUND[::-1]], axis=1) / 8192  # beyond full scale
    slices = cut(tmp_path, (0, 4), (3, 7), sound=sound, subtype=subtype)
    whole = cut(tmp_path, (0, 7), sound=sound, subtype=subtype)
    assert spans(tmp_path, slices) == ([("joined/0-4.wav", 7.0)], ())
    assert soundfile.info(tmp_path / "joined" / "0-4.wav").subtype == subtype
    expected, _ = soundfile.read(tmp_path / whole[0].path)
    np.testing.assert_array_equal(joined(tmp_path, "0-4.wav", "float64"), expected)


def test_other_codings_become_floats(tmp_path: Path) -> None:
    slices = cut(tmp_path, (0, 4), (4, 8), subtype="IMA_ADPCM")
    ((path, _),), _ = spans(tmp_path, slices)
    expected = [soundfile.read(tmp_path / piece.path)[0] for piece in slices]
    assert soundfile.info(tmp_path / path).subtype == "FLOAT"
    # the coding works in blocks, so the first slice runs over into the second
    np.testing.assert_array_equal(soundfile.read(tmp_path / path)[0][:4000], expected[0][:4000])
    n_more = len(expected[0]) - 4000
    np.testing.assert_array_equal(
        soundfile.read(tmp_path / path)[0][len(expected[0]) :], expected[1][n_more:]
    )


def test_another_format_parts_two_stretches(tmp_path: Path) -> None:
    slices = cut(tmp_path, (0, 5)) + cut(tmp_path, (5, 10), subtype="PCM_24")
    assert [path for path, _ in spans(tmp_path, slices)[0]] == ["audio/0-5.wav", "audio/5-10.wav"]


def test_a_slice_that_cannot_be_read_costs_itself(tmp_path: Path) -> None:
    slices = []
    for n in range(8):
        path = tmp_path / f"{n}.flac"
        soundfile.write(path, SOUND[2000 * n : 2000 * n + 2000], RATE_HZ)
        slices.append(Slice(path=path.name, start_s=2 * n))
    (tmp_path / "0.flac").write_bytes(b"no sound")
    content = bytearray((tmp_path / "4.flac").read_bytes())
    (tmp_path / "4.flac").write_bytes(content[: len(content) // 2])
    content = bytearray((tmp_path / "7.flac").read_bytes())
    assert int.from_bytes(content[22:26]) == 2000
    content[22:26] = (2048).to_bytes(4)  # as many as its header promises
    (tmp_path / "7.flac").write_bytes(content)
    stretches, left = spans(tmp_path, slices)
    assert stretches == [("joined/1.wav", 6.0)]
    np.testing.assert_array_equal(joined(tmp_path, "1.wav"), SOUND[2000:8000])
    assert sorted(left) == [
        ("0.flac", UNREADABLE),
        ("4.flac", UNREADABLE),
        ("5.flac", TOO_SHORT),
        ("6.flac", TOO_SHORT),
        ("7.flac", UNREADABLE),
    ]


def test_an_mp3_that_is_cut_off_costs_itself_though_it_can_be_read(tmp_path: Path) -> None:
    slices = []
    for n in range(3):
        path = tmp_path / f"{n}.mp3"
        soundfile.write(path, np.tile(SOUND[:8000], 6), 16_000)
        slices.append(Slice(path=path.name, start_s=3 * n))
    content = (tmp_path / "1.mp3").read_bytes()
    (tmp_path / "1.mp3").write_bytes(content[: len(content) // 2])
    stretches, left = spans(tmp_path, slices)
    assert stretches == []
    assert left == (("1.mp3", UNREADABLE), ("0.mp3", TOO_SHORT), ("2.mp3", TOO_SHORT))


def test_what_is_there_whole_is_kept_and_what_is_not_is_written_anew(tmp_path: Path) -> None:
    slices = cut(tmp_path, (0, 4), (4, 8))
    spans(tmp_path, slices)
    path = tmp_path / "joined" / "0-4.wav"
    before = path.stat()
    spans(tmp_path, slices)
    assert path.stat() == before or path.stat().st_mtime_ns == before.st_mtime_ns
    soundfile.write(path, SOUND[:10], RATE_HZ)
    spans(tmp_path, slices)
    np.testing.assert_array_equal(joined(tmp_path, "0-4.wav"), SOUND[:8000])


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    slices = cut(tmp_path, (0, 4), (4, 8))
    full = pytest.raises(StorageError, match=r"0-4\.wav: the disk is full; make room")
    with small_files(1000), full:
        put_together(tmp_path, slices, home=".")
    assert list((tmp_path / "joined").iterdir()) == []
