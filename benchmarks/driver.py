"""Steps of a night in one build of fedasc, asked for by another process.

It is run by that build's Python and imports nothing of these benchmarks, and of fedasc only what
builds of long ago have, too, under whatever name. Requests are lines of JSON on standard input,
each a step's name with its arguments; answers are lines of JSON on standard output.
"""

import inspect
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

Answer = dict[str, Any]

_SEED = 1
_FLOPS_PER_WEIGHT = 6  # a multiplication and an addition, forwards and for two gradients


def first(*names: str) -> Any:
    """The first that this build has of what is named module:name.

    Raises:
        LookupError: If it has none of them.
    """
    for each in names:
        module, _, name = each.partition(":")
        with suppress(ImportError, AttributeError):
            return getattr(import_module(module), name)
    raise LookupError(f"none of {', '.join(names)} is in this build")


def known_to(function: Callable[..., Any], **options: Any) -> dict[str, Any]:
    """Those of the options that a function takes in this build."""
    names = inspect.signature(function).parameters
    return {name: option for name, option in options.items() if name in names}


class Night:
    """The first night of a world of this build, warm: all that is heard was heard before.

    Args:
        world: Of the first night.
        settings: That it was built with.
    """

    def __init__(self, world: Any, settings: Any) -> None:
        self.settings = settings
        self.server, self.scenario = world.server, world.scenario
        self.devices = range(len(self.scenario.users))
        purposes = first("fedasc.seeds:Purpose")
        self.heard = [self._heard(device, purposes.HEARD) for device in self.devices]
        self.evaluation = [self._heard(device, purposes.EVALUATION) for device in self.devices]

    @classmethod
    def built(cls, corpora: Sequence[str], settings: Mapping[str, Any], n_devices: int) -> "Night":
        """The first night of a new world.

        Args:
            corpora: Manifests; the embedded corpus if there are none.
            settings: As files of `fedasc run` say them.
            n_devices: Users.
        """
        find_profiles = first(
            "fedasc.population.profile:find_profiles", "fedasc.corpus.profile:find_profiles"
        )
        profiles = find_profiles("recordings" if corpora else "synthetic")
        settings_of = first("fedasc.settings:settings_of")
        content = {**settings, "n_clients": n_devices}
        also = known_to(settings_of, profiles=profiles)
        known = settings_of(content, where="bench", **also)
        if corpora:
            read = first("fedasc.corpus.manifest:read_manifest")
            pools = [read(Path(path)) for path in corpora]
        else:
            pools = [first("fedasc.corpus.synthetic:SyntheticCorpus")()]
        return cls(first("fedasc.world:build_world")(known, pools, profiles), known)

    def _heard(self, device: int, purpose: Any) -> Any:
        hear = first("fedasc.simulated:hear", "fedasc.device:hear")
        return hear(self.scenario, device, purpose, night=0)

    @cached_property
    def summaries(self) -> dict[int, Any]:
        """What every device sends."""
        baseline, aggregator = self.server.baseline, self.settings.aggregator
        with suppress(LookupError):
            simulated = first("fedasc.simulated:SimulatedDevices")(
                scenario=self.scenario,
                aggregator=aggregator,
                release=self.settings.release,
                public=self.server.public,
            )
            return {device: simulated.summarise(device, baseline) for device in self.devices}
        summarise = first("fedasc.device:summarise")
        return {
            device: summarise(self.scenario, aggregator, device, classifier=baseline)
            for device in self.devices
        }

    @cached_property
    def tasks(self) -> list[Any]:
        """The classifiers that the strategy makes."""
        memory = first("fedasc.strategies.memory:Memory")().told(self.summaries, retention=0)
        strategy = self.settings.strategy
        return list(strategy.tasks(self.server, self.summaries, memory, self._context()))

    def _context(self) -> Any:
        context = first(
            "fedasc.strategies.round_context:RoundContext", "fedasc.strategies.tonight:Tonight"
        )
        return context(streams=self.scenario.streams)

    def mixtures(self, windows: str) -> Answer:
        """Fit a mixture to each block of windows, (n_blocks, n_windows, 45), of a file."""
        blocks = np.load(windows)
        aggregator = self.settings.aggregator
        began = time.perf_counter()
        mixtures = [aggregator.fit(x, seed=_SEED) for x in blocks]
        seconds = time.perf_counter() - began
        likely = [log_likelihood(m, x) for m, x in zip(mixtures, blocks, strict=True)]
        return {"seconds": seconds, "result": float(np.mean(likely))}

    def write_windows(self, path: str) -> Answer:
        """Write what the devices heard, for `mixtures` of any build."""
        np.save(path, np.stack([heard.x for heard in self.heard]))
        return {}

    def labels(self) -> Answer:
        """Draw and label the artificial samples of all devices; the result is how many each has."""
        began = time.perf_counter()
        labelled = self._labelled()
        seconds = time.perf_counter() - began
        n_samples = sum(len(one.samples) for one in labelled)
        return {"seconds": seconds, "result": n_samples / len(self.devices)}

    def flops_of_labels(self) -> Answer:
        """Products of layers, of a student or of Deep Sets; nothing where there is neither."""
        n_samples = sum(len(one.samples) for one in self._labelled())
        labeller = getattr(self.server, "annotator", self.server.teacher)
        n_weights = n_layer_weights(labeller)
        return {"flops": 2.0 * n_weights * n_samples if n_weights else None}

    def _labelled(self) -> list[Any]:
        strategy, streams = self.settings.strategy, self.scenario.streams
        n_baseline = len(self.server.baseline_set)
        n_wanted = max(2, round(strategy.amount * n_baseline))
        with suppress(AttributeError):
            n_wanted = strategy.n_wanted(self.server)
        sampling = first("fedasc.seeds:Purpose").SAMPLING
        rngs = [streams.generator(sampling, 0, task.devices[0]) for task in self.tasks]
        return list(strategy.labelled(self.server, self.tasks, n_wanted, rngs=rngs))

    def retraining(self) -> Answer:
        """Personalise with labels that are there already; the result is as of `personalising`."""
        with patch.object(type(self.settings.strategy), "labelled", self._ready):
            return self.personalising()

    @cached_property
    def _ready(self) -> Callable[..., list[Any]]:
        """In place of a strategy's labelling."""
        ready = {
            task.devices[0]: labelled
            for task, labelled in zip(self.tasks, self._labelled(), strict=True)
        }

        def at_hand(strategy: Any, server: Any, tasks: Any, *_: Any, **__: Any) -> list[Any]:
            return [ready[task.devices[0]] for task in tasks]

        return at_hand

    def flops_of_retraining(self) -> Answer:
        """As many as the training's settings make of its samples."""
        module = first(
            "fedasc.strategies.teaching:__name__", "fedasc.strategies.retraining:__name__"
        )
        shipped = self.server.baseline
        each = _FLOPS_PER_WEIGHT * (shipped.hidden_weights.size + shipped.output_weights.size)
        flops = 0.0

        def counted(settings: Any, jobs: Any, **_: Any) -> list[Any]:
            nonlocal flops
            n_samples = sum(map(n_of_a_pass, jobs))
            flops += each * settings.n_epochs * settings.n_restarts * n_samples
            return [shipped for _ in jobs]

        with (
            patch.object(type(self.settings.strategy), "labelled", self._ready),
            patch.object(sys.modules[module], "train_fleet", counted),
        ):
            self._served()
        return {"flops": flops}

    def personalising(self) -> Answer:
        """Make every device's classifier; the result is their mean accuracy on its own windows."""
        began = time.perf_counter()
        personal = self._served()
        seconds = time.perf_counter() - began
        accuracies = [
            np.mean(personal[device].classifier.predict(windows.x) == windows.scene)
            for device, windows in zip(self.devices, self.evaluation, strict=True)
        ]
        return {"seconds": seconds, "result": float(np.mean(accuracies))}

    def _served(self) -> Mapping[int, Any]:
        made = self.settings.strategy.serve(self.server, self.summaries, None, self._context())
        personal: Mapping[int, Any] = made.personal
        return personal

    @cached_property
    def _personal(self) -> Mapping[int, Any]:
        return self._served()

    def looking(self) -> Answer:
        """Look into all devices; the result is the teacher's mean accuracy there."""
        look_into = first("fedasc.probes.diagnosis:look_into", "fedasc.diagnosis:look_into")
        personal = self._personal
        also = known_to(
            look_into,
            devices=tuple(self.devices),
            scores={device: {} for device in self.devices},
            held={},
            why=True,
        )
        if "probes" in inspect.signature(look_into).parameters:
            also["probes"] = self.settings.probes
        began = time.perf_counter()
        seen = look_into(
            self.scenario, self.server, self.settings.strategy, self.summaries, personal, **also
        )
        seconds = time.perf_counter() - began
        accuracies = [seen[device].teacher.accuracy for device in self.devices]
        return {"seconds": seconds, "result": float(np.mean(accuracies))}


