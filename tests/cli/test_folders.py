"""A folder of one's own recordings, without a manifest, on the command line."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from click.testing import Result
from typer.testing import CliRunner

from fedasc.cli.main import app
from fedasc.population.profile import find_profiles
from tests.simulations.test_run import SETTINGS
from tests.worlds import TinyCorpus

FOLDERS = {"noise": "noise", "music": "Musik", "speech": "voices"}
SUFFIXES = ("wav", "flac", "ogg")


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One for all, so that recordings are decoded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six recordings of each type in several formats, one of which is broken, and other files."""
    folder = tmp_path_factory.mktemp("own")
    corpus = TinyCorpus(n_takes=1)
    for number, recording in enumerate(corpus.recordings):
        if recording.type not in ("dishes", "wind", "rock"):
            place = folder / FOLDERS[recording.label] / recording.type
            place.mkdir(parents=True, exist_ok=True)
            suffix = SUFFIXES[number % len(SUFFIXES)]
            soundfile.write(place / f"{number}.{suffix}", corpus.read(number), 16_000)
    (folder / "noise/fan/broken.wav").write_bytes(b"RIFF")
    (folder / "notes.txt").touch()
    (folder / "traffic").mkdir()
    (folder / "traffic/car.wav").write_bytes((folder / "noise/fan/0.wav").read_bytes())
    return folder


def fedasc(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def shown(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_a_folder_is_all_that_a_run_needs(own: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (own, *own.rglob("*"))}
    (tmp_path / "settings.toml").write_text(SETTINGS)
    options = ("--settings", tmp_path / "settings.toml", "--engine", "local", "--workers", 1)
    told = shown(fedasc("run", own, "--clients", 3, *options, "--out", tmp_path / "run"))
    assert f"{own}, by the names of its folders: noise: crowd, fan, leaves, motor; 25 files" in told
    assert (
        "left out what no folder's name says is noise, music or speech; there are traffic" in told
    )
    assert "not an audio file, by its suffix: .txt" in told
    assert "48 clips of 10 s; left out: 0 with short bursts only, 1 unusable: " in told
    assert "noise/fan/broken.wav: not a readable audio file" in told
    assert "Profiles auto; the baseline set holds noise crowd, fan; music jazz." in told
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    assert [one["profile"] for one in summary["profiles"]] == ["near", "between", "far", "all"]
    assert summary["corpus"]["baseline"] == {"noise": ["crowd", "fan"], "music": ["jazz"]}
    with (tmp_path / "run/devices.csv").open() as file:
        apart = {row["profile"]: float(row["distance"]) for row in csv.DictReader(file)}
    medians = ", ".join(f"{name} {distance:.2f}" for name, distance in apart.items())
    assert f"from the baseline set, from 0 to 1, medians: {medians}." in told
    assert 0 == apart["near"] < apart["between"] < apart["far"] < 1
    assert {path: path.stat().st_mtime_ns for path in (own, *own.rglob("*"))} == before


@pytest.mark.parametrize("name", ["dirichlet", "own"])
def test_users_of_other_profiles_live_on_a_folder_too(name: str, own: Path, tmp_path: Path) -> None:
    line = ("--corpus", own, "--profiles", name, "--clients", 2, "--out", tmp_path / "users.csv")
    shown(fedasc("users", *line))
    with (tmp_path / "users.csv").open() as file:
        users = list(csv.DictReader(file))
    assert [user["profile"] for user in users] == list(find_profiles(name).users) * 2
    assert users[0]["noise_types"] == "crowd;fan;leaves;motor"


def test_labels_and_groups_of_a_folder_can_be_checked_and_written(
    own: Path, tmp_path: Path
) -> None:
    said = ("--label", "traffic=noise", "--group", r"voices/([^/]*)/")
    told = shown(fedasc("corpus", "check", own, *said))
    assert f"{own}, by the names of its folders: noise: crowd, fan, leaves, motor, traffic;" in told
    assert "traffic 1 1 0.00 1 - - -" in told
    assert "left out what no folder's name" not in told
    assert "traffic (1 audio files); say" in shown(fedasc("corpus", "check", own))
    assert "all speech 12 2" in told
    listed = tmp_path / "list.csv"
    shown(fedasc("corpus", "build", "folders", own, *said, "--out", listed))
    with listed.open() as file:
        rows = {Path(row["path"]).stem: row for row in csv.DictReader(file)}
    assert rows["car"]["type"] == "traffic"
    assert {row["group"] for row in rows.values() if row["label"] == "speech"} == {"adult", "child"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "--group", r"voices/([^/]*)/"), "has 2 recording(s) of speech that may stand"),
        (("users", "--group", r"voices/([^/]*)/"), "needs one for each of its 4 parts, so add 2"),
        (("users", "--label", "voices=music"), "no folder's name says speech; there are traffic"),
        (("users", "--profiles", "wide"), "no noise 'domestic'; it has crowd, fan, leaves, motor"),
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
