"""A folder of one's own recordings, without a manifest, on the command line."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from click.testing import Result
from typer.testing import CliRunner

from fedasc.cli.main import app
from fedasc.population.profile import find_profiles
from fedasc.runs.result import load
from tests.own_folder import BROKEN, TELEPHONE, write_own_folder
from tests.simulations.test_run import SETTINGS
from tests.worlds import TinyCorpus


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One for all, so that recordings are decoded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One in several languages, and beside it a type of noise that no word says."""
    folder = write_own_folder(tmp_path_factory.mktemp("home") / "own")
    (folder / "music").rename(folder / "Musik")
    (folder / "speech").rename(folder / "voices")
    (folder / "traffic").mkdir()
    shutil.copy(folder / "noise/fan/fan 0.wav", folder / "traffic/car.wav")
    return folder


def listing(folder: Path) -> list[tuple[Path, int, int]]:
    states = [(path, path.stat()) for path in (folder, *sorted(folder.rglob("*")))]
    return [(path, state.st_size, state.st_mtime_ns) for path, state in states]


def fedasc(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def shown(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_a_folder_is_all_that_a_run_needs(own: Path, tmp_path: Path) -> None:
    before = listing(own)
    (tmp_path / "settings.toml").write_text(SETTINGS)
    options = ("--settings", tmp_path / "settings.toml", "--engine", "local", "--workers", 1)
    told = shown(fedasc("run", own, "--clients", 3, *options, "--out", tmp_path / "run"))
    assert f"{own}, by the names of its folders: noise: crowd, dishes, fan, motor; 24 files" in told
    assert (
        "left out what no folder's name says is noise, music or speech; there are traffic" in told
    )
    assert "not an audio file, by its suffix: .txt" in told
    assert "52 clips of 10 s; left out: 0 with short bursts only, 2 unusable: " in told
    assert f"{BROKEN}: not a readable audio file" in told
    assert "Profiles auto; the baseline set holds noise crowd, dishes; music pop." in told
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    assert [one["profile"] for one in summary["profiles"]] == ["near", "between", "far", "all"]
    assert summary["corpus"]["baseline"] == {"noise": ["crowd", "dishes"], "music": ["pop"]}
    with (tmp_path / "run/devices.csv").open() as file:
        apart = {row["profile"]: float(row["distance"]) for row in csv.DictReader(file)}
    medians = ", ".join(f"{name} {distance:.2f}" for name, distance in apart.items())
    assert f"from the baseline set, from 0 to 1, medians: {medians}." in told
    assert 0 == apart["near"] < apart["between"] < apart["far"] < 1
    named = {one["path"]: one["reason"] for one in summary["corpus"]["unusable"]}
    assert named.keys() == {BROKEN, TELEPHONE.replace("music", "Musik")}
    assert "8000 Hz" in named[TELEPHONE.replace("music", "Musik")]
    assert "Accuracy on each device" in told
    assert len(load(tmp_path / "run").devices) == 3
    assert listing(own) == before


@pytest.mark.parametrize("name", ["dirichlet", "own"])
def test_users_of_other_profiles_live_on_a_folder_too(name: str, own: Path, tmp_path: Path) -> None:
    line = ("--corpus", own, "--profiles", name, "--clients", 2, "--out", tmp_path / "users.csv")
    shown(fedasc("users", *line, "--workers", 1))
    with (tmp_path / "users.csv").open() as file:
        users = list(csv.DictReader(file))
    assert [user["profile"] for user in users] == list(find_profiles(name).users) * 2
    assert users[0]["noise_types"] == "crowd;dishes;fan;motor"


def test_labels_and_groups_of_a_folder_can_be_checked_and_written(
    own: Path, tmp_path: Path
) -> None:
    said = ("--label", "traffic=noise", "--group", r"voices/([^/]*)/")
    told = shown(fedasc("corpus", "check", own, *said, "--workers", 1))
    assert f"{own}, by the names of its folders: noise: crowd, dishes, fan, motor, traffic;" in told
    assert "traffic 1 1 0.00 1 - - -" in told
    assert "left out what no folder's name" not in told
    unsaid = shown(fedasc("corpus", "check", own, "--workers", 1))
    assert "traffic (1 audio files); say" in unsaid
    assert "all speech 18 3" in told
    listed = tmp_path / "list.csv"
    shown(fedasc("corpus", "build", "folders", own, *said, "--out", listed))
    with listed.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["type"] for row in rows if row["path"].endswith("car.wav")] == ["traffic"]
    assert {row["group"] for row in rows if row["label"] == "speech"} == {
        "anna",
        "ben",
        "cleo",
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "--group", r"voices/([^/]*)/"), "has 3 recording(s) of speech that may stand"),
        (("users", "--group", r"voices/([^/]*)/"), "needs one for each of its 4 parts, so add 1"),
        (("users", "--label", "voices=music"), "no folder's name says speech; there are traffic"),
        (("users", "--profiles", "wide"), "no noise 'domestic'; it has crowd, dishes, fan, motor"),
        (("users", "--profiles", "wide"), "(--profiles), or take --profiles auto"),
    ],
)
def test_what_a_folder_is_too_small_for_is_said(
    words: tuple[str, ...], told: str, own: Path, tmp_path: Path
) -> None:
    name, *options = words
    line = ("--corpus", own, "--workers", 1, "--out", tmp_path / "out.csv")
    result = fedasc(name, *line, *options)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_a_folder_that_says_nothing_is_refused_by_the_check_too(tmp_path: Path) -> None:
    (tmp_path / "rain").mkdir()
    soundfile.write(tmp_path / "rain/a.wav", TinyCorpus(n_takes=1).read(0), 16_000)
    result = fedasc("corpus", "check", tmp_path)
    assert result.exit_code == 2
    assert "says noise, music or speech; there are rain (1 audio files)" in " ".join(
        result.output.split()
    )


def test_what_says_what_folders_hold_is_for_folders(tmp_path: Path) -> None:
    (tmp_path / "list.csv").touch()
    for words in (("run",), ("run", tmp_path / "list.csv"), ("users",)):
        result = fedasc(*words, "--label", "traffic=noise")
        assert result.exit_code == 2
        assert "--label and --group are for" in result.output
    result = fedasc("corpus", "build", "folders", tmp_path, "--label", "traffic")
    assert result.exit_code == 2
    assert "expected NAME=LABEL" in result.output
