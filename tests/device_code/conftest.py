"""What is compiled for one test is there for the others, in every worker of pytest-xdist."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from fedasc.config import fingerprint
from fedasc.device_code import firmware, library
from fedasc.device_code.compiler import compiled
from tests.device_code.compilers import NO_COMPILER


def joined(sources: Mapping[str, str]) -> dict[str, str]:
    """The same with all but the front end in one file, which takes half the time to compile."""
    apart = {name: text for name, text in sources.items() if _stands_alone(name)}
    others = (text for name, text in sorted(sources.items()) if not _stands_alone(name))
    return {**apart, "others.c": "\n".join(others)}


def _stands_alone(name: str) -> bool:
    """Headers do, and what has names of its own that others have, too."""
    return name.endswith(".h") or name.startswith("front_end")


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if NO_COMPILER:
        pytest.skip(NO_COMPILER)
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    def once(
        sources: Mapping[str, str],
        target: Path,
        *,
        options: Sequence[str] = (),
        command: Sequence[str] | None = None,
    ) -> None:
        if not command:  # for this machine
            sources, options = joined(sources), (*options, "-O1")
        key = fingerprint([dict(sources), list(options), list(command or ())])
        made = folder / f"compiled-{key}"
        with FileLock(f"{made}.lock"):
            if not made.exists():
                compiled(sources, made.with_suffix(".draft"), options=options, command=command)
                made.with_suffix(".draft").rename(made)
        shutil.copy(made, target)

    with pytest.MonkeyPatch.context() as patch:
        for module in (library, firmware):
            patch.setattr(module, "compiled", once)
        yield
