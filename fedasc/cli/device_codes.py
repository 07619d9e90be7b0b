"""Device code as command lines ask for it: of a run, or of a classifier file and settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fedasc.cli.overrides import with_options
from fedasc.device_code.design import DeviceCode, Numbers
from fedasc.errors import SettingsError
from fedasc.live.classifier_file import read_classifier
from fedasc.plugins import as_section
from fedasc.runs.classifiers import read_classifier_of
from fedasc.runs.result import load
from fedasc.runs.settings_file import read_settings
from fedasc.settings import settings_of


def device_code(
    *,
    run: Path | None,
    device: int | None,
    classifier: Path | None,
    settings: Path | None,
    aggregator: str | None,
    numbers: Numbers,
) -> tuple[DeviceCode, str]:
    """What the code is made for, and in words where that came from.

    Args:
        run: Folder of a finished run.
        device: Of the run; what was shipped if None.
        classifier: A file, in place of a run; its front end holds.
        settings: A file; of a run only what it says of the device's half replaces the run's.
        aggregator: Name of one in place of what settings say.
        numbers: Of the front end.

    Raises:
        SettingsError: If something isn't there, or there is no C code for it.
    """
    if (run is None) == (classifier is None):
        raise SettingsError("give --run a folder of a finished run, or --classifier a file")
    content: Mapping[str, Any] = read_settings(settings).settings if settings else {}
    origin = f"Settings: {settings}." if settings else "Settings: fedasc's defaults."
    if run:
        if settings:
            raise SettingsError("--settings goes with --classifier; a run has settings of its own")
        finished = load(run)
        n_devices = finished.settings.n_clients
        if device is not None and not 0 <= device < n_devices:
            raise SettingsError(f"--device {device}: the run has devices 0 to {n_devices - 1}")
        content = as_section(finished.settings)
        shipped = read_classifier_of(run, device)
        which = "what was shipped" if device is None else f"that of device {device}"
        origin = f"Settings: of the run in {run}. Classifier: {which} in it."
    else:
        assert classifier
        if device is not None:
            raise SettingsError("--device goes with --run")
        file = read_classifier(classifier)
        shipped = file.classifier
        content = {**content, "bank": as_section(file.bank)}
        origin += f" Classifier and front end: {classifier}."
    asked = settings_of(
        with_options(content, {"aggregator": {"name": aggregator}}),
        where=str(settings or run or "settings"),
    )
    code = DeviceCode(
        bank=asked.bank,
        aggregator=asked.aggregator,
        release=asked.release,
        classifier=shipped,
        numbers=numbers,
    )
    return code, origin
