"""Devices: the microphones that a corpus was recorded with, and what users' settings of them do."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fedasc.audio.bank import FilterBank
from fedasc.audio.microphone import FULL_SCALE_DB_SPL
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.errors import CorpusError
from fedasc.seeds import Purpose, Streams

if TYPE_CHECKING:
    from fedasc.population.users import UserSettings

_ADDRESS = 2  # after a user's number, so that nothing else is drawn otherwise

_log = logging.getLogger(__name__)


def device_of(
    index: int, able: Sequence[str], *, library: Library, where: str, streams: Streams
) -> str:
    """The device of the corpus that a user has, drawn from those that are able.

    Args:
        index: Of the user.
        able: Those that recorded something of each kind that she is to hear.
        where: Who she is, for messages.

    Raises:
        CorpusError: If there is none.
    """
    if not library.devices:
        raise CorpusError(
            "users.microphones: of no recording the device is known that made it; name it in the "
            "manifest's column microphone, or let microphones be simulated"
        )
    if not able:
        raise CorpusError(
            f"{where}: users.microphones: none of the devices {', '.join(library.devices)} "
            "recorded noise, music and speech of hers both to hear and to evaluate on; add "
            "recordings of other groups, or let microphones be simulated"
        )
    place = streams.generator(Purpose.USERS, index, _ADDRESS).random()
    return able[int(place * len(able))]


def has_speech(library: Library, surroundings: Surroundings) -> bool:
    """Whether there is speech both to hear and to evaluate on."""
    return all(library.shares(part, "speech", surroundings) for part in USER_PARTS)


def lacking(surroundings: Surroundings, library: Library) -> list[str]:
    """What surroundings are made of and can't be both heard and evaluated on, in words."""
    short = []
    for label, types in surroundings.types().items():
        usable = library.types_in_all(
            types or (),
            USER_PARTS,
            label=label,
            data_set=surroundings.data_set,
            microphone=surroundings.microphone,
        )
        short += [f"{label} {kind!r}" for kind in types or () if kind not in usable]
    if surroundings.microphone and not has_speech(library, surroundings):
        short.append("speech")
    return short


def warn_of_microphones(settings: "UserSettings", bank: FilterBank, library: Library) -> None:
    """Say which settings of microphones change nothing that the front end can see.

    Its features are related to the level of the sound itself, so they don't tell how strong a
    microphone makes it, unless something else has a level of its own.
    """
    is_calibrated = library.full_scale_db_spl and None not in library.full_scale_db_spl
    has_levels = settings.self_noise_db_spl is not None or settings.clipping_db_spl is not None
    is_absolute = bank.reference == "none" or bank.floor_dbfs > FilterBank().floor_dbfs
    if settings.gain_spread_db not in (0, type(settings).gain_spread_db) and not (
        has_levels or is_absolute
    ):
        _log.warning(
            "users.gain_spread_db changes nothing here: features are relative to the sound's own "
            "level; set self_noise_db_spl or clipping_db_spl too, or tilt_spread_db or responses "
            "in its place"
        )
    if settings.calibration_db_spl != FULL_SCALE_DB_SPL and (not has_levels or is_calibrated):
        _log.warning(
            "users.calibration_db_spl changes nothing here: %s",
            "all recordings are calibrated"
            if has_levels
            else "microphones have neither self_noise_db_spl nor clipping_db_spl",
        )
