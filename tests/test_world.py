from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fedasc.errors import SettingsError
from fedasc.population.attendance import NightsSettings
from fedasc.seeds import Purpose
from fedasc.simulated import hear
from fedasc.world import World, build_world
from tests.worlds import PROFILES, TINY, TinyCorpus

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
