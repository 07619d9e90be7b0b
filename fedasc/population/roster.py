"""Rosters: users in a CSV file, one line each, to draw once and use again, or to write by hand."""

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path

from fedasc.atomic import replaced
from fedasc.audio.microphone import FULL_SCALE_DB_SPL, Microphone
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.names import SEPARATOR, names_in
from fedasc.corpus.recordings import LABELS
from fedasc.corpus.tables import read_table, table_text
from fedasc.errors import CorpusError, FedascError, SettingsError
from fedasc.population.devices import lacking
from fedasc.population.responses import Responses
from fedasc.population.sources import SourceCounts
from fedasc.population.users import User, placed
from fedasc.scenes import SCENE_NAMES
from fedasc.seeds import Streams

_COLUMNS = (
    "profile",
    "noise_types",
    "noise_weights",
    "genres",
    "genre_weights",
    "data_set",
    *(f"share_{name}" for name in SCENE_NAMES),
    "gain_db",
    "tilt_db",
    "drift",
    "familiarity",
    *(f"n_{label}_sources" for label in LABELS),
    "distance",
)
_FURTHER = (
    "microphone",
    "response",
    "self_noise_db_spl",
    "clipping_db_spl",
    "calibration_db_spl",
)
"""Columns that are there if somebody has something in them."""

_REQUIRED = ("profile", "noise_types", "genres")
_NUMBERS = tuple(
    name
    for name in (*_COLUMNS, *_FURTHER)
    if name not in (*_REQUIRED, "data_set", "microphone", "response")
)
_EVEN = 1 / len(SCENE_NAMES)
_FLAT = Responses()


def write_roster(path: Path, users: Sequence[User]) -> None:
    """Write users, to read them back as they are; of a measured response just its name."""
    has = {name for user in users for name, cell in _further(user).items() if cell}
    used = [name for name in _FURTHER if name in has]
    with replaced(path) as file:
        file.write(table_text([[*_COLUMNS, *used]]).encode())
        for user in users:
            heard, cells = user.surroundings, _further(user)
            row: list[object] = [
                user.profile,
                SEPARATOR.join(heard.noise_types or ()),
                SEPARATOR.join(map(repr, heard.noise_weights)),
                SEPARATOR.join(heard.genres or ()),
                SEPARATOR.join(map(repr, heard.genre_weights)),
                heard.data_set,
                *map(repr, user.shares),
                repr(user.microphone.gain_db),
                repr(user.microphone.tilt_db),
                repr(user.drift),
                repr(user.familiarity),
                *("" if n is None else n for _, n in user.n_sources.items()),
                f"{user.distance:.4f}",
                *(cells[name] for name in used),
            ]
            file.write(table_text([row]).encode())


def _further(user: User) -> Mapping[str, str]:
    """Cells of the columns that aren't always there."""
    microphone = user.microphone
    levels = {
        "self_noise_db_spl": microphone.self_noise_db_spl,
        "clipping_db_spl": microphone.clipping_db_spl,
        "calibration_db_spl": microphone.calibration_db_spl,
    }
    if microphone.calibration_db_spl == FULL_SCALE_DB_SPL:
        levels["calibration_db_spl"] = None
    return {
        "microphone": user.surroundings.microphone,
        "response": microphone.response.name if microphone.response else "",
        **{name: "" if level is None else repr(level) for name, level in levels.items()},
    }


