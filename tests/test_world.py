from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc import kept_server
from fedasc.errors import SettingsError
from fedasc.population.attendance import NightsSettings
from fedasc.seeds import Purpose
from fedasc.server import Server, set_up
from fedasc.simulated import hear
from fedasc.testing.bits import bits_of
from fedasc.world import World, build_world
from tests.worlds import ENSEMBLE, PROFILES, TINY, TinyCorpus

CORPUS = TinyCorpus(n_groups=14, n_takes=1)


def world(*, nested: bool) -> World:
    return build_world(replace(TINY, nested=nested, n_clients=2), [CORPUS], PROFILES)


@pytest.mark.parametrize("first", [False, True])
def test_a_nested_world_shares_nothing_with_the_other_though_one_cache_holds_both(
    first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def content(its: World) -> list[bytes]:
        sets = (its.server.comprehensive_set, its.server.baseline_set)
        found = [samples.x.tobytes() for own in sets for samples in (own.training, own.validation)]
        for device in range(2):
            for purpose in (Purpose.HEARD, Purpose.EVALUATION):
                found.append(hear(its.scenario, device, purpose).x.tobytes())
        return found

    alone = {}
    for nested in (False, True):
        monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / f"alone {nested}"))
        alone[nested] = content(world(nested=nested))
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "both"))
    for nested in (first, not first):
        assert content(world(nested=nested)) == alone[nested]
    assert not set(alone[False]) & set(alone[True])


def test_a_nested_world_leaves_the_users_recordings_alone() -> None:
    outer, inner = world(nested=False), world(nested=True)
    groups = [recording.group for recording in outer.pool.recordings]
    outside = {
        group
        for group, part in zip(groups, outer.scenario.library.parts, strict=True)
        if part in ("aggregation", "evaluation")
    }
    inside = {
        group
        for group, part in zip(groups, inner.scenario.library.parts, strict=True)
        if part != "unused"
    }
    assert outside
    assert inside
    assert not outside & inside
    assert not np.array_equal(
        outer.server.comprehensive_set.training.x, inner.server.comprehensive_set.training.x
    )


def test_nights_on_which_nobody_is_there_are_refused_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path))
    settings = replace(TINY, nights=NightsSettings(n_nights=3, leave=1.0))
    with pytest.raises(SettingsError, match=r"nobody is there on night [12]"):
        build_world(settings, [CORPUS], PROFILES)
    assert not (tmp_path / "teacher").exists()


def counted_servers(monkeypatch: pytest.MonkeyPatch) -> list[Server]:
    """All that are set up from now on."""
    made: list[Server] = []

    def counted(*args: Any, **how: Any) -> Server:
        made.append(set_up(*args, **how))
        return made[-1]

    monkeypatch.setattr(kept_server, "set_up", counted)
    return made


def test_a_server_is_set_up_once_and_then_the_same_to_the_last_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = counted_servers(monkeypatch)
    first, again = world(nested=False).server, world(nested=False).server
    (fresh,) = made
    x = fresh.comprehensive_set.validation.x
    for server in (first, again):
        for field in fields(Server):
            if field.name not in ("teacher", "embedded", "student"):
                name = field.name
                assert bits_of(getattr(server, name)) == bits_of(getattr(fresh, name)), name
        said = server.teacher.probabilities(x)
        np.testing.assert_array_equal(said, fresh.teacher.probabilities(x))
        assert server.embedded == fresh.embedded


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 2},
        {"embedded": replace(TINY.embedded, n_epochs=1)},
        {"training_sets": replace(TINY.training_sets, artificial=17)},
        {"teacher": replace(ENSEMBLE, n_trees=3)},
        {"calibration": "temperature"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_server_with_other_settings_is_another(
    changes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world(nested=False)
    made = counted_servers(monkeypatch)
    build_world(replace(TINY, n_clients=2, **changes), [CORPUS], PROFILES)
    assert len(made) == 1


def test_a_server_does_not_depend_on_users(monkeypatch: pytest.MonkeyPatch) -> None:
    world(nested=False)
    monkeypatch.delattr(kept_server, "set_up")
    build_world(replace(TINY, n_clients=3), [CORPUS], PROFILES)
