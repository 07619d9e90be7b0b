from math import cos, pi
from pathlib import Path

import pytest
import torch
from torch import nn

from fedasc.errors import SettingsError
from fedasc.models.network_training import in_any_order, mixed, one_cycle, restored


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


def test_a_file_is_read_as_weights_and_never_as_code(tmp_path: Path) -> None:
    torch.save({"module": nn.Linear(2, 2)}, tmp_path / "code")
    torch.save({"weights": torch.ones(2)}, tmp_path / "weights")
    with pytest.raises(SettingsError, match="not a net written by fedasc"):
        restored(tmp_path / "code", lambda content: content, kind="a net")
    found = restored(tmp_path / "weights", lambda content: content, kind="a net")
    assert torch.equal(found["weights"], torch.ones(2))
