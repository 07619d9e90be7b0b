from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.audio import FloatArray
from fedasc.corpus.clips import CLIP_SAMPLES, ClipFile
from fedasc.corpus.library import Deck, IntArray, Library, Material
from fedasc.corpus.parts import PARTS
from fedasc.corpus.recordings import LABELS
from fedasc.corpus.windows import SNR_DB, Windows, draw_windows, render
from fedasc.errors import CorpusError
from fedasc.scenes import Scene

EVEN = (0.25, 0.25, 0.25, 0.25)
MATERIAL = Material(
    noise=Deck(np.arange(7)), music=Deck(np.arange(10, 15)), speech=Deck(np.arange(20, 31))
)
FOREGROUND = {
    Scene.NOISE: "noise",
    Scene.MUSIC: "music",
    Scene.SPEECH: "speech",
    Scene.SPEECH_IN_NOISE: "speech",
}
WITH_NOISE = (Scene.SPEECH, Scene.SPEECH_IN_NOISE)


def drawn(n_windows: int, shares: tuple[float, ...] = EVEN, seed: int = 0) -> Windows:
    return draw_windows(MATERIAL, n_windows, shares=shares, rng=np.random.default_rng(seed))


def columns(windows: Windows) -> tuple[IntArray | FloatArray, ...]:
    return windows.scene, windows.clip, windows.start, windows.noise, windows.snr_db


def same(one: Windows, other: Windows) -> bool:
    pairs = zip(columns(one), columns(other), strict=True)
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


@pytest.mark.parametrize("shares", [EVEN, (0.1, 0.2, 0.3, 0.4), (0.0, 0.5, 0.0, 0.5)])
def test_scenes_come_in_their_shares(shares: tuple[float, ...]) -> None:
    n_windows = 10_000
    found = np.bincount(drawn(n_windows, shares).scene, minlength=4)
    spread = np.sqrt(n_windows * np.array(shares) * (1 - np.array(shares)))
    assert (np.abs(found - n_windows * np.array(shares)) <= 4 * spread).all()


def test_scenes_come_in_no_order() -> None:
    scene = drawn(4_000).scene
    assert (scene[1:] == scene[:-1]).mean() == pytest.approx(0.25, abs=0.03)


@given(
    kinds=st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(LABELS)), max_size=40),
    part=st.sampled_from(PARTS),
    n_windows=st.integers(0, 60),
    seed=st.integers(0, 1000),
)
def test_clips_are_of_the_scene_and_never_from_another_part(
    kinds: list[tuple[str, str]], part: str, n_windows: int, seed: int
) -> None:
    kinds += [(part, label) for label in LABELS]
    blank = ("",) * len(kinds)
    parts, labels = zip(*kinds, strict=True)
    material = Library(parts, labels, blank, blank, ((),) * len(kinds)).material(part)
    windows = draw_windows(material, n_windows, shares=EVEN, rng=np.random.default_rng(seed))
    assert len(windows) == n_windows
    for scene, clip, noise in zip(windows.scene, windows.clip, windows.noise, strict=True):
        assert kinds[clip] == (part, FOREGROUND[Scene(scene)])
        assert noise == -1 if scene not in WITH_NOISE else kinds[noise] == (part, "noise")


@pytest.mark.parametrize("scene", Scene)
def test_clips_are_used_up_before_one_is_heard_again(scene: Scene) -> None:
    windows = drawn(500)
    here = windows.scene == scene
    clips = getattr(MATERIAL, FOREGROUND[scene]).clips
    counts = Counter(windows.clip[here].tolist())
    assert set(counts) == set(clips.tolist())
    assert max(counts.values()) - min(counts.values()) <= 1
    if scene in WITH_NOISE:
        counts = Counter(windows.noise[here].tolist())
        assert set(counts) == set(MATERIAL.noise.clips.tolist())
        assert max(counts.values()) - min(counts.values()) <= 1


def test_weights_count_for_the_foreground_and_the_noise_behind_speech() -> None:
    rare, often = Deck(np.arange(2), np.array([0.2, 0.8])), Deck(np.arange(2, 4))
    windows = draw_windows(
        Material(noise=rare, music=often, speech=often),
        8_000,
        shares=EVEN,
        rng=np.random.default_rng(2),
    )
    alone = windows.clip[windows.scene == Scene.NOISE]
    behind = windows.noise[windows.noise >= 0]
    assert alone.mean() == pytest.approx(0.8, abs=0.04)
    assert behind.mean() == pytest.approx(0.8, abs=0.03)


