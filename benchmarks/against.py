"""This build against that of a commit: the same steps and the same runs, in turn."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.builds import Build
from benchmarks.driven import Driven, driven
from benchmarks.mixtures import by_scikit_learn
from benchmarks.operations import mixture_flops
from benchmarks.sizes import Sizes
from benchmarks.stage import Agreement, Stage, Trial, Way
from benchmarks.whole_runs import Runs
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.progress import Progress, quiet

STEPS = ("mixtures", "labels", "retraining", "personalising", "looking")
STAGES = (*STEPS, "start-end", "run")

_WORK = {
    "mixtures": "the default mixture fitted to what each device heard, one core",
    "labels": "artificial samples of each device drawn and labelled, one core",
    "retraining": "each device's classifier trained once its samples are labelled, one core",
    "personalising": "both of them, and whatever else the server does for a device, one core",
    "looking": "why each device's night helped or not, one core",
    "start-end": "a run without personalising, evaluating and looking",
    "run": "simulations/run.py from start to end, as it was run once before",
}


def _apart(one: float, other: float) -> float:
    return abs(one - other)


def _apart_in_shares(one: float, other: float) -> float:
    return abs(one / other - 1)


_ACCURACY = Agreement(deviation=_apart, tolerance=0.1, measure="difference of the accuracies")
_AGREEMENTS = {
    "mixtures": Agreement(
        deviation=_apart, tolerance=0.5, measure="difference of the log likelihoods per window"
    ),
    "labels": Agreement(
        deviation=_apart_in_shares,
        tolerance=0.75,
        measure="difference of the numbers of samples, as a share",
    ),
}
"""Builds differ in what they do, so a tolerance tells only whether it is the same kind of work."""


def _flops(step: str, build: Driven, windows: str) -> float | None:
    if step == "mixtures":
        aggregator = GmmAggregator()
        return sum(mixture_flops(by_scikit_learn(aggregator, x), x) for x in np.load(windows))
    if step == "personalising":
        parts = [build.flops("labels"), build.flops("retraining")]
        return None if None in parts else sum(filter(None, parts))
    return build.flops(step) if step in ("labels", "retraining") else None


@dataclass(frozen=True)
class Rivals:
    """Two builds and what they are given.

    Args:
        ours, other: The builds.
        corpora: Manifests; the embedded corpus if there are none.
        n_workers: Processes of whole runs.
        progress: Is told of what is done before anything is timed.
    """

    ours: Build
    other: Build
    corpora: Sequence[Path] = ()
    n_workers: int = 1
    progress: Progress = field(default=quiet, compare=False)

    def stages(self, chosen: Collection[str], sizes: Sizes) -> Iterator[Stage]:
        """Stages in which both do the same, each with its own defaults."""
        steps = [step for step in STEPS if step in chosen]
        if steps:
            yield from self._steps(steps, sizes)
        if "start-end" in chosen:
            yield self._runs("start-end", sizes, sizes.few, Runs.start_and_end)
        if "run" in chosen:
            for n_devices in sizes.whole_runs:
                yield self._runs("run", sizes, n_devices, Runs.whole)

    def prepare(self, chosen: Collection[str], sizes: Sizes) -> None:
        """Have all devices of whole runs listen, as they do before these are timed in any case."""
        few = {sizes.few} if "start-end" in chosen else set()
        for n_devices in sorted(few | {*(sizes.whole_runs if "run" in chosen else ())}):
            self._listen(sizes, n_devices)

    @property
    def _both(self) -> tuple[Build, Build]:
        return self.ours, self.other

    def _steps(self, steps: Sequence[str], sizes: Sizes) -> Iterator[Stage]:
        n_devices = sizes.n_driven
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="fedasc-")))
            both: list[Driven] = []
            for build in self._both:
                self.progress("preparing both builds", len(both), 2)
                both.append(
                    stack.enter_context(
                        driven(
                            build,
                            corpora=self.corpora,
                            settings=sizes.settings(),
                            n_devices=n_devices,
                            logs=folder,
                        )
                    )
                )
            self.progress("preparing both builds", 2, 2)
            windows = str(folder / "windows.npy")
            both[0].ask("write_windows", path=windows)
            arguments: Mapping[str, Mapping[str, Any]] = {"mixtures": {"windows": windows}}
            for step in steps:
                yield self._stage(
                    step,
                    n_devices,
                    [partial(each.trial, step, **arguments.get(step, {})) for each in both],
                    flops=[_flops(step, each, windows) for each in both],
                )

    def _runs(
        self, name: str, sizes: Sizes, n_devices: int, run: Callable[[Runs, int], Trial]
    ) -> Stage:
        both = self._listen(sizes, n_devices)
        return self._stage(
            name,
            n_devices,
            [partial(run, runs, n_devices) for runs in both],
            work=f"{_WORK[name]}, {self.n_workers} worker(s)",
        )

    def _listen(self, sizes: Sizes, n_devices: int) -> list[Runs]:
        both = [Runs(build, self.corpora, sizes.settings(), self.n_workers) for build in self._both]
        for number, runs in enumerate(both):
            self.progress(f"{n_devices:,} devices listen", number, 2)
            runs.listen(n_devices)
        self.progress(f"{n_devices:,} devices listen", 2, 2)
        return both

    def _stage(
        self,
        name: str,
        n_devices: int,
        runs: Sequence[Callable[[], Trial]],
        *,
        flops: Sequence[float | None] = (None, None),
        work: str = "",
    ) -> Stage:
        is_fixed = name == "start-end"
        return Stage(
            name=name,
            work=work or _WORK[name],
            unit="runs" if is_fixed else "devices",
            ways=tuple(
                Way(name=build.name, amount=1 if is_fixed else n_devices, run=run, flops=some)
                for build, run, some in zip(self._both, runs, flops, strict=True)
            ),
            agreement=_AGREEMENTS.get(name, _ACCURACY),
            n_devices=n_devices,
            per_device=1,
        )
