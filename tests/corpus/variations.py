"""Variations of audio files, as recorders, streams and cut-off copies leave them.

Each knows by construction what its file really plays, whatever its headers say.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from tests.corpus.containers import (
    ID3V1,
    aiff,
    au,
    caf,
    chunk,
    encoded,
    flac_frames,
    flac_total,
    granule_of,
    id3v2,
    lossy,
    mp3_frames,
    ogg_page,
    ogg_pages,
    pcm,
    rf64,
    wav,
    wav_format,
)
from tests.corpus.siren import Stretch, siren

_STARTS_S = (0.0, 60.0)
_LENGTHS_S = (6.0, 12.0, 21.0)
_CODED_LENGTHS_S = (7.0, 12.0)  # of what takes long to encode
_RATES_HZ = (16_000, 16_000, 16_000, 22_050, 24_000, 44_100, 48_000)
_SLACK_S = {".mp3": 0.15, ".ogg": 0.05, ".opus": 0.05}
_LIES = (0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000)


@dataclass(frozen=True, kw_only=True)
class Variation:
    """An audio file, and what must be heard of it.

    Args:
        kind: What is odd about it.
        suffix: Of its name.
        content: Its bytes.
        plays: The stretches of the siren that it holds, in order; none if it holds no sound.
        may_be_left_out: Whether naming it with a reason is right too.
        gain: Factor on the siren's amplitude; None if any will do.
        must_be_told: Whether what was done to it has to be among the facts of a pool.
        slack_s: What its codec may add or lose at the ends.
    """

    kind: str
    suffix: str
    content: bytes
    plays: tuple[Stretch, ...]
    may_be_left_out: bool = False
    gain: float | None = 1.0
    must_be_told: bool = False
    slack_s: float = 0.0


_Drawn = tuple[str, bytes, Sequence[Stretch]]
_Maker = Callable[[Generator], _Drawn]
_Rest = dict[str, Any]

KINDS: dict[str, tuple[_Maker, _Rest]] = {}
"""How files of each kind are made, and what is asked of them."""


def variations(kind: str, n: int, *, seed: int) -> list[Variation]:
    """Variations of a kind, drawn with a seed."""
    make, further = KINDS[kind]
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    made = []
    for _ in range(n):
        suffix, content, plays = make(rng)
        rest: _Rest = {"slack_s": _SLACK_S.get(suffix, 0.001)} | further
        made.append(
            Variation(kind=kind, suffix=suffix, content=content, plays=tuple(plays), **rest)
        )
    return made


def _kind(**further: Any) -> Callable[[_Maker], _Maker]:
    def listed(make: _Maker) -> _Maker:
        KINDS[make.__name__.lstrip("_").replace("_", " ")] = make, further
        return make

    return listed


def _stretch(rng: Generator, lengths_s: Sequence[float] = _LENGTHS_S) -> Stretch:
    return float(rng.choice(_STARTS_S)), float(rng.choice(lengths_s))


def _coded(rng: Generator) -> Stretch:
    return _stretch(rng, _CODED_LENGTHS_S)


def _rate(rng: Generator) -> int:
    return int(rng.choice(_RATES_HZ))


def _cut(plays: Stretch, share: float) -> Stretch:
    return plays[0], plays[1] * share


def _wav_parts(rng: Generator, kinds: Sequence[str] = ("i2",)) -> tuple[Stretch, bytes, bytes]:
    """What is played, the chunk `fmt ` and the samples."""
    plays, rate_hz, kind = _stretch(rng), _rate(rng), str(rng.choice(kinds))
    return plays, wav_format(rate_hz, kind), pcm(siren(*plays, rate_hz), kind)


# ---- WAV


@_kind()
def _wav_of_any_numbers(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    kind, extensible = str(rng.choice(["u1", "i2", "i3", "i4", "f4", "f8"])), rng.random() < 0.5
    n_channels = int(rng.integers(1, 4))
    samples = siren(*plays, rate_hz)
    others = np.resize(0.1 * rng.normal(size=997), (len(samples), n_channels - 1))
    form = wav_format(rate_hz, kind, n_channels=n_channels, extensible=bool(extensible))
    return ".wav", wav(pcm(np.column_stack([samples, others]), kind), form=form), [plays]


@_kind()
def _wav_whose_size_was_never_written(rng: Generator) -> _Drawn:
    plays, form, data = _wav_parts(rng, ("i2", "i3", "f4"))
    lie = int(rng.choice(_LIES))
    return ".wav", wav(data, form=form, size=lie, riff_size=int(rng.choice(_LIES))), [plays]


@_kind()
def _wav_cut_off(rng: Generator) -> _Drawn:
    plays, form, data = _wav_parts(rng, ("i2", "f4"))
    share = float(rng.uniform(0.4, 0.95))
    content = wav(data, form=form)
    n_bytes = len(content) - len(data) + int(share * len(data))
    return ".wav", content[:n_bytes], [_cut(plays, share)]


@_kind(may_be_left_out=True)
def _wav_whose_size_is_too_small(rng: Generator) -> _Drawn:
    plays, form, data = _wav_parts(rng)
    size = int(rng.uniform(0.05, 0.9) * len(data)) // 2 * 2
    riff_size = int(rng.choice([size + 36, len(data) + 36]))
    return ".wav", wav(data, form=form, size=size, riff_size=riff_size), [plays]


@_kind()
def _wav_with_further_chunks(rng: Generator) -> _Drawn:
    plays, form, data = _wav_parts(rng, ("i2", "i3"))
    names = [b"LIST", b"bext", b"JUNK", b"PAD ", b"cue ", b"iXML", b"fact", b"id3 "]
    texts = [bytes(rng.integers(32, 127, int(rng.integers(4, 700))).astype("u1")) for _ in range(4)]
    picked = rng.choice(len(names), 4)
    chunks = [chunk(names[k], b"INFO" + text) for k, text in zip(picked, texts, strict=True)]
    return ".wav", wav(data, form=form, before=chunks[:2], after=chunks[2:]), [plays]


@_kind(may_be_left_out=True)
def _wav_with_an_odd_chunk_that_is_not_filled_up(rng: Generator) -> _Drawn:
    plays, form, data = _wav_parts(rng)
    odd = chunk(b"LIST", b"INFO" + bytes(2 * int(rng.integers(1, 30)) + 1), pad=False)
    return ".wav", wav(data, form=form, before=[odd]), [plays]


@_kind()
def _wav_with_odd_data(rng: Generator) -> _Drawn:
    plays, form, data = _wav_parts(rng, ("u1", "i3"))
    n_bytes = len(data) - len(data) % 2 - 1
    later = chunk(b"LIST", b"INFO" + bytes(30))
    filled = bool(rng.random() < 0.5)
    return ".wav", wav(data[:n_bytes], form=form, pad=filled, after=[later]), [plays]


@_kind()
def _rf64(rng: Generator) -> _Drawn:
    plays, form, data = _wav_parts(rng, ("i2", "f4"))
    return ".wav", rf64(data, form=form, n_frames=len(data) // 2), [plays]


@_kind()
def _w64(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    content = encoded(siren(*plays, rate_hz), rate_hz, "W64")
    share = float(rng.choice([1.0, 0.7]))
    data = len(content) - 2 * round(plays[1] * rate_hz)
    return ".w64", content[: data + int((len(content) - data) * share)], [_cut(plays, share)]


@_kind(slack_s=0.1)  # packed in blocks, the last one filled up
def _wav_of_packed_numbers(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    packing = str(rng.choice(["ULAW", "ALAW", "MS_ADPCM", "IMA_ADPCM"]))
    return ".wav", lossy(plays, rate_hz, "WAV", subtype=packing), [plays]


# ---- AIFF, CAF, AU


@_kind()
def _aiff(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    data = pcm(siren(*plays, rate_hz), "i2", order=">")
    which = int(rng.integers(4))
    share = 0.6 if which == 3 else 1.0
    content = aiff(
        data[: int(len(data) * share) // 2 * 2],
        rate_hz,
        n_frames=[len(data) // 2, 0, 2**31 - 1, len(data) // 2][which],
        size=[None, 0, 0x7FFFFFFF, len(data) + 8][which],
        form_size=[None, 0, 0xFFFFFFFF, None][which],
    )
    return ".aiff", content, [_cut(plays, share)]


@_kind()
def _caf(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    data = pcm(siren(*plays, rate_hz), "i2")
    before = [(b"free", bytes(int(rng.integers(1, 500))))] if rng.random() < 0.5 else []
    return ".caf", caf(data, rate_hz, size=len(data) + 4, before=before), [plays]


@_kind()
def _au(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    data = pcm(siren(*plays, rate_hz), "i2", order=">")
    size = int(rng.choice([len(data), 0xFFFFFFFF]))  # the last is how AU says unknown
    return ".au", au(data, rate_hz, size=size, note=bytes(4 * int(rng.integers(1, 90)))), [plays]


@_kind(may_be_left_out=True)
def _a_size_that_lies(rng: Generator) -> _Drawn:
    """In formats that few use, whose readers may give up; -1 is how CAF says unknown."""
    plays, rate_hz = _stretch(rng), _rate(rng)
    samples = siren(*plays, rate_hz)
    form = int(rng.integers(3))
    if form == 0:
        size = int(rng.choice([0, 0x7FFFFFFF]))
        return ".au", au(pcm(samples, "i2", order=">"), rate_hz, size=size), [plays]
    data = pcm(samples, "i2")
    if form == 1:
        return ".caf", caf(data, rate_hz, size=int(rng.choice([-1, 2**40]))), [plays]
    size = [0, 2**64 - 1, 2**40][int(rng.integers(3))]
    content = rf64(data, form=wav_format(rate_hz, "i2"), n_frames=0, size=size)
    return ".wav", content, [plays]


# ---- FLAC


def _flac(rng: Generator) -> tuple[Stretch, int, bytes]:
    plays, rate_hz = _stretch(rng), _rate(rng)
    packing = str(rng.choice(["PCM_16", "PCM_24"]))
    return plays, rate_hz, lossy(plays, rate_hz, "FLAC", subtype=packing)


@_kind()
def _flac_of_unknown_length(rng: Generator) -> _Drawn:
    plays, _, content = _flac(rng)
    return ".flac", flac_total(content, 0), [plays]


@_kind(may_be_left_out=True)
def _flac_that_says_another_length(rng: Generator) -> _Drawn:
    plays, rate_hz, content = _flac(rng)
    total = [int(rng.uniform(0.1, 0.9) * plays[1] * rate_hz), int(90 * rate_hz), 2**36 - 1]
    return ".flac", flac_total(content, total[int(rng.integers(3))]), [plays]


@_kind(may_be_left_out=True)
def _flac_with_tags_around(rng: Generator) -> _Drawn:
    plays, _, content = _flac(rng)
    before = id3v2(int(rng.integers(0, 3000))) if rng.random() < 0.6 else b""
    after = ID3V1 if rng.random() < 0.6 else b""
    return ".flac", before + content + after, [plays]


@_kind(may_be_left_out=True)
def _flac_cut_off(rng: Generator) -> _Drawn:
    plays, rate_hz, content = _flac(rng)
    starts = flac_frames(content)
    kept = int(len(starts) * rng.uniform(0.5, 0.95))
    frame_s = int.from_bytes(content[8:10], "big") / rate_hz
    whole = flac_total(content, 0) if rng.random() < 0.5 else content
    end = starts[kept] + int(rng.choice([0, 30]))
    return ".flac", whole[:end], [(plays[0], kept * frame_s)]


# ---- Ogg


def _ogg(rng: Generator) -> tuple[str, Stretch, int, bytes]:
    plays = _coded(rng)
    if rng.random() < 0.5:
        return ".opus", plays, 48_000, _opus(plays)
    rate_hz = int(rng.choice([16_000, 44_100]))
    return ".ogg", plays, rate_hz, lossy(plays, rate_hz, "OGG", subtype="VORBIS")


def _opus(plays: Stretch) -> bytes:
    """Encoded at 16 kHz, which is cheaper; positions are at 48 kHz in any case."""
    return lossy(plays, 16_000, "OGG", subtype="OPUS")


@_kind()
def _ogg_chained(rng: Generator) -> _Drawn:
    suffix, plays, rate_hz, content = _ogg(rng)
    links, contents = [plays], [content]
    for _ in range(int(rng.integers(1, 3))):
        links.append(_coded(rng))
        vorbis = suffix == ".ogg" and lossy(links[-1], rate_hz, "OGG", subtype="VORBIS")
        contents.append(vorbis or _opus(links[-1]))
    # soundfile numbers streams by the second: those of a chain must differ
    numbered = [_numbered(content, number) for number, content in enumerate(contents)]
    return suffix, b"".join(numbered), links


def _numbered(content: bytes, number: int) -> bytes:
    pages = ogg_pages(content)
    return b"".join(ogg_page(p[:14] + struct.pack("<I", 77 + number) + p[18:]) for p in pages)


@_kind()
def _ogg_cut_off(rng: Generator) -> _Drawn:
    suffix, (start_s, _), rate_hz, content = _ogg(rng)
    pages = ogg_pages(content)
    kept = max(3, int(len(pages) * rng.uniform(0.4, 0.95)))
    lead = 312 if suffix == ".opus" else 0
    seconds = (granule_of(pages[kept - 1]) - lead) / rate_hz
    tail = pages[kept][: int(rng.choice([0, 20]))] if kept < len(pages) else b""
    return suffix, b"".join(pages[:kept]) + tail, [(start_s, seconds)]


@_kind()
def _ogg_recorded_from_the_middle(rng: Generator) -> _Drawn:
    suffix, plays, rate_hz, content = _ogg(rng)
    shift = int(rng.integers(1, 5_000)) * rate_hz
    pages = [
        ogg_page(page, granule=granule_of(page) + shift) if granule_of(page) > 0 else page
        for page in ogg_pages(content)
    ]
    return suffix, b"".join(pages), [plays]


@_kind(gain=0.5)
def _opus_with_a_gain(rng: Generator) -> _Drawn:
    plays = _coded(rng)
    first, *pages = ogg_pages(_opus(plays))
    head = first[27 + first[26] :]
    gain = struct.pack("<h", round(256 * 20 * np.log10(0.5)))
    first = ogg_page(first, body=head[:16] + gain + head[18:])
    return ".opus", b"".join([first, *pages]), [plays]


# ---- MP3


def _mp3(rng: Generator, *, variable: bool) -> tuple[Stretch, int, list[bytes]]:
    plays, rate_hz = _coded(rng), int(rng.choice([16_000, 44_100]))
    mode = "VARIABLE" if variable else "CONSTANT"
    content = lossy(plays, rate_hz, "MP3", bitrate_mode=mode, compression_level=0.5)
    return plays, rate_hz, mp3_frames(content)


@_kind()
def _mp3_with_tags_around(rng: Generator) -> _Drawn:
    plays, _, frames = _mp3(rng, variable=bool(rng.random() < 0.5))
    before = id3v2(int(rng.integers(0, 4000))) if rng.random() < 0.7 else b""
    after = ID3V1 if rng.random() < 0.7 else b""
    return ".mp3", before + b"".join(frames) + after, [plays]


@_kind()
def _mp3_with_a_picture(rng: Generator) -> _Drawn:
    """Whose bytes look like frames here and there."""
    plays, _, frames = _mp3(rng, variable=bool(rng.random() < 0.5))
    picture = b"".join(rng.bytes(400) + frames[5][:4] for _ in range(int(rng.integers(1, 9))))
    whole = frames[int(rng.integers(2)) :]
    return ".mp3", id3v2(len(picture))[:10] + picture + b"".join(whole), [plays]


@_kind()
def _mp3_without_index(rng: Generator) -> _Drawn:
    plays, _, frames = _mp3(rng, variable=bool(rng.random() < 0.8))
    tag = id3v2(500) if rng.random() < 0.5 else b""
    return ".mp3", tag + b"".join(frames[1:]), [plays]


@_kind()
def _mp3_joined(rng: Generator) -> _Drawn:
    plays, rate_hz, frames = _mp3(rng, variable=True)
    further = _coded(rng)
    second = lossy(further, rate_hz, "MP3", bitrate_mode="VARIABLE", compression_level=0.5)
    between = rng.choice([0, 1, 2])
    tag = [b"", ID3V1, ID3V1 + id3v2(700)][between]
    index = int(rng.integers(2))  # a tool that joins files may drop what the first says
    return ".mp3", b"".join(frames[index:]) + tag + second, [plays, further]


@_kind()
def _mp3_cut_off(rng: Generator) -> _Drawn:
    (start_s, _), rate_hz, frames = _mp3(rng, variable=bool(rng.random() < 0.5))
    kept = int(len(frames) * rng.uniform(0.5, 0.95))
    seconds = ((kept - 1) * (1152 if rate_hz > 32_000 else 576) - 1105) / rate_hz
    tail = frames[kept][: int(rng.choice([0, 40]))]
    return ".mp3", b"".join(frames[:kept]) + tail, [(start_s, seconds)]


@_kind()
def _mp3_whose_index_lies(rng: Generator) -> _Drawn:
    plays, _, frames = _mp3(rng, variable=True)
    place = max(frames[0].find(b"Xing"), frames[0].find(b"Info"))
    n_frames = [0, len(frames) // 3, 4 * len(frames), 0x7FFFFFFF][int(rng.integers(4))]
    first = frames[0][: place + 8] + struct.pack(">I", n_frames) + frames[0][place + 12 :]
    return ".mp3", first + b"".join(frames[1:]), [plays]


# ---- files put together


@_kind(may_be_left_out=True)
def _joined_at_other_rates(rng: Generator) -> _Drawn:
    """What is played must not be played at another's rate."""
    first, second = _coded(rng), _coded(rng)
    form, options = [("MP3", {}), ("OGG", {"subtype": "VORBIS"})][int(rng.integers(2))]
    one, other = rng.permutation([16_000, 44_100])
    contents = (lossy(first, int(one), form, **options), lossy(second, int(other), form, **options))
    if form == "OGG":
        contents = (_numbered(contents[0], 0), _numbered(contents[1], 1))
    return f".{form.lower()}", b"".join(contents), [first, second]


