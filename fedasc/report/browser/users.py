"""What a page tells of each user, gathered from records as they pass by."""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from fedasc.corpus.names import names_in
from fedasc.evaluation.scores import CLASSIFIERS, ON_DEVICES
from fedasc.experiments.record import DeviceRecord
from fedasc.population.users import User

MOST_USERS = 10_000
"""Who have a view of their own; devices.csv has all."""
MOST_NIGHTS = 200_000
"""Of users that are shown; of more, some nights are left out."""
FIELDS = (
    *("device", "profile", "night", "took_part", "lost", "attack", "distance"),
    *("bytes_up", "bytes_down", "n_windows", "n_answers", "expected_gain", "pays"),
    *("surroundings", "noise", "music", "scores", "tally", "facts", "calibration_error"),
)
"""What stands in a row of a user."""
_LISTED = ("noise_types", "genres", "distance")


class UserBook:
    """Of each user the last night that she was there, and how she fared from night to night.

    It holds a thousand bytes for each of 10,000 users at most, and twenty for each of her nights.

    Args:
        users: Who they are.
        n_nights: Of the run.
        most: Users that it takes: those that come first.
    """

    def __init__(self, users: Sequence[User], *, n_nights: int, most: int = MOST_USERS) -> None:
        self._users, self._most = users, most
        self._rows: dict[int, str] = {}
        self._facts: dict[str, int] = {}
        self._nights: dict[int, array[float]] = {}
        self._last = n_nights - 1
        self._step = -(-n_nights * min(len(users), most) // MOST_NIGHTS) or 1

    @property
    def n_shown(self) -> int:
        """Users that have a view."""
        return len(self._rows)

    def passing(self, records: Iterable[DeviceRecord]) -> Iterator[DeviceRecord]:
        """Records as they come, each of which it takes note of."""
        for record in records:
            self.add(record)
            yield record

    def add(self, record: DeviceRecord) -> None:
        """A night of a user, after those before it."""
        device = record.device
        if device not in self._rows and len(self._rows) >= self._most:
            return
        row = self._row(record)
        self._rows[device] = _compact([row[field] for field in FIELDS])
        if self._last and (record.night % self._step == 0 or record.night == self._last):
            accuracy = record.accuracy
            told = (accuracy.get(name, float("nan")) for name in ON_DEVICES)
            self._nights.setdefault(device, array("f")).extend((record.night, *told))

    def _row(self, record: DeviceRecord) -> dict[str, Any]:
        of_world = record.surroundings
        hers = self._users[record.device].surroundings
        tally = record.tally
        for name in record.facts:
            self._facts.setdefault(name, len(self._facts))
        facts = [_short(record.facts.get(name)) for name in self._facts]
        return {
            **{name: getattr(record, name) for name in FIELDS[:6]},
            **{name: getattr(record, name) for name in FIELDS[7:13]},
            "expected_gain": _short(record.expected_gain),
            "distance": _short(record.distance),
            "surroundings": {n: _short(v) for n, v in of_world.items() if n not in _LISTED},
            "noise": _heard(of_world.get("noise_types", ""), hers.noise_weights),
            "music": _heard(of_world.get("genres", ""), hers.genre_weights),
            "scores": [
                record.scores[name].counts.ravel().tolist() if name in record.scores else None
                for name in CLASSIFIERS
            ],
            "tally": tally and (tally.n_drawn, *tally.kept, tally.n_wanted),
            "facts": facts,
            "calibration_error": _short(record.reliability.error),
        }

    def as_json(self) -> str:
        """All of it, by field and user in order of their numbers."""
        nights = {
            device: [_short(value) for value in values] for device, values in self._nights.items()
        }
        told: Mapping[str, Any] = {
            "fields": FIELDS,
            "classifiers": CLASSIFIERS,
            "facts": [*self._facts],
            "night_fields": ("night", *ON_DEVICES),
            "nights": nights,
            "n_users": len(self._users),
        }
        rows = ",".join(self._rows[device] for device in sorted(self._rows))
        head = _compact(told)
        return f'{head[:-1]},"rows":[{rows}]}}'


def _heard(names: str, weights: Sequence[float]) -> list[tuple[str, float | None]]:
    """What is heard, and how often relative to the rest; nothing where that isn't known.

    Who comes across another type hears it as often as what it takes the place of.
    """
    kinds = names_in(names)
    total = sum(weights)
    shares = [_short(weight / total) for weight in weights] if total else []
    return [*zip(kinds, shares if len(shares) == len(kinds) else [None] * len(kinds), strict=True)]


def _short(value: Any) -> Any:
    """A number as exact as one reads it; None if it isn't finite."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.4g}") if isfinite(value) else None


def _compact(content: Any) -> str:
    return json.dumps(content, allow_nan=False, separators=(",", ":"))
