import io
import re
import time

import pytest
from rich.console import Console

from fedasc.cli import phases as drawn
from fedasc.cli.phases import Phases


class Clock:
    """Time that goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def lines(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_time_counts_for_the_phase_that_reports_next(clock: Clock) -> None:
    phases = Phases(Console(file=io.StringIO()))
    for phase, done, now in (("decoding", 1, 101), ("decoding", 2, 104), ("listening", 1, 105)):
        clock.now = now
        phases(phase, done, 2)
    assert phases.seconds == {"decoding": 4.0, "listening": 1.0}


def test_where_no_terminal_is_a_line_comes_now_and_then(clock: Clock) -> None:
    console = Console(file=io.StringIO(), width=80)
    phases = Phases(console)
    for done in range(1, 31):
        clock.now += 1
        phases("decoding recordings", done, 30)
    phases("training", 1, 1)
    clock.now += 6
    phases("starting Ray", 1, 1)
    assert lines(console) == [
        "decoding recordings: 3 of 30, about 27 s left",
        "decoding recordings: 13 of 30, about 17 s left",
        "decoding recordings: 23 of 30, about 7 s left",
        "decoding recordings: 30, done in 30 s",
        "starting Ray: done in 6 s",
    ]


def test_a_phase_that_comes_again_is_another_one(clock: Clock) -> None:
    console = Console(file=io.StringIO(), width=80)
    phases = Phases(console)
    for _ in range(2):
        for done in (1, 2):
            clock.now += 5
            phases("evaluating", done, 2)
    assert lines(console) == 2 * ["evaluating: 1 of 2", "evaluating: 2, done in 10 s"]


def test_a_quiet_console_is_told_nothing(clock: Clock) -> None:
    console = Console(file=io.StringIO(), quiet=True)
    with Phases(console) as phases:
        clock.now += 30
        phases("decoding", 1, 2)
    assert lines(console) == []


def test_what_tells_nothing_for_long_is_still_working(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "_LINE_EVERY_S", 0.2)
    console = Console(file=io.StringIO(), width=80)
    with Phases(console):
        for _ in range(40):
            time.sleep(0.1)
            if lines(console):
                break
    assert re.fullmatch(r"still working, \d+ s after the line above", lines(console)[0])


def shown(console: Console, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(drawn, "_SHOWN_AFTER_S", -1.0)
    with Phases(console) as phases:
        for done in range(1, 30):
            phases("decoding recordings", done, 30)
            time.sleep(0.01)
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;?]*\w", "", console.file.getvalue())


def test_a_phase_that_lasts_shows_how_many_are_done_per_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    console = Console(file=io.StringIO(), width=120, force_terminal=True)
    assert re.search(r"decoding recordings .* \d\d/30 [\d.,]+/s", shown(console, monkeypatch))


def test_bars_keep_to_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), width=30, force_terminal=True)
    told = shown(console, monkeypatch)
    assert re.search(r"\d\d/30", told)
    assert max(map(len, re.split(r"[\r\n]", told))) <= 30


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, _environ={"TERM": "dumb"})
    assert shown(console, monkeypatch).splitlines()[0] == "decoding recordings: 1 of 30"
    assert "\x1b" not in console.file.getvalue()  # type: ignore[attr-defined]
