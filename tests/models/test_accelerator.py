import pytest
import torch

from fedasc.errors import SettingsError
from fedasc.models.accelerator import check_torch_device


def test_a_cpu_is_everywhere() -> None:
    check_torch_device("cpu")


@pytest.mark.parametrize("name", ["gpu", "", "meta", "mps", "cuda:x"])
def test_what_pytorch_cannot_compute_on_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="use one of cpu, cuda"):
        check_torch_device(name, here=False)


def test_a_gpu_must_be_here_unless_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    check_torch_device("cuda", here=False)
    with pytest.raises(SettingsError, match="no GPU here; use --device cpu"):
        check_torch_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    check_torch_device("cuda")
