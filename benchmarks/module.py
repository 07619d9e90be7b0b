"""C1 as a PyTorch module, trained as PyTorch's users train one."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from fedasc.models.embedded import N_HIDDEN, N_INPUTS, EmbeddedClassifier
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import EmbeddedSettings
from fedasc.scenes import N_SCENES

_SEED = 1

Batches = Callable[[], Iterable[tuple[Tensor, Tensor]]]


def make_module(dropout: float) -> nn.Sequential:
    """The 544 parameters of C1 (Table 2), untrained."""
    return nn.Sequential(
        nn.BatchNorm1d(N_INPUTS),
        nn.Linear(N_INPUTS, N_HIDDEN),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(N_HIDDEN, N_SCENES),
    )


def set_weights(module: nn.Sequential, classifier: EmbeddedClassifier) -> None:
    """Give a module of `make_module` a classifier's numbers."""
    numbers = {name: torch.tensor(array) for name, array in classifier.arrays().items()}
    module.load_state_dict(
        {
            "0.running_mean": numbers["mean"],
            "0.running_var": numbers["variance"],
            "0.num_batches_tracked": torch.tensor(0),
            "0.weight": numbers["scale"],
            "0.bias": numbers["shift"],
            "1.weight": numbers["hidden_weights"].T,
            "1.bias": numbers["hidden_biases"],
            "4.weight": numbers["output_weights"].T,
            "4.bias": numbers["output_biases"],
        }
    )


def in_index_batches(
    settings: EmbeddedSettings, samples: TrainingSet, *, module: nn.Sequential | None = None
) -> float:
    """Accuracy after training on batches that are taken from one tensor, the fastest plain way.

    Args:
        module: What training goes on from; a new one if None.
    """
    x, target = as_tensors(samples.training)

    def batches() -> Iterable[tuple[Tensor, Tensor]]:
        for rows in torch.split(torch.randperm(len(x)), settings.batch_size):
            yield x[rows], target[rows]

    return _trained(settings, samples, batches, module)


def with_a_data_loader(settings: EmbeddedSettings, samples: TrainingSet) -> float:
    """Accuracy after training on what a DataLoader hands out, as tutorials do it."""
    content = TensorDataset(*as_tensors(samples.training))
    loader = DataLoader(content, batch_size=settings.batch_size, shuffle=True)
    return _trained(settings, samples, lambda: loader)


def _trained(
    settings: EmbeddedSettings,
    samples: TrainingSet,
    batches: Batches,
    module: nn.Sequential | None = None,
) -> float:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        module = module or make_module(settings.dropout)
        optimiser = torch.optim.Adam(module.parameters(), settings.learning_rate)
        for _ in range(settings.n_epochs):
            for x, target in batches():
                if len(x) > 1:  # batch normalisation needs two
                    optimiser.zero_grad()
                    torch.autograd.backward(nn.functional.cross_entropy(module(x), target))
                    optimiser.step()
    return accuracy(module, samples.validation)


def accuracy(module: nn.Module, samples: Samples) -> float:
    """Share of scenes that a module gets right, dropout turned off."""
    x, _ = as_tensors(samples)
    with torch.inference_mode():
        return samples.accuracy(module.eval()(x).argmax(dim=1).numpy())


def as_tensors(samples: Samples) -> tuple[Tensor, Tensor]:
    """Inputs (n_samples, 45), and scenes (n_samples,) or, where there are some, beliefs."""
    target = samples.scene if samples.beliefs is None else samples.beliefs
    return torch.from_numpy(samples.x), torch.from_numpy(target)
