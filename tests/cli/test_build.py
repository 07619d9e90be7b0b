"""The command `fedasc corpus build`, on layouts that differ from each other most."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fedasc.cli.corpus import Kind
from fedasc.cli.main import app
from fedasc.corpus.manifest import read_manifest

RATE_HZ = 16_000
SOUND = np.random.default_rng(0).integers(-9_000, 9_000, 10 * RATE_HZ).astype(np.int16)


def build(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["corpus", "build", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_manifest_of_pieces_plays_what_they_were_cut_from(tmp_path: Path) -> None:
    audio = tmp_path / "TAU" / "audio"
    audio.mkdir(parents=True)
    for scene, device in (("tram", "s1"), ("airport", "b"), ("airport", "c")):
        for n in range(10):
            samples = SOUND[n * RATE_HZ : (n + 1) * RATE_HZ]
            soundfile.write(audio / f"{scene}-oslo-1-2-{n}-{device}.wav", samples, RATE_HZ)
    manifest = tmp_path / "tau.csv"
    out = build("tau", tmp_path / "TAU", "--out", manifest)
    assert "1 noise (1 types)" in out
    assert "airport-oslo-1-2-0-b.wav and 19 more: people talk there" in " ".join(out.split())
    corpus = read_manifest(manifest)
    (recording,) = corpus.recordings
    assert (recording.type, recording.microphone, recording.group) == ("tram", "s1", "tau:oslo-1")
    np.testing.assert_array_equal(corpus.read(0) * 32_768, SOUND)
    build("tau", tmp_path / "TAU", "--out", manifest, "--babble")
    assert {r.type for r in read_manifest(manifest).recordings} == {"airport", "tram"}


def test_what_full_scale_is_can_be_said_of_all_recordings(tmp_path: Path) -> None:
    (tmp_path / "noise" / "rain").mkdir(parents=True)
    for n in range(2):
        soundfile.write(tmp_path / f"noise/rain/{n}.wav", SOUND / 9_000, RATE_HZ, subtype="FLOAT")
    build("folders", tmp_path, "--calibration-db-spl", 94.5, "--full-scale", 4)
    corpus = read_manifest(tmp_path / "manifest.csv")
    scales = [(one.calibration_db_spl, one.full_scale) for one in corpus.recordings]
    assert scales == [(94.5, 4.0)] * 2
    np.testing.assert_allclose(corpus.read(0), SOUND / 36_000, atol=1e-6)
    build("folders", tmp_path)
    assert read_manifest(tmp_path / "manifest.csv").recordings[0].calibration_db_spl is None


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--calibration-db-spl", "30", "calibration_db_spl must be the level of full scale in dB"),
        ("--calibration-db-spl", "nan", "calibration_db_spl must be the level of full scale in dB"),
        ("--full-scale", "0", "full_scale must be the value in the file that is full scale"),
        ("--full-scale", "inf", "full_scale must be the value in the file that is full scale"),
    ],
)
def test_what_full_scale_cannot_be_is_refused(
    option: str, value: str, told: str, tmp_path: Path
) -> None:
    line = ["corpus", "build", "folders", str(tmp_path), option, value]
    result = CliRunner().invoke(app, line)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
    assert not (tmp_path / "manifest.csv").exists()


@pytest.mark.parametrize("kind", Kind)
def test_each_layout_has_a_line_where_people_look_for_it(kind: Kind) -> None:
    for page in ("docs/how-to/recordings.md", "docs/corpora.md"):
        text = Path(page).read_text(encoding="utf-8")
        assert re.search(rf"^\| `{kind}` \| .{{20,}} \|$", text, flags=re.MULTILINE), page
