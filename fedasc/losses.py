"""Lost devices: one that fails, stays silent or sends what is refused costs a night itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fedasc.errors import FedascError, RunError, StorageError, in_a_line
from fedasc.traces import is_strangers, line_in, trace_of

QUORUM = 0.5
"""Share of the devices of a night that it can't do without, unless a run asks for another one."""

_LONGEST = 300


class Reason(str):
    """Why a device is lost, in a line; and how that came up, if it is known.

    Args:
        line: In short.
        trace: For who looks for the cause; empty if there is nothing to look for.
    """

    trace: str

    def __new__(cls, line: str, trace: str = "") -> "Reason":
        reason = super().__new__(cls, line)
        reason.trace = trace
        return reason


def reason_of(error: BaseException, device: int) -> Reason:
    """Why a device is lost, in a line that leaves out which one it is.

    Of a defect, fedasc's or a plug-in's, it tells file and line.

    Raises:
        StorageError: If that is what ended it: it is no fault of a device's.
    """
    if isinstance(error, StorageError):
        raise error
    text = str(error).removeprefix(f"device {device}: ")
    if isinstance(error, FedascError):
        return Reason(in_short(text), trace_of(error) if error.__cause__ else "")
    line = line_in(error, is_strangers)
    where = f" at {line}" if line else ""
    return Reason(in_short(f"{type(error).__name__}{where}: {text}"), trace_of(error))


def in_short(reason: str) -> str:
    """A reason, whoever wrote it, in a line that isn't long."""
    return in_a_line(reason, longest=_LONGEST).rstrip(" :") or "no reason given"


@dataclass(frozen=True)
class Toll:
    """Devices that a night has lost so far, against those that it can't do without.

    Args:
        n_sending: Devices of the night that are to send a summary.
        n_members: All whose users are there.
        quorum: Share of them that must be left, from 0 to 1.
        n_silent: Lost of those that were to send something, before the server answered.
        n_lost: Lost in all.
    """

    n_sending: int
    n_members: int
    quorum: float
    n_silent: int = 0
    n_lost: int = 0

    def after(self, *, n_silent: int, n_lost: int) -> "Toll":
        """With so many more."""
        n_silent, n_lost = self.n_silent + n_silent, self.n_lost + n_lost
        return replace(self, n_silent=n_silent, n_lost=n_lost)

    def check_sending(self, lost: Mapping[int, str]) -> None:
        """Hold that enough devices are left before the server answers.

        Args:
            lost: Why, by device, of those that don't count yet.

        Raises:
            RunError: If fewer are, or none.
        """
        check_quorum(lost, self.n_sending, self.quorum, n_before=self.n_silent)

    def check(self, lost: Mapping[int, str]) -> None:
        """Hold that enough devices are left when they have been tried; see `check_sending`."""
        check_quorum(lost, self.n_members, self.quorum, n_before=self.n_lost)


def check_quorum(
    lost: Mapping[int, str], n_asked: int, quorum: float, *, n_before: int = 0
) -> None:
    """Hold that enough devices are left.

    Args:
        lost: Why, by device.
        n_asked: Devices that are asked on the night, these among them.
        quorum: Share of them that must be left, from 0 to 1.
        n_before: How many of other cohorts are lost.

    Raises:
        RunError: If fewer are, or none.
    """
    n_lost = n_before + len(lost)
    n_left = n_asked - n_lost
    if lost and (n_left < quorum * n_asked or not n_left):
        device, reason = min(lost.items())
        refused = RunError(
            f"{n_lost} of {n_asked} devices are lost, and a quorum of {quorum:g} is asked for; "
            f"device {device}: {reason}; nights that ended are kept"
        )
        if trace := getattr(reason, "trace", ""):
            refused.add_note(trace)
        raise refused
