"""Whether there is what compiles: this machine's, or ziglang, which has no wheel everywhere."""

import shutil

import pytest

from fedasc.device_code.compiler import compiler
from fedasc.errors import SettingsError


def _is_there() -> bool:
    try:
        return bool(compiler())
    except SettingsError:
        return False


NO_COMPILER = "" if _is_there() else "needs a C compiler, or fedasc[device]"
needs_compiler = pytest.mark.skipif(bool(NO_COMPILER), reason=NO_COMPILER)
needs_make = pytest.mark.skipif(
    bool(NO_COMPILER) or not shutil.which("make"), reason=NO_COMPILER or "needs make"
)
