"""The commands `fedasc corpus`, as a researcher uses them."""

import csv
import io
import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from click.testing import Result
from typer.testing import CliRunner

from fedasc.cli.main import app
from fedasc.corpus.clips import CLIP_SAMPLES
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.pool import open_pool
from fedasc.corpus.vocabulary import read_vocabulary, shipped_data_sets
from fedasc.population.profile import read_profiles
from simulations.run import app as run
from tests.worlds import write_recordings

TABLE_1 = {"comprehensive": 10314, "baseline": 3023, "U1": 2825, "U2": 1902, "U3": 1864, "U4": 1991}
INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in background
from fedasc.cli.main import app
app()
"""
SMALL = """
n_clients = 2
[listening]
n_heard = 30
n_evaluation = 10
[training_sets]
artificial = 200
comprehensive = 10
comprehensive_validation = 10
baseline = 10
baseline_validation = 10
[embedded]
n_epochs = 2
[student]
n_steps = 20
n_artificial = 50
[teacher]
members = [
    { name = "ensemble", n_trees = 5 },
    { name = "deep_sets", n_networks = 1, n_steps = 10 },
]
[aggregator]
n_components = 2
"""
WITH_ESC50 = """
[baseline]
noise = ["fan", "vacuum_cleaner"]
music = ["pop"]
[users.sea]
noise = { ocean = 1, leaves = 1 }
music = ["rock"]
"""


def fedasc(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def shown(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def noise(seed: int, n_samples: int, n_channels: int = 1) -> np.ndarray:
    shape = (n_samples, n_channels)
    return (0.1 * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def write_esc50(folder: Path) -> None:
    """Ten clips of 5 s of each of two categories, in ESC-50's layout."""
    (folder / "audio").mkdir(parents=True)
    (folder / "meta").mkdir()
    lines = ["filename,fold,target,category,esc10,src_file,take"]
    for n in range(20):
        target, category = ((11, "sea_waves"), (36, "vacuum_cleaner"))[n % 2]
        name = f"{1 + n % 5}-{n}-A-{target}.wav"
        soundfile.write(folder / "audio" / name, noise(n, 5 * 44_100), 44_100)
        lines.append(f"{name},{1 + n % 5},{target},{category},False,{n},A")
    (folder / "meta" / "esc50.csv").write_text("\n".join(lines) + "\n")


def test_esc50_is_built_and_joined_with_other_recordings_in_a_run(tmp_path: Path) -> None:
    write_esc50(tmp_path / "ESC-50")
    out = shown(fedasc("corpus", "build", "esc50", tmp_path / "ESC-50"))
    assert "20 noise (2 types)" in out
    assert "Licence: " in out
    assert "NC" in out
    (tmp_path / "own").mkdir()
    own = write_recordings(tmp_path / "own")
    for name, text in (("settings.toml", SMALL), ("profiles.toml", WITH_ESC50)):
        (tmp_path / name).write_text(text)
    options = {
        "--settings": tmp_path / "settings.toml",
        "--profiles": tmp_path / "profiles.toml",
        "--engine": "local",
        "--workers": 1,
        "--out": tmp_path / "run",
    }
    line = [str(part) for option in options.items() for part in option]
    for manifest in (tmp_path / "ESC-50" / "manifest.csv", own):
        line += ["--corpus", str(manifest)]
    result = CliRunner().invoke(run, line)
    assert result.exit_code == 0, result.output
    assert "137 clips of 10 s" in result.output
    with (tmp_path / "run" / "devices.csv").open() as file:
        assert {row["noise_types"] for row in csv.DictReader(file)} == {"leaves;ocean"}
    line.append("--no-audio")
    again = CliRunner().invoke(run, [*line, "--users", str(tmp_path / "run" / "users.csv")])
    assert again.exit_code == 2
    line[line.index(str(tmp_path / "run"))] = str(tmp_path / "again")
    again = CliRunner().invoke(run, [*line, "--users", str(tmp_path / "run" / "users.csv")])
    assert again.exit_code == 0, again.output
    devices = [(tmp_path / name / "devices.csv").read_text() for name in ("run", "again")]
    assert devices[0] == devices[1]


def audioset_types() -> list[str]:
    """Labels of AudioSet's 10,314 files as the paper's sets need them, and some of no type."""
    sizes = {"domestic": 150, "nature": 112, "urban": 112, "": 236}
    seldom = (
        "fire thunderstorm airplane chainsaw crowd engine_idling fireworks helicopter motorboat "
        "race_car sawing skateboard subway"
    )
    often = {"pop": 890, "electronic": 660, "rock": 650, "classical": 490, "jazz": 490}
    often |= {"hip_hop": 415, "traffic": 146, "rain": 134} | dict.fromkeys(seldom.split(), 56)
    labels = []
    for kind in read_vocabulary(shipped_data_sets()).types:
        mids = kind.mid if kind.label == "noise" else f"/m/04rlf,{kind.mid}"
        labels += [mids] * often.get(kind.name, sizes[kind.domain])
    return [*labels, *["/m/0bt9lr"] * (TABLE_1["comprehensive"] - len(labels))]


