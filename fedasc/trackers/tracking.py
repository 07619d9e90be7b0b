"""Trackers of a run: each is told of every night as soon as all of its cohorts are there.

Each has a process of its own, which reads what it is told from a pipe.
"""

import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from fedasc.atomic import replaced
from fedasc.errors import SettingsError
from fedasc.plugins import as_section
from fedasc.trackers.tracker import Scalar, Tracked, Tracker

logger = logging.getLogger(__name__)

FOLDER = "tracking"
"""In that of a run."""
_LAST_S, _LAST_INTERRUPTED_S = 120.0, 5.0
"""That a tracker may take when all is told, and where the run stops."""


@dataclass(frozen=True)
class Place:
    """A tracker, and where it writes.

    Args:
        tracker: Which.
        where: Folder or address; one of its own in the folder of the run if empty.
    """

    tracker: Tracker
    where: str = ""


def trackers_of(track: str | Sequence[str]) -> tuple[Place, ...]:
    """Trackers by their names.

    Args:
        track: Names, or names with a place, such as mlflow=~/mlflow; separated by commas if it is
            one text.

    Raises:
        SettingsError: If there is no such tracker, or what it needs isn't installed.
    """
    words = track.split(",") if isinstance(track, str) else track
    places = [_place(word.strip()) for word in words if word.strip()]
    names = [place.tracker.name for place in places]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"--track: {name} is there twice")
    return tuple(places)


def _place(word: str) -> Place:
    name, _, where = word.partition("=")
    tracker = Tracker.from_section({"name": name}, where="--track")
    missing = [module for module in tracker.needs if find_spec(module) is None]
    if missing:
        raise SettingsError(
            f"--track {name}: {missing[0]} isn't installed; pip install 'fedasc[{name}]'"
        )
    if "://" in where:
        if not tracker.takes_address:
            raise SettingsError(f"--track {word}: {name} writes to folders alone; give a path")
        return Place(tracker, where)
    return Place(tracker, str(Path(where).expanduser().resolve()) if where else "")


class Telling(Protocol):
    """What there is to tell of a run."""

    def settings(self) -> Mapping[str, Scalar]:
        """All of them, by name."""

    def night(self, number: int) -> Mapping[str, float] | None:
        """The numbers of a night; None as long as it isn't whole."""


class Tracking:
    """Trackers of a run: those that are asked for, and those that it had before.

    Args:
        places: Those that are asked for.
        folder: Of the run.
    """

    def __init__(self, places: Sequence[Place], folder: Path) -> None:
        self._places, self._folder = places, folder
        self._processes: list[_Process] = []
        self._telling: Telling | None = None
        self._next = 0

    def begin(self, telling: Telling) -> None:
        """Start the trackers, and tell them of nights that they haven't heard of."""
        place = self._folder / FOLDER
        known = [*self._places, *_before(place, {one.tracker.name for one in self._places})]
        if not known:
            return
        place.mkdir(exist_ok=True)
        run = Tracked(
            title=self._folder.resolve().name,
            key=_key(place, known),
            place="",
            settings=telling.settings(),
            n_nights=0,
        )
        self._telling = telling
        self._processes = [_Process(one, place, run) for one in known]
        self._next = min(process.n_nights for process in self._processes)
        self()

    def __call__(self, *_: object) -> None:
        """Tell of nights that are whole by now; an observer."""
        while self._telling and (numbers := self._telling.night(self._next)) is not None:
            for process in self._processes:
                if process.n_nights <= self._next:
                    process.tell({"night": self._next, "numbers": numbers})
            self._next += 1

    def keep_results(self) -> None:
        """Have the pictures and tables kept that stand in the folder of the run."""
        files = sorted(
            str(path.resolve())
            for path in (self._folder.iterdir() if self._processes else ())
            if path.suffix in (".png", ".csv", ".json") and path.name != "run.json"
        )
        for process in self._processes:
            process.tell({"files": files})

    def end(self, within_s: float) -> None:
        """Wait until all is written."""
        for process in self._processes:
            process.close()
        for process in self._processes:
            process.end(within_s)


@contextmanager
def tracking(places: Sequence[Place], folder: Path) -> Iterator[Tracking]:
    """Where the trackers of a run work; see `Tracking`."""
    trackers, within_s = Tracking(places, folder), _LAST_INTERRUPTED_S
    try:
        yield trackers
        within_s = _LAST_S
    finally:
        trackers.end(within_s)


def _key(place: Path, known: Sequence[Place]) -> str:
    """What the run is known by, which is kept with its trackers."""
    path = place / "trackers.json"
    key = _content(path).get("key") or secrets.token_hex(4)
    named = [{"tracker": as_section(one.tracker), "where": one.where} for one in known]
    with replaced(path) as file:
        file.write(json.dumps({"key": key, "trackers": named}, indent=2).encode())
    return str(key)


def _before(place: Path, named: set[str]) -> Iterator[Place]:
    """Trackers of a run that goes on; one that is no longer installed is told and left out."""
    for one in _content(place / "trackers.json").get("trackers", ()):
        if one["tracker"]["name"] in named:
            continue
        try:
            found = _place(one["tracker"]["name"])
        except SettingsError as error:
            logger.warning("%s; goes on without it", error)
            continue
        yield replace(found, where=one["where"])


def _content(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


class _Process:
    """A tracker in a process of its own; if it fails, that is told once, and nothing else happens.

    Args:
        one: The tracker, and where it writes.
        place: Folder of the run's trackers.
        run: What is tracked; the place and the nights are filled in.
    """

    def __init__(self, one: Place, place: Path, run: Tracked) -> None:
        self._name = one.tracker.name
        word = "".join(c if c.isalnum() else "_" for c in self._name)
        told = place / f"{word}.json"
        self.n_nights = int(_content(told).get("n_nights", 0))
        self._log = place / f"{word}.log"
        where = one.where or str((place / word).resolve())
        if "://" not in where:
            Path(where).mkdir(parents=True, exist_ok=True)
        self._run = replace(run, place=where, n_nights=self.n_nights)
        self._process: subprocess.Popen[str] | None = None
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "fedasc.trackers.process", str(told.resolve())],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=_environment(one.tracker, self._run),
                start_new_session=True,  # Ctrl-C is the run's, which ends it in order
                text=True,
                encoding="utf-8",
            )
        self.tell({"tracker": as_section(one.tracker), "run": asdict(self._run)})

    def tell(self, content: Mapping[str, Any]) -> None:
        """Tell the tracker, if it is still there."""
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(json.dumps(content, allow_nan=False) + "\n")
            self._process.stdin.flush()
        except OSError:
            self.close()
            self.end(_LAST_INTERRUPTED_S)

    def close(self) -> None:
        """All was told."""
        if self._process and self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()

    def end(self, within_s: float) -> None:
        """Wait until all is written."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            code = process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            logger.warning("%s took too long and was left out; see %s", self._name, self._log)
            return
        if code:
            *_, last = ["?", *self._log.read_text(encoding="utf-8", errors="replace").splitlines()]
            logger.warning(
                "%s failed and was left out (%s); the run isn't touched, see %s",
                *(self._name, last, self._log),
            )


def _environment(tracker: Tracker, run: Tracked) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(name.startswith(beginning) for beginning in tracker.hidden)
    }
    path = os.pathsep.join(one for one in sys.path if one)
    return {**kept, "PYTHONPATH": path, **tracker.environment(run)}
