from typing import Any

import pytest

from fedasc.attacks.attack import Attack
from fedasc.errors import SettingsError
from fedasc.seeds import Streams
from fedasc.settings import settings_of

STREAMS = Streams(7)


@pytest.mark.parametrize(
    "wrong", [{"name": "near"}, *({"share": x} for x in (-0.1, 1.0, float("nan")))]
)
def test_what_is_no_attack_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="attack"):
        settings_of({"attack": wrong}, where="here")


def attackers(share: float, n_users: int = 20, *, seed: int = 7) -> frozenset[int]:
    attack = Attack(name="far", share=share)
    return attack.attackers(range(n_users), streams=Streams(seed))


def test_so_many_attack_and_one_at_least_if_any() -> None:
    assert [len(attackers(share)) for share in (0.0, 0.001, 0.05, 0.2)] == [0, 1, 1, 4]
    assert Attack(share=0.5).attackers(range(20), streams=STREAMS) == frozenset()


def test_who_attacks_is_drawn_from_a_stream_and_goes_on_where_more_do() -> None:
    assert attackers(0.2) == attackers(0.2) < attackers(0.5)
    assert len({attackers(0.2, seed=seed) for seed in range(5)}) > 1


def test_only_those_who_take_part_attack() -> None:
    attack = Attack(name="far", share=0.5)
    assert attack.attackers((3, 17, 5, 8), streams=STREAMS) < {3, 17, 5, 8}


def test_somebody_is_left() -> None:
    for share, n_users in ((0.01, 1), (0.9, 4)):
        with pytest.raises(SettingsError, match=r"nobody would be left .*; have more users"):
            attackers(share, n_users)