def n_of_a_pass(job: Any) -> float:
    """Samples that a pass takes, of those that are rehearsed perhaps a share."""
    rehearsed = getattr(job, "rehearsed", None)
    besides = rehearsed.share * len(rehearsed.samples) if rehearsed else 0
    return len(job.samples.training) + besides


def n_layer_weights(labeller: Any) -> int:
    """Weights that a sample is multiplied by, of a student, or of Deep Sets in a committee.

    Those of layers for each vector count five times.
    """
    n_weights = sum(int(weights.size) for weights in getattr(labeller, "weights", ()))
    for weights in getattr(labeller, "networks", ()):
        network = getattr(weights, "network", lambda its=weights: its)()
        for layers, n_times in ((network.each, 5), (network.all, 1)):
            n_weights += n_times * sum(w.numel() for w in layers.parameters() if w.ndim == 2)
    members = getattr(labeller, "members", {})
    return n_weights + sum(n_layer_weights(one) for one in members.values())


def log_likelihood(mixture: Any, x: NDArray[np.float32]) -> float:
    """Mean log likelihood of windows (n_windows, 45) under a diagonal mixture."""
    parts = (mixture.weights, mixture.means, mixture.variances)
    weights, means, variances = (part.astype(np.float64) for part in parts)
    apart = x.astype(np.float64)[:, None] - means
    exponents = (
        np.log(weights)
        - 0.5 * (apart**2 / variances).sum(axis=2)
        - 0.5 * np.log(2 * np.pi * variances).sum(axis=1)
    )
    most = exponents.max(axis=1)
    return float((most + np.log(np.exp(exponents - most[:, None]).sum(axis=1))).mean())


def answers(requests: Any, out: Any) -> None:
    """Answer requests until there are no more; the first builds the night."""
    night: Night | None = None
    for line in requests:
        step, arguments = json.loads(line)
        if night is None:
            night, answer = Night.built(**arguments), {}
        else:
            answer = getattr(night, step)(**arguments)
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    from threadpoolctl import threadpool_limits

    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a build prints is no answer
    with threadpool_limits(1):
        answers(sys.stdin, replies)