@_kind(may_be_left_out=True)
def _joined_though_their_format_knows_no_such_thing(rng: Generator) -> _Drawn:
    first, second, rate_hz = _stretch(rng), _stretch(rng), _rate(rng)
    form = str(rng.choice(["WAV", "FLAC", "AIFF"]))
    content = b"".join(lossy(plays, rate_hz, form) for plays in (first, second))
    return f".{form.lower()}", content, [first, second]


# ---- numbers


@_kind(must_be_told=True)
def _integers_stored_as_floats(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    scale, kind = int(rng.choice([2**15, 2**23, 2**31])), str(rng.choice(["f4", "f8"]))
    data = pcm(np.rint(siren(*plays, rate_hz) * scale), kind)
    return ".wav", wav(data, form=wav_format(rate_hz, kind)), [plays]


@_kind(may_be_left_out=True, gain=None, must_be_told=True)
def _floats_beyond_full_scale(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    data = pcm(siren(*plays, rate_hz) * float(rng.uniform(7, 40)), "f4")
    return ".wav", wav(data, form=wav_format(rate_hz, "f4")), [plays]


@_kind()
def _floats_of_which_few_pass_full_scale(rng: Generator) -> _Drawn:
    """A click, or a limiter that let a peak through, makes neither integers nor a loud file."""
    plays, rate_hz = _stretch(rng), _rate(rng)
    samples = siren(*plays, rate_hz).copy()
    places = rng.integers(len(samples), size=int(rng.integers(1, 6)))
    samples[places] = float(rng.choice([1.02, 1.5, 3.0, -40.0, 900.0, -32_768.0]))
    return ".wav", wav(pcm(samples, "f4"), form=wav_format(rate_hz, "f4")), [plays]


@_kind(may_be_left_out=True)
def _a_number_that_is_none(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    samples = siren(*plays, rate_hz).copy()
    samples[int(rng.integers(len(samples)))] = rng.choice([np.nan, np.inf, -np.inf])
    kind = str(rng.choice(["f4", "f8"]))
    return ".wav", wav(pcm(samples, kind), form=wav_format(rate_hz, kind)), []


@_kind(may_be_left_out=True)
def _silence(rng: Generator) -> _Drawn:
    samples = np.zeros(round(float(rng.choice(_LENGTHS_S)) * 16_000))
    return ".flac", encoded(samples, 16_000, "FLAC"), []


@_kind(may_be_left_out=True)
def _an_empty_first_channel(rng: Generator) -> _Drawn:
    plays, rate_hz = _stretch(rng), _rate(rng)
    right = siren(*plays, rate_hz)
    return ".wav", encoded(np.column_stack([0 * right, right]), rate_hz, "WAV"), [plays]


@_kind(may_be_left_out=True)
def _no_sound(rng: Generator) -> _Drawn:
    text = b"<!DOCTYPE html><title>404</title>" * int(rng.integers(1, 300))
    head = lossy((0.0, 6.0), 16_000, "FLAC", subtype="PCM_16")[: int(rng.integers(4, 40))]
    movie = b"\0\0\0\x20ftypM4A " + rng.bytes(3000)
    content = [b"", text, bytes(4096), head, movie, rng.bytes(20_000)][int(rng.integers(6))]
    return str(rng.choice([".wav", ".flac", ".mp3", ".ogg", ".aiff"])), content, []


@_kind(may_be_left_out=True)
def _a_telephone(rng: Generator) -> _Drawn:
    plays = _stretch(rng)
    return ".wav", lossy(plays, 8_000, "WAV", subtype="ULAW"), []
