import numpy as np
import pytest

from fedasc.errors import SettingsError
from fedasc.privacy.user_days_game import N_HELD, held, users_in
from fedasc.seeds import Purpose
from fedasc.simulated import hear
from tests.privacy.recordings import heard_as_drawn, scenario


def test_half_of_the_users_take_part() -> None:
    world = scenario()
    there = [users_in(world, release, n_users=4).tolist() for release in range(40)]
    assert {len(users) for users in there} == {2}
    assert np.bincount(np.concatenate(there), minlength=4) == pytest.approx([20] * 4, abs=9)
    for n_users in (1, 5):
        with pytest.raises(SettingsError, match=f"of 4 users between 2 and all.*got {n_users}"):
            users_in(world, 0, n_users=n_users)


def test_the_attacker_holds_windows_of_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    heard_as_drawn(monkeypatch)
    x, day = held(scenario(), 1), hear(scenario(), 1, Purpose.HEARD).x
    assert x.shape == (N_HELD, 45)
    assert not {row.tobytes() for row in x} & {row.tobytes() for row in day}
