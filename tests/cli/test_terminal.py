import io
import json
import logging
import subprocess
import sys
from pathlib import Path

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


def test_an_interruption_is_told_and_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr("os._exit", leave)
    file = io.StringIO()
    with pytest.raises(SystemExit) as exit_, terminal.guarded(Console(file=file)):
        raise KeyboardInterrupt
    assert exit_.value.code == 130
    assert "interrupted" in file.getvalue()


def test_a_verbose_command_tells_where_an_error_comes_from_and_what_the_library_logs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = logging.getLogger("fedasc.somewhere")

    def fail() -> None:
        logger.info("a detail")
        raise AudioError("is missing")

    with pytest.raises(SystemExit), terminal.Terminal(verbose=True).guarded():
        fail()
    told = capsys.readouterr().err
    assert "a detail" in told
    assert "in fail" in told
    assert told.splitlines()[-1] == "error: is missing"
    with terminal.Terminal().guarded():
        logger.info("another detail")
    with terminal.Terminal(quiet=True).guarded():
        logger.warning("a warning")
    assert capsys.readouterr().err == ""


def test_quiet_and_verbose_contradict_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(SystemExit) as exit_,
        terminal.Terminal(quiet=True, verbose=True).guarded(),
    ):
        pass
    assert exit_.value.code == 2
    assert "not both" in capsys.readouterr().err


STARTED = """
import sys
from fedasc.cli.terminal import Terminal, script

def heavy() -> None:
    Terminal.started(quiet="quiet" in sys.argv[0])
    print(sorted({"rich", "numpy", "threadpoolctl"} & sys.modules.keys()), file=sys.stderr)

sys.argv = [sys.argv[1]]
script(heavy)()
"""


@pytest.mark.parametrize(("name", "first"), [("command", ["command: starting"]), ("quiet-one", [])])
def test_a_command_says_at_once_that_it_starts(name: str, first: list[str]) -> None:
    line = [sys.executable, "-c", STARTED, name]
    *told, loaded = subprocess.run(
        line, capture_output=True, text=True, check=True
    ).stderr.splitlines()
    assert told == first
    assert "numpy" not in loaded


def test_json_goes_to_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    shown = terminal.Terminal(as_json=True)
    with shown.job() as phases:
        phases("decoding", 1, 1)
        shown.tell("[something]")
    shown.show("a table", last="", summary={"gain": float("nan"), "folder": str(Path("here"))})
    out, err = capsys.readouterr()
    assert json.loads(out) == {"gain": None, "folder": "here"}
    assert "[something]" in err
