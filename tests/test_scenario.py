from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fedasc import simulated
from fedasc.audio.microphone import Microphone
from fedasc.corpus.features import Pickup
from fedasc.privacy import days, recordings_game, windows_game
from fedasc.privacy.game import GameSettings
from fedasc.seeds import Purpose
from tests.worlds import tiny_world

GAME = GameSettings(n_releases=3, n_probes=2, n_heard=4, n_canaries=1)


def test_whatever_a_device_hears_comes_through_its_microphone_with_noise_of_that_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pickups: list[Pickup] = []

    def heard_once(*_: Any, pickup: Pickup, **__: Any) -> None:
        pickups.append(pickup)

    for module in (simulated, days, windows_game, recordings_game):
        monkeypatch.setattr(module, "heard_once", heard_once)
    scenario = tiny_world().scenario
    noisy = [replace(user, microphone=Microphone(self_noise_db_spl=30)) for user in scenario.users]
    library = replace(scenario.library, full_scale_db_spl=(90.0,) * len(scenario.library.parts))
    scenario = replace(scenario, users=tuple(noisy), library=library)
    heard: list[Callable[[int], Any]] = [
        *(
            lambda user, n=night, p=purpose: simulated.hear(scenario, user, p, night=n)
            for night in (0, 1)
            for purpose in (Purpose.HEARD, Purpose.EVALUATION)
        ),
        lambda user: days.day(scenario, user, night=1, other_recordings=True),
        lambda user: windows_game.candidates(scenario, user, settings=GAME),
        lambda user: recordings_game.day(scenario, user, 0, settings=GAME),
        lambda user: recordings_game.day(scenario, user, 1, settings=GAME),
        lambda user: recordings_game.probes(scenario, user, settings=GAME),
    ]
    for user in (0, 1):
        for hear in heard:
            hear(user)
    assert {pickup.microphone for pickup in pickups} == {noisy[0].microphone}
    assert {tuple(pickup.full_scale_db_spl) for pickup in pickups} == {library.full_scale_db_spl}
    noises = [
        pickup.noise(window).bytes(8) for pickup in pickups if pickup.noise for window in (0, 1)
    ]
    assert len({*noises}) == len(noises) == 2 * len(heard) * 2
