"""The commands for sound of one's own, one after the other as a researcher uses them."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import Result
from typer.testing import CliRunner

from fedasc.audio.files import read_recording
from fedasc.cli.main import app
from fedasc.device_code.compiler import compiler
from fedasc.live.classifier_file import read_classifier
from fedasc.live.listening import Listener
from tests.cli.grounds import write_ground
from tests.device_code.compilers import needs_make
from tests.worlds import same_classifier


def call(*words: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings, settings, and a server that was prepared of them."""
    folder = tmp_path_factory.mktemp("by-hand")
    write_ground(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(folder / "cache"))
        words = ["server", "--json", "--workers", "1", "--corpus", folder / "rec/manifest.csv"]
        words += ["--settings", folder / "settings.toml", "--out", folder / "server"]
        made = told(call(*words, "--profiles", folder / "profiles.toml"))
    assert made["folder"] == str(folder / "server")
    assert made["n_known_clips"] > 20
    return folder


@pytest.fixture
def here(ground: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.setenv("FEDASC_CACHE", str(ground / "cache"))
    monkeypatch.chdir(tmp_path)
    return ground


def listen(ground: Path, *words: object, stdin: bytes = b"") -> Result:
    return call("listen", "--server", ground / "server", *words, stdin=stdin)


def test_listen_personalise_listen_evaluate(here: Path) -> None:
    sounds = sorted((here / "rec").glob("fan*.wav"))
    before = listen(here, *sounds)
    assert before.exit_code == 0, before.output
    assert [line.split()[0] for line in before.stdout.splitlines()] == [
        f"{10 * number}.0" for number in range(5)
    ]
    assert "bytes tell of 5 windows, in day.summary" in before.stderr

    made = told(call("personalise", "--server", here / "server", "--json"))
    assert made["file"] == "personal.npz"
    assert sum(made["samples"].values()) > 0
    personal = read_classifier(Path("personal.npz"))
    shipped = read_classifier(here / "server/baseline.npz")
    assert personal.replaces is not None
    assert same_classifier(personal.replaces, shipped.classifier)
    assert not same_classifier(personal.classifier, shipped.classifier)
    assert personal.server == shipped.server

    after = told(listen(here, *sounds, "--classifier", "personal.npz", "--json"))
    listener = Listener(personal.bank, personal.classifier)
    (window,) = listener.push(read_recording(sounds[0]))
    assert after["windows"][0]["certainty"] == pytest.approx(window.certainty)
    assert after["summary"] == "day.summary"

    manifest = here / "rec/manifest.csv"
    refused = call("evaluate", "--corpus", manifest, "--windows", 20)
    assert refused.exit_code == 2
    assert "has learnt from it" in refused.stderr
    words = ["evaluate", "--corpus", manifest, "--windows", 20, "--workers", 1, "--json"]
    judged = told(call(*words, "--server", here / "server"))
    assert list(judged["classifiers"]) == ["this one", "before", "all data", "teacher"]
    assert 0 < judged["n_known_clips"] < 55
    assert judged["n_windows"] == 20

    shutil.copytree(here / "rec", "others")
    sound, rate = soundfile.read("others/fan_0_0.wav")
    soundfile.write("others/fan_0_0.wav", sound / 2, rate)
    table = call("evaluate", "--corpus", "others/manifest.csv", "--windows", 20, "--workers", 1)
    assert table.exit_code == 0, table.output
    assert "before" in table.stdout
    assert "all data" not in table.stdout


def raw(path: Path) -> bytes:
    samples, _ = soundfile.read(path, dtype="int16")
    content: bytes = samples.astype("<i2").tobytes()
    return content


@pytest.mark.parametrize("sent", [raw, Path.read_bytes], ids=["raw", "wav"])
def test_what_is_piped_is_heard_as_the_file(sent: Callable[[Path], bytes], here: Path) -> None:
    path = here / "rec/adult_0_0.wav"
    from_file = listen(here, path)
    piped = listen(here, "-", stdin=sent(path))
    assert piped.exit_code == 0, piped.output
    assert piped.stdout == from_file.stdout
    assert len(piped.stdout.splitlines()) == 1
    assert "a single window can't be summarised" in piped.stderr
    assert not Path("day.summary").exists()


@needs_make
def test_the_exported_program_tells_what_listen_tells(here: Path) -> None:
    """Line by line, though each listens by code of its own; its Makefile has nothing to say."""
    baseline, numbers = here / "server/baseline.npz", ("--numbers", "single")
    asked = ("--classifier", baseline, "--aggregator", "moments", *numbers, "--out", "device")
    assert call("export", *asked).exit_code == 0
    made = subprocess.run(
        ["make", "-C", "device", f"CC={' '.join(compiler())}"], capture_output=True, check=False
    )
    assert (made.returncode, made.stderr) == (0, b"")
    sounds = b"".join(raw(path) for path in sorted((here / "rec").glob("*_0_0.wav")))
    sounds += bytes(640_000)
    by_c = subprocess.run(["device/fedasc"], input=sounds, capture_output=True, check=True)
    shown = listen(here, "-", stdin=sounds)
    assert by_c.stdout.decode() == shown.stdout
    assert shown.stdout.endswith(" -inf\n")
    assert len({line.split()[2] for line in shown.stdout.splitlines()}) > 1


def test_silence_is_counted_and_tells_nothing_that_is_not_finite(here: Path) -> None:
    silence = np.zeros(480_000, "<i2").tobytes()
    shown = listen(here, "-", stdin=silence)
    assert shown.exit_code == 0, shown.output
    assert [line.split()[-1] for line in shown.stdout.splitlines()] == ["-inf"] * 3
    assert "3 windows, 3 of them silent" in shown.stderr
    quiet = listen(here, "-", "--quiet", stdin=silence)
    assert quiet.stdout == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "give audio files, - for standard input, or --microphone"),
        (("-", "--microphone"), "give audio files, - for standard input, or --microphone"),
        (("-", "--seconds", 5), "go with --microphone"),
        (("-", "--out", "day.txt"), "ends in .summary"),
        (("-",), "no sound lasts 10 s"),
        (("none.wav",), "none.wav: no such file"),
        (("-", "--rate", 8000), "sampled at 8000 Hz"),
        (("-", "--classifier", "none.npz"), "no such classifier file"),
    ],
)
def test_mistakes_are_told_in_a_line(words: tuple[object, ...], why: str, here: Path) -> None:
    result = listen(here, *words, stdin=bytes(320))
    assert result.exit_code == 2
    assert why in result.stderr
    assert result.stdout == ""
    assert not Path("day.summary").exists()


