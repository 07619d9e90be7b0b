"""The main job from its command line, on recordings written by the test."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import Result
from typer.testing import CliRunner

from simulations.run import app
from tests.worlds import write_recordings

pytestmark = pytest.mark.cache("shared")

SETTINGS = """
[listening]
n_heard = 30
n_evaluation = 20
[training_sets]
artificial = 200
comprehensive = 20
comprehensive_validation = 10
baseline = 20
baseline_validation = 10
[embedded]
n_epochs = 5
[student]
n_steps = 20
n_artificial = 50
[teacher]
members = [
    { name = "ensemble", n_trees = 10 },
    { name = "deep_sets", n_networks = 1, n_steps = 10 },
]
[release]
min_windows = 1
[aggregator]
n_components = 3
min_windows = 1
"""
PROFILES = """
[baseline]
noise = ["domestic"]
music = ["pop", "rock"]
[users.home]
noise = { domestic = 2 }
music = ["pop"]
[users.town]
noise = { urban = 1, nature = 1 }
music = ["jazz"]
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a manifest, WAV files, settings and profiles."""
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder)
    (folder / "settings.toml").write_text(SETTINGS)
    (folder / "profiles.toml").write_text(PROFILES)
    return folder


def run(recordings: Path, *arguments: str, **paths: Path) -> Result:
    options = {
        "corpus": recordings / "manifest.csv",
        "settings": recordings / "settings.toml",
        "profiles": recordings / "profiles.toml",
    } | paths
    line = [part for name, path in options.items() for part in (f"--{name}", str(path))]
    common = ["--engine", "local", "--workers", "1", "--no-audio"]
    return CliRunner().invoke(app, [*line, *common, *arguments])


def test_a_run_leaves_a_row_per_device_a_summary_and_two_plots(
    recordings: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run(recordings, "--clients", "4", out=out)
    assert result.exit_code == 0, result.output
    with (out / "devices.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["profile"] for row in rows] == ["home", "town", "home", "town"]
    assert all(0 <= float(row["personal_accuracy"]) <= 1 for row in rows)
    assert all(int(row["bytes_up"]) == 3 * (1 + 45 + 45) * 4 for row in rows)
    summary = json.loads((out / "summary.json").read_text())
    assert [profile["profile"] for profile in summary["profiles"]] == ["home", "town", "all"]
    assert json.loads((out / "settings.json").read_text())["aggregator"]["n_components"] == 3
    for plot in ("gains.png", "before_after.png", "reliability.png"):
        assert (out / plot).read_bytes().startswith(b"\x89PNG")
    errors = summary["teacher_calibration_error"]
    assert list(errors) == ["home", "town", "all"]
    assert f"all {100 * errors['all']:.1f}." in " ".join(result.output.split())
    assert "bytes up" in result.output
    for row in rows:
        kept = [
            int(row[f"kept_{name}"]) for name in ("noise", "music", "speech", "speech_in_noise")
        ]
        assert sum(kept) == int(row["n_kept"])
        assert 0 <= float(row["label_shift"]) <= 1
        for name in ("energy_distance", "energy_halves", "energy_evaluation"):
            assert math.isfinite(float(row[name]))


def test_a_run_need_not_find_out_why(recordings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(recordings, "--clients", "2", "--no-why", out=out).exit_code == 0
    assert "energy_distance" not in (out / "devices.csv").read_text()


@pytest.mark.cache("own")
def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(
    recordings: Path, tmp_path: Path
) -> None:
    tables = []
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        out = tmp_path / name
        assert run(recordings, "--clients", "2", "--seed", seed, out=out).exit_code == 0
        tables.append((out / "devices.csv").read_text())
    assert tables[0] == tables[1] != tables[2]


def edited(recordings: Path, tmp_path: Path, name: str, old: str, new: str) -> Path:
    """A copy of one of the files with something else in it, beside the recordings."""
    text = (recordings / name).read_text()
    assert old in text
    path = recordings / f"edited_{tmp_path.name}_{name}"
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("manifest.csv", "pop_0_0.wav,music", "pop_0_0.wav,opera", "unknown label 'opera'"),
        ("manifest.csv", ",group", ",gruop", "group"),
        ("settings.toml", "n_heard", "n_herd", "did you mean 'n_heard'"),
        ("settings.toml", "n_components = 3", "n_components = 0", "n_components"),
        ("settings.toml", "[aggregator]", "[aggregator", "not a TOML file"),
        ("profiles.toml", '["jazz"]', '["opera"]', "no music 'opera'"),
        ("profiles.toml", '["domestic"]', '["indoors"]', "no noise 'indoors'"),
        ("profiles.toml", "[baseline]", "[base]", "[baseline]"),
    ],
)
def test_bad_files_are_refused_in_a_line_that_names_them(
    recordings: Path, tmp_path: Path, name: str, old: str, new: str, told: str
) -> None:
    path = edited(recordings, tmp_path, name, old, new)
    out = tmp_path / "out"
    kind = {"manifest.csv": "corpus"}.get(name, name.removesuffix(".toml"))
    result = run(recordings, "--clients", "2", out=out, **{kind: path})
    assert_refused(result, told)
    assert path.name in result.output.replace("\n", "")
    assert not out.exists()


@pytest.mark.parametrize(
    ("strategy", "aggregator"),
    [
        ('name = "clustered"\nlabels = "truth"\nn_clusters = 2', "features"),
        ('name = "global"\nlabels = "device"', "scene-gaussians"),
        ('name = "distilled"', "nothing"),
    ],
)
def test_how_to_group_and_label_is_said_by_a_settings_file_alone(
    recordings: Path, tmp_path: Path, strategy: str, aggregator: str
) -> None:
    path = tmp_path / "settings.toml"
    common, _ = SETTINGS.split("[aggregator]")
    path.write_text(f"{common}[strategy]\n{strategy}\nn_epochs = 3\n")
    result = run(recordings, "--clients", "4", settings=path, out=tmp_path / "out")
    assert result.exit_code == 0, result.output
    settings = json.loads((tmp_path / "out" / "settings.json").read_text())
    assert settings["aggregator"]["name"] == aggregator


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--clients", "0"), "clients must be at least 1"),
        (("--seed", "-1"), "seed must not be negative"),
        (("--teacher", "oracle"), "no teacher 'oracle'; known are committee,"),
        (("--teacher-file", "nowhere.joblib"), "nowhere.joblib: no such teacher file"),
        (("--components", "0"), "n_components"),
        (("--device", "gpu"), "no device 'gpu'"),
        (("--ray-address", "head", "--engine", "ray"), "expected host:port"),
        (("--ray-address", "head"), "--engine ray"),
    ],
)
def test_bad_arguments_are_refused_with_the_cure(
    recordings: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    out = tmp_path / "out"
    assert_refused(run(recordings, *arguments, out=out), told)
    assert not out.exists()


@pytest.mark.cache("own")
def test_a_missing_teacher_file_is_refused_before_anything_is_decoded(
    recordings: Path, cache: Path
) -> None:
    assert_refused(run(recordings, "--teacher-file", "nowhere"), "nowhere: no such teacher file")
    assert not (cache / "pool").exists()


@pytest.mark.parametrize("kind", ["corpus", "settings", "profiles"])
def test_missing_files_are_refused(recordings: Path, tmp_path: Path, kind: str) -> None:
    missing = tmp_path / "nowhere"
    assert_refused(run(recordings, **{kind: missing}), f"{missing}: no such")


def test_an_existing_folder_is_not_overwritten(recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert_refused(run(recordings, out=tmp_path), "exists")
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.cache("own")
def test_one_bad_recording_is_listed_and_skipped_unless_strict(
    recordings: Path, tmp_path: Path
) -> None:
    soundfile.write(
        recordings / "broken.wav", np.full(160_000, np.nan, np.float32), 16_000, subtype="FLOAT"
    )
    path = edited(
        recordings,
        tmp_path,
        "manifest.csv",
        "\nfan_0_0",
        "\nbroken.wav,noise,fan,domestic,x\nfan_0_0",
    )
    result = run(recordings, "--clients", "2", corpus=path, out=tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "1 unusable" in result.output
    assert "broken.wav" in result.output
    strict = run(recordings, "--clients", "2", "--strict", corpus=path, out=tmp_path / "strict")
    assert_refused(strict, "broken.wav")


NIGHTS = (
    *("--nights", "3", "--dropout", "0.3", "--straggle", "0.2"),
    *("--drift", "0.2", "--join", "0.25", "--leave", "0.15"),
)


def test_several_nights_leave_a_table_and_a_picture_of_them(
    recordings: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run(recordings, "--clients", "6", *NIGHTS, out=out)
    assert result.exit_code == 0, result.output
    assert (out / "nights.png").read_bytes().startswith(b"\x89PNG")
    with (out / "nights.csv").open() as file:
        nights = list(csv.DictReader(file))
    with (out / "devices.csv").open() as file:
        devices = list(csv.DictReader(file))
    everyone = [row for row in nights if row["profile"] == "all"]
    assert [row["night"] for row in everyone] == ["0", "1", "2"]
    for row in everyone:
        there = [device for device in devices if device["night"] == row["night"]]
        words = [device["took_part"] for device in there]
        assert int(row["n_users"]) == len(there) <= 6
        for word in ("in time", "late", "missing"):
            assert int(row[f"n_{word.replace(' ', '_')}"]) == words.count(word)
        gains = [float(d["personal_accuracy"]) - float(d["baseline_accuracy"]) for d in there]
        assert float(row["gain"]) == pytest.approx(np.mean(gains))
    for device in devices:
        assert (int(device["bytes_up"]) == 0) is (device["took_part"] == "missing")
        assert (int(device["bytes_down"]) == 0) is (device["took_part"] != "in time")
    assert any(device["took_part"] == "missing" for device in devices)
    settings = json.loads((out / "settings.json").read_text())
    assert settings["nights"] == {
        "n_nights": 3,
        "dropout": 0.3,
        "straggle": 0.2,
        "join": 0.25,
        "leave": 0.15,
    }
    assert settings["users"]["drift"] == 0.2
    assert "Night by night" in result.output


def test_one_night_leaves_no_table_of_nights(recordings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(recordings, "--clients", "2", out=out)
    assert result.exit_code == 0, result.output
    assert not list(out.glob("nights.*"))
    assert "Night by night" not in result.output


MINE = """
from dataclasses import dataclass

