"""Builds of fedasc: this checkout, and those of commits, each with an environment of its own."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from fedasc.errors import RunError, SettingsError
from fedasc.places import cache_root
from fedasc.progress import Progress, quiet
from fedasc.workers import ONE_THREAD

CHECKOUT = Path(__file__).resolve().parents[1]
_READY = "READY"
_LOG = "pip.log"


@dataclass(frozen=True, kw_only=True)
class Build:
    """A state of fedasc that can be run.

    Args:
        name: What to call it.
        commit: It in full; with -dirty after it if files differ from it.
        python: Of an environment with all that it depends on.
        source: Its files.
        cache: What it keeps; nothing of it is another build's.
    """

    name: str
    commit: str
    python: Path
    source: Path
    cache: Path

    def environment(self) -> dict[str, str]:
        """That of its processes, which compute in one thread and keep what Python compiles."""
        return {
            **os.environ,
            **ONE_THREAD,
            "PYTHONPATH": str(self.source),
            "PYTHONSAFEPATH": "1",
            "PYTHONDONTWRITEBYTECODE": "",
            "FEDASC_CACHE": str(self.cache),
        }


def this_build() -> Build:
    """The checkout that these benchmarks are part of, with the user's cache."""
    return Build(
        name="fedasc",
        commit=commit_of_checkout(),
        python=Path(sys.executable),
        source=CHECKOUT,
        cache=cache_root(),
    )


def commit_of_checkout() -> str:
    """What is checked out; unknown where there is no git."""
    try:
        described = _git("describe", "--always", "--abbrev=40", "--dirty", "--exclude=*")
    except SettingsError:
        return "unknown"
    return described.decode().strip()


def build_of(revision: str, *, checkout: Path = CHECKOUT, progress: Progress = quiet) -> Build:
    """The build of a commit: its files, an environment that pip makes of them, and its own cache.

    All three are kept beside fedasc's cache, in a folder that may be removed at any time.

    Args:
        revision: What git knows the commit by.

    Raises:
        SettingsError: If there is no such commit.
        RunError: If pip can't make its environment.
    """
    text = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", checkout=checkout)
    commit = text.decode().strip()
    folder = cache_root().absolute().with_name(f"{cache_root().name}-builds") / commit[:12]
    source, environment = folder / "source", folder / "environment"
    build = Build(
        name=commit[:7],
        commit=commit,
        python=environment / "bin" / "python",
        source=source,
        cache=folder / "cache",
    )
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if (folder / _READY).exists():
            return build
        steps = f"making the environment of {build.name}"
        progress(steps, 0, 3)
        for begun in (source, environment):
            shutil.rmtree(begun, ignore_errors=True)
        files = _git("archive", "--format=tar", commit, checkout=checkout)
        with tarfile.open(fileobj=io.BytesIO(files)) as archive:
            archive.extractall(source, filter="data")
        progress(steps, 1, 3)
        venv.create(environment, with_pip=True)
        progress(steps, 2, 3)
        _install(build, folder / _LOG)
        (folder / _READY).touch()
        progress(steps, 3, 3)
    return build


def _install(build: Build, log: Path) -> None:
    command = [str(build.python), "-m", "pip", "install", "-q", "-e", str(build.source)]
    with log.open("wb") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        raise RunError(f"{log}: pip can't install {build.name} ({' '.join(last)})")


def _git(*arguments: str, checkout: Path = CHECKOUT) -> bytes:
    try:
        return subprocess.run(
            ["git", "-C", str(checkout), *arguments], capture_output=True, check=True
        ).stdout
    except FileNotFoundError as error:
        raise SettingsError("there is no git here, which finds the files of a commit") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip() or "no such commit"
        raise SettingsError(f"git {' '.join(arguments)}: {said}") from error
