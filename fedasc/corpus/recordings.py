"""What fedasc knows of a recording, and what it asks of a corpus."""

from dataclasses import dataclass
from typing import Protocol

from fedasc.audio import Signal

LABELS = ("noise", "music", "speech")


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One recording of a corpus.

    Args:
        path: Name within its corpus.
        label: noise, music or speech.
        type: Noise type, music genre or kind of speech.
        group: Original recording, track or speaker; never on both sides of a split.
        domain: Surroundings that a noise type belongs to, or empty.
        split: Part that the corpus itself demands for this recording, or empty.
        further: Names and values of columns that fedasc passes through.
    """

    path: str
    label: str
    type: str
    group: str
    domain: str = ""
    split: str = ""
    further: tuple[tuple[str, str], ...] = ()


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

    def read(self, index: int) -> Signal:
        """(n_samples,) float32 at 16 kHz, full scale 1.0.

        Raises:
            AudioError: If the recording can't be used.
        """
        ...
