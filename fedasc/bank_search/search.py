"""The search itself: CMA-ES (Hansen and Ostermeier 2001) on the free numbers of a bank's edges."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fedasc.audio import FloatArray
from fedasc.audio.bank import FilterBank
from fedasc.bank_search.edges import bank_of, limits_of, numbers_of
from fedasc.bank_search.folds import TRIES
from fedasc.bank_search.settings import SearchSettings
from fedasc.errors import SettingsError
from fedasc.progress import Progress, quiet
from fedasc.seeds import Purpose, Streams


@dataclass(frozen=True)
class Found:
    """A bank and the accuracy that a search knows of it."""

    bank: FilterBank
    accuracy: float


def search(
    settings: SearchSettings,
    start: FilterBank,
    accuracy: Callable[[FilterBank], float],
    *,
    streams: Streams,
    when_better: Callable[[Found], None] = lambda candidate: None,
    progress: Progress = quiet,
) -> Found:
    """The best bank that was found; the one to start from if none is better.

    Args:
        start: Where the search begins; all but its edges stays.
        accuracy: Of a bank.
        streams: Where the draws come from.
        when_better: Told of the first bank and of each that is better than all before.

    Raises:
        SettingsError: If cma isn't installed, or the start can't be searched from.
    """
    try:
        import cma
    except ImportError as error:
        raise SettingsError(
            f"a bank search needs cma ({error}); pip install 'fedasc[search]'"
        ) from error
    first = numbers_of(start)
    rng = streams.generator(Purpose.BANK_SEARCH, TRIES)
    # By itself it draws from NumPy's global generator and seeds it.
    strategy = cma.CMAEvolutionStrategy(
        first,
        settings.spread,
        {
            "bounds": [list(limit) for limit in limits_of(start)],
            "seed": np.nan,
            "randn": lambda *shape: rng.standard_normal(shape),
            "verbose": -10,
            "verb_log": 0,
        },
    )
    n = settings.n_evaluations

    def judged(bank: FilterBank, number: int) -> Found:
        candidate = Found(bank, accuracy(bank))
        progress("trying banks", number, n)
        return candidate

    best = judged(start, 1)
    when_better(best)
    n_done = 1
    while n_done < n and not strategy.stop():
        tries: list[FloatArray] = strategy.ask()
        losses: list[float] = []
        for numbers in tries[: n - n_done]:
            candidate = judged(bank_of(numbers, start), n_done + len(losses) + 1)
            losses.append(-candidate.accuracy)
            if candidate.accuracy > best.accuracy:
                best = candidate
                when_better(best)
        n_done += len(losses)
        if len(losses) == len(tries):
            strategy.tell(tries, losses)
    progress("trying banks", n, n)
    return best
