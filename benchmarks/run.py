"""All stages in one run."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path

from benchmarks import (
    against,
    averaging,
    front_end,
    labelling,
    messages,
    mixtures,
    nights,
    training,
)
from benchmarks.against import Rivals
from benchmarks.builds import commit_of_checkout
from benchmarks.machine import machine_facts
from benchmarks.picture import plot_costs
from benchmarks.record import Record, Timed
from benchmarks.sizes import Sizes
from benchmarks.stage import Stage
from benchmarks.timing import measure
from fedasc.atomic import new_folder
from fedasc.errors import SettingsError
from fedasc.progress import Progress, quiet

STAGES = ("ams", "mixture", "training", "labelling", "users", "messages", "night")


def run_bench(
    chosen: Sequence[str],
    sizes: Sizes,
    *,
    n_workers: int = 1,
    rivals: Rivals | None = None,
    command: str = "",
    progress: Progress = quiet,
) -> Record:
    """Time stages, one after another.

    Args:
        chosen: Their names.
        n_workers: Processes of messages and nights; everything else has one thread.
        rivals: This build and another, whose stages may be chosen, too.
        command: What asked for it.

    Raises:
        SettingsError: If there is no such stage.
        RunError: If a rival did other work than fedasc.
    """
    check_stages(chosen, also=against.STAGES if rivals else ())
    makers: dict[str, Callable[[Sizes], Iterator[Stage]]] = {
        "ams": front_end.stages,
        "mixture": mixtures.stages,
        "training": training.stages,
        "labelling": partial(labelling.stages, progress=progress),
        "users": averaging.stages,
        "messages": partial(messages.stages, n_workers=n_workers, progress=progress),
        "night": partial(nights.stages, n_workers=n_workers, progress=progress),
    }
    began = datetime.now().isoformat(timespec="seconds")
    facts, commit = machine_facts(), commit_of_checkout()
    sources = [makers[name](sizes) for name in STAGES if name in chosen]
    if rivals:
        sources.append(rivals.stages(chosen, sizes))
    timed = []
    for stage in chain.from_iterable(sources):
        n_rounds = sizes.rounds_of(stage.n_devices)
        timed.append(Timed.of(stage, measure(stage, n_rounds=n_rounds, progress=progress)))
    return Record(
        began=began,
        machine=facts,
        commit=commit,
        command=command,
        against=rivals.other.commit if rivals else "",
        stages=tuple(timed),
    )


def check_stages(chosen: Sequence[str], *, also: Sequence[str] = ()) -> None:
    """Refuse stages that don't exist, before anything long is done.

    Args:
        also: Those that exist beside the usual ones.

    Raises:
        SettingsError: With those that do.
    """
    known = (*STAGES, *also)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise SettingsError(f"stage must be one of {', '.join(known)}, got {unknown[0]!r}")


def write_bench(folder: Path, record: Record) -> None:
    """Write `bench.json`, and `cost.png` if the number of devices was varied.

    Args:
        folder: Must not exist yet; it appears whole or not at all.
    """
    with new_folder(folder) as draft:
        (draft / "bench.json").write_text(record.as_json(), encoding="utf-8")
        plot_costs(record.stages, draft / "cost.png")
