"""Classes: the names behind the numbers that Hugging Face's data sets hold in their columns."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fedasc.errors import CorpusError

Classes = Mapping[str, Sequence[str]]
"""Names of classes in the order of their numbers, by column."""

NO_LABEL = -1
"""The number that Hugging Face gives to what has no label."""

_LISTS = ("Sequence", "List", "LargeList")
_N_NAMED = 10

_log = logging.getLogger(__name__)


def classes_of(notes: bytes | None, *, file: Path) -> Classes:
    """The classes that a Parquet file's metadata name.

    Args:
        notes: What stands under "huggingface" in its metadata, if anything.
        file: For messages.
    """
    try:
        features = json.loads(notes or b"{}")["info"]["features"]
        columns = {column: _names(feature) for column, feature in features.items()}
    except KeyError:
        return {}
    except (ValueError, TypeError, AttributeError, RecursionError):
        _log.warning("%s: what it notes of its columns can't be read; classes keep numbers", file)
        return {}
    return {column: names for column, names in columns.items() if names}


def _names(feature: Any) -> Sequence[str]:
    """The names of classes that a feature holds, alone or in a list; none if it holds others."""
    if isinstance(feature, list):  # as lists were written once
        return _names(feature[0]) if len(feature) == 1 else ()
    if not isinstance(feature, Mapping):
        return ()
    if feature.get("_type") in _LISTS:
        return _names(feature.get("feature"))
    names = feature.get("names")
    if feature.get("_type") == "ClassLabel" and isinstance(names, list):
        return tuple(map(str, names))
    return ()


def named(value: Any, names: Sequence[str], *, where: str, column: str) -> Any:
    """What a number of a class, or each in a list, is called; None where there is no label.

    Args:
        value: As it stands in the column; pandas makes floats of integers, and NaN of what lacks.
        names: Of the classes, in its file.
        where: Place of the value, for messages.
        column: Name of the column, for messages.

    Raises:
        CorpusError: If it is no number of a class.
    """
    if isinstance(value, list):
        return [named(one, names, where=where, column=column) for one in value]
    if value is None or value != value or value == NO_LABEL:
        return None
    if isinstance(value, str) and (value in names or not names):
        return value
    if not isinstance(value, int | float) or value % 1 or not 0 <= value < len(names):
        known = ", ".join(names[:_N_NAMED]) + ", …" * (len(names) > _N_NAMED)
        raise CorpusError(
            f"{where}: {value!r} is beyond the names of {column!r} in its file "
            f"({known or 'none, though others have some'}); take it as its owner publishes it"
        )
    return names[int(value)]
