"""What every builder makes of a corpus that it found in a folder."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fedasc.corpus.names import misnamed
from fedasc.corpus.recordings import Recording, calibration_flaw, full_scale_flaw
from fedasc.errors import SettingsError

Left = tuple[tuple[str, str], ...]
"""Names and reasons of what was left out."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """The recordings that a builder found.

    Args:
        recordings: Ordered by name; paths are relative to the folder that was read.
        licence: What may be done with the corpus, in one sentence.
        left: What the corpus lists or holds that isn't among the recordings, and why.
    """

    recordings: tuple[Recording, ...]
    licence: str
    left: Left = ()


@dataclass(frozen=True, kw_only=True)
class Scales:
    """What full scale is in all files of a corpus; None if nobody says.

    Args:
        calibration_db_spl: See `Recording`.
        full_scale: Likewise.

    Raises:
        SettingsError: If it can't be so.
    """

    calibration_db_spl: float | None = None
    full_scale: float | None = None

    def __post_init__(self) -> None:
        for name, flaw_of in (
            ("calibration_db_spl", calibration_flaw),
            ("full_scale", full_scale_flaw),
        ):
            value = getattr(self, name)
            if value is not None and (flaw := flaw_of(value)):
                raise SettingsError(f"{name} {flaw}, got {value:g}")

    def applied(self, build: Build) -> Build:
        """The build with what is said here."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        recordings = tuple(replace(recording, **said) for recording in build.recordings)
        return replace(build, recordings=recordings)


Builder = Callable[[Path], Build]
"""Reads a folder; raises CorpusError if it doesn't hold the corpus."""


def without_misnamed(build: Build) -> Build:
    """A build whose recordings a manifest can hold; the others are left out with the reason."""
    reasons = [misnamed(recording) for recording in build.recordings]
    pairs = list(zip(build.recordings, reasons, strict=True))
    return replace(
        build,
        recordings=tuple(recording for recording, reason in pairs if not reason),
        left=(*build.left, *((recording.path, reason) for recording, reason in pairs if reason)),
    )
