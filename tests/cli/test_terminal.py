import io
import re
import time

import pytest
from rich.console import Console

from fedasc.cli import terminal
from fedasc.errors import AudioError, RunError


@pytest.mark.parametrize(("error", "code"), [(AudioError, 2), (RunError, 1)])
def test_errors_become_a_line_and_an_exit_code(error: type[BaseException], code: int) -> None:
    console = Console(file=io.StringIO(), width=80)
    with pytest.raises(SystemExit) as exit_, terminal.guarded(console):
        raise error("[path] is missing")
    assert exit_.value.code == code


def test_a_defect_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), terminal.guarded(Console(file=io.StringIO())):
        raise ZeroDivisionError


def test_brackets_in_a_message_are_printed() -> None:
    file = io.StringIO()
    with pytest.raises(SystemExit), terminal.guarded(Console(file=file, width=80)):
        raise AudioError("[users.U1] is missing")
    assert file.getvalue() == "error: [users.U1] is missing\n"


def test_time_counts_for_the_phase_that_reports_next(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 4.0, 5.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    phases = terminal.Phases(Console(file=io.StringIO()))
    phases("decoding", 1, 2)
    phases("decoding", 2, 2)
    phases("listening", 1, 1)
    assert phases.seconds == {"decoding": 4.0, "listening": 1.0}


def test_an_interruption_is_told_and_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr("os._exit", leave)
    file = io.StringIO()
    with pytest.raises(SystemExit) as exit_, terminal.guarded(Console(file=file)):
        raise KeyboardInterrupt
    assert exit_.value.code == 130
    assert "interrupted" in file.getvalue()


def test_a_phase_that_lasts_shows_how_many_are_done_per_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal, "_SHOWN_AFTER_S", -1.0)
    file = io.StringIO()
    console = Console(file=file, width=120, force_terminal=True)
    with terminal.Phases(console) as phases:
        for done in range(1, 30):
            phases("decoding recordings", done, 30)
            time.sleep(0.01)
    shown = re.sub(r"\x1b\[[0-9;?]*\w", "", file.getvalue())
    assert re.search(r"decoding recordings .* \d\d/30 [\d.,]+/s", shown)
