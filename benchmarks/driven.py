"""The process of a build that is driven step by step; see `benchmarks.driver`."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import driver
from benchmarks.builds import Build
from benchmarks.stage import Trial
from fedasc.errors import RunError

_LINES_TOLD = 3


class Driven:
    """A build's process, which waits for what it is asked."""

    def __init__(self, build: Build, process: subprocess.Popen[str], log: Path) -> None:
        self.build = build
        self._process, self._log = process, log

    def ask(self, step: str, **arguments: Any) -> Mapping[str, Any]:
        """What the build answers.

        Raises:
            RunError: With what it said, if it has ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        try:
            print(json.dumps([step, arguments]), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            told = " / ".join(said[-_LINES_TOLD:])
            raise RunError(f"{self.build.name} ended at {step}: {told}")
        answer: Mapping[str, Any] = json.loads(line)
        return answer

    def flops(self, step: str) -> float | None:
        """Floating-point operations of a step; see `benchmarks.operations`."""
        flops: float | None = self.ask(f"flops_of_{step}")["flops"]
        return flops

    def trial(self, step: str, **arguments: Any) -> Trial:
        """A step's time and result."""
        answer = self.ask(step, **arguments)
        return Trial(seconds=answer["seconds"], result=answer["result"])


@contextmanager
def driven(
    build: Build,
    *,
    corpora: Sequence[Path],
    settings: Mapping[str, Any],
    n_devices: int,
    logs: Path,
) -> Iterator[Driven]:
    """The process of a build, whose world is built and whose devices have listened.

    Args:
        corpora: Manifests; the embedded corpus if there are none.
        settings: As files of `fedasc run` say them.
        logs: Folder for what it says.
    """
    log = logs / f"{build.name}.log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [build.python, driver.__file__],
            env=build.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        ) as process,
    ):
        try:
            one = Driven(build, process, log)
            places = [str(path.resolve()) for path in corpora]
            one.ask("build", corpora=places, settings=dict(settings), n_devices=n_devices)
            yield one
        finally:
            process.kill()
