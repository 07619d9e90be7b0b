from math import cos, pi
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from fedasc.errors import SettingsError
from fedasc.models.network_training import (
    in_any_order,
    mixed,
    one_cycle,
    read_networks,
    write_networks,
)


def test_the_five_vectors_of_each_sample_stay_its_own_and_stay_whole() -> None:
    torch.manual_seed(0)
    x = torch.arange(20 * 45.0).reshape(20, 45)
    found = in_any_order(x).reshape(20, 5, 9)
    ranked = found[:, :, 0].argsort(dim=1)
    assert torch.equal(found.take_along_dim(ranked[:, :, None], dim=1), x.reshape(20, 5, 9))
    assert len({tuple(order) for order in ranked.tolist()}) > 10


def test_mix_up_mixes_samples_and_targets_alike() -> None:
    torch.manual_seed(0)
    scene = torch.arange(64) % 4
    target = nn.functional.one_hot(scene, 4).float()
    x = target.repeat(1, 3)
    inputs, wanted = mixed(x, target, 1.0)
    torch.testing.assert_close(inputs, wanted.repeat(1, 3))
    torch.testing.assert_close(wanted.sum(dim=1), torch.ones(64))
    assert (wanted.max(dim=1).values < 0.9).any()


def test_no_mix_up_leaves_samples_alone() -> None:
    x, target = torch.rand(4, 45), torch.rand(4, 4)
    inputs, wanted = mixed(x, target, 0.0)
    assert inputs is x
    assert wanted is target


@pytest.mark.parametrize("n_steps", [1, 2, 6, 100])
def test_the_learning_rate_rises_for_a_tenth_of_the_steps_and_falls_along_a_cosine(
    n_steps: int,
) -> None:
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=3.0)
    rate = one_cycle(optimiser, n_steps)
    rates = []
    for _ in range(n_steps):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        rate.step()
    n_rising = max(1, n_steps // 10)
    assert rates[:n_rising] == pytest.approx([3.0 * n / n_rising for n in range(1, n_rising + 1)])
    n_falling = n_steps - n_rising
    assert rates[n_rising:] == pytest.approx(
        [1.5 * (1 + cos(pi * n / (n_falling + 1))) for n in range(1, n_falling + 1)]
    )
    assert min(rates) > 0


def test_networks_come_back_with_what_is_known_of_them(tmp_path: Path) -> None:
    networks = [nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)) for _ in range(11)]
    write_networks(tmp_path / "nets", networks, n_inputs=2)

    def build(facts: dict[str, int]) -> nn.Sequential:
        return nn.Sequential(nn.Linear(facts["n_inputs"], 3), nn.BatchNorm1d(3))

    read, facts = read_networks(tmp_path / "nets", build, kind="a net")
    assert facts == {"n_inputs": 2}
    for one, other in zip(read, networks, strict=True):
        assert not one.training
        for mine, its in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
            assert torch.equal(mine, its)


def refused(path: Path) -> None:
    with pytest.raises(SettingsError, match="not a net written by fedasc"):
        read_networks(path, lambda facts: nn.Linear(2, 2), kind="a net")


def test_a_file_is_read_as_numbers_and_never_as_code(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "of PyTorch")
    refused(tmp_path / "of PyTorch")
    with (tmp_path / "objects").open("wb") as file:
        np.savez(file, weight=np.array([{}], dtype=object))
    refused(tmp_path / "objects")


def test_a_flipped_bit_makes_no_other_network(tmp_path: Path) -> None:
    path, network = tmp_path / "nets", nn.Linear(2, 2)
    write_networks(path, [network])
    whole = path.read_bytes()
    n_refused = 0
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        try:
            (read,), _ = read_networks(path, lambda facts: nn.Linear(2, 2), kind="a net")
        except SettingsError:
            n_refused += 1
        else:
            assert torch.equal(read.weight, network.weight)
            assert torch.equal(read.bias, network.bias)
    assert n_refused > len(whole) / 2
