"""Runs that tell a tracker of their nights."""

import tomllib
from pathlib import Path

import pytest

import fedasc
from fedasc.errors import RunError
from fedasc.night import Night, State
from tests.cli.test_run import fedasc as command
from tests.simulations.test_run import SETTINGS, assert_refused, recordings  # noqa: F401
from tests.trackers.journal import lines, write_journal


def test_a_night_is_told_as_a_whole_and_once_whatever_interrupts_it(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    def fail(night: Night, state: State) -> None:
        if (night.number, night.cohort) == (1, 0):
            raise RunError("interrupted")

    here = fedasc.Execution(engine="local", n_workers=1, per_cohort=2)
    with pytest.raises(fedasc.FedascError, match="interrupted"):
        fedasc.run(
            {**tomllib.loads(SETTINGS), "n_clients": 3, "nights": {"n_nights": 2}},
            corpus=recordings / "manifest.csv",
            profiles=recordings / "profiles.toml",
            folder=tmp_path / "run",
            execution=here,
            observers=[fail],
            track=write_journal(tmp_path),
        )
    finished = fedasc.resume(tmp_path / "run", execution=here)
    told = lines(tmp_path / "run")
    nights = [line for line in told if "night" in line]
    assert [line["night"] for line in nights] == [0, 1]
    for row in finished.nights:
        numbers = nights[row["night"]]["numbers"]
        profile = row["profile"]
        assert numbers[f"{profile}/personal/mean"] == row["personal_accuracy"]
        assert numbers[f"{profile}/gain/mean"] == row["gain"]
        assert numbers[f"{profile}/n_users"] == row["n_users"]
    assert numbers["all/n_users"] == 3, "of both cohorts"
    assert told[0]["settings"]["n_clients"] == 3
    (files,) = (line["files"] for line in told if "files" in line)
    assert {"gains.png", "devices.csv", "nights.csv", "summary.json"} <= set(files)
    assert [line["is_finished"] for line in told if "is_finished" in line] == [False, True]


def test_a_tracker_that_is_not_there_is_told_before_anything_is_done(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    assert_refused(command(recordings, "--track", "tensorbord", "--out", out), "'tensorboard'?")
    assert not out.exists()
