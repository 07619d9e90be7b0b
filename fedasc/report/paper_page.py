"""The paper's experiments on a page: what came out, beside what the paper says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fedasc.experiments.paper import DISTILLED, name_of
from fedasc.experiments.preset import Plan
from fedasc.plugins import as_section
from fedasc.report.markdown import gain_in_words, markdown_table, true_minus
from fedasc.report.rows import Row
from fedasc.report.terminal import percent, points
from fedasc.settings import Settings


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """The paper's experiments with some settings, done.

    Args:
        name: Of the preset.
        settings: Of every repetition.
        plan: Which points there are.
        gains: Of every system on every user, see `fedasc.report.paper_results.differences`.
    """

    name: str
    settings: Settings
    plan: Plan
    gains: Sequence[Row]

    def row(self, user: str, system: str) -> Row | None:
        """Of a system on a user; None if there is none."""
        for row in self.gains:
            if (row["user"], row["system"]) == (user, system):
                return row
        return None

    @property
    def curve(self) -> list[str]:
        """The mixtures of the distant users."""
        systems = dict.fromkeys(
            row["system"] for row in self.gains if row["user"] in self.plan.distant
        )
        return [name for name in systems if name.startswith("N=")]


def study_in_words(study: Study) -> str:
    """All systems on all users, and the distant users by size of the mixture."""
    personal = name_of(study.settings.aggregator)  # type: ignore[arg-type]  # a study has no other
    users = [user for user in study.plan.users if study.row(user, personal)]
    names = [name for name in (DISTILLED,) if study.row(users[0], name)]
    heads = ["user", "baseline", "comprehensive", *names, f"personal, {personal}", "teacher"]
    heads += ["over baseline", "over comprehensive"]
    parts = []
    for score, title in (("accuracy", "All scenes"), ("noise", "The class noise alone")):
        prefix = "noise_" if score == "noise" else ""
        lines = []
        for user in users:
            systems = ("baseline", "comprehensive", *names, personal, "teacher")
            rows = [study.row(user, system) for system in systems]
            shares = [percent(row[score]) if row else "" for row in rows]
            mine: Row = study.row(user, personal) or {}
            gains = (f"{prefix}over_{rival}" for rival in ("baseline", "comprehensive"))
            lines.append([user, *shares, *(gain_in_words(mine, name) for name in gains)])
        parts.append(f"{title}: medians over splits in %, mean gains in points with 95 % interval.")
        parts.append(markdown_table(heads, lines))
    parts.append("Gain over the baseline by components N of the mixture:")
    distant = [user for user in study.plan.distant if user in users]
    curve = [
        [user, *(_gain(study, user, name, "over_baseline") for name in study.curve)]
        for user in distant
    ]
    parts.append(markdown_table(["user", *study.curve], curve))
    return "\n\n".join(parts)


def _gain(study: Study, user: str, system: str, name: str) -> str:
    row = study.row(user, system)
    return gain_in_words(row, name) if row else "–"


@dataclass(frozen=True)
class _Claim:
    """What the paper says, and how it is looked for here.

    Args:
        words: Of the paper, with its section.
        looked_at: What stands in the cells: users, systems and a column of gains.
        sign: 1 if these are to lie above a bound, −1 if below.
        bound: In points.
    """

    words: str
    looked_at: Callable[[Study], list[tuple[str, str, str]]]
    sign: int = 1
    bound: float = 0.0

    def verdict(self, gains: Sequence[tuple[Row, str]]) -> str:
        """Whether all intervals lie beyond the bound, or at least all means."""

        def all_beyond(end: str) -> bool:
            return all(
                self.sign * (100 * row[f"{column}_{end}"] - self.bound) > 0 for row, column in gains
            )

        if all_beyond("low" if self.sign > 0 else "high"):
            return "yes"
        return "in the mean" if all_beyond("mean") else "no"


def _cells(users: str, column: str, *systems: str) -> Callable[[Study], list[tuple[str, str, str]]]:
    return lambda study: [
        (user, system, column) for user in getattr(study.plan, users) for system in systems
    ]


_CLAIMS = (
    _Claim(
        "Figure 3: on U1 and U2 the baseline is slightly ahead of the comprehensive C1 (5.1); "
        "comprehensive less baseline",
        _cells("typical", "over_baseline", "comprehensive"),
        sign=-1,
    ),
    _Claim(
        "Figure 4: with N ≤ 2 a slight decrease against the baseline (5.2)",
        _cells("distant", "over_baseline", "N=1", "N=2"),
        sign=-1,
    ),
    _Claim(
        "Figure 4: with N ≥ 16 more than 10 % over the baseline (5.2)",
        _cells("distant", "over_baseline", "N=16", "N=32", "N=64"),
        bound=10,
    ),
    _Claim(
        "Figure 4, noise alone: significantly better from N = 4 on (5.2)",
        _cells("distant", "noise_over_baseline", "N=4", "N=32"),
    ),
    _Claim(
        "not in the paper: personal over the comprehensive C1, which needs no device's help",
        _cells("distant", "over_comprehensive", "N=32"),
    ),
)


def claims_in_words(studies: Sequence[Study]) -> str:
    """What the paper says, and what came out with each preset.

    A statement comes out if the intervals of all users and systems that it is about lie on its
    side, and in the mean if their means do.
    """
    heads = ["statement", *(f"`{study.name}`" for study in studies)]
    lines = []
    for claim in _CLAIMS:
        cells = []
        for study in studies:
            told = [
                (f"{user} {system}" if system != "comprehensive" else user, row, column)
                for user, system, column in claim.looked_at(study)
                if (row := study.row(user, system))
            ]
            verdict = claim.verdict([(row, column) for _, row, column in told])
            words = "<br>".join(f"{name} {gain_in_words(row, c)}" for name, row, c in told)
            cells.append(f"**{verdict}**<br>{words}" if told else "–")
        lines.append([claim.words, *cells])
    legend = (
        "yes: all 95 % intervals lie on that side; in the mean: all means do, not all intervals."
    )
    return f"{markdown_table(heads, lines)}\n\n{legend}"


def differences_in_words(presets: Mapping[str, Settings]) -> str:
    """Every setting that all presets have and that isn't the same in all."""
    flat = [dict(_flat(as_section(settings))) for settings in presets.values()]
    lines = [
        [f"`{key}`", *(_word(some[key]) for some in flat)]
        for key in flat[0]
        if all(key in some for some in flat) and len({repr(some[key]) for some in flat}) > 1
    ]
    return markdown_table(["setting", *(f"`{name}`" for name in presets)], lines)