def test_a_server_or_a_summary_that_is_none_is_told(here: Path) -> None:
    none = call("listen", "-", "--server", "nowhere", stdin=b"")
    assert (none.exit_code, "no folder of a server" in none.stderr) == (2, True)
    Path("day.summary").write_bytes(b"nothing")
    bad = call("personalise", "--server", here / "server")
    assert (bad.exit_code, "no summary file of fedasc" in bad.stderr) == (2, True)
    assert not Path("personal.npz").exists()
    again = call("server", "--out", here / "server")
    assert (again.exit_code, "exists" in again.stderr) == (2, True)


def test_models_for_other_runtimes_are_written(here: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    pytest.importorskip("onnx", reason="needs the extra onnx")
    onnx = ("--format", "onnx")
    made = told(call("export", *onnx, "--server", here / "server", "--json"))
    assert made["files"] == ["c1.onnx", "teacher.onnx"]
    words = ["export", *onnx, "--classifier", here / "server/comprehensive.npz", "--out", "alone"]
    alone = told(call(*words, "--json"))
    assert alone["files"] == ["c1.onnx"]
    x = np.random.default_rng(0).normal(-20, 6, (50, 45)).astype(np.float32)
    for folder, name in (("export", "baseline.npz"), ("alone", "comprehensive.npz")):
        session = onnxruntime.InferenceSession(f"{folder}/c1.onnx")
        classifier = read_classifier(here / "server" / name).classifier
        assert session.run(["scene"], {"x": x})[0].tolist() == classifier.predict(x).tolist()
