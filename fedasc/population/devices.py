"""Devices: the microphones that a corpus was recorded with, and what users' settings of them do."""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from fedasc.audio.bank import FilterBank
from fedasc.audio.microphone import FULL_SCALE_DB_SPL
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.splits import USER_PARTS
from fedasc.errors import CorpusError
from fedasc.seeds import Purpose, Streams

if TYPE_CHECKING:
    from fedasc.population.users import UserSettings

_ADDRESS = 2  # after a user's number, so that nothing else is drawn otherwise

_log = logging.getLogger(__name__)


def recorded(
    surroundings: Surroundings, index: int, *, library: Library, streams: Streams
) -> Surroundings:
    """Surroundings as one of the corpus' devices recorded them, drawn from those that did.

    Args:
        index: Of the user.

    Raises:
        CorpusError: If none recorded all that she hears.
    """
    able = [
        device
        for device in library.devices
        if not lacking(replace(surroundings, microphone=device), library)
    ]
    if not able:
        raise CorpusError(
            f"users.microphones: none of the devices {', '.join(library.devices)} recorded all "
            f"that user {index} hears, both to hear and to evaluate on; let users hear fewer types"
            if library.devices
            else "users.microphones: of no recording the device is known that made it; name it in "
            "the manifest's column microphone, or let microphones be simulated"
        )
    place = streams.generator(Purpose.USERS, index, _ADDRESS).random()
    return replace(surroundings, microphone=able[int(place * len(able))])


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
    if surroundings.microphone:  # else whoever has no speech at all has no corpus either
        parts = [library.shares(part, "speech", surroundings) for part in USER_PARTS]
        short += [] if all(parts) else ["speech"]
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
