"""A folder of recordings as somebody has them who never heard of corpora.

    python -m tests.own_folder FOLDER

writes it. Four types of noise, two genres and three speakers have six files each, in formats and
at rates of all kinds; one file is cut off, and one was sampled too slowly.
"""

import sys
from pathlib import Path

import soundfile
import soxr

from tests.worlds import TinyCorpus

BROKEN = "noise/fan/fan 5.mp3"
TELEPHONE = "music/rock/rock 4.wav"

_RATE_HZ = 16_000
_KINDS = {
    "noise/dishes": ("dishes", 0),
    "noise/fan": ("fan", 0),
    "noise/motor": ("motor", 0),
    "noise/crowd": ("crowd", 0),
    "music/pop": ("pop", 0),
    "music/rock": ("rock", 0),
    "speech/anna": ("adult", 0),
    "speech/ben": ("adult", 1),
    "speech/cleo": ("child", 0),
}
_FORMATS = (
    (".wav", "PCM_24", 48_000),
    (".flac", "PCM_16", 44_100),
    (".ogg", "VORBIS", 32_000),
    (".flac", "PCM_24", 24_000),
    (".wav", "FLOAT", _RATE_HZ),
    (".mp3", "MPEG_LAYER_III", 22_050),
)


def write_own_folder(root: Path) -> Path:
    """Write the folder, and return its path."""
    for place, (kind, seed) in _KINDS.items():
        corpus = TinyCorpus(seed=seed, n_takes=1)
        (root / place).mkdir(parents=True)
        indices = [k for k, recording in enumerate(corpus.recordings) if recording.type == kind]
        for index, (suffix, subtype, rate_hz) in zip(indices, _FORMATS, strict=True):
            number = index - indices[0]
            name = f"{place}/{kind} {number}{suffix}"
            if name == TELEPHONE:
                rate_hz = 8_000
            signal = soxr.resample(corpus.read(index), _RATE_HZ, rate_hz)
            soundfile.write(root / name, signal, rate_hz, subtype=subtype)
    (root / BROKEN).write_bytes((root / BROKEN).read_bytes()[:300])
    (root / "noise" / "notes.txt").write_text("in the garden\n")
    return root


if __name__ == "__main__":
    write_own_folder(Path(sys.argv[1]))
