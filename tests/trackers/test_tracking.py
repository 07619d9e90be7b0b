"""Trackers, told of nights that were made up; what they hold is read from their stores."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from fedasc.errors import SettingsError
from fedasc.trackers.tracker import Scalar, Tracker
from fedasc.trackers.tracking import FOLDER, trackers_of, tracking
from tests.trackers.journal import lines, write_journal
from tests.trackers.stores import STORES, Stored

NIGHTS = [
    {"all/personal/mean": 0.5, "all/gain/mean": 0.125, "a lot_/gain/mean": 0.25},
    {"all/personal/mean": 0.75, "all/gain/mean": -0.5, "a lot_/gain/mean": 0.0},
    {"all/personal/mean": 0.625, "all/gain/mean": 0.0, "a lot_/gain/mean": 1.0},
]
SETTINGS: dict[str, Scalar] = {
    "n_clients": 4,
    "aggregator.name": "gmm",
    "nested": True,
    "users.drift": 0.5,
}
ABROAD = {
    "WANDB_MODE": "online",
    "WANDB_BASE_URL": "http://127.0.0.1:9",
    "WANDB_API_KEY": "0" * 40,
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
    "MLFLOW_RUN_ID": "0" * 32,
    "TRACKIO_SPACE_ID": "somebody/else",
    "TRACKIO_SERVER_URL": "http://127.0.0.1:9",
    "TRACKIO_DIR": "/nowhere",
    "HF_TOKEN": "hf_nobody",
    "HF_ENDPOINT": "http://127.0.0.1:9",
}
"""What users may have set for other work."""


@dataclass
class Telling:
    n_nights: int = 0
    told: dict[str, Scalar] = field(default_factory=lambda: SETTINGS)

    def settings(self) -> Mapping[str, Scalar]:
        return self.told

    def night(self, number: int) -> Mapping[str, float] | None:
        return NIGHTS[number] if number < self.n_nights else None


def track(folder: Path, names: str, *, first: int = 0, last: int = len(NIGHTS)) -> None:
    """A run that ends after the last night, or is interrupted before."""
    folder.mkdir(exist_ok=True)
    telling = Telling(first)
    with tracking(trackers_of(names), folder) as trackers:
        trackers.begin(telling)
        for number in range(first, last):
            telling.n_nights = number + 1
            trackers("night", "state")
        if last == len(NIGHTS):
            for name in ("devices.csv", "summary.json", "run.json", "users.pdf"):
                (folder / name).write_text("[1]")
            Figure(figsize=(1, 1)).savefig(folder / "gains.png")
            trackers.keep_results()


def expected() -> Stored:
    return Stored(
        {name: {n: night[name] for n, night in enumerate(NIGHTS)} for name in NIGHTS[0]},
        {name: str(value) for name, value in SETTINGS.items()},
        {"gains.png"},
        {"devices.csv", "summary.json"},
    )


@pytest.mark.filterwarnings("ignore")  # of what MLflow imports to be read
@pytest.mark.parametrize("name", STORES)
def test_every_tracker_holds_the_same_and_goes_on_after_an_interruption(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    needs = Tracker.from_section(name, where="").needs
    if missing := [module for module in needs if find_spec(module) is None]:
        pytest.skip(f"{missing[0]} isn't installed: pip install 'fedasc[{name}]'")
    with monkeypatch.context() as patch:
        for variable, value in ABROAD.items():
            patch.setenv(variable, value)
        track(tmp_path / "run", name, last=1)
        track(tmp_path / "run", "", first=1)
    assert not caplog.records, caplog.text
    assert STORES[name](tmp_path / "run" / FOLDER / name) == expected()


@pytest.fixture
def journal(tmp_path: Path) -> str:
    return write_journal(tmp_path)


def test_a_tracker_of_ones_own_hears_of_all_nights_that_it_missed(
    journal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "known")
    track(tmp_path / "run", f"{journal}={tmp_path / 'elsewhere'}", first=2)
    begun, *nights, files, end = lines(tmp_path / "elsewhere")
    assert begun["settings"] == SETTINGS
    assert begun["secret"] is None
    assert nights == [{"night": n, "numbers": night} for n, night in enumerate(NIGHTS)]
    assert files == {"files": ["devices.csv", "gains.png", "summary.json"]}
    assert end == {"is_finished": True}


def test_a_run_that_goes_on_is_the_same_to_its_tracker(journal: str, tmp_path: Path) -> None:
    track(tmp_path / "run", journal, last=1)
    track(tmp_path / "run", "", first=2)
    told = lines(tmp_path / "run")
    keys = [line["key"] for line in told if "key" in line]
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert [line["night"] for line in told if "night" in line] == [0, 1, 2]
    assert [line["is_finished"] for line in told if "is_finished" in line] == [False, True]


def test_a_tracker_that_joins_later_hears_of_all_nights_and_the_other_of_none_twice(
    journal: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    track(tmp_path / "run", f"{journal}={first}", last=2)
    track(tmp_path / "run", f"{write_journal(tmp_path)}={second}", first=2)
    for folder in (first, second):
        assert [line["night"] for line in lines(folder) if "night" in line] == [0, 1, 2]


def test_a_tracker_that_fails_is_told_in_a_line_and_nothing_else_happens(
    journal: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("FAIL", "1")
    with caplog.at_level(logging.WARNING):
        track(tmp_path / "run", journal)
    (record,) = caplog.records
    assert "failed and was left out (OSError: the pen is broken)" in record.getMessage()
    assert [line["night"] for line in lines(tmp_path / "run") if "night" in line] == [0]
    caplog.clear()
    monkeypatch.delenv("FAIL")
    track(tmp_path / "run", "", first=3)
    assert [line["night"] for line in lines(tmp_path / "run") if "night" in line] == [0, 1, 2]


def test_a_tracker_that_is_gone_does_not_keep_a_run_from_going_on(
    journal: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    track(tmp_path / "run", journal, last=1)
    Path(journal.removesuffix(":Journal")).unlink()
    track(tmp_path / "run", "", first=1)
    assert "no such file; goes on without it" in caplog.text


def test_without_trackers_there_is_no_folder(tmp_path: Path) -> None:
    track(tmp_path / "run", "")
    assert not (tmp_path / "run" / FOLDER).exists()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("tensorbord", "did you mean 'tensorboard'?"),
        ("tensorboard,tensorboard", "tensorboard is there twice"),
        ("tensorboard=http://127.0.0.1", "tensorboard writes to folders alone"),
        ("nowhere.py:Mine", "no such file"),
    ],
)
def test_what_is_no_tracker_is_refused(names: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        trackers_of(names)


def test_what_is_not_installed_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fedasc.trackers.tracking.find_spec", lambda name: None)
    for name in STORES:
        with pytest.raises(SettingsError, match=rf"pip install 'fedasc\[{name}\]'"):
            trackers_of(name)
