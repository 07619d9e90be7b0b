"""Where PyTorch computes for the server: a CPU, or a GPU where there is one."""

import torch

from fedasc.errors import SettingsError

_KINDS = ("cpu", "cuda")


def check_torch_device(name: str, *, here: bool = True) -> None:
    """Hold that PyTorch can compute on a device.

    Args:
        name: cpu, cuda, or one of several GPUs, such as cuda:1.
        here: Whether it must be one of this machine, not of another one in a cluster.

    Raises:
        SettingsError: If it can't.
    """
    try:
        kind = torch.device(name).type
    except RuntimeError:
        kind = ""
    if kind not in _KINDS:
        raise SettingsError(f"device {name!r}: use one of {', '.join(_KINDS)}")
    if here and kind == "cuda" and not torch.cuda.is_available():
        raise SettingsError(f"device {name!r}: PyTorch finds no GPU here; use --device cpu")
