"""Lost devices: one that fails, stays silent or sends what is refused costs a night itself."""

from collections.abc import Mapping

from fedasc.errors import FedascError, RunError, StorageError, in_a_line

QUORUM = 0.5
"""Share of the devices of a night that it can't do without, unless a run asks for another one."""

_LONGEST = 300


def reason_of(error: BaseException, device: int) -> str:
    """Why a device is lost, in a line that leaves out which one it is.

    Raises:
        StorageError: If that is what ended it: it is no fault of a device's.
    """
    if isinstance(error, StorageError):
        raise error
    text = str(error).removeprefix(f"device {device}: ")
    return in_short(text if isinstance(error, FedascError) else f"{type(error).__name__}: {text}")


def in_short(reason: str) -> str:
    """A reason, whoever wrote it, in a line that isn't long."""
    return in_a_line(reason, longest=_LONGEST).rstrip(" :") or "no reason given"


def check_quorum(lost: Mapping[int, str], n_asked: int, quorum: float) -> None:
    """Hold that enough devices are left.

    Args:
        lost: Why, by device.
        n_asked: Devices that were asked, these among them.
        quorum: Share of them that must be left, from 0 to 1.

    Raises:
        RunError: If fewer are, or none.
    """
    n_left = n_asked - len(lost)
    if lost and (n_left < quorum * n_asked or not n_left):
        device, reason = min(lost.items())
        raise RunError(
            f"{len(lost)} of {n_asked} devices are lost, and a quorum of {quorum:g} is asked for; "
            f"device {device}: {reason}; nights that ended are kept"
        )
