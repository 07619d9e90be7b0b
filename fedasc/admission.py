"""What a device's summary must be to be let in: what was asked, and what could be heard.

A device may be broken, or in a stranger's hands, and say anything. Its summary is checked here, in
one place, before anything is computed with it; who sends anything else is named.

Of shares of a pooled sum only the form is checked. Under secure aggregation a server reads nothing
of what one says, so nothing here does; devices would have to prove in what range their numbers lie.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Arrays, Components, Content
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.audio import FloatArray
from fedasc.errors import MessageError, PluginError, in_a_line
from fedasc.faults import fault_of
from fedasc.models.inputs import inputs_of
from fedasc.release.release import Release
from fedasc.traces import is_strangers, line_in
from fedasc.values import lock_arrays

if TYPE_CHECKING:
    from fedasc.scenario import Scenario
    from fedasc.server import Server

MARGIN_DB = 30.0
"""How far beyond the server's own windows those of devices may lie.

Of real recordings, heard through microphones that differ as much as settings allow (standard
deviations of 15 dB in gain, 4 dB in tilt), 9,600 windows lay up to 5 dB beyond the lowest and the
highest of a training set of the usual size, and up to 18 dB beyond those of the smallest that is
allowed; of synthetic recordings 9 and 20 dB.
"""


@dataclass(frozen=True, eq=False, kw_only=True)
class Admission:
    """What was asked of devices, and what they can have heard.

    Args:
        aggregator, release: What they were told to use.
        n_heard: Windows that a day has at most.
        low, high: (n_features,) between which features plausibly lie, in dB; of classifiers, their
            inputs.
    """

    aggregator: Aggregator
    release: Release
    n_heard: int
    low: FloatArray
    high: FloatArray

    def __post_init__(self) -> None:
        lock_arrays(self)

    def check(self, device: int, summary: Summary) -> None:
        """Hold that a summary is what was asked, of a day that may have been.

        Args:
            device: Whose it is.

        Raises:
            MessageError: If it isn't; in one line that names the device.
        """
        with refusals_of(device):
            most = self.most_bytes(summary.n_windows)
            if summary.n_bytes > most:
                raise MessageError(
                    f"summary: {summary.n_bytes} bytes, but aggregator {self._name} declares "
                    f"{most} at most"
                )
            if type(summary.encoding) is not type(self.release.encoding):
                raise MessageError(f"summary: expected numbers in {self.release.bits} bits")
            if type(summary.content) is not self.aggregator.kind:
                raise MessageError(
                    f"summary: expected {self.aggregator.kind.kind}, got {summary.content.kind}"
                )
            _check_numbers(summary.arrays)
            _check_numbers(summary.content.arrays())
            with fault_of(self.aggregator, "check"):
                self.aggregator.check(summary.content)
            self._check_counts(summary.content, summary.n_windows)
            self._check_places(summary.content)

    def most_bytes(self, n_windows: int) -> int:
        """How large the summary of so many windows may be.

        Raises:
            MessageError: If no day has so many.
        """
        if type(n_windows) is not int or not 1 <= n_windows <= self.n_heard:
            raise MessageError(f"summary: expected one of 1 to {self.n_heard} windows")
        with fault_of(self.aggregator, "budget"):
            return self.release.budget(self.aggregator.budget(n_windows)).n_bytes

    @property
    def _name(self) -> str:
        return repr(self.aggregator.name)

    def _check_counts(self, content: Content, n_windows: int) -> None:
        """Hold that there are no more components than may leave, and all windows that it says."""
        if isinstance(content, Components):
            n, declared = content.n_components, self.aggregator.budget(n_windows).n_components
            if declared is not None and n > declared:
                raise MessageError(
                    f"summary: {n} components, but aggregator {self._name} declares {declared} at "
                    "most"
                )
            if n > self.release.most_components(n_windows):
                raise MessageError(
                    f"summary: {n} components can't each stand for {self.release.min_windows} of "
                    f"{n_windows} windows"
                )
        n_held = content.claims().n_windows
        if n_held is not None and n_held != n_windows:
            raise MessageError(
                f"summary: expected {content.kind} of {n_windows} windows, got {n_held}"
            )

    def _check_places(self, content: Content) -> None:
        """Hold that windows lie where some may, and no wider apart.

        Numbers between two ends deviate by no more than half their distance (Popoviciu 1935).
        """
        claims, n_features = content.claims(), len(self.low)
        for name, rows in (("points", claims.points), ("spreads", claims.spreads)):
            if rows is not None and (rows.ndim != 2 or rows.shape[1] != n_features):
                raise MessageError(
                    f"summary: expected {name} of {content.kind} with {n_features} features, got "
                    f"{rows.shape}"
                )
        points, spreads = claims.points, claims.spreads
        if points is not None and not ((points >= self.low) & (points <= self.high)).all():
            raise MessageError(
                f"summary: expected {content.kind} where windows may lie, from "
                f"{self.low.min():.0f} to {self.high.max():.0f} dB"
            )
        widest = (self.high - self.low) / 2
        if spreads is not None and not ((spreads >= 0) & (spreads <= widest)).all():
            raise MessageError(
                f"summary: expected {content.kind} no wider than windows may lie apart, up to "
                f"{widest.max():.0f} dB"
            )


def admission_for(
    scenario: "Scenario", server: "Server", aggregator: Aggregator, release: Release
) -> Admission:
    """What devices of a scenario may send; see `admission_of`."""
    return admission_of(server, aggregator, release, n_heard=scenario.listening.n_heard)


def admission_of(
    server: "Server", aggregator: Aggregator, release: Release, *, n_heard: int
) -> Admission:
    """What devices may send.

    Args:
        server: Whose labelled windows tell where others may lie.
        aggregator, release: What devices are told to use.
        n_heard: Windows that a day has at most.
    """
    x = server.comprehensive_set.training.x
    if issubclass(aggregator.kind, Weights):  # which tell of what the first layer was given
        x = inputs_of(x, server.baseline.inputs)
    return Admission(
        aggregator=aggregator,
        release=release,
        n_heard=n_heard,
        low=x.min(axis=0).astype(np.float64) - MARGIN_DB,
        high=x.max(axis=0).astype(np.float64) + MARGIN_DB,
    )


@contextmanager
def refusals_of(device: int) -> Iterator[None]:
    """Inside, whatever is wrong with what a device sent is a `MessageError` that names it.

    Content may be of anyone's kind, which may raise anything, and say anything in it.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except MessageError as error:
        raise MessageError(f"device {device}: {in_a_line(str(error), longest=300)}") from None
    except PluginError as error:
        raise MessageError(f"device {device}: {in_a_line(str(error), longest=300)}") from error
    except Exception as error:
        line = line_in(error, is_strangers)
        where = f" at {line}" if line else ""
        raise MessageError(
            f"device {device}: what it sent can't be read ({type(error).__name__}{where})"
        ) from error


def _check_numbers(arrays: Arrays) -> None:
    for name, array in arrays.items():
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise MessageError(f"summary: expected finite numbers in {name!r}")
