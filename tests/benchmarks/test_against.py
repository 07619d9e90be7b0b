"""Two builds that are timed in turn, and what is done before."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import builds
from benchmarks.against import STAGES, Rivals
from benchmarks.builds import Build, build_of, commit_of_checkout, this_build
from benchmarks.driven import driven
from benchmarks.run import run_bench
from benchmarks.sizes import QUICK
from benchmarks.whole_runs import Runs, as_toml
from fedasc.config import read_toml
from fedasc.errors import RunError, SettingsError

SIZES = replace(QUICK, n_rounds=2, n_night_rounds=2, few=2, whole_runs=(8,))

RUN = """
import json, os, pathlib, sys, tomllib
words = sys.argv[1:]
options = dict(zip(words[::2], words[1::2]))
settings = tomllib.loads(pathlib.Path(options["--settings"]).read_text())
diary = pathlib.Path(os.environ["FEDASC_CACHE"]) / "diary"
with diary.open("a") as file:
    print(options["--clients"], settings.get("strategy", {}).get("name"), file=file)
if not pathlib.Path(options.get("--corpus", ".")).exists():
    sys.exit("error: no such file")
out = pathlib.Path(options["--out"])
out.mkdir()
profiles = [{"accuracy": {"personal": 0.5}}, {"accuracy": {"personal": 0.75}}]
seconds = {"preparing": 50.0, "evaluating": -100.0}  # which no clock says
(out / "summary.json").write_text(json.dumps({"profiles": profiles, "seconds": seconds}))
table = ["device,personal_accuracy,baseline_accuracy,comprehensive_accuracy,teacher_accuracy"]
table += ["0,0.75,0.5,0.25,1.0", "1,,0.625," + options.get("--seed", "") + ",1.0"]
(out / "devices.csv").write_text("\\n".join(table))
"""

DRIVER = """#!/usr/bin/env python3
import json, os, pathlib, sys
diary = pathlib.Path(os.environ["FEDASC_CACHE"]) / "diary"
for line in sys.stdin:
    step, arguments = json.loads(line)
    with diary.open("a") as file:
        print(step, file=file)
    if step == "looking":
        sys.exit("it looked too hard")
    if step == "write_windows":
        import numpy
        numpy.save(arguments["path"], numpy.random.default_rng(1).normal(size=(1, 40, 45)))
    answer = {"seconds": 2.0 if "slow" in str(diary) else 1.0, "result": 0.5, "flops": 1e9}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def rivals(tmp_path: Path) -> Rivals:
    """Builds whose scripts only say what they were asked for."""
    return Rivals(made_up(tmp_path / "fast"), made_up(tmp_path / "slow"))


def made_up(folder: Path) -> Build:
    (folder / "simulations").mkdir(parents=True)
    (folder / "simulations" / "run.py").write_text(RUN)
    return Build(
        name=folder.name,
        commit=folder.name * 10,
        python=Path(sys.executable),
        source=folder,
        cache=folder,
    )


def driving(rivals: Rivals) -> Rivals:
    """The same, whose Python answers by itself what drivers are asked."""

    def program(build: Build) -> Build:
        path = build.source / "python"
        path.write_text(DRIVER.replace("/usr/bin/env python3", sys.executable))
        path.chmod(0o755)
        return replace(build, python=path)

    return Rivals(program(rivals.ours), program(rivals.other))


def diary(build: Build) -> list[str]:
    return (build.cache / "diary").read_text().splitlines()


def test_steps_of_both_are_timed_in_turn_by_their_own_clocks(rivals: Rivals) -> None:
    both = driving(rivals)
    steps = ["mixtures", "labels", "retraining", "personalising"]
    record = run_bench(steps, SIZES, rivals=both, command="a command")
    assert [timed.stage for timed in record.stages] == steps
    for timed in record.stages:
        assert [timing.way for timing in timed.timings] == ["fast", "slow"]
        assert timed.ratio(timed.timings[1]).median == 2
        assert [timing.seconds for timing in timed.timings] == [(1.0, 1.0), (2.0, 2.0)]
        assert timed.device_ms(timed.timings[0]) == 1000 / SIZES.n_driven
    gflops = {timed.stage: timed.timings[0].gflops for timed in record.stages}
    assert gflops["labels"] == 1
    assert gflops["personalising"] == 2
    assert (record.against, record.command) == ("slow" * 10, "a command")
    n_rounds = SIZES.n_rounds + 1
    assert diary(both.other)[1:] == [
        *("mixtures" for _ in range(n_rounds)),
        *("flops_of_labels", *("labels" for _ in range(n_rounds))),
        *("flops_of_retraining", *("retraining" for _ in range(n_rounds))),
        *("flops_of_labels", "flops_of_retraining", *("personalising" for _ in range(n_rounds))),
    ]


def test_a_build_that_ends_is_told_with_its_last_words(rivals: Rivals) -> None:
    with pytest.raises(RunError, match="fast ended at looking: it looked too hard"):
        run_bench(["looking"], SIZES, rivals=driving(rivals))


