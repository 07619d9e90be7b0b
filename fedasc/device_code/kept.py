"""What the library takes of a core, measured once and kept."""

import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fedasc.device_code.cores import Core
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.firmware import program_texts
from fedasc.device_code.measurement import Measured, measure
from fedasc.errors import SettingsError
from fedasc.shelves import MEASURED

_EXTRA = ("pyelftools", "unicorn", "ziglang")
_FILE = "measured.json"


def measured_once(code: DeviceCode, core: Core, *, n_windows: int) -> Measured:
    """What `fedasc.device_code.measurement.measure` finds, from the cache if it is there.

    Raises:
        SettingsError: If the extra isn't installed.
    """
    entry = MEASURED.entry(asdict(core), n_windows, program_texts(code), _versions())

    def make(folder: Path) -> None:
        figures = asdict(measure(code, core, n_windows=n_windows))
        del figures["core"]
        (folder / _FILE).write_text(json.dumps(figures), encoding="utf-8")

    content = (entry.made(make) / _FILE).read_text(encoding="utf-8")
    return Measured(core=core, **json.loads(content))


def _versions() -> dict[str, str]:
    try:
        return {name: version(name) for name in _EXTRA}
    except PackageNotFoundError as error:
        raise SettingsError("to measure on small cores, install fedasc[device]") from error
