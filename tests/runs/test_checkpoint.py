import gzip
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fedasc.errors import SettingsError
from fedasc.experiments.record import DeviceRecord, records_of
from fedasc.night import BEGINNING, Night, State, run_night
from fedasc.runs import checkpoint as module
from fedasc.runs.checkpoint import Checkpoint
from fedasc.settings import DEFAULT_PROBES
from fedasc.strategies.memory import Memory
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.worlds import AGGREGATOR, N_USERS, RELEASE, same_classifier, tiny_world

STRATEGY = PersonalisedStrategy(memory=0.5, start="continued", n_epochs=1, amount=1.0)
HERE = type(STRATEGY).__module__


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


@pytest.fixture(scope="module")
def night_and_state(world: World) -> tuple[Night, State]:
    return run_night(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=STRATEGY,
        probes=DEFAULT_PROBES,
    )


@pytest.fixture
def written(world: World, night_and_state: tuple[Night, State], tmp_path: Path) -> Checkpoint:
    checkpoint = Checkpoint(tmp_path, HERE)
    checkpoint.write(world.scenario, *night_and_state)
    return checkpoint


def test_before_the_first_night_a_run_is_at_its_beginning(tmp_path: Path) -> None:
    assert Checkpoint(tmp_path, HERE).state(0) is BEGINNING
    assert Checkpoint(tmp_path).records() == []


def test_a_state_comes_back_to_the_last_bit(
    written: Checkpoint, night_and_state: tuple[Night, State]
) -> None:
    state, expected = written.state(0), night_and_state[1]
    assert state.night == 1
    assert state.held.keys() == expected.held.keys()
    assert all(same_classifier(state.held[n], expected.held[n]) for n in expected.held)
    assert isinstance(state.memory, Memory)
    for device, content in expected.memory.contents.items():
        for name, array in content.arrays().items():
            again = state.memory.contents[device].arrays()[name]
            assert (again.dtype, again.tobytes()) == (array.dtype, array.tobytes())


def test_records_come_back_to_the_last_bit(
    world: World, written: Checkpoint, night_and_state: tuple[Night, State]
) -> None:
    def in_json(records: Any) -> str:
        return json.dumps([record.as_json() for record in records])

    (records,) = written.records()
    assert all(isinstance(record, DeviceRecord) for record in records)
    assert in_json(records) == in_json(records_of(world.scenario, night_and_state[0]))


def test_it_goes_on_with_the_cohorts_that_it_began_with(
    world: World, night_and_state: tuple[Night, State], tmp_path: Path
) -> None:
    night, state = night_and_state
    begun = Checkpoint.of(tmp_path, module=HERE, per_cohort=3)
    begun.write(world.scenario, night, State())  # others are served together with these
    begun.write(world.scenario, replace(night, cohort=1), State())
    assert begun.is_empty()
    assert [len(records) for records in begun.records()] == [2 * N_USERS]
    anew = Checkpoint.of(tmp_path, module=HERE, per_cohort=5)
    assert anew.per_cohort == 5
    assert not anew.records(), "there may be other cohorts now"
    anew.write(world.scenario, night, state)
    assert Checkpoint.of(tmp_path, module=HERE, per_cohort=7) == anew


def test_records_of_cohorts_are_one_night(
    world: World, written: Checkpoint, night_and_state: tuple[Night, State]
) -> None:
    night, state = night_and_state
    written.write(world.scenario, replace(night, cohort=1), state, place=1)
    (records,) = written.records()
    assert [record.device for record in records] == [*range(N_USERS)] * 2
    assert (len(records), records[5].device, records[-1].device) == (2 * N_USERS, 1, N_USERS - 1)
    assert [record.device for record in records[3:6]] == [3, 0, 1]
    assert [state.night for state in written.states()] == [1, 1]
    written.close()
    assert not [path.name for path in written.folder.iterdir() if path.is_file()]


def test_a_run_that_is_closed_has_its_records_and_no_state(written: Checkpoint) -> None:
    written.close()
    assert written.state(0) is BEGINNING
    assert len(written.records()) == 1


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, flipped, emptied])
@pytest.mark.parametrize("name", ["state", "nights/0.json.gz"])
def test_damage_is_seen(written: Checkpoint, name: str, damage: Callable[[Path], None]) -> None:
    damage(written.folder / name)
    with pytest.raises(SettingsError, match="damaged; begin anew"):
        _ = written.state(0), [*map(list, written.records())]


def test_records_that_are_none_are_seen(written: Checkpoint) -> None:
    (written.folder / "nights/0.json.gz").write_bytes(gzip.compress(b'[{"night": 0}]'))
    with pytest.raises(SettingsError, match="damaged; begin anew"):
        list(written.records()[0])


def test_other_versions_do_not_go_on(written: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "version", lambda name: "0.0.1")
    with pytest.raises(SettingsError, match=r"numpy [1-9].*but this is .*numpy 0\.0\.1"):
        written.state(0)


@dataclass(frozen=True)
class Notes:
    """What a strategy of one's own may remember."""

    text: str


class Stranger:
    """Does something when it is read."""

    def __reduce__(self) -> Any:
        return (Path.write_text, (Path("written"), "by a stranger"))


def put(checkpoint: Checkpoint, content: bytes) -> None:
    head = {"versions": module._versions(), "digest": module._digest(content)}
    (checkpoint.folder / "state").write_bytes(json.dumps(head).encode() + b"\n" + content)


def test_a_strategy_may_remember_values_of_its_own_module(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, HERE)
    put(checkpoint, pickle.dumps(State(3, {}, Notes("rain"))))
    assert Checkpoint(tmp_path, __name__).state(0).memory == Notes("rain")
    with pytest.raises(SettingsError, match=r"Notes, which no state of ours has"):
        checkpoint.state(0)


@pytest.mark.parametrize("content", [State(1, {}, Stranger()), Stranger(), 3])
def test_nothing_but_a_state_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    checkpoint = Checkpoint(tmp_path, HERE)
    put(checkpoint, pickle.dumps(content))
    with pytest.raises(SettingsError, match="begin anew"):
        checkpoint.state(0)
    assert not (tmp_path / "written").exists()
