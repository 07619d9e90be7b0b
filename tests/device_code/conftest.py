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


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
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
