"""How often an attack is right: the area under its ROC, and true positives at few false ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fedasc.audio import FloatArray

FPR_GRID: FloatArray = np.logspace(-4, 0, 41)
"""False positive rates at which a ROC is told."""

FPR_GRID.flags.writeable = False

_ALMOST = 1 - 1e-9


@dataclass(frozen=True, kw_only=True)
class Success:
    """How well scores tell those that were in from those that weren't.

    Args:
        auc: Probability that one that was in scores above one that wasn't; equal ones count half.
            NaN without both.
        tpr_1, tpr_01: Share of those in that are told at 1 % and at 0.1 % false positives; NaN with
            fewer than 100 and 1,000 that weren't in.
        n_in, n_out: How many there were.
        roc: (41,) true positive rates at `FPR_GRID`; NaN where less than one of those that weren't
            in would be a false positive.
    """

    auc: float
    tpr_1: float
    tpr_01: float
    n_in: int
    n_out: int
    roc: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """In words of JSON, from which `of_json` makes the same; it has none for NaN but null."""
        told = {name: _told(value) for name, value in vars(self).items() if name != "roc"}
        return {**told, "roc": [_told(rate) for rate in self.roc]}

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        read: dict[str, Any] = {name: _read(value) for name, value in content.items()}
        return cls(**{**read, "roc": tuple(_read(rate) for rate in content["roc"])})


def success(scores: ArrayLike, member: NDArray[np.bool_]) -> Success:
    """Judge scores, all with one threshold: so never those of several users at a time.

    Args:
        scores: The larger, the likelier in; of any shape.
        member: Whether each was in; of the same shape.
    """
    flat, is_in = np.ravel(np.asarray(scores, np.float64)), np.ravel(member)
    inside, outside = flat[is_in], flat[~is_in]

    def rates(asked: ArrayLike) -> FloatArray:
        fpr = np.asarray(asked, np.float64)
        enough = len(outside) * fpr >= _ALMOST
        return np.where(enough & (len(inside) > 0), _true_positives(inside, outside, fpr), np.nan)

    tpr_1, tpr_01 = rates([0.01, 0.001]).tolist()
    return Success(
        auc=_area(flat, is_in),
        tpr_1=tpr_1,
        tpr_01=tpr_01,
        n_in=len(inside),
        n_out=len(outside),
        roc=tuple(rates(FPR_GRID).tolist()),
    )


def _area(scores: FloatArray, is_in: NDArray[np.bool_]) -> float:
    """By the ranks of those in (Mann and Whitney 1947)."""
    n_in, n = int(is_in.sum()), len(scores)
    if n_in in (0, n):
        return float("nan")
    from scipy.stats import rankdata  # takes a second

    above = rankdata(scores)[is_in].sum() - n_in * (n_in + 1) / 2
    return float(above / (n_in * (n - n_in)))


def _true_positives(inside: FloatArray, outside: FloatArray, fpr: FloatArray) -> FloatArray:
    """Shares of those in that lie above the thresholds of false positive rates.

    The threshold at the k-th highest of n that weren't in has the rate k / (n + 1), which another
    one like them exceeds it with; k / n would promise more than chance to an attack that knows
    nothing. Between thresholds one is drawn, and so it is among equal scores.
    """
    inside, outside = np.sort(inside), np.sort(outside)[::-1]
    n_in, n_out = len(inside), len(outside)
    reach = n_in - np.searchsorted(inside, outside, side="left")
    above = n_in - np.searchsorted(inside, outside, side="right")
    n_equal = np.searchsorted(outside[::-1], outside, side="right") - np.searchsorted(
        outside[::-1], outside, side="left"
    )
    place = np.arange(1, n_out + 1) - np.searchsorted(-outside, -outside, side="left")
    told = above + (reach - above) * place / (n_equal + 1)
    rates = np.arange(n_out + 2) / (n_out + 1)
    shares = np.concatenate([[0], told, [n_in]]) / max(n_in, 1)
    return np.interp(fpr, rates, shares)


def _told(value: float) -> float | None:
    return None if value != value else value


def _read(value: Any) -> Any:
    return float("nan") if value is None else value