def write_audioset(root: Path) -> None:
    """A copy of AudioSet with tiny files, one half named by audiosetdl, the other by another."""
    sound = io.BytesIO()
    soundfile.write(sound, np.zeros(8), 16_000, format="FLAC")
    labels = audioset_types()
    genres = [kind.mid for kind in read_vocabulary(shipped_data_sets()).types if not kind.domain]
    children: dict[str, list[str]] = {"/m/04rlf": genres, "/m/09l8g": ["/m/09x0r"], "/m/09x0r": []}
    children |= {mid: [] for text in labels for mid in text.split(",") if mid not in children}
    root.mkdir()
    nodes = [{"id": mid, "name": mid, "child_ids": below} for mid, below in children.items()]
    (root / "ontology.json").write_text(json.dumps(nodes))
    for half, name in enumerate(("balanced_train_segments", "eval_segments")):
        folder = root / name / "audio"
        folder.mkdir(parents=True)
        lines = [f"# {name}", "# num_ytids", "# YTID, start_seconds, end_seconds, positive_labels"]
        for n in range(half, len(labels), 2):
            video, start_s = f"yt-_{n:07d}", n % 300
            lines.append(f'{video}, {start_s:.3f}, {start_s + 10:.3f}, "{labels[n]}"')
            known_as = f"{video}_{1000 * start_s}_{1000 * start_s + 10_000}", f"Y{video}_{start_s}"
            (folder / f"{known_as[half]}.flac").write_bytes(sound.getvalue())
        (root / f"{name}.csv").write_text("\n".join(lines) + "\n")


def write_musan(root: Path) -> None:
    """Speech in MUSAN's layout: 200 files of 8 minutes of silence that take no room on the disk."""
    folder = root / "speech" / "librivox"
    folder.mkdir(parents=True)
    n_bytes = 2 * 16_000 * 60 * 8
    head = b"RIFF" + struct.pack("<I", n_bytes + 36) + b"WAVEfmt "
    head += struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16)
    head += b"data" + struct.pack("<I", n_bytes)
    for n in range(200):
        path = folder / f"speech-librivox-{n:04d}.wav"
        path.write_bytes(head)
        os.truncate(path, len(head) + n_bytes)


def test_the_papers_data_sets_have_the_counts_of_table_1(tmp_path: Path) -> None:
    write_audioset(tmp_path / "audioset")
    write_musan(tmp_path / "musan")
    out = shown(fedasc("corpus", "build", "audioset", tmp_path / "audioset"))
    assert "4,974 noise (46 types), 4,775 music (11 types)" in out
    assert "Left out, 565" in out
    shown(fedasc("corpus", "build", "musan", tmp_path / "musan"))
    manifests = [tmp_path / name / "manifest.csv" for name in ("audioset", "musan")]
    line = ["corpus", "sets", *manifests, "--unchecked"]
    out = shown(fedasc(*line, "--out", tmp_path / "sets"))
    recordings = read_manifest(tmp_path / "sets" / "manifest.csv").recordings
    assert Counter(name for recording in recordings for name in recording.sets) == TABLE_1
    assert all(f"{n:,}" in out for n in TABLE_1.values())
    sides: dict[str, set[tuple[str, str]]] = {}
    for recording in recordings:
        sides.setdefault(recording.group, set()).add((recording.sets[0], recording.split))
        assert (tmp_path / "sets" / recording.path).is_file()
    assert {len(places) for places in sides.values()} == {1}
    for seed, same in ((1, True), (2, False)):
        again = tmp_path / f"again{seed}"
        shown(fedasc(*line, "--seed", seed, "--out", again))
        for name in ("manifest.csv", "counts.csv", "profiles.toml"):
            first, second = ((folder / name).read_bytes() for folder in (tmp_path / "sets", again))
            assert (first == second) == (same or name != "manifest.csv")
    who = read_profiles(tmp_path / "sets" / "profiles.toml")
    assert (list(who.users), who.users["U3"].data_set) == (["U1", "U2", "U3", "U4"], "U3")


