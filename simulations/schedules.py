"""How good classifiers are as they are made by default, beside those of other settings.

Both see the same splits, users and recordings. Prints, for every split and for all, how the
accuracies differ, paired by user, and how many users are worse off than with what was shipped.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import fedasc
from fedasc.api import corpora_of, profiles_of, settings_from
from fedasc.cli.options import N_WORKERS, Clients, Corpus, Repetitions, Seed, Workers
from fedasc.cli.terminal import Terminal, script
from fedasc.evaluation.paired import interval_of_mean
from fedasc.execution import Execution
from fedasc.runs.result import Run

CLASSIFIERS = ("personal", "comprehensive", "baseline")
_THOROUGH = Path(fedasc.__file__).parent / "presets" / "thorough.toml"


def differences(now: Run, before: Run) -> dict[str, float]:
    """Mean over users of what accuracies differ by, and which share is worse off, in points."""
    mean: dict[str, float] = {}
    accuracies = [
        {name: 100 * np.array(run.devices[f"{name}_accuracy"], float) for name in CLASSIFIERS}
        for run in (now, before)
    ]
    for name in CLASSIFIERS:
        mean[name] = float(np.mean(accuracies[0][name] - accuracies[1][name]))
    for word, these in zip(("worse", "worse before"), accuracies, strict=True):
        mean[word] = float(100 * np.mean(these["personal"] < these["baseline"]))
    return mean


def told(splits: Sequence[dict[str, float]]) -> list[str]:
    """A line for each classifier, and one of users who are worse off."""
    lines = []
    for name in CLASSIFIERS:
        values = np.array([split[name] for split in splits])
        low, high = interval_of_mean(values)
        lines.append(f"{name}: {values.mean():+.2f} points ({low:+.2f} to {high:+.2f})")
    worse, before = (
        np.mean([split[word] for split in splits]) for word in ("worse", "worse before")
    )
    return [*lines, f"worse off than with the baseline: {worse:.0f} %, before {before:.0f} %"]


def schedules(
    corpus: Corpus = None,
    clients: Clients = None,
    repetitions: Repetitions = None,
    seed: Seed = None,
    against: Annotated[
        Path, typer.Option(help="Settings (TOML).", show_default="the preset thorough")
    ] = _THOROUGH,
    workers: Workers = N_WORKERS,
) -> None:
    """Compare classifiers as they are made by default with those of other settings."""
    terminal = Terminal(quiet=False, as_json=False)
    with terminal.job() as phases, tempfile.TemporaryDirectory() as folder:
        corpora = corpora_of(corpus)
        profiles = profiles_of(None, corpora)
        first, splits = 1 if seed is None else seed, list[dict[str, float]]()
        for number in range(first, first + (repetitions or 10)):
            runs = [
                fedasc.run(
                    replace(asked, seed=number, n_clients=clients or 50, probes=()),
                    corpus=corpora,
                    profiles=profiles,
                    folder=Path(folder) / f"{number}-{name}",
                    execution=Execution(n_workers=workers),
                    progress=phases,
                )
                for name, asked in (
                    ("now", settings_from(None, profiles)),
                    ("before", settings_from(against, profiles)),
                )
            ]
            splits.append(differences(*runs))
            values = ", ".join(f"{name} {value:+.2f}" for name, value in splits[-1].items())
            terminal.tell(f"split {number}: {values}")
    for line in told(splits):
        typer.echo(line)


app = script(schedules)

if __name__ == "__main__":
    app()
