"""A night of two devices that is made up, before a run decodes or trains anything.

Who tries a plug-in of her own wants to hear of her mistake within seconds, not after the corpus is
decoded and a teacher trained. What comes with fedasc alone is never tried: it costs nothing there.
"""

import logging
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from fedasc.admission import admission_of
from fedasc.aggregators.summary import Summary
from fedasc.code import modules_of
from fedasc.device import Device
from fedasc.errors import MessageError, PluginError, SettingsError
from fedasc.faults import fault_of, is_ours, line_of
from fedasc.made_up.days import sounds
from fedasc.made_up.night import SmallNight
from fedasc.made_up.server import small_server
from fedasc.made_up.sights import sights_of
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.teacher import TeacherSettings
from fedasc.plugins import Plugin
from fedasc.privacy.coincidence import NEAR, coincidences
from fedasc.probes.diagnosis import told_by
from fedasc.processes import alone
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES
from fedasc.settings import Settings
from fedasc.sources import PACKAGE, top_of
from fedasc.strategies.round_result import RoundResult

logger = logging.getLogger(__name__)

_DEVICES = (0, 1)
_FEW = 100
_SLOW_S = 20.0
_N_TAUGHT = 200


def dry_pass(settings: Settings, progress: Progress = quiet) -> None:
    """Try the plug-ins of a run that aren't fedasc's on days that are made up.

    The aggregator summarises two days, of a hundred windows unless that is too few for it; what it
    makes goes through the release stage and is admitted; the strategy serves the two devices, and
    every probe looks at them. A teacher is trained on two hundred windows, saved and loaded.

    Raises:
        PluginError: If one of them fails, with its name, its file and the line.
        FedascError: If what it makes is refused, or tells of single windows.
    """
    plugins = (settings.aggregator, settings.strategy, settings.probes)
    if not _strangers((*plugins, settings.teacher)):
        return
    progress("trying plug-ins", 0, 1)
    try:
        with alone():
            if _strangers(settings.teacher):
                _taught(settings.teacher)
            slow = _night(settings) if _strangers(plugins) else None
    except PluginError as error:
        raise PluginError(f"{error}; nothing was begun") from error.__cause__
    progress("trying plug-ins", 1, 1)
    if slow:
        logger.warning("%s", slow)


def dry_passes(several: Iterable[Settings]) -> None:
    """The same of several settings: once for the same kinds of plug-ins."""
    by_kinds: dict[Any, Settings] = {}
    for one in several:
        plugins = (one.aggregator, one.strategy, *one.probes, one.teacher)
        by_kinds.setdefault(tuple(type(plugin) for plugin in plugins), one)
    for one in by_kinds.values():
        dry_pass(one)


def _strangers(plugins: Any) -> bool:
    """Whether any of them isn't fedasc's, or has one in its settings."""
    return any(top_of(module) != PACKAGE for module in modules_of(plugins))


def _night(settings: Settings) -> str | None:
    """A night from the stream to the probes; a warning if a day takes long."""
    n_heard = settings.listening.n_heard
    n_windows = min(n_heard, _FEW)
    try:
        night, seconds = _summarised(settings, n_windows)
    except PluginError:
        raise
    except SettingsError:  # perhaps for want of windows
        if n_windows == n_heard:
            raise
        n_windows = n_heard
        night, seconds = _summarised(settings, n_windows)
    day_s = seconds * n_heard / n_windows
    strategy = settings.strategy
    with fault_of(strategy, "serve"):
        result = night.served(strategy)
        _check_result(strategy, result)
    for sight in sights_of(night, strategy, result.personal).values():
        for probe in settings.probes:
            if not is_ours(probe):
                told_by(probe, sight)
    if is_ours(settings.aggregator) or day_s < _SLOW_S:
        return None
    return (
        f"aggregator {settings.aggregator.name!r} will take about {day_s:,.0f} s for a day of "
        f"{n_heard} windows, and {day_s * settings.n_clients / 3600:.1g} h for those of all "
        f"{settings.n_clients} devices of a night, divided by --workers"
    )


def _summarised(settings: Settings, n_windows: int) -> tuple[SmallNight, float]:
    """What two devices send of days that are made up, all of it admitted; and a day's seconds.

    These are the last one's, since the first may have had something compiled.
    """
    server, aggregator = small_server(), settings.aggregator
    device = Device(
        aggregator=aggregator,
        release=settings.release,
        classifier=server.comprehensive,
        public=server.public,
    )
    admission = admission_of(server, aggregator, settings.release, n_heard=n_windows)
    heard: dict[int, Samples] = {}
    summaries: dict[int, Summary] = {}
    for number in _DEVICES:
        day, began = sounds(n_windows, seed=100 + number), time.perf_counter()
        summary = device.summarise(iter(day.x.copy()), seed=number)
        seconds = time.perf_counter() - began
        try:
            admission.check(number, summary)
        except MessageError as error:
            if is_ours(aggregator):
                raise
            told = str(error).removeprefix(f"device {number}: ")
            raise _refused(aggregator, told) from error.__cause__
        if not (is_ours(aggregator) or aggregator.sends_raw):
            _check_private(aggregator, summary, day)
        heard[number], summaries[number] = day, summary
    return SmallNight(number=0, heard=heard, summaries=summaries), seconds


def _check_private(aggregator: Plugin, summary: Summary, day: Samples) -> None:
    if told := coincidences(summary.content, day.x):
        raise _refused(
            aggregator,
            f"{len(told)} of its rows tell of a single window each ({told[0].in_words()}; less "
            f"than {NEAR:g} of that is too near): send means of several windows, or declare "
            "sends_raw = True if that is what you want",
        )


def _refused(aggregator: Plugin, told: str) -> PluginError:
    """That what it sends is refused, with the line where it is made."""
    place = line_of(aggregator, "summarise")
    return PluginError(f"aggregator {aggregator.name!r} ({place}): {told}")


def _check_result(strategy: Plugin, result: RoundResult) -> None:
    """Hold that devices could use what they got; of what is fedasc's, other tests do."""
    if is_ours(strategy):
        return
    if not isinstance(result, RoundResult):
        raise TypeError(f"serve must return a RoundResult, got {type(result).__name__}")
    for device, personal in result.personal.items():
        classifier = getattr(personal, "classifier", None)
        if not isinstance(classifier, EmbeddedClassifier):
            raise TypeError(
                f"serve must give a Personal with an EmbeddedClassifier, device {device} got "
                f"{type(personal).__name__}"
            )
        if not classifier.is_finite:
            raise ValueError("serve gave a classifier that isn't finite")


def _taught(settings: TeacherSettings) -> None:
    """Train a teacher on a few windows, have it label, and read it again from its file."""
    samples = TrainingSet(sounds(_N_TAUGHT, seed=1), sounds(_N_TAUGHT // 4, seed=2))
    with fault_of(settings, "train"):
        teacher = settings.train(samples, seed=1)
        told = teacher.probabilities(samples.validation.x)
        expected = (len(samples.validation), N_SCENES)
        if told.shape != expected or not np.isfinite(told).all():
            raise ValueError(f"probabilities must be finite, of shape {expected}, got {told.shape}")
    with fault_of(settings, "load"), TemporaryDirectory(prefix="fedasc-") as folder:
        teacher.save(Path(folder) / "teacher")
        settings.load(Path(folder) / "teacher")