def test_what_the_corpora_lack_is_said_and_can_be_allowed(tmp_path: Path) -> None:
    write_musan(tmp_path / "musan")
    shown(fedasc("corpus", "build", "musan", tmp_path / "musan"))
    line = ["corpus", "sets", tmp_path / "musan" / "manifest.csv", "--unchecked"]
    refused = fedasc(*line, "--out", tmp_path / "sets")
    assert refused.exit_code == 2
    assert "comprehensive noise blender 0 of 59" in refused.output
    assert not (tmp_path / "sets").exists()
    out = shown(fedasc(*line, "--allow-fewer", "--scale", 0.1, "--out", tmp_path / "sets"))
    assert "140 (of 282)" in out
    with (tmp_path / "sets" / "counts.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["data_set"] == "U1"]
    assert [row["found"] for row in rows if row["asked"] != row["found"]] == ["0"] * 17
    assert rows[-1] == {
        "data_set": "U1", "label": "speech", "type": "", "asked": "140", "found": "140"
    }  # fmt: skip


def test_of_six_files_five_are_reported_and_one_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "noise" / "odd"
    folder.mkdir(parents=True)
    soundfile.write(folder / "cut.flac", noise(0, CLIP_SAMPLES), 16_000)
    (folder / "cut.flac").write_bytes((folder / "cut.flac").read_bytes()[:100_000])
    soundfile.write(folder / "empty.wav", noise(0, 0), 16_000)
    soundfile.write(folder / "slow.wav", noise(0, 80_000), 8_000)
    broken = noise(0, CLIP_SAMPLES)
    broken[7] = np.nan
    soundfile.write(folder / "nan.wav", broken, 16_000, subtype="FLOAT")
    (folder / "text.wav").write_text("not audio")
    stereo = noise(3, 441_000, 2)
    soundfile.write(folder / "stereo.wav", stereo, 44_100, subtype="FLOAT")
    shown(fedasc("corpus", "build", "folders", tmp_path / "mine"))
    manifest = tmp_path / "mine" / "manifest.csv"
    out = shown(fedasc("corpus", "check", manifest, "--workers", 1, "--out", tmp_path / "check"))
    assert "Left out, 5 recordings" in out
    with (tmp_path / "check" / "left_out.csv").open() as file:
        left = {Path(row["recording"]).name: row["reason"] for row in csv.DictReader(file)}
    for name, reason in {
        "cut.flac": "not a readable audio file",
        "empty.wav": "holds no samples",
        "slow.wav": "sampled at 8000 Hz",
        "nan.wav": "not finite",
        "text.wav": "not a readable audio file",
    }.items():
        assert left.pop(name).startswith(reason) or reason in left.get(name, reason)
    assert not left
    told = json.loads(fedasc("corpus", "check", manifest, "--workers", 1, "--json").stdout)
    assert (told["n_clips"], sum(told["left_out"].values())) == (1, 5)
    (held,) = told["types"]
    assert (held["label"], held["type"], held["n_clips"]) == ("noise", "odd", 1)
    (clips,) = open_pool([read_manifest(manifest)]).clips.files
    assert clips.n_clips == 1
    expected = soxr.resample(stereo[:, 0], 44_100, 16_000, quality="HQ")
    np.testing.assert_allclose(clips.read(0), expected, atol=1 / 32768)
    assert (tmp_path / "check" / "corpus.png").read_bytes().startswith(b"\x89PNG")


def decoded(cache: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in (cache / "pool").rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.fixture(scope="module")
def long_decoding(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """A command that decodes for long, and a cache in which it has done so."""
    mine = tmp_path_factory.mktemp("mine")
    folder = mine / "noise" / "long"
    folder.mkdir(parents=True)
    for n in range(40):
        soundfile.write(folder / f"{n}.wav", noise(n, 3 * 441_000), 44_100)
    shown(fedasc("corpus", "build", "folders", mine))
    line = [sys.executable, "-c", INTERRUPTIBLE, "corpus", "check"]
    line += [str(mine / "manifest.csv"), "--workers", "2"]
    cache = tmp_path_factory.mktemp("whole")
    environment = {**os.environ, "FEDASC_CACHE": str(cache)}
    subprocess.run(line, env=environment, check=True, capture_output=True)
    return line, cache


@pytest.mark.parametrize("interrupt", [os.killpg, os.kill], ids=["a terminal", "a program"])
def test_an_interrupted_decoding_goes_on_byte_for_byte(
    long_decoding: tuple[list[str], Path], cache: Path, interrupt: Callable[[int, int], None]
) -> None:
    """A terminal interrupts the processes that decode as well."""
    line, whole = long_decoding
    process = subprocess.Popen(line, start_new_session=True, stderr=subprocess.PIPE)
    drafts = cache / "pool"
    while not any(path.stat().st_size for path in drafts.glob(".*.draft/samples.i16")):
        assert process.poll() is None
        time.sleep(0.02)
    interrupt(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"interrupted" in errors
    (samples,) = drafts.glob(".*.draft/samples.i16")
    assert 0 < samples.stat().st_size < 40 * 3 * 2 * CLIP_SAMPLES
    subprocess.run(line, check=True, capture_output=True)
    assert decoded(cache) == decoded(whole)
    assert len(decoded(whole)["samples.i16"]) == 40 * 3 * 2 * CLIP_SAMPLES


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["build", "esc50", "nowhere"], "nowhere: no such folder"),
        (["build", "musan", "."], "MUSAN"),
        (["build", "folders", "."], "noise, music or speech"),
        (["build", "audioset", "."], "ontology.json"),
        (["check", "none.csv"], "none.csv: no such manifest"),
        (["sets", "none.csv", "--out", "sets"], "none.csv: no such manifest"),
        (["sets", "none.csv", "--out", "sets", "--scale", "0"], "scale must be positive"),
    ],
)
def test_bad_input_gives_one_line(
    arguments: list[str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = fedasc("corpus", *arguments)
    assert result.exit_code == 2
    assert reason in " ".join(result.output.split())
    assert len(result.output.strip().splitlines()) == 2, "that it starts, and why it ends"
    assert not list(tmp_path.rglob("*.csv"))
