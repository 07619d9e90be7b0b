import csv
import json
import pickle
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import get_ident
from typing import TypeVar

import pytest

from fedasc.audio.bank import FilterBank
from fedasc.corpus.clips import ClipFile
from fedasc.corpus.library import Library
from fedasc.corpus.parts import USER_PARTS
from fedasc.population.profile import BaselineProfile, Profiles, UserProfile
from fedasc.population.roster import read_roster
from fedasc.population.users import UserSettings, draw_users
from fedasc.report import drawing, folder
from fedasc.report.overview import overview
from fedasc.scenario import ListeningSettings, Scenario
from fedasc.seeds import Streams
from fedasc.settings import Settings
from fedasc.workers import ALONE, Alone, Workers
from tests.report.records import RELIABILITY, a_lost_one, a_record

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

PICTURES = ("users", "gains", "before_after", "confusions", "reliability")
RECORDS = [a_record(device=device) for device in range(3)]
KINDS = (("noise", "rain"), ("noise", "hair dryer"), ("music", "pop"), ("speech", "read"))
LIBRARY = Library(
    *zip(
        *((part, label, "", kind, ()) for part in USER_PARTS for label, kind in KINDS), strict=True
    )
)
PROFILES = Profiles(
    where="here",
    baseline=BaselineProfile(noise=("rain",), music=("pop",)),
    users={"U1": UserProfile(noise={"*": 2}, music=("pop",), concentration=1.0)},
)


@pytest.fixture
def scenario(clips: ClipFile) -> Scenario:
    streams = Streams(1)
    return Scenario(
        clips=clips,
        library=LIBRARY,
        users=draw_users(PROFILES, 4, library=LIBRARY, settings=UserSettings(), streams=streams),
        bank=FilterBank(),
        listening=ListeningSettings(),
        streams=streams,
        name="tests",
        pools=(),
    )


class Two(Alone):
    """In place of two processes: works in the thread that asks, which it remembers."""

    n_workers = 2

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def map(
        self, work: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        self.threads.add(get_ident())
        yield from super().map(work, pickle.loads(pickle.dumps(shared)), items)


def write(path: Path, scenario: Scenario, workers: Workers = ALONE) -> None:
    path.mkdir()
    nights = [[a_lost_one(device=3), *RECORDS]]
    folder.write_run(
        path,
        settings=Settings(n_clients=3),
        corpus={"n_clips": 7},
        scenario=scenario,
        nights=nights,
        overview=replace(overview(nights), reliability={"all": RELIABILITY}),
        seconds={"listening": 1.0},
        student=None,
        workers=workers,
    )


def test_workers_draw_the_same_while_all_else_is_written(
    tmp_path: Path, scenario: Scenario
) -> None:
    two = Two()
    write(tmp_path / "alone", scenario)
    write(tmp_path / "two", scenario, two)
    assert two.threads
    assert get_ident() not in two.threads
    for picture in PICTURES:
        alone, by_two = (tmp_path / name / f"{picture}.png" for name in ("alone", "two"))
        assert alone.read_bytes() == by_two.read_bytes()


def test_a_run_folder_holds_all_files_and_nothing_else_is_left(
    tmp_path: Path, scenario: Scenario
) -> None:
    write(tmp_path / "run", scenario)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "confusions.csv",
        "devices.csv",
        "report.html",
        "summary.json",
        "settings.json",
        "users.csv",
        *(f"{name}.{kind}" for name in PICTURES for kind in ("png", "pdf", "svg")),
    }
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    for picture in (tmp_path / "run").glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_run_folder_tells_settings_results_and_what_the_corpus_held(
    tmp_path: Path, scenario: Scenario
) -> None:
    write(tmp_path / "run", scenario)
    assert json.loads((tmp_path / "run" / "settings.json").read_text())["n_clients"] == 3
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert (summary["corpus"], summary["seconds"]) == ({"n_clips": 7}, {"listening": 1.0})
    assert summary["teacher_calibration_error"] == {"all": pytest.approx(0.1)}
    assert [profile["profile"] for profile in summary["profiles"]] == ["U1", "all"]
    assert summary["lost"] == [{"night": 0, "device": 3, "reason": "no microphone"}]
    with (tmp_path / "run" / "devices.csv").open(newline="") as file:
        rows = {row["device"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["3", "0", "1", "2"]
    told = ("took_part", "lost", "personal_accuracy", "personal_noise", "n_windows")
    assert [rows["3"][name] for name in told] == ["lost", "no microphone", "", "", ""]
    assert [rows["1"][name] for name in told][:3] == ["in time", "", "0.5"]


def test_the_users_of_a_run_can_be_used_again(tmp_path: Path, scenario: Scenario) -> None:
    write(tmp_path / "run", scenario)
    known = PROFILES.known(LIBRARY)
    again = read_roster(
        tmp_path / "run" / "users.csv", library=LIBRARY, known=known, streams=scenario.streams
    )
    assert again == scenario.users


@pytest.mark.parametrize("workers", [ALONE, Two()])
@pytest.mark.parametrize("name", ["users_figure", "before_after_figure"])
def test_a_failure_leaves_no_half_written_results(
    name: str,
    workers: Workers,
    tmp_path: Path,
    scenario: Scenario,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(drawing, name, fail)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path / "run", scenario, workers)
    assert list((tmp_path / "run").iterdir()) == []
