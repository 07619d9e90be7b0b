import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from fedasc.cli.interruption import Interrupted, exit_code, interruptible

SIGNALS = [signal.SIGTERM, signal.SIGHUP]
LONG = """
import os, time
from fedasc.cli.terminal import Terminal
from fedasc.processes import side_by_side
from tests.cli.test_interruption import work

with Terminal().job():
    side_by_side(work, [1, 2], n_workers=2, phase="working")  # after which they are idle
    os.write(1, b"ready\\n")
    time.sleep(60)
"""


def work(item: int, progress: object) -> None:
    """Nothing."""


@pytest.fixture(autouse=True)
def as_usual() -> Iterator[None]:
    """Signals end a process, though whoever started this one may have it ignore them."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_taken_as_ctrl_c_is(number: signal.Signals) -> None:
    def end() -> None:
        os.kill(os.getpid(), number)
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt) as interrupted, interruptible():
        end()
    assert isinstance(interrupted.value, Interrupted)
    assert exit_code(interrupted.value) == 128 + number
    assert signal.getsignal(number) is signal.SIG_DFL


def test_ctrl_c_has_the_code_of_a_shell() -> None:
    assert exit_code(KeyboardInterrupt()) == 130


@pytest.mark.parametrize("number", SIGNALS)
def test_who_ignores_a_signal_goes_on(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), number)
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_a_thread_leaves_signals_to_others() -> None:
    there: list[object] = []

    def look() -> None:
        with interruptible():
            there.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert there == [signal.SIG_DFL]


def test_a_command_that_is_ended_says_so_in_a_line_and_leaves_no_process() -> None:
    line = [sys.executable, "-c", LONG]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        began = time.monotonic()
        # They have both ends of all pipes that they were started with.
        _, told = process.communicate(timeout=30)
    assert time.monotonic() - began < 20
    assert process.returncode == 143
    assert told.strip() == "interrupted; what was finished is kept"


class Deaf:
    """Can't raise anything while it goes away."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)


def test_a_signal_that_python_cannot_raise_comes_again() -> None:
    def end() -> None:
        Deaf()
        time.sleep(5)

    before = sys.unraisablehook
    with pytest.raises(Interrupted), interruptible():
        end()
    assert sys.unraisablehook is before
