"""Compiled loops, kept under the text of everything that they are compiled from.

numba's own cache watches the file of a function alone, and so would go on with the old number where
an imported constant has changed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import scipy.linalg  # noqa: F401  # as numba does at the first call, and with it a thread starts
from filelock import FileLock
from llvmlite import binding
from numba.core import caching
from numba.core.compiler_lock import global_compiler_lock

from fedasc.places import cache_root, user_root
from fedasc.sharing import is_private
from fedasc.sources import sources

Loops = TypeVar("Loops", bound=Callable[..., Any])

FLEETING = "FEDASC_FLEETING"
"""Set in the environment where fedasc's own files go away at the end of a run."""

_config: Any = numba.config  # sets its attributes as it goes
_locator: Any = caching._CacheLocator

_PASSED_BY = ("fedasc.places", "fedasc.sharing")  # say where things are kept, not what they are

LARGE_REGISTERS = bool(binding.get_host_cpu_features().get("avx512f", False))
"""Whether the processor has 32 registers of 64 bytes, which decides what is computed at a time."""


def compiled(function: Loops) -> Loops:
    """Compile a function when it is first called, and keep what came out for later processes.

    It stands beside the source, or where that can't be written in fedasc's cache, or where
    NUMBA_CACHE_DIR points; where nothing can be written it is compiled in every process. Whoever
    may write there runs code in this process, so of a cache that others may write to the user's own
    takes the place. Nothing is reordered or contracted in it.
    """
    folder = _folder(sources(function.__module__, without=_PASSED_BY))
    before = _config.CACHE_DIR, vars(_locator)["get_suitable_cache_subpath"]
    _config.CACHE_DIR = str(folder or "")
    # numba's would be another one wherever the same text stands.
    _locator.get_suitable_cache_subpath = staticmethod(lambda path: function.__module__)
    try:
        decorate = numba.njit(cache=folder is not None, nogil=True, error_model="numpy")
        dispatcher: Any = decorate(function)
    finally:
        _config.CACHE_DIR, _locator.get_suitable_cache_subpath = before
    if folder:
        name = f"{function.__module__}.{function.__qualname__}.lock"
        dispatcher.compile = _one_at_a_time(dispatcher.compile, FileLock(folder / name))
    return cast(Loops, dispatcher)


def is_kept() -> bool:
    """Whether there is a place for what is compiled, wherever fedasc's own files may be."""
    return bool(_config.CACHE_DIR) or any(True for _ in _kept())


def _one_at_a_time(compile_for: Callable[[Any], Any], lock: FileLock) -> Callable[[Any], Any]:
    """Let one process at a time look for a function's machine code, and make and keep it.

    numba takes a free name for the code of a kind of arguments. Two processes that take the same
    one for different kinds leave an entry that leads to the other's code, which then computes
    anything. And what others are compiling needn't be compiled once more.
    """

    def alone(signature: Any) -> Any:
        with global_compiler_lock, lock:  # a thread that waits for the file must hold no thread up
            return compile_for(signature)

    return alone


def _folder(texts: dict[str, str]) -> Path | None:
    """Where what is made of these texts is kept; None where nothing can be written."""
    digest = blake2b(repr((sorted(texts.items()), LARGE_REGISTERS)).encode(), digest_size=12)
    beside = [] if os.environ.get(FLEETING) else [Path(__file__).parent / "__pycache__"]
    asked = _config.CACHE_DIR
    for root in [Path(asked)] if asked else chain(beside, _kept()):
        folder = root / f"fedasc-{digest.hexdigest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


def _kept() -> Iterator[Path]:
    """Folders in fedasc's cache, and in the user's own one, that nobody else can write to."""
    for cache in dict.fromkeys((cache_root(), user_root())):
        with suppress(OSError):
            cache.mkdir(parents=True, exist_ok=True)
            if cache == user_root() or is_private(cache):
                (cache / "compiled").mkdir(mode=0o700, exist_ok=True)
                yield cache / "compiled"