from fedasc.aggregators.gmm import GmmAggregator


@dataclass(frozen=True, kw_only=True)
class Smoothed(GmmAggregator):
    n_components: int = 2
    extra_db2: float = 1.0
"""
ON_RAY = (pytest.mark.ray, pytest.mark.filterwarnings("ignore"))


@pytest.mark.flower
@pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=ON_RAY)])
def test_an_aggregator_from_a_file_is_used_and_named(
    recordings: Path, tmp_path: Path, engine: str
) -> None:
    idea, out = tmp_path / f"idea_for_{engine}.py", tmp_path / "out"
    idea.write_text(MINE)
    arguments = ("--clients", "2", "--aggregator", f"{idea}:Smoothed", "--engine", engine)
    plain = tmp_path / "settings.toml"
    section = f'[aggregator]\nname = "{idea}:Smoothed"\nmin_windows = 1\n'
    plain.write_text(SETTINGS.partition("[aggregator]")[0] + section)
    result = run(recordings, *arguments, out=out, settings=plain)
    assert result.exit_code == 0, result.output
    used = json.loads((out / "settings.json").read_text())["aggregator"]
    assert used["name"] == f"{idea}:Smoothed"
    assert used["extra_db2"] == 1.0
    with (out / "devices.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert all(int(row["bytes_up"]) == 2 * (1 + 45 + 45) * 4 for row in rows)


@pytest.mark.parametrize(
    "strategy",
    ["none", "global", "clustered", "fedavg", "local", "class-mixtures", "oracle", "random-labels"],
)
def test_every_strategy_runs_with_its_usual_aggregator(
    recordings: Path, tmp_path: Path, strategy: str
) -> None:
    out = tmp_path / "out"
    plain = tmp_path / "settings.toml"
    plain.write_text(SETTINGS.partition("[aggregator]")[0])
    arguments = ("--clients", "4", "--strategy", strategy, "--nights", "2", "--dropout", "0.2")
    result = run(recordings, *arguments, out=out, settings=plain)
    assert result.exit_code == 0, result.output
    assert json.loads((out / "settings.json").read_text())["strategy"]["name"] == strategy


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--strategy", "class-mixtures", "--aggregator", "gmm"),
            "strategy 'class-mixtures' needs scene mixtures, but aggregator 'gmm' sends mixtures; "
            "with this strategy usually goes aggregator 'scene-gaussians'",
        ),
        (("--strategy", "oracle", "--aggregator", "kmeans"), "aggregator 'features'"),
        (("--strategy", "personalized"), "did you mean 'personalised'?"),
        (("--aggregator", "nowhere.py:Mine"), "no such file"),
        (("--aggregator", "moments", "--components", "3"), "unknown setting 'n_components'"),
        (("--nights", "0"), "n_nights must be at least 1"),
        (("--join", "0.5"), "only if n_nights is 2 or more"),
        (("--dropout", "1.5"), "dropout must lie between 0 and 1"),
        (("--drift", "-1"), "drift"),
    ],
)
@pytest.mark.cache("own")
def test_a_wrong_choice_is_refused_before_anything_is_decoded(
    recordings: Path, tmp_path: Path, cache: Path, arguments: tuple[str, ...], told: str
) -> None:
    out = tmp_path / "out"
    assert_refused(run(recordings, "--clients", "2", *arguments, out=out), told)
    assert not out.exists()
    assert not (cache / "pool").exists()


def assert_refused(result: Result, told: str) -> None:
    assert result.exit_code == 2, result.output
    message = " ".join(result.output.split())
    assert " ".join(told.split()) in message
    assert "Traceback" not in message
