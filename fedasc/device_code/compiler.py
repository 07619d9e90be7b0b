"""A C compiler for this machine, and what it makes."""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from fedasc.errors import SettingsError

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic")
"""Under which the library compiles without a word."""

_EXACT = ("-O2", "-ffp-contract=off")


def has_ziglang() -> bool:
    """Whether the compiler of the extra `device` is there."""
    return importlib.util.find_spec("ziglang") is not None


def compiler() -> list[str]:
    """The command of a C compiler: what CC says, the system's, or that of ziglang.

    Raises:
        SettingsError: If there is none.
    """
    if asked := os.environ.get("CC"):
        return shlex.split(asked)
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return [found]
    if has_ziglang():
        return ziglang()
    raise SettingsError(
        "no C compiler; install one, or fedasc[device], which brings ziglang, or name one in CC"
    )


def ziglang() -> list[str]:
    """The command of ziglang's compiler, for this machine and for others."""
    return [sys.executable, "-m", "ziglang", "cc"]


def compiled(
    sources: Mapping[str, str],
    target: Path,
    *,
    options: Sequence[str] = (),
    command: Sequence[str] | None = None,
) -> None:
    """Compile texts to one program or library.

    Args:
        sources: By file; headers among them.
        target: File to write.
        options: Of the compiler, after the usual ones.
        command: Of the compiler; one for this machine if None.

    Raises:
        SettingsError: If it fails, with what the compiler said.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, text in sources.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        units = sorted(name for name in sources if name.endswith((".c", ".s", ".S")))
        call = [*(command or compiler()), *WARNINGS, *_EXACT, *options, *units, "-o", str(target)]
        try:
            done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)
        except OSError as error:
            raise SettingsError(f"{call[0]}: can't be run ({error})") from error
    if done.returncode:
        raise SettingsError(f"{call[0]}: the C code can't be compiled: {done.stderr.strip()}")
