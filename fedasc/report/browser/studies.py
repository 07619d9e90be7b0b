"""The pages of studies: comparisons, maps of conditions, the paper's figures, choices."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from fedasc.experiments.conditions import WhenPlan, word
from fedasc.report.browser import study_charts
from fedasc.report.browser.origin import origin
from fedasc.report.browser.page import Page, write_page
from fedasc.report.browser.parts import (
    Choice,
    Column,
    Part,
    chart,
    files,
    section,
    table,
    text,
)
from fedasc.report.corpora import LETTERS
from fedasc.report.rows import Row
from fedasc.report.when_slices import slices, words_of

ACROSS = "Intervals are of 95 %, of the mean over repetitions (Student's t)."
_COSTS = {
    "bytes_up": "bytes up",
    "memory_bytes": "memory of a day (bytes)",
    "n_macs": "multiply-adds of a day",
    "recording_auc": "AUC of recordings",
    "epsilon": "ε of a night",
}


def triple(name: str, row: Row) -> list[Any]:
    """A mean with the ends of its interval, from columns NAME_mean and so on."""
    return [row.get(f"{name}_{part}") for part in ("mean", "low", "high")]


def gain_column(head: str, name: str, note: str = "") -> Column:
    """A gain with its interval, in points."""
    return Column(head=head, of=lambda row: triple(name, row), kind="gain", note=note)


def _share(head: str, name: str, *, digits: int = 1, note: str = "") -> Column:
    return Column(head=head, of=lambda row: row[name], kind="share", digits=digits, note=note)


def _with_ends(name: str) -> Callable[[Row], list[Any]]:
    """A mean with the ends of its interval, from columns NAME, NAME_low and NAME_high."""
    return lambda row: [row.get(column) for column in (name, f"{name}_low", f"{name}_high")]


def _text(name: str, head: str = "") -> Column:
    return Column(head=head or name, of=lambda row: row[name])


def write_comparison_page(
    path: Path,
    *,
    settings: Mapping[str, Any],
    standings: Sequence[Row],
    profiles: Sequence[Row],
    curves: Mapping[tuple[str, ...], Sequence[float]],
    privacy: Sequence[Row] = (),
    files_: Mapping[str, str],
    **made: Any,
) -> None:
    """Write the page of a comparison.

    Args:
        standings, profiles, curves: See `fedasc.report.comparison_results`.
        privacy: What releases give away, see `fedasc.report.privacy_results.privacy_rows`.
        files_: What stands beside it.
        made: See `origin`.
    """
    n, baseline = standings[0]["n_repetitions"], next(r for r in standings if r["is_baseline"])
    keys = ("strategy", "aggregator")
    rivals = " and ".join(
        f"{name} {100 * baseline[f'{name}_accuracy']:.1f} %"
        for name in ("baseline", "comprehensive", "teacher")
    )
    costs = {
        name: words
        for name, words in _COSTS.items()
        if any(row[name] == row[name] and abs(row[name]) != float("inf") for row in standings)
    }
    sections = [
        section(
            "entries",
            "Every entry",
            _standings_table(standings),
            chart(
                study_charts.over_rivals(standings, keys),
                caption="Gains over both rivals",
                description="Mean gains of every entry; the numbers are in the table above.",
                note=f"Over the baseline of the grid and the comprehensive classifier. {ACROSS}",
            ),
            chart(
                study_charts.entries_points(standings, costs),
                caption="What it gains, and what it takes",
                description="A point for each entry; the numbers are in the table above.",
                choices=[
                    Choice(
                        name="y",
                        label="Gain",
                        options={
                            "over_comprehensive": "gain over comprehensive (points)",
                            "over_baseline": "gain over baseline (points)",
                        },
                    ),
                    Choice(name="x", label="Against", options=costs),
                ],
            ),
        ),
        section("profiles", "Who gains", _profiles_table(profiles)),
    ]
    if len(next(iter(curves.values()))) > 1:
        plot = chart(
            study_charts.entry_nights(curves),
            caption="Mean accuracy",
            description="Mean accuracy of every entry on each night.",
        )
        sections.append(section("nights", "From night to night", plot))
    if privacy:
        sections.append(section("privacy", "What releases give away", _privacy_table(privacy)))
    lead = [f"{len(standings)} entries, {n} repetition(s). Accuracies: {rivals}."]
    if baseline["n_attackers"]:
        lead.append(f"{baseline['n_attackers']} device(s) attack ({baseline['attack']}).")
    _write(path, "fedasc: a comparison", lead, sections, settings, files_, **made)


def _standings_table(rows: Sequence[Row]) -> Part:
    columns = [
        _text("strategy"),
        _text("aggregator"),
        Column(
            head="accuracy", of=lambda row: [row["accuracy"], row["low"], row["high"]], kind="mean"
        ),
        gain_column("gain", "over_baseline", "over the baseline of the grid"),
        Column(
            head="p",
            of=lambda row: row["p_holm"],
            kind="number",
            digits=3,
            note="paired t test of the gain over repetitions, with Holm's correction",
        ),
        gain_column("over comprehensive", "over_comprehensive"),
        gain_column("over the control", "over_control", "which sends nothing"),
        _share("worse than baseline", "made_worse", digits=0, note="users, in %"),
        _share("worse than comprehensive", "worse_than_comprehensive", digits=0, note="likewise"),
        Column(head="worst tenth", of=lambda row: row["worst_tenth"], kind="points"),
        Column(head="bytes up", of=lambda row: row["bytes_up"], kind="count"),
        Column(head="recording AUC", of=lambda row: row["recording_auc"], kind="number", digits=2),
        _share("linkage", "linkage", digits=0, note="users named by what they send, in %"),
        Column(head="ε", of=lambda row: row["epsilon"], kind="number", digits=2),
        Column(head="memory", of=lambda row: row["memory_bytes"], kind="count", note="bytes"),
        Column(head="multiply-adds", of=lambda row: row["n_macs"], kind="count"),
    ]
    return table(
        rows,
        columns,
        caption="Mean accuracy over users, in %, and what it takes",
        note=f"Gains in points. {ACROSS}",
    )


def _profiles_table(rows: Sequence[Row]) -> Part:
    columns = [
        _text("profile"),
        _text("strategy"),
        _text("aggregator"),
        gain_column("over baseline", "over_baseline"),
        gain_column("over comprehensive", "over_comprehensive"),
        _share("worse than baseline", "worse_than_baseline", digits=0),
        _share("worse than comprehensive", "worse_than_comprehensive", digits=0),
    ]
    return table(rows, columns, caption="Gains by profile, in points", note=ACROSS)


def _privacy_table(rows: Sequence[Row]) -> Part:
    names = dict.fromkeys(name for row in rows for name in row)
    skipped = ("aggregator", "n_repetitions", "epsilon", "epsilon_measured")
    means = [name for name in names if name not in skipped and not name.endswith(("_low", "_high"))]
    columns = [_text("aggregator", "release")]
    columns += [
        Column(head=name.replace("_", " "), of=itemgetter(name), kind="number", digits=2)
        for name in skipped[2:]
    ]
    columns += [
        Column(
            head=name.replace("_", " "),
            of=_with_ends(name),
            kind="plain",
            digits=2,
        )
        for name in means
    ]
    return table(
        rows,
        columns,
        caption="How well attacks do",
        note="Ends in auc: area under the ROC curve, 0.5 for a guess; in tpr: share of members "
        "that are told where 1 % of the others are taken for some. Intervals are of 95 %.",
    )


def write_when_page(
    path: Path,
    *,
    plan: WhenPlan,
    settings: Mapping[str, Any],
    conditions: Sequence[Row],
    files_: Mapping[str, str],
    **made: Any,
) -> None:
    """Write the page of a map of conditions.

    Args:
        conditions: See `fedasc.report.when_results.condition_rows`.
        settings, files_, made: See `write_comparison_page`.
    """
    end = max(1.0, *(100 * abs(row["over_best_mean"]) for row in conditions))
    maps = [
        chart(
            study_charts.condition_map(part, end),
            caption=part.title or "Personal less the best rival, in points",
            description=f"Gain by {words_of(part.x)} and {words_of(part.y)}; in the table below.",
            note="Outlined: it pays.",
        )
        for part in slices(plan, conditions)
    ]
    columns = [
        *(Column(head=axis, of=itemgetter(axis), note=words_of(axis)) for axis in plan.varied),
        _share("personal", "personal_accuracy"),
        gain_column("over the best rival", "over_best"),
        _text("best_rival", "best rival"),
        _share("worse", "worse", digits=0, note="users whom all data would serve better, in %"),
        Column(head="pays", of=lambda row: "yes" if row["pays"] else "no"),
    ]
    every = table(
        conditions,
        columns,
        caption="Every condition: accuracy in %, gains in points",
        note=f"It pays where the interval lies above 0. {ACROSS}",
    )
    n_paying = sum(bool(row["pays"]) for row in conditions)
    lead = [
        f"{len(conditions)} conditions, {plan.n_repetitions} repetition(s); it pays in {n_paying}.",
        "; ".join(f"{axis}: {', '.join(map(word, getattr(plan, axis)))}" for axis in plan.varied),
    ]
    sections = [section("map", "When it pays", *maps), section("table", "Every condition", every)]
    _write(path, "fedasc: when it pays", lead, sections, settings, files_, **made)


def write_paper_page(
    path: Path,
    *,
    settings: Mapping[str, Any],
    gains: Sequence[Row],
    files_: Mapping[str, str],
    **made: Any,
) -> None:
    """Write the page of the paper's experiments.

    Args:
        gains: Of every system on every user, see `fedasc.report.paper_results.differences`.
        settings, files_, made: See `write_comparison_page`.
    """
    keys = ("user", "system")

    def columns(score: str, suffix: str, prefix: str) -> list[Column]:
        return [
            *map(_text, keys),
            _share("here", score),
            _share("baseline", f"baseline{suffix}"),
            _share("comprehensive", f"comprehensive{suffix}"),
            gain_column("over baseline", f"{prefix}over_baseline"),
            gain_column("over comprehensive", f"{prefix}over_comprehensive"),
        ]

    n = gains[0]["n_repetitions"]
    sections = [
        section(
            "systems",
            "Every system on every user",
            table(
                gains,
                columns("accuracy", "", ""),
                caption="Accuracy in %, medians; gains in points, means",
                note=ACROSS,
            ),
            chart(
                study_charts.over_rivals(gains, keys),
                caption="Gains over both rivals",
                description="Gains of every system on every user; in the table above.",
                note=ACROSS,
            ),
        ),
        section(
            "noise",
            "The class noise alone",
            table(gains, columns("noise", "_noise", "noise_"), caption="In %, as above"),
        ),
    ]
    users = ", ".join(dict.fromkeys(str(row["user"]) for row in gains))
    lead = [f"Users {users}; {n} repetition(s)."]
    _write(path, "fedasc: the paper's figures", lead, sections, settings, files_, **made)


def write_choice_page(
    path: Path,
    *,
    rows: Mapping[str, Sequence[Row]],
    settings: Mapping[str, Any],
    words: Mapping[str, str],
    **made: Any,
) -> None:
    """Write the page of variants that were tried.

    Args:
        rows: By corpus, see `fedasc.report.choice.choices`.
        settings: Of all variants.
        words: By corpus, what may be chosen.
        made: See `origin`.
    """
    columns = [
        _text("variant"),
        _share("baseline", "baseline"),
        _share("comprehensive", "comprehensive"),
        _share("personal", "personal"),
        gain_column("over baseline", "over_baseline"),
        gain_column("over comprehensive", "over_comprehensive"),
        gain_column("over the first", "over_first", "as if nothing else had been tried"),
        Column(head="p", of=lambda row: row.get("over_first_p"), kind="number", digits=3),
        Column(head="times chosen", of=lambda row: row["n_chosen"], kind="count"),
    ]
    sections = [
        section(
            f"corpus-{number}",
            f"On {corpus}",
            table(some, columns, caption="Mean over users and splits, in %", note=ACROSS),
            chart(
                study_charts.over_rivals(some, ("variant",)),
                caption="Gains over both rivals",
                description="Mean gains of every variant; in the table above.",
                note=ACROSS,
            ),
            *([text(words[corpus])] if words.get(corpus) else []),
        )
        for number, (corpus, some) in enumerate(rows.items())
    ]
    first = next(iter(rows.values()))[0]
    lead = [f"{first['n_variants']} variants, {first['n_repetitions']} split(s)."]
    _write(path, "fedasc: choosing settings", lead, sections, settings, {}, **made)


def write_corpora_page(path: Path, *, rows: Sequence[Row], n_corpora: int) -> None:
    """Write the page of several corpora side by side, which leads to that of each.

    Args:
        rows: Of `fedasc.report.corpora.beside`.
    """
    letters = LETTERS[:n_corpora]
    keys = (
        [name for name in rows[0] if not name.endswith(("_mean", "_low", "_high"))] if rows else []
    )
    columns = [_text(name, name.replace("_", " ")) for name in keys]
    columns += [gain_column(letter, letter) for letter in letters]
    there = {f"{letter}/report.html": f"everything on corpus {letter}" for letter in letters}
    beside = table(
        rows,
        columns,
        caption="Gains on each corpus, in points",
        note=f"{ACROSS} on all: all intervals lie above 0 (more) or below (less).",
    )
    sections = [section("corpora", "Side by side", beside)]
    lead = [f"{n_corpora} corpora, each by itself."]
    write_page(
        path,
        Page(
            title="fedasc: several corpora",
            lead=lead,
            sections=[*sections, section("files", "Each corpus", files(there))],
        ),
    )


def _write(
    path: Path,
    title: str,
    lead: Sequence[str],
    sections: Sequence[Part],
    settings: Mapping[str, Any],
    there: Mapping[str, str],
    **made: Any,
) -> None:
    parts = [*sections, origin(settings, **made)]
    if there:
        parts.append(section("files", "Beside this page", files(there)))
    write_page(path, Page(title=title, lead=[line for line in lead if line], sections=parts))
