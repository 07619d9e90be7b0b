from pathlib import Path

import pytest

from fedasc.errors import SettingsError
from fedasc.report import folder
from fedasc.report.results import CLASSIFIERS, summarise_profiles
from fedasc.settings import Settings

RESULTS = [
    {
        "device": device,
        "profile": "U1",
        **{f"{name}_{score}": 0.5 for name in CLASSIFIERS for score in ("accuracy", "noise")},
    }
    for device in range(3)
]


def write(path: Path) -> None:
    folder.write_run(
        path,
        settings=Settings(),
        corpus={},
        results=RESULTS,
        summaries=summarise_profiles(RESULTS),
        seconds={"listening": 1.0},
    )


def test_a_run_folder_holds_all_files_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "devices.csv",
        "summary.json",
        "settings.json",
        "gains.png",
        "before_after.png",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_failure_leaves_no_half_written_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(folder, "plot_before_after", fail)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="exists; give --out another name"):
        folder.check_free(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="can't be made"):
        folder.check_free(tmp_path / "file" / "run")
