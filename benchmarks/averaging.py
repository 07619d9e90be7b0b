"""Many users' local training: fedasc, and pfl-research with federated averaging.

The two don't do the same. fedasc makes a classifier for every user, and the average of all users is
no part of its method. pfl-research averages what the users learnt into one model and forgets the
rest. What both do for each user is the local training, with as many steps on as many samples; that
is what is timed, pfl-research's averaging and its evaluation of a user before and after included.
pfl-research takes the batches of every pass in the same order, and the statistics of the batch
normalisation, which are no parameters, pass from one user to the next.
"""

import contextlib
import io
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.module import accuracy, make_module
from benchmarks.operations import training_flops
from benchmarks.sizes import Sizes
from benchmarks.stage import Stage, Way, whole
from benchmarks.training import accuracies_agree, training_set
from fedasc.models.fleet import Job, train_fleet
from fedasc.models.samples import TrainingSet
from fedasc.models.training import EmbeddedSettings

_TOLERANCE = 0.1
_RIVAL = "pfl-research"


def stages(sizes: Sizes) -> Iterator[Stage]:
    """Users who all have samples of their own, drawn from the same scenes."""
    settings = EmbeddedSettings(
        inputs="sequence", n_epochs=sizes.averaging_epochs, keep="last", n_restarts=1
    )
    sets = [training_set(sizes.n_samples, seed=seed) for seed in range(max(sizes.averaging))]
    for n_users in sizes.averaging:
        users = sets[:n_users]
        flops = n_users * training_flops(settings, sizes.n_samples)
        run = whole(partial(one_each, settings, users))
        ways = [Way(name="fedasc", amount=n_users, run=run, flops=flops)]
        left_out = {}
        if find_spec("pfl"):
            run = whole(partial(averaged_by_pfl, settings, users))
            ways.append(Way(name=_RIVAL, amount=n_users, run=run, flops=flops))
        else:
            left_out[_RIVAL] = "pfl isn't installed; pip install -e '.[bench]'"
        yield Stage(
            name="users",
            work=(
                f"local training of each user, {settings.n_epochs} epochs on {sizes.n_samples:,} "
                f"samples in batches of {settings.batch_size}"
            ),
            unit="devices",
            ways=tuple(ways),
            agreement=accuracies_agree(_TOLERANCE),
            n_devices=n_users,
            per_device=1,
            warm=n_users == min(sizes.averaging),
            left_out=left_out,
        )


def one_each(settings: EmbeddedSettings, sets: list[TrainingSet]) -> float:
    """Mean accuracy of the users' own classifiers on their own validation samples."""
    seeds = np.random.SeedSequence(1).spawn(len(sets))
    trained = train_fleet(settings, [Job(*pair) for pair in zip(sets, seeds, strict=True)])
    return float(
        np.mean(
            [
                samples.validation.accuracy(classifier.predict(samples.validation.x))
                for samples, classifier in zip(sets, trained, strict=True)
            ]
        )
    )


class _Trained(nn.Module):
    """C1 with what pfl-research asks of a model."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.layers = make_module(dropout)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.layers(x)
        return scores

    def loss(self, x: Tensor, scene: Tensor, is_eval: bool = False) -> Tensor:
        self.train(not is_eval)
        return nn.functional.cross_entropy(self(x), scene.long())  # pfl makes floats of it

    def metrics(self, x: Tensor, scene: Tensor, is_eval: bool = True) -> dict[str, Any]:
        from pfl.metrics import Weighted

        with torch.inference_mode():
            loss = self.eval().loss(x, scene, is_eval=True).item()
        return {"loss": Weighted(loss * len(x), len(x))}


def averaged_by_pfl(settings: EmbeddedSettings, sets: list[TrainingSet]) -> float:
    """Mean accuracy of the averaged model after one round with every user."""
    from pfl.aggregate.simulate import SimulatedBackend
    from pfl.algorithm.base import NNAlgorithmParams
    from pfl.algorithm.federated_averaging import FederatedAveraging
    from pfl.data.dataset import Dataset
    from pfl.data.federated_dataset import FederatedDataset
    from pfl.data.sampling import get_user_sampler
    from pfl.hyperparam.base import NNEvalHyperParams, NNTrainHyperParams
    from pfl.model.pytorch import PyTorchModel

    def samples_of(user: int) -> Any:
        learnt = sets[user].training
        return Dataset((learnt.x, learnt.scene), user_id=str(user))

    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(io.StringIO()):
        torch.manual_seed(1)
        module = _Trained(settings.dropout)
        users = FederatedDataset(samples_of, get_user_sampler("minimize_reuse", range(len(sets))))
        FederatedAveraging().run(
            NNAlgorithmParams(
                central_num_iterations=1,
                evaluation_frequency=1,
                train_cohort_size=len(sets),
                val_cohort_size=None,
            ),
            SimulatedBackend(training_data=users, val_data=users),
            PyTorchModel(
                module,
                local_optimizer_create=torch.optim.Adam,
                central_optimizer=torch.optim.SGD(module.parameters(), 1.0),
            ),
            NNTrainHyperParams(
                local_num_epochs=settings.n_epochs,
                local_learning_rate=settings.learning_rate,
                local_batch_size=settings.batch_size,
            ),
            NNEvalHyperParams(local_batch_size=None),
        )
    return float(np.mean([accuracy(module, samples.validation) for samples in sets]))