def test_runs_are_timed_once_all_have_listened(rivals: Rivals) -> None:
    record = run_bench(["start-end", "run"], SIZES, rivals=rivals)
    fixed, whole = record.stages
    fast = fixed.timings[0]
    assert (fixed.unit, fast.amount) == ("runs", 1)
    assert fixed.device_ms(fast) == pytest.approx(1000 * np.median(fast.seconds))
    assert (whole.n_devices, whole.timings[0].amount) == (8, 8)
    assert whole.timings[0].peak_bytes
    listened, warmed, runs = "2 none", ["2 None"], ["2 None"] * SIZES.n_night_rounds
    last = ["8 none", "8 None", *["8 None"] * SIZES.n_night_rounds]
    for build in (rivals.ours, rivals.other):
        assert diary(build) == [listened, *warmed, *runs, *last]


def test_what_devices_do_is_no_part_of_start_and_end(rivals: Rivals) -> None:
    runs = Runs(rivals.ours, (), {}, 1)
    whole, fixed = runs.whole(2), runs.start_and_end(2)
    assert whole.result == fixed.result == 0.75
    assert 0 < whole.seconds < 50
    assert 100 < fixed.seconds < 150


def test_a_run_that_fails_is_told(rivals: Rivals, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="slow, a run of 3 devices: error: no such file"):
        Runs(rivals.other, [tmp_path / "nowhere.csv"], {}, 1).listen(3)


def test_a_run_with_further_options_tells_how_accurate_every_device_is(rivals: Rivals) -> None:
    run = Runs(rivals.ours, (), {}, 1).ended(2, "--seed", "0.125")
    assert {name: row.tolist() for name, row in run.accuracies.items()} == {
        "baseline": [0.5, 0.625],
        "personal": [0.75, pytest.approx(np.nan, nan_ok=True)],
        "comprehensive": [0.25, 0.125],
    }


def test_to_prepare_is_to_have_all_listen(rivals: Rivals) -> None:
    rivals.prepare(STAGES, SIZES)
    assert diary(rivals.ours) == ["2 none", "8 none"]
    rivals.prepare(["labels"], SIZES)
    assert diary(rivals.ours) == ["2 none", "8 none"]


def test_settings_are_written_as_they_are_read(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(as_toml(SIZES.settings()))
    assert read_toml(file) == SIZES.settings()
    assert replace(SIZES, small=False).settings() == {}


def git(folder: Path, *arguments: str) -> str:
    name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", folder, *name, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """With a commit of `then`, after which it says something else."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "file").write_text("then")
    git(folder, "add", "file")
    git(folder, "commit", "-q", "-m", "then")
    (folder / "file").write_text("now")
    return folder


def test_a_commits_build_is_made_once(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "cache"))
    made: list[Path] = []
    monkeypatch.setattr("venv.create", lambda folder, **_: made.append(folder))
    monkeypatch.setattr(builds, "_install", lambda build, log: made.append(log))
    build = build_of("HEAD", checkout=checkout)
    commit = git(checkout, "rev-parse", "HEAD")
    assert (build.name, build.commit) == (commit[:7], commit)
    assert (build.source / "file").read_text() == "then"
    assert build.python.is_relative_to(made[0])
    environment = build.environment()
    assert environment["FEDASC_CACHE"] != os.environ["FEDASC_CACHE"]
    assert environment["PYTHONPATH"] == str(build.source)
    assert build_of(commit[:9], checkout=checkout) == build
    assert len(made) == 2


def test_what_was_left_half_made_is_made_anew(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("venv.create", lambda folder, **_: folder.mkdir())
    program = tmp_path / "pip"
    program.write_text("#!/bin/sh\necho no room for $6; exit 1\n")
    program.chmod(0o755)
    install = builds._install
    monkeypatch.setattr(
        builds, "_install", lambda build, log: install(replace(build, python=program), log)
    )
    with pytest.raises(RunError, match=r"pip\.log: pip can't install .* \(no room for .*source\)"):
        build_of("HEAD", checkout=checkout)
    monkeypatch.setattr(builds, "_install", lambda build, log: None)
    build_of("HEAD", checkout=checkout)


def test_a_commit_that_is_none_is_one_line(checkout: Path) -> None:
    with pytest.raises(SettingsError, match=r"git rev-parse .*dreams.*: no such commit"):
        build_of("dreams", checkout=checkout)


def test_this_build_is_this_checkout() -> None:
    build = this_build()
    assert (build.source / "benchmarks" / "builds.py").is_file()
    assert build.commit == commit_of_checkout()


def test_answers_come_from_a_process_of_the_builds_own(rivals: Rivals, tmp_path: Path) -> None:
    build = driving(rivals).ours
    with driven(build, corpora=(), settings={}, n_devices=1, logs=tmp_path) as one:
        assert one.trial("labels").seconds == 1
        assert json.loads(json.dumps(one.ask("labels")))["result"] == 0.5
    assert diary(build) == ["build", "labels", "labels"]
