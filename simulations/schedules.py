"""How good classifiers are as they are made by default, beside those of others.

The others have other settings, or are made by the build of an earlier commit; both see the same
splits, users and recordings. Prints, for every split and for all, how the accuracies differ,
paired by user, and how many users are worse off than with what was shipped.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the benchmarks are in no wheel

import fedasc
from benchmarks.builds import build_of
from benchmarks.whole_runs import Runs
from fedasc.api import corpora_of, profiles_of, settings_from
from fedasc.cli.options import N_WORKERS, Clients, Corpus, Repetitions, Seed, Workers
from fedasc.cli.terminal import Terminal, script
from fedasc.evaluation.paired import interval_of_mean
from fedasc.execution import Execution
from fedasc.settings import Settings

Accuracies = Mapping[str, NDArray[np.float64]]
"""Of users, from 0 to 1, by what made the classifier."""

CLASSIFIERS = ("personal", "comprehensive", "baseline")
_THOROUGH = Path(fedasc.__file__).parent / "presets" / "thorough.toml"


def differences(now: Accuracies, before: Accuracies) -> dict[str, float]:
    """Mean over users of what accuracies differ by, and which share is worse off, in points."""
    mean: dict[str, float] = {}
    accuracies = [{name: 100 * run[name] for name in CLASSIFIERS} for run in (now, before)]
    for name in CLASSIFIERS:
        mean[name] = float(np.mean(accuracies[0][name] - accuracies[1][name]))
    for word, these in zip(("worse", "worse before"), accuracies, strict=True):
        mean[word] = float(100 * np.mean(these["personal"] < these["baseline"]))
    mean["worse than shipped before"] = float(
        100 * np.mean(accuracies[0]["personal"] < accuracies[1]["baseline"])
    )
    return mean


def told(splits: Sequence[dict[str, float]]) -> list[str]:
    """A line for each classifier, and one of users who are worse off."""
    lines = []
    for name in CLASSIFIERS:
        values = np.array([split[name] for split in splits])
        low, high = interval_of_mean(values)
        lines.append(f"{name}: {values.mean():+.2f} points ({low:+.2f} to {high:+.2f})")
    worse, before, shipped = (
        np.mean([split[word] for split in splits])
        for word in ("worse", "worse before", "worse than shipped before")
    )
    return [
        *lines,
        f"worse off than with the baseline: {worse:.0f} %, before {before:.0f} %",
        f"worse off than with the baseline of before: {shipped:.0f} %",
    ]


def schedules(
    corpus: Corpus = None,
    clients: Clients = None,
    repetitions: Repetitions = None,
    seed: Seed = None,
    against: Annotated[
        Path, typer.Option(help="Settings (TOML).", show_default="the preset thorough")
    ] = _THOROUGH,
    build: Annotated[
        str | None, typer.Option(help="Commit whose build is compared, in place of settings.")
    ] = None,
    workers: Workers = N_WORKERS,
) -> None:
    """Compare classifiers as they are made by default with those of other settings, or a build."""
    terminal = Terminal(quiet=False, as_json=False)
    with terminal.job() as phases, tempfile.TemporaryDirectory() as folder:
        corpora = corpora_of(corpus)
        profiles = profiles_of(None, corpora)

        def of_settings(asked: Settings, seed: int) -> Accuracies:
            run = fedasc.run(
                replace(asked, seed=seed, n_clients=clients or 50, probes=()),
                corpus=corpora,
                profiles=profiles,
                folder=Path(tempfile.mkdtemp(dir=folder)) / "run",
                execution=Execution(n_workers=workers),
                progress=phases,
            )
            return {name: np.array(run.devices[f"{name}_accuracy"], float) for name in CLASSIFIERS}

        def of_build(runs: Runs, seed: int) -> Accuracies:
            return runs.ended(clients or 50, "--seed", str(seed), "--no-why").accuracies

        now = partial(of_settings, settings_from(None, profiles))
        before: Callable[[int], Accuracies] = partial(of_settings, settings_from(against, profiles))
        if build:
            other = build_of(build, progress=phases)
            before = partial(of_build, Runs(other, corpus or (), {}, workers))
        first, splits = 1 if seed is None else seed, list[dict[str, float]]()
        for number in range(first, first + (repetitions or 10)):
            splits.append(differences(now(number), before(number)))
            values = ", ".join(f"{name} {value:+.2f}" for name, value in splits[-1].items())
            terminal.tell(f"split {number}: {values}")
    for line in told(splits):
        typer.echo(line)


app = script(schedules)

if __name__ == "__main__":
    app()
