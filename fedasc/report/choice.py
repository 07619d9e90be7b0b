"""Variants of settings side by side, as rows."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from fedasc.audio import FloatArray
from fedasc.evaluation.scores import RIVALS
from fedasc.evaluation.selection import chosen_elsewhere, corrected
from fedasc.experiments.design import Result
from fedasc.report.corpora import Gain
from fedasc.report.rows import gain_columns

ENTRY = ("variant",)
"""The column that names a variant."""
COMPARED = (
    Gain(
        "over_comprehensive",
        "Gain of the personal C1 over the comprehensive one, for all variants",
        "over_comprehensive_corrected",
    ),
    Gain("over_first", "Gain over the first variant, for all variants", "over_first_corrected"),
)
"""What is put side by side of several corpora: with intervals that are corrected."""
_SYSTEMS = (*RIVALS, "personal", "teacher")
Judged = Literal["personal", "comprehensive", "baseline"]
"""The classifiers by which variants are told apart."""


def choices(results: Sequence[Result], *, by: Judged = "personal") -> list[dict[str, Any]]:
    """A row for each variant: its classifiers' mean accuracy over users and repetitions.

    Beside it stand the gains of the personal classifiers, meaned over users, those of each user
    over the comprehensive classifier, and the gain over the first variant. Columns in
    `_corrected_low`, `_corrected_high` and `_p` are corrected for all variants
    (`fedasc.evaluation.selection.corrected`). The best one, `is_best`, tells how often it was
    chosen by all splits but one, `n_chosen` of all rows, and what the variants that were so chosen
    gained on that one, in the mean: `elsewhere_over_first`, `elsewhere_over_comprehensive`.

    Args:
        results: Of a `fedasc.experiments.choose.choice_design`; of several mixtures of a user's,
            the last one counts.
        by: The classifiers whose accuracy chooses, and gains over those of the first variant.
    """
    names = list(dict.fromkeys(result.variant.label[0] for result in results))
    scores = [
        _scores([result for result in results if result.variant.label[0] == name]) for name in names
    ]
    rows = [_choice(name, some) for name, some in zip(names, scores, strict=True)]
    judged, personal, comprehensive = (
        np.array([_means(some, system) for some in scores])
        for system in (by, "personal", "comprehensive")
    )
    over_first, over_comprehensive = judged - judged[0], personal - comprehensive
    for row, levels in zip(rows, judged, strict=True):
        row |= gain_columns("over_first", levels.tolist(), judged[0].tolist())
    _correct(rows, "over_comprehensive", over_comprehensive)
    _correct(rows[1:], "over_first", over_first[1:])
    best = int(judged.mean(axis=1).argmax())
    several = judged.shape[1] > 1
    chosen = chosen_elsewhere(judged) if several else ()
    counts = Counter(chosen)
    for number, row in enumerate(rows):
        is_best = number == best
        row |= {"judged_by": by, "n_variants": len(rows), "n_repetitions": judged.shape[1]}
        row |= {"is_best": is_best, "n_chosen": counts[number]}
        for name, gains in (("first", over_first), ("comprehensive", over_comprehensive)):
            brought = [gains[variant, split] for split, variant in enumerate(chosen)]
            told = float(np.mean(brought)) if is_best and several else float("nan")
            row[f"elsewhere_over_{name}"] = told
    return rows


def _correct(rows: Sequence[dict[str, Any]], name: str, gains: FloatArray) -> None:
    for row, one in zip(rows, corrected(gains), strict=True):
        row |= {f"{name}_corrected_{end}": getattr(one, end) for end in ("low", "high")}
        row[f"{name}_p"] = one.p


_Scores = dict[tuple[int, str], dict[str, float]]
"""Accuracies by classifier, by repetition and user."""


def _scores(results: Sequence[Result]) -> _Scores:
    return {
        (result.repetition, record.profile): dict(record.accuracy)
        for result in results
        for record in result.records
    }


def _means(scores: _Scores, system: str, *some: str) -> list[float]:
    """By repetition, the mean over some users, or over all."""
    users = some or tuple(dict.fromkeys(user for _, user in scores))
    return [
        float(np.mean([scores[number, user][system] for user in users]))
        for number in sorted({number for number, _ in scores})
    ]


def _choice(variant: str, scores: _Scores) -> dict[str, Any]:
    row: dict[str, Any] = {"variant": variant}
    row |= {name: float(np.mean(_means(scores, name))) for name in _SYSTEMS}
    for rival in RIVALS:
        row |= gain_columns(f"over_{rival}", _means(scores, "personal"), _means(scores, rival))
    for user in dict.fromkeys(user for _, user in scores):
        gains = (_means(scores, system, user) for system in ("personal", "comprehensive"))
        row |= gain_columns(f"{user}_over_comprehensive", *gains)
    return row
