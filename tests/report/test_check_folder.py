import csv
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from fedasc.corpus.clips import ClipFile, ClipShelf
from fedasc.corpus.parts import PARTS
from fedasc.corpus.pool import Examined, Pool, Source
from fedasc.corpus.recordings import Recording
from fedasc.report import check_folder
from fedasc.report.check_folder import check_summary, show_check

KINDS = (("noise", "nature", "rain"), ("noise", "nature", "rain"), ("speech", "", "read"))
IN_PARTS = ("train", "evaluation", "train")
ODD = os.fsdecode(b"b, \xf6\r\nc.wav")  # no UTF-8
UNUSABLE = (("a[1].wav", "no such file"), (ODD, "sampled at 8000 Hz; give 16 kHz"))
BURSTS = (("d.wav", "short bursts only: energy-peak ratio 7.3 > 5"),)


def source(name: str, *, level_dbfs: float = -20.5, **odd: Any) -> Source:
    usual = {"calibration_db_spl": None, "clipped": 0.0, "full_scale": 1.0, "note": ""}
    return Source(name=name, level_dbfs=level_dbfs, **{**usual, **odd})


@pytest.fixture
def pool(clips: ClipFile) -> Pool:
    return Pool(
        entries=(),
        clips=ClipShelf((clips,)),
        recordings=tuple(
            Recording(path=f"{n}.wav", label=label, domain=domain, type=kind, group=f"g{n}")
            for n, (label, domain, kind) in enumerate(KINDS)
        ),
        unusable=UNUSABLE,
        bursts=BURSTS,
        examined=Examined(
            used=np.array([True, True, True, False]),
            level_dbfs=np.array([-20.0, -30.0, -25.0, -40.0]),
            energy_peak_ratio=np.array([1.5, 2.0, 4.0, 7.3]),
            calibration_db_spl=np.array([np.nan, np.nan, 100.0, np.nan]),
        ),
        sources=(
            source("0.wav", clipped=0.00009),
            source("1.wav", clipped=0.0123, full_scale=32768.0),
            source("\udcf6", calibration_db_spl=100.0, clipped=0.5, note="ends early: 6.0 s of 9"),
        ),
    )


def shown(pool: Pool, folder: Path | None = None) -> list[str]:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(show_check(pool, IN_PARTS, folder))
    return [" ".join(line.split()) for line in capture.get().splitlines()]


def test_the_check_tells_what_there_is_and_each_unusable_recording(pool: Pool) -> None:
    lines = shown(pool)
    assert "rain 2 2 0.01 1 - - 1" in lines
    assert "all 3 3 0.01 2 - - 1" in lines
    assert lines[lines.index("Left out, 3 recordings:") :] == [
        "Left out, 3 recordings:",
        "1 no such file",
        "1 sampled at 8000 Hz",
        "1 short bursts only",
        "Clipped, 2 recordings: over 0.01 % of their samples at full scale, at most 50 % (\\udcf6)",
        "Scaled, 1 recordings: full scale is 32768 in the file",
        "Used, but odd, 1 recordings:",
        "1 ends early",
        "a[1].wav: no such file",
        r"b, \udcf6\r\nc.wav: sampled at 8000 Hz; give 16 kHz",
        r"\udcf6: ends early: 6.0 s of 9",
    ]
    assert check_summary(pool, IN_PARTS) | {"types": []} == {
        "n_clips": 3,
        "left_out": {"no such file": 1, "sampled at 8000 Hz": 1, "short bursts only": 1},
        "n_clipped": 2,
        "n_scaled": 1,
        "odd": {"ends early": 1},
        "types": [],
    }


def test_a_pool_that_lost_nothing_says_so(pool: Pool) -> None:
    lossless = replace(pool, unusable=(), bursts=(), sources=())
    assert shown(lossless)[-1] == "Nothing was left out."


def test_the_folder_holds_counts_reasons_and_a_picture(pool: Pool, tmp_path: Path) -> None:
    folder = tmp_path / "check"
    lines = shown(pool, folder)
    assert len(lines[lines.index("Left out, 3 recordings:") + 1 :]) == 7  # reasons, not files
    assert {path.name for path in folder.iterdir()} == {
        *("counts.csv", "left_out.csv", "levels.csv", "corpus.png", "corpus.pdf", "corpus.svg")
    }
    assert [path.name for path in tmp_path.iterdir()] == ["check"]
    with (folder / "counts.csv").open(newline="", encoding="utf-8") as file:
        rain, read = csv.DictReader(file)
    expected = {"label": "noise", "domain": "nature", "type": "rain", "clips": "2", "groups": "2"}
    in_parts = dict.fromkeys(PARTS, "0") | {"train": "1", "evaluation": "1"}
    assert rain == {**expected, "hours": "0.0056", **in_parts}
    assert (read["label"], read["clips"], read["train"]) == ("speech", "1", "1")
    left_out = folder / "left_out.csv"
    with left_out.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        assert list(csv.reader(file)) == [
            ["recording", "reason"],
            *(list(item) for item in (*UNUSABLE, *BURSTS)),
        ]
    assert (folder / "levels.csv").read_bytes().splitlines() == [
        b"recording,level_dbfs,level_db_spl,clipped,full_scale,note",
        b"0.wav,-20.5,,9e-05,1,",
        b"1.wav,-20.5,,0.0123,32768,",
        b"\xf6,-20.5,79.5,0.5,1,ends early: 6.0 s of 9",
    ]
    assert (folder / "corpus.png").read_bytes().startswith(b"\x89PNG")


def test_a_failure_leaves_no_folder(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(check_folder, "corpus_picture", fail)
    with pytest.raises(OSError, match="disk full"):
        shown(pool, tmp_path / "check")
    assert list(tmp_path.iterdir()) == []
