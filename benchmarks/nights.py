"""Complete nights: fedasc through Flower on Ray, and device after device by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

import numpy as np

from benchmarks.by_hand import Hand
from benchmarks.memory import watched
from benchmarks.sizes import Sizes
from benchmarks.stage import Agreement, Stage, Trial, Way, whole
from benchmarks.timed_world import nothing_heard, timed_settings, timed_world, with_devices
from fedasc.execution import Engine, Execution
from fedasc.flower.engine import run_flower
from fedasc.night import Night
from fedasc.progress import Progress, quiet
from fedasc.settings import Settings
from fedasc.world import World

_TOLERANCE = 0.1
_N_BY_HAND = 2


def stages(
    sizes: Sizes, *, n_workers: int = 1, engine: Engine = "ray", progress: Progress = quiet
) -> Iterator[Stage]:
    """Nights in which every device listens; nothing is cached but the world."""
    world, settings = timed_world(sizes, progress=progress), timed_settings(sizes)
    for n_devices in sizes.nights:
        some = with_devices(world, n_devices)
        fly = partial(flown, some, settings, n_workers=n_workers, engine=engine)
        n_by_hand = min(n_devices, _N_BY_HAND)
        hand = Hand(some, settings)
        yield Stage(
            name="night",
            work=(
                f"a night of {sizes.n_heard:,} windows, {sizes.n_evaluation:,} to evaluate, "
                f"{n_workers} worker(s)"
            ),
            unit="devices",
            ways=(
                Way(name="fedasc", amount=n_devices, run=fly),
                Way(name="message per device", amount=n_devices, run=partial(fly, per_node=1)),
                Way(
                    name="by hand",
                    amount=n_by_hand,
                    run=whole(partial(by_hand, hand, range(n_by_hand))),
                ),
            ),
            agreement=Agreement(
                deviation=unlike,
                tolerance=_TOLERANCE,
                measure="mean difference of the devices' accuracies",
            ),
            n_devices=n_devices,
            per_device=1,
            warm=False,
        )


@dataclass(frozen=True)
class Brought:
    """What a night brought.

    Args:
        accuracies: Of the personal classifiers, by device.
        weights: Digest of all of them; None if they were trained in another way.
    """

    accuracies: Mapping[int, float]
    weights: str | None = None


def flown(
    world: World,
    settings: Settings,
    *,
    n_workers: int,
    engine: Engine = "ray",
    per_node: int | None = None,
) -> Trial:
    """A night through Flower, with nothing heard before; its memory is watched."""
    with nothing_heard(), watched() as peak:
        trial = whole(
            lambda: run_flower(
                world.scenario,
                world.server,
                aggregator=settings.aggregator,
                release=settings.release,
                strategy=settings.strategy,
                execution=Execution(engine=engine, n_workers=n_workers, per_node=per_node),
            )
        )()
    (night,) = trial.result
    return Trial(seconds=trial.seconds, result=brought(night), peak_bytes=peak.n_bytes)


def brought(night: Night) -> Brought:
    """Of a night, what is compared."""
    digest = blake2b(digest_size=12)
    for device in sorted(night.personal):
        for array in night.personal[device].classifier.arrays().values():
            digest.update(array.tobytes())
    return Brought(
        {device: scores["personal"].accuracy for device, scores in night.scores.items()},
        digest.hexdigest(),
    )


def by_hand(hand: Hand, devices: range) -> Brought:
    """The same devices' night without fedasc."""
    return Brought({device: hand.accuracy(device) for device in devices})


def unlike(ours: Brought, others: Brought) -> float:
    """Mean difference of the accuracies of devices that both nights had.

    Infinite if none, or if fedasc made other weights in another way of sending messages.
    """
    both = [device for device in others.accuracies if device in ours.accuracies]
    if not both or others.weights not in (None, ours.weights):
        return float("inf")
    return float(np.mean([abs(ours.accuracies[i] - others.accuracies[i]) for i in both]))