def _flat(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _word(value: Any) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


_ROOM = (
    "What a user's classifier can gain by labels is about what the teacher has and the baseline "
    "hasn't. The paper's baselines are right on less than 45 % of the noise of U3 and U4, and gain "
    "more than 10 % at N ≥ 16. Where the teacher is less than 10 points ahead here, that can't "
    "come out whatever the mixture; and what the comprehensive C1 gains needs no device. How much "
    "of the teacher's lead arrives in C1 depends on the method: hard labels, and samples of a "
    "diagonal Gaussian, whose features vary each by itself as nothing that was heard does. See "
    "*hard labels* and *normal deviations* among the ways to retrain."
)


def room_in_words(study: Study) -> str:
    """How much labels can bring, by user: what the teacher has that the baseline hasn't."""
    personal = name_of(study.settings.aggregator)  # type: ignore[arg-type]  # a study has no other
    lines = []
    for user in study.plan.distant:
        systems = ("baseline", "comprehensive", "teacher", personal)
        rows = [row for system in systems if (row := study.row(user, system))]
        if len(rows) < len(systems):
            continue
        baseline, *others = rows
        lines.append(
            [
                user,
                percent(baseline["accuracy"]),
                percent(baseline["noise"]),
                *(true_minus(points(row["over_baseline_mean"])) for row in others),
            ]
        )
    heads = ["user", "baseline", "baseline on noise", "comprehensive over it"]
    heads += ["teacher over it", f"personal, {personal}, over it"]
    return f"{_ROOM}\n\n{markdown_table(heads, lines)}"


METHOD = (
    "The preset `method` is the paper's method with our teacher, front end and recordings; `paper` "
    "has its teacher too (MobileNet V2 at R = 224, which takes days or weeks on a CPU), and no "
    "figures here. Beside the settings below these differ from the paper: recordings, of which "
    "AudioSet has more; the edges of the front end's filters, which the paper doesn't give; and "
    "repetitions, each of which is another split by group here and another training on the same "
    "data there."
)
"""What both presets have otherwise than the paper."""
