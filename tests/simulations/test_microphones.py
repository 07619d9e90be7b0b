"""What microphones change, on the tiny world, and the plan that comes along."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fedasc.audio.microphone import Microphone
from fedasc.config import from_mapping, read_toml
from fedasc.population.users import UserSettings
from fedasc.seeds import Purpose
from fedasc.simulated import hear
from simulations.microphones import CLASSIFIERS, PLAN, compared, moved_db, table
from tests.worlds import PROFILES, TINY, tiny_world


def test_features_move_as_far_as_microphones_take_them() -> None:
    """Gain alone takes them nowhere, which is why it is warned of."""
    scenario = tiny_world().scenario
    ideal, louder, tilted = (
        replace(scenario, users=[replace(u, microphone=microphone) for u in scenario.users])
        for microphone in (Microphone(), Microphone(gain_db=9), Microphone(tilt_db=6))
    )
    assert 0 < moved_db(ideal, louder) < 1e-3
    days = [
        np.concatenate([hear(one, index, Purpose.HEARD).x for index in range(4)]).astype(float)
        for one in (ideal, tilted)
    ]
    expected = np.sqrt(np.mean((days[0] - days[1]) ** 2))
    assert moved_db(ideal, tilted) == pytest.approx(expected, rel=1e-5)
    assert expected > 1


def test_a_table_has_a_row_for_each_kind_and_changes_from_the_first() -> None:
    microphones = {
        "ideal": UserSettings(gain_spread_db=0),
        "noisy": UserSettings(gain_spread_db=0, self_noise_db_spl=80),
    }
    seen: list[tuple[int, int]] = []
    rows = compared(
        tiny_world(),
        PROFILES,
        TINY,
        microphones,
        progress=lambda _, done, total: seen.append((done, total)),
    )
    first, noisy = rows
    assert seen == [(1, 2), (2, 2)]
    assert first["moved_db"] == 0
    assert noisy["moved_db"] > 3
    scenario, server = tiny_world().scenario, tiny_world().server
    evaluated = [hear(scenario, user.index, Purpose.EVALUATION) for user in scenario.users]
    right = [samples.accuracy(server.baseline.predict(samples.x)) for samples in evaluated]
    assert first["baseline"] == pytest.approx(100 * np.mean(right), abs=1.3)  # of 80 windows one
    shown: list[dict[str, Any]] = [
        {**dict.fromkeys(CLASSIFIERS, value), "microphones": name, "moved_db": 0.123}
        for name, value in (("a", 80.0), ("b", 79.96), ("c", 75.5))
    ]
    changes = [line.split("|")[3].strip() for line in table(shown).splitlines()[2:]]
    assert changes == ["80.0 (+0.0)", "80.0 (+0.0)", "75.5 (−4.5)"]
    assert "| c | 0.12 | 75.5 (−4.5) |" in table(shown)


def test_the_plan_that_comes_along_can_be_used() -> None:
    plan = read_toml(PLAN)["microphones"]
    kinds = [from_mapping(UserSettings, section, where="here") for section in plan.values()]
    assert len(kinds) == len(plan) > 5
    assert {len(kind.responses.each) for kind in kinds} == {0, 6}