def read_roster(
    path: Path,
    *,
    library: Library,
    known: Surroundings,
    streams: Streams,
    responses: Responses = _FLAT,
) -> tuple[User, ...]:
    """Read users from a CSV file, see `read_table`; user i stands in line i + 2.

    Only profile, noise_types and genres must be given; types stand between semicolons. Weights are
    relative; without them types are heard as often as there are recordings. Scenes are equally
    frequent unless all four shares are given. Of a label without a number of sources all are heard.
    The distance is computed anew. Without response, self-noise and clipping a microphone has none.

    Args:
        library: What there is to hear.
        known: What the baseline classifier is trained on.
        streams: From which the recordings that she hears are drawn.
        responses: Of which the file has names.

    Raises:
        SettingsError: If the file is missing or a line can't be used.
        CorpusError: If a user hears what the corpus lacks.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no such file; give the path of a CSV file of users")
    try:
        table = read_table(path, required=_REQUIRED, numbers=_NUMBERS)
    except CorpusError as error:
        raise SettingsError(str(error)) from error
    missing = table.lacking(_REQUIRED)
    all_columns = (*_COLUMNS, *_FURTHER)
    unknown = [name for name in table.columns if name not in all_columns]
    if missing or unknown:
        raise SettingsError(
            f"{path}: lacks the column(s) {', '.join(missing) or 'none'} and has unknown ones, "
            f"{', '.join(unknown) or 'none'}; known are {', '.join(all_columns)}"
        )
    rows = [(f"{path}, line {line}", row) for line, row in table.rows]
    for where, row in rows:
        if "" in row or not all(names_in(row[name]) for name in _REQUIRED):
            raise SettingsError(
                f"{where}: give {', '.join(_REQUIRED)}, and no more cells than columns"
            )
    if not rows:
        raise SettingsError(f"{path}: lists no users")
    users = (_user(n, row, where, library, responses) for n, (where, row) in enumerate(rows))
    return tuple(placed(user, known=known, library=library, streams=streams) for user in users)


def _user(
    index: int, row: Mapping[str, str], where: str, library: Library, responses: Responses
) -> User:
    surroundings = Surroundings(
        noise_types=names_in(row["noise_types"]),
        genres=names_in(row["genres"]),
        noise_weights=_numbers(row, "noise_weights", where),
        genre_weights=_numbers(row, "genre_weights", where),
        data_set=row.get("data_set", ""),
        microphone=row.get("microphone", "").strip(),
    )
    by = f" recorded by {surroundings.microphone!r}" if surroundings.microphone else ""
    for what in lacking(surroundings, library):
        raise CorpusError(f"{where}: the corpus has no {what}{by} both to hear and to evaluate on")
    for label in LABELS:
        try:
            weights = surroundings.weights(label)
        except ValueError:
            weights = {"": -1.0}
        if any(not 0 < weight < float("inf") for weight in weights.values()):
            raise SettingsError(f"{where}: give each type of {label} one weight above 0, or none")
    response = row.get("response", "").strip()
    shares = tuple(_number(row, f"share_{name}", where, _EVEN) for name in SCENE_NAMES)
    try:
        return User(
            index=index,
            profile=row["profile"],
            surroundings=surroundings,
            shares=shares,
            microphone=Microphone(
                gain_db=_number(row, "gain_db", where, 0.0),
                tilt_db=_number(row, "tilt_db", where, 0.0),
                response=responses.named(response) if response else None,
                self_noise_db_spl=_level(row, "self_noise_db_spl", where),
                clipping_db_spl=_level(row, "clipping_db_spl", where),
                calibration_db_spl=_number(row, "calibration_db_spl", where, FULL_SCALE_DB_SPL),
            ),
            drift=_number(row, "drift", where, 0.0),
            familiarity=_number(row, "familiarity", where, 0.0),
            n_sources=SourceCounts(
                **{label: _count(row, f"n_{label}_sources", where) for label in LABELS}
            ),
        )
    except FedascError as error:
        raise SettingsError(f"{where}: {error}") from None


def _number(row: Mapping[str, str], name: str, where: str, default: float) -> float:
    numbers = _numbers(row, name, where) or (default,)
    if len(numbers) > 1:
        raise SettingsError(f"{where}: {name} must be one number, got {row[name]!r}")
    return numbers[0]


def _level(row: Mapping[str, str], name: str, where: str) -> float | None:
    level = _number(row, name, where, inf)
    return None if level == inf else level


def _count(row: Mapping[str, str], name: str, where: str) -> int | None:
    number = _number(row, name, where, inf)
    if number == inf:
        return None
    if number % 1:
        raise SettingsError(f"{where}: {name} must be a whole number, got {row[name]!r}")
    return int(number)


def _numbers(row: Mapping[str, str], name: str, where: str) -> tuple[float, ...]:
    try:
        return tuple(map(float, names_in(row.get(name, ""))))
    except ValueError:
        raise SettingsError(f"{where}: {name} must be numbers, got {row[name]!r}") from None
