"""The page of a run."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from fedasc.evaluation.scores import MIN_USERS, ON_DEVICES, Spread
from fedasc.experiments.record import by_profile
from fedasc.models.teacher import StudentTeacher
from fedasc.report.browser import charts
from fedasc.report.browser.origin import origin
from fedasc.report.browser.page import Page, write_page
from fedasc.report.browser.parts import (
    Choice,
    Column,
    Part,
    chart,
    facts,
    figures,
    files,
    matrices,
    section,
    table,
    text,
)
from fedasc.report.browser.users import UserBook
from fedasc.report.browser.words import WORDS, fact_axis
from fedasc.report.markdown import true_minus
from fedasc.report.overview import Overview
from fedasc.report.results import ProfileSummary
from fedasc.report.rows import lost_row
from fedasc.report.sounds.clip import Clip
from fedasc.report.terminal import NOT_KNOWN, interval, percent, points

_FILES = {
    "devices.csv": "every device and night",
    "summary.json": "what is told here, for programs",
    "settings.toml": "every setting, to run it again",
    "users.csv": "who the users were",
    "gains.png": "gain per user",
    "before_after.png": "accuracy by profile",
    "confusions.png": "confusion matrices",
    "confusions.csv": "confusion matrices of every device",
    "provenance.json": "where it all comes from",
    "reliability.png": "the teacher's certainty",
    "users.png": "how users differ",
    "nights.csv": "means by night and profile",
    "nights.png": "from night to night",
}
"""What stands beside the page; each picture as PDF and SVG, too."""
_INTERVALS = f"95 % intervals of the mean over users (Student's t), from {MIN_USERS} users on."


def write_run_page(
    path: Path,
    *,
    settings: Mapping[str, Any],
    corpus: Mapping[str, Any],
    overview: Overview,
    users: UserBook,
    seconds: Mapping[str, float],
    student: StudentTeacher | None = None,
    clips: Sequence[Clip] = (),
    command: str = "",
    versions: Mapping[str, str] | None = None,
) -> None:
    """Write the page of a run.

    Args:
        settings: All of them, as a file would say them.
        corpus: What the corpus held.
        overview: What the run came to.
        users: What there is to say of each.
        seconds: By phase.
        student: What was distilled of the teacher.
        clips: Windows to be listened to.
        command: That made the run, if there was one.
        versions: By software.
    """
    sections = [
        _sums(overview),
        _fared(overview),
        *_nights(overview),
        _taken(overview),
        section("users", "Users", {"kind": "users"}),
        *_sounds(clips),
        origin(
            settings,
            *_lost(overview),
            *([facts("Who labelled samples", student.facts(), is_open=False)] if student else []),
            corpus=corpus,
            seconds=seconds,
            command=command,
            versions=versions,
        ),
        _beside(overview),
    ]
    page = Page(
        title="fedasc: a run",
        lead=[*_lead(settings, overview)],
        sections=sections,
        users=users,
        clips=clips,
        extra={
            "words": WORDS,
            "user_nights": chart(charts.nights_lines(ON_DEVICES), caption="", description=""),
        },
    )
    write_page(path, page)


def _lead(settings: Mapping[str, Any], overview: Overview) -> Iterator[str]:
    n_users, n_nights = len(overview.last), overview.n_nights
    names = {part: settings.get(part, {}) for part in ("aggregator", "strategy", "teacher")}
    words = ", ".join(f"{part} {_name(one)}" for part, one in names.items())
    when = "one night" if n_nights == 1 else f"{n_nights} nights"
    yield f"{n_users:,} user{'s' * (n_users > 1)}, {when}; {words}; seed {settings.get('seed')}."
    if attacks := [record.attack for record in overview.last if record.attack]:
        yield f"{len(attacks)} devices attack ({attacks[0]}); accuracies are those of the others."


def _name(section_: Any) -> str:
    return str(section_.get("name", "–")) if isinstance(section_, Mapping) else str(section_)


def _sums(overview: Overview) -> Part:
    everyone = overview.profiles[-1]
    last = "" if overview.n_nights == 1 else ", on the last night"
    many = everyone.n_users >= MIN_USERS
    rows = [
        ("before", f"{percent(everyone.accuracy['baseline'])} %", f"median accuracy{last}"),
        ("after", f"{percent(everyone.accuracy['personal'])} %", f"median accuracy{last}"),
        (
            "gain",
            true_minus(points(everyone.gain.median)),
            "median, in points" + (f"; mean {_ends(everyone.gain)}, 95 % interval" if many else ""),
        ),
        (
            "over all data",
            true_minus(points(everyone.gain_over_comprehensive.median)),
            "median, in points, over a C1 that needs no device's help",
        ),
        ("made worse", f"{100 * everyone.made_worse:.0f} %", "of users, than before"),
        ("sent", f"{overview.bytes_up:,.0f} B", f"up per night; {overview.bytes_down:,.0f} B down"),
    ]
    return section("sums", "In short", figures(rows))


def _ends(spread: Spread) -> str:
    return true_minus(interval(spread.low, spread.high))


def _fared(overview: Overview) -> Part:
    profiles = by_profile(overview.last)
    facts_ = ("share_kept", "label_shift", "energy_distance", "certain_error")
    told = {f"fact_{name}": fact_axis(name) for name in facts_ if name in overview.columns}
    return section(
        "profiles",
        "How users fared",
        _profile_table(overview.profiles),
        chart(
            charts.gain_intervals(overview.last),
            caption="Mean gain by profile",
            description="Mean gain of personal classifiers over baseline and comprehensive ones, "
            "by profile; the numbers are in the table above.",
            note=_INTERVALS,
        ),
        chart(
            charts.user_points(profiles),
            caption="Every user",
            description="A point for each user: what she gained, against what may explain it. "
            "The table of users has the same numbers.",
            note="A point leads to its user, a name in the legend picks her profile. Shift and "
            "wheel zoom, Shift and drag move.",
            choices=[
                Choice(
                    name="y",
                    label="Gain",
                    options={
                        "gain": "gain over baseline (points)",
                        "over": "gain over comprehensive (points)",
                    },
                ),
                Choice(
                    name="x",
                    label="Against",
                    options={
                        "distance": "distance from the baseline set",
                        "baseline": "accuracy before (%)",
                        **told,
                    },
                ),
            ],
        ),
        chart(
            charts.accuracy_boxes(overview.last),
            caption="Accuracy by profile",
            description="Boxes of users' accuracies by profile and classifier; medians are in the "
            "table above.",
            note="Boxes: medians and quartiles of users; lines: all users; points: single ones.",
        ),
        _noise_table(overview.profiles),
    )


def _profile_table(profiles: Sequence[ProfileSummary]) -> Part:
    columns = [
        Column(head="profile", of=lambda one: one.profile),
        Column(head="users", of=lambda one: one.n_users, kind="count"),
        Column(head="before", of=lambda one: one.accuracy["baseline"], kind="share"),
        Column(head="after", of=lambda one: one.accuracy["personal"], kind="share"),
        Column(head="gain", of=lambda one: one.gain.median, kind="points"),
        Column(
            head="worst tenth",
            of=lambda one: one.gain.worst_tenth,
            kind="points",
            note="a tenth of the users gains less",
        ),
        Column(head="made worse", of=lambda one: one.made_worse, kind="share", digits=0),
        Column(head="all data", of=lambda one: one.accuracy["comprehensive"], kind="share"),
        Column(head="over it", of=lambda one: one.gain_over_comprehensive.median, kind="points"),
        Column(head="teacher", of=lambda one: one.accuracy["teacher"], kind="share"),
    ]
    return table(
        profiles,
        columns,
        caption="Accuracy on each device's own evaluation windows, in %",
        note="Medians over users. before: the baseline classifier; after: the personal one; all "
        "data: a C1 trained on the comprehensive set, which needs no device's help; over it: the "
        "personal one less that.",
        is_sum=lambda one: one.profile == "all",
    )


def _noise_table(profiles: Sequence[ProfileSummary]) -> Part:
    def mean(one: ProfileSummary) -> str:
        return _ends(one.gain_noise) if one.n_users >= MIN_USERS else NOT_KNOWN

    columns = [
        Column(head="profile", of=lambda one: one.profile),
        Column(head="before", of=lambda one: one.noise["baseline"], kind="share"),
        Column(head="after", of=lambda one: one.noise["personal"], kind="share"),
        Column(head="gain", of=lambda one: one.gain_noise.median, kind="points"),
        Column(head="mean gain, 95 % interval", of=mean),
        Column(head="all data", of=lambda one: one.noise["comprehensive"], kind="share"),
        Column(head="over it", of=lambda one: one.noise_over_comprehensive.median, kind="points"),
    ]
    return table(
        profiles,
        columns,
        caption="The class noise alone, in %",
        note="Medians over users, as above.",
        is_sum=lambda one: one.profile == "all",
    )


def _nights(overview: Overview) -> Iterator[Part]:
    if overview.n_nights == 1:
        return
    rows = overview.nights
    columns = [
        Column(head="night", of=lambda row: row["night"], kind="count"),
        Column(head="profile", of=lambda row: row["profile"]),
        Column(head="users", of=lambda row: row["n_users"], kind="count"),
        *(
            Column(head=word, of=itemgetter(f"n_{word}"), kind="count")
            for word in ("late", "missing", "lost")
        ),
        Column(head="before", of=lambda row: row["baseline_accuracy"], kind="share"),
        Column(head="after", of=lambda row: row["personal_accuracy"], kind="share"),
        Column(
            head="gain",
            of=lambda row: (
                [row["gain"], row["gain_low"], row["gain_high"]]
                if row["n_users"] >= MIN_USERS
                else [row["gain"], None, None]
            ),
            kind="gain",
        ),
        Column(head="made worse", of=lambda row: row["made_worse"], kind="share", digits=0),
        Column(head="all data", of=lambda row: row["comprehensive_accuracy"], kind="share"),
    ]
    everyone = "Means over all users who were there."
    yield section(
        "nights",
        "From night to night",
        chart(
            charts.mean_nights(rows),
            caption="Mean accuracy",
            description="Mean accuracy of every classifier on each night; in the table below.",
            note=everyone,
        ),
        chart(
            charts.night_gains(rows),
            caption="Mean gain of personal classifiers over baseline",
            description="Mean gain on each night; in the table below.",
            note=_INTERVALS,
        ),
        table(rows, columns, caption="Night by night: means over users, in %"),
    )


def _taken(overview: Overview) -> Part:
    errors = {name: percent(bins.error) for name, bins in overview.reliability.items()}
    parts = [
        matrices(
            overview.confusions,
            note="Of each true scene's windows, of all users together, % taken for which.",
        )
    ]
    parts.append(
        chart(
            charts.reliability_lines(overview.reliability),
            caption="How often the teacher is right, by how certain it is",
            description="Share of windows that the teacher has right against its certainty, by "
            "profile. Expected calibration errors in points: "
            + ", ".join(f"{name} {error}" for name, error in errors.items()),
            note="Bins of 50 windows and more; bars: 95 % (Wilson), of all. Expected calibration "
            "error, in points: " + ", ".join(f"{name} {error}" for name, error in errors.items()),
        )
    )
    return section("scenes", "What is taken for what", *parts)


def _sounds(clips: Sequence[Clip]) -> Iterator[Part]:
    if clips:
        yield section(
            "sounds",
            "Windows that were taken for something else",
            text(
                "As the user's device heard them. What hearing people make of them tells whether "
                "a classifier is to blame."
            ),
            {"kind": "clips"},
        )


def _lost(overview: Overview) -> Iterator[Part]:
    if overview.lost:
        columns = [
            Column(head="device", of=lambda row: row["device"], kind="count"),
            Column(head="night", of=lambda row: row["night"], kind="count"),
            Column(head="reason", of=lambda row: row["reason"]),
        ]
        rows = [lost_row(record) for record in overview.lost]
        yield table(rows, columns, caption="Devices that were lost, and left out above")


def _beside(overview: Overview) -> Part:
    there = {n: words for n, words in _FILES.items() if overview.n_nights > 1 or "nights" not in n}
    return section("files", "Beside this page", files(there))