def test_each_pack_is_shuffled_anew() -> None:
    speech = drawn(11 * 40, (0, 0, 1, 0)).clip
    assert len(set(pairwise(speech.tolist()))) > 60


@pytest.mark.parametrize(("scene", "low", "high"), [(2, 25.0, 40.0), (3, -10.0, 10.0)])
def test_snrs_fill_the_range_of_the_scene(scene: int, low: float, high: float) -> None:
    windows = drawn(8_000)
    snr_db = windows.snr_db[windows.scene == scene]
    assert low <= snr_db.min() < low + 0.1
    assert high - 0.1 < snr_db.max() <= high
    assert snr_db.mean() == pytest.approx((low + high) / 2, abs=0.5)


def test_only_speech_is_mixed() -> None:
    windows = drawn(1_000)
    unmixed = ~np.isin(windows.scene, list(SNR_DB))
    np.testing.assert_array_equal(np.isnan(windows.snr_db), unmixed)
    np.testing.assert_array_equal(windows.noise == -1, unmixed)


def test_windows_start_anywhere() -> None:
    start = drawn(4_000).start
    assert start.min() >= 0
    assert start.max() < CLIP_SAMPLES
    assert np.histogram(start, 8, (0, CLIP_SAMPLES))[0].min() > 400


def test_the_same_stream_draws_the_same_windows_and_another_others() -> None:
    assert same(drawn(50, seed=1), drawn(50, seed=1))
    assert not same(drawn(50, seed=1), drawn(50, seed=2))


@pytest.mark.parametrize("lacking", LABELS)
def test_a_scene_without_clips_is_refused(lacking: str, rng: np.random.Generator) -> None:
    there = {label: Deck(np.arange(3 * (label != lacking))) for label in LABELS}
    with pytest.raises(CorpusError, match="no clips"):
        draw_windows(Material(**there), 40, shares=EVEN, rng=rng)


def test_a_label_that_no_scene_needs_may_lack_clips(rng: np.random.Generator) -> None:
    none = Deck(np.empty(0, np.int64))
    material = Material(noise=Deck(np.arange(2)), music=none, speech=none)
    windows = draw_windows(material, 9, shares=(1, 0, 0, 0), rng=rng)
    assert (windows.scene == Scene.NOISE).all()


@given(cut=st.integers(0, 30), other=st.integers(0, 30))
def test_windows_are_cut_and_joined_like_sequences(cut: int, other: int) -> None:
    windows = drawn(30)
    assert same(windows[:cut] + windows[cut:], windows)
    assert len(windows[cut:other]) == len(range(30)[cut:other])
    for piece, whole in zip(columns(windows[cut:other]), columns(windows), strict=True):
        np.testing.assert_array_equal(piece, whole[cut:other])


def naive(clips: ClipFile, windows: Windows, i: int) -> FloatArray:
    """Window i in float64, from the bytes on disk."""
    stored = np.fromfile(clips.path, "<i2").reshape(-1, CLIP_SAMPLES) / 32768
    start = int(windows.start[i])
    clip = stored[windows.clip[i]]
    signal = np.concatenate([clip[start:], clip[:start]])
    if windows.scene[i] in WITH_NOISE:
        noise = stored[windows.noise[i]]
        wanted = np.mean(signal**2) / 10 ** (windows.snr_db[i] / 10)
        signal = signal + noise * np.sqrt(wanted / np.mean(noise**2))
    return signal


def test_rendering_is_rolling_and_mixing(clips: ClipFile) -> None:
    decks = [Deck(np.arange(*ends)) for ends in ((0, 4), (4, 8), (8, 20))]
    windows = draw_windows(Material(*decks), 12, shares=EVEN, rng=np.random.default_rng(4))
    assert set(windows.scene) == set(Scene)
    rendered = list(render(clips, windows))
    assert len(rendered) == 12
    for i, signal in enumerate(rendered):
        assert signal.dtype == np.float32
        np.testing.assert_allclose(signal, naive(clips, windows, i), rtol=1e-5, atol=1e-6)
    rows = np.full((13, 160_000), np.nan, np.float32)
    for i, signal in enumerate(render(clips, windows, out=rows)):
        assert np.shares_memory(signal, rows[i])
    np.testing.assert_array_equal(rows[:12], rendered)
    assert np.isnan(rows[12]).all()
