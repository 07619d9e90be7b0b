"""What fedasc knows of a recording, and what it asks of a corpus."""

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from fedasc.audio import Signal
from fedasc.audio.sound import Sound

LABELS = ("noise", "music", "speech")


def calibration_flaw(calibration_db_spl: float) -> str:
    """Why full scale can't have such a level, in words; empty if it can."""
    if 40 <= calibration_db_spl <= 200:
        return ""
    return "must be the level of full scale in dB SPL, from 40 to 200"


def full_scale_flaw(full_scale: float) -> str:
    """Why no file can have such a value for full scale, in words; empty if one can."""
    if 0 < full_scale < float("inf"):
        return ""
    return "must be the value in the file that is full scale, for example 32768"


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One recording of a corpus: an audio file or a stretch of one.

    Args:
        path: Name of the file within its corpus.
        label: noise, music or speech.
        type: Noise type, music genre or kind of speech.
        group: Original recording, track or speaker; never on both sides of a split.
        domain: Surroundings that a noise type belongs to, or empty.
        split: Part that the corpus itself demands for this recording, or empty.
        sets: Data sets that the recording belongs to; none if the corpus has no sets.
        origin: Where the original came from, if known, for example freesound:1234. Recordings of
            one origin count as one group, whichever corpora they came through.
        start_s: Where in the file the recording starts.
        duration_s: How long it lasts; to the end of the file if None.
        microphone: Device that recorded it, if the corpus has several of one place; or empty.
        calibration_db_spl: Sound pressure level of a root mean square of full scale, 0 dBFS, in
            dB re 20 µPa; None if the recording wasn't calibrated.
        full_scale: Value in a file of floats that counts as full scale; if None, 1.0 or that of
            integers which the file plainly holds as floats.
        further: Names and values of columns that fedasc passes through.
    """

    path: str
    label: str
    type: str
    group: str
    domain: str = ""
    split: str = ""
    sets: tuple[str, ...] = ()
    origin: str = ""
    start_s: float = 0.0
    duration_s: float | None = None
    microphone: str = ""
    calibration_db_spl: float | None = None
    full_scale: float | None = None
    further: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Unique within its corpus: the path, and the start if it isn't the file's."""
        return f"{self.path} from {self.start_s:.12g} s" if self.start_s else self.path

    def part(self, start_s: float, duration_s: float) -> "Recording":
        """A stretch of the recording, `start_s` after its own start."""
        return replace(self, start_s=self.start_s + start_s, duration_s=duration_s)

    def pieces(self) -> tuple["Recording", ...]:
        """Its stretches of 10 s, as far as its length is known; itself if it has just one."""
        n = int((self.duration_s or 0) // 10)
        return tuple(self.part(10.0 * i, 10.0) for i in range(n)) if n > 1 else (self,)


class Corpus(Protocol):
    """Any source of recordings. Must be picklable: workers read recordings too."""

    @property
    def recordings(self) -> tuple[Recording, ...]: ...

    @property
    def name(self) -> str:
        """What to call the corpus in messages, for example its manifest's path."""
        ...

    def fingerprint(self) -> str:
        """Changes whenever the content of any recording may have changed."""
        ...

    def seconds(self, index: int) -> float:
        """About how long a recording is; 0 if that can't be told without decoding it."""
        ...

    def read(self, index: int) -> Signal:
        """(n_samples,) float32 at 16 kHz, full scale 1.0.

        Raises:
            AudioError: If the recording can't be used.
        """
        ...


@runtime_checkable
class CorpusOfFiles(Protocol):
    """A corpus that also knows how its recordings stood in their files."""

    def sound(self, index: int) -> Sound:
        """What `read` gives, and what is odd about its file.

        Raises:
            AudioError: If the recording can't be used.
        """
        ...
