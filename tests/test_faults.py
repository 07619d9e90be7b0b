"""A plug-in's bug is told with its file and line, from whichever process it comes."""

import pickle
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.errors import PluginError, SettingsError, StorageError
from fedasc.faults import fault_of
from fedasc.losses import Reason, Toll, reason_of
from fedasc.made_up.days import sounds
from fedasc.made_up.server import small_server
from fedasc.traces import is_strangers, line_in, telling_lines
from tests.plugin_files import AGGREGATOR, forgotten, line_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


def written(folder: Path, text: str, name: str = "mine") -> Aggregator:
    (folder / f"{name}.py").write_text(text)
    return Aggregator.from_section(f"{name}.py:Mine", where="x")


def summarised(aggregator: Aggregator) -> Any:
    server = small_server()
    return aggregator.summarise(
        iter(sounds(20).x), classifier=server.comprehensive, public=server.public, seed=0
    )


def raised_around(aggregator: Aggregator, error: Exception) -> None:
    """Raise an error where fedasc calls a plug-in, and not in that."""
    text = "with fault_of(aggregator, 'summarise'):\n    raise error"
    names = {"fault_of": fault_of, "aggregator": aggregator, "error": error}
    exec(text, {"__name__": "fedasc.somewhere", **names})


def test_a_bug_is_told_with_its_line(folder: Path) -> None:
    text = AGGREGATOR.replace("x = whole(stream)", "x = whole(stream) / nothing")
    aggregator = written(folder, text, "of_a_name")
    with pytest.raises(PluginError) as seen, fault_of(aggregator, "summarise"):
        summarised(aggregator)
    line = line_of(text, "/ nothing")
    assert str(seen.value) == (
        f"aggregator 'of_a_name.py:Mine' failed at of_a_name.py:{line}: "
        "NameError: name 'nothing' is not defined"
    )
    assert isinstance(seen.value.__cause__, NameError)


def test_what_fedasc_refuses_inside_of_it_has_the_line_that_caused_it(folder: Path) -> None:
    text = AGGREGATOR.replace("variance[None]", "-variance[None]")
    aggregator = written(folder, text, "negative")
    told = rf"failed at negative.py:{line_of(text, 'mixture = ')}: mixture: expected finite means"
    with pytest.raises(PluginError, match=told), fault_of(aggregator, "summarise"):
        summarised(aggregator)


def test_what_comes_up_outside_of_it_has_the_line_of_the_method(folder: Path) -> None:
    aggregator = written(folder, AGGREGATOR, "outside")
    line = line_of(AGGREGATOR, "def summarise")
    with pytest.raises(PluginError, match=rf"outside.py:{line}: KeyError"):
        raised_around(aggregator, KeyError("x"))


@pytest.mark.parametrize("error", [SettingsError("no"), StorageError("full")])
def test_refusals_of_fedascs_own_pass(folder: Path, error: Exception) -> None:
    aggregator = written(folder, AGGREGATOR, f"passing_{type(error).__name__}")
    with pytest.raises(type(error)) as seen:
        raised_around(aggregator, error)
    assert seen.value is error


def test_a_defect_of_fedascs_own_stays_one() -> None:
    with pytest.raises(KeyError):
        raised_around(MomentsAggregator(), KeyError("x"))


def test_another_process_tells_where_it_came_up(folder: Path) -> None:
    text = AGGREGATOR.replace("x = whole(stream)", "x = whole(stream) / nothing")
    aggregator = written(folder, text, "elsewhere")
    with pytest.raises(PluginError) as seen, fault_of(aggregator, "summarise"):
        summarised(aggregator)
    arrived = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(seen.value))))
    assert str(arrived) == str(seen.value)
    told = "".join(traceback.format_exception(arrived))
    assert "x = whole(stream) / nothing" in told
    assert told.count("NameError: name") == 2, "once in the message, once in the trace"


def test_an_error_that_is_told_in_a_worker_keeps_its_lines(folder: Path) -> None:
    text = AGGREGATOR.replace("x = whole(stream)", "x = whole(stream) / nothing")
    aggregator = written(folder, text, "in_a_worker")
    with pytest.raises(NameError) as seen, telling_lines():
        summarised(aggregator)
    arrived = pickle.loads(pickle.dumps(seen.value))
    assert arrived.__traceback__ is None
    assert str(line_in(arrived, is_strangers)) == f"in_a_worker.py:{line_of(text, '/ nothing')}"
    with pytest.raises(PluginError, match=r"failed at in_a_worker.py:\d+: NameError"):  # noqa: SIM117
        with fault_of(aggregator, "summarise"):
            raise arrived


def test_a_lost_device_says_which_line(folder: Path) -> None:
    text = AGGREGATOR.replace("x = whole(stream)", "x = whole(stream) / nothing")
    aggregator = written(folder, text, "losing")
    with pytest.raises(PluginError) as seen, fault_of(aggregator, "summarise"):
        summarised(aggregator)
    reason = reason_of(seen.value, 3)
    assert reason.startswith("aggregator 'losing.py:Mine' failed at losing.py:")
    assert "x = whole(stream) / nothing" in reason.trace
    with pytest.raises(Exception, match=r"device 3: aggregator 'losing.py:Mine' failed") as lost:
        Toll(1, 1, 0.5).check({3: pickle.loads(pickle.dumps(reason))})
    assert "x = whole(stream) / nothing" in "".join(traceback.format_exception(lost.value))


def test_a_reason_is_a_text_like_any_other() -> None:
    assert Reason("why", "how") == "why"
    assert reason_of(SettingsError("device 3: it is late"), 3).trace == ""
