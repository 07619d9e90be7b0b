"""Measure what the documentation claims, and write docs/results.md, section by section.

A section is written as soon as its figures are there; what was finished is kept, as always, so the
same command goes on where it was interrupted.
"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

import fedasc
from fedasc.api import profiles_of
from fedasc.atomic import replaced
from fedasc.cli.each import each_corpus
from fedasc.cli.ground import Ground
from fedasc.cli.options import N_WORKERS, Also, Corpus, Profiles, Repetitions, Seed, Workers
from fedasc.cli.terminal import Terminal, script
from fedasc.config import read_toml
from fedasc.corpus.pool import open_complete_pool
from fedasc.corpus.recordings import Corpus as Recordings
from fedasc.errors import SettingsError
from fedasc.experiments.audit import Audited, run_audit
from fedasc.experiments.choose import choice_design, read_variants
from fedasc.experiments.conditions import AXES
from fedasc.experiments.curves import read_curves
from fedasc.experiments.design import Design, Result
from fedasc.experiments.grid import Grid, read_grid
from fedasc.experiments.paper import paper_design
from fedasc.experiments.preset import read_preset
from fedasc.experiments.when import read_when
from fedasc.population.profile import Profiles as People
from fedasc.report import choice, comparison_results, paper_results, privacy_results
from fedasc.report.choice_page import choice_in_words
from fedasc.report.comparison_page import comparison_in_words, nights_in_words, profiles_in_words
from fedasc.report.corpora import LETTERS, Gain
from fedasc.report.curves import curve_rows, curves_in_words, plot_curves
from fedasc.report.markdown import markdown_table
from fedasc.report.page import corpus_in_words, filled, not_measured, page_of, section, sections_of
from fedasc.report.paper_page import (
    METHOD,
    Study,
    claims_in_words,
    differences_in_words,
    room_in_words,
    study_in_words,
)
from fedasc.report.privacy_figures import plot_privacy, plot_roc
from fedasc.report.privacy_page import privacy_in_words, tables_in_words
from fedasc.report.privacy_results import told_together
from fedasc.report.when_figure import plot_when
from fedasc.report.when_page import when_in_words
from fedasc.report.when_results import condition_rows, user_rows

ROOT = Path(__file__).parents[1]
CHOICES = Path(__file__).with_name("choices.toml")
HEAD = """# Results

What fedasc's documentation claims, measured by `python simulations/results.py --corpus
path/to/manifest.csv`, which writes this page: each section names its command, the commit, the
splits and the recordings. `--part` makes some of the sections, and `--also` puts other recordings
side by side. Splits of one corpus overlap, so intervals over them are narrower than those over as
many corpora would be; and what was chosen on recordings looks better on them than elsewhere: the
first section says what was chosen where. Sections of commit
`3f4ed83` and earlier ones were measured before schedules were short and a student labelled: the
preset `thorough` has what was the default then, and the first section says what it changed.

"""


def choices_part(ground: Ground, preset: str) -> str:
    """What was chosen on what, as the file says that those keep who choose."""
    keys = ("setting", "chosen", "by", "on", "tried", "elsewhere")
    heads = ("setting", "what was chosen", "by", "on", "variants tried", "on other recordings")
    entries = read_toml(Path(preset))["choice"]
    table = markdown_table(heads, [[entry[key] for key in keys] for entry in entries])
    return (
        "## Which choices were made on what\n\nAs [choices.toml](../simulations/choices.toml) "
        f"keeps it.\n\n{table}"
    )


def _studies(ground: Ground, preset: str) -> tuple[list[Study], list[Result], str]:
    """The paper's experiments on every pool, the results on the first, and the command."""
    name, every, studies = Path(preset).stem, [], []
    for corpora, who in ground.pools:
        settings, plan = read_preset(
            preset, seed=ground.seed, n_repetitions=ground.n_repetitions, profiles=who
        )
        plan = replace(plan, why=plan.why and ground.why)
        every.append(ground.results(paper_design(settings, plan, who, corpora)))
        gains = paper_results.differences(paper_results.point_rows(plan.users, every[-1]))
        studies.append(Study(name=name, settings=settings, plan=plan, gains=gains))
    return studies, every[0], f"paper --preset {name}{'' if studies[0].plan.why else ' --no-why'}"


def paper_part(ground: Ground, preset: str) -> str:
    """Users near and far with a personal classifier, and what needs no device."""
    studies, results, command = _studies(ground, preset)
    body = ground.side_by_side(
        [study_in_words(study) for study in studies],
        [study.gains for study in studies],
        paper_results.ENTRY,
        paper_results.COMPARED,
    )
    origin = ground.origin([command], results)
    return section("Personal classifiers and their rivals", origin, body)


def method_part(ground: Ground, presets: str) -> str:
    """The paper's own method beside ours, and what the paper says of it."""
    method, ours = presets.split(",")
    (theirs, results, their_command), (mine, _, my_command) = (
        _studies(ground, name) for name in (method, ours)
    )
    named = {name: read_preset(name)[0] for name in dict.fromkeys(("paper", method, ours))}
    bodies = [
        "\n\n".join(
            [
                claims_in_words([one, other]),
                f"With the paper's method (`{one.name}`):",
                study_in_words(one),
                room_in_words(one),
            ]
        )
        for one, other in zip(theirs, mine, strict=True)
    ]
    told = ground.side_by_side(
        bodies, [one.gains for one in theirs], paper_results.ENTRY, paper_results.COMPARED
    )
    named = {Path(name).stem: settings for name, settings in named.items()}
    body = f"{METHOD}\n\n{differences_in_words(named)}\n\n{told}"
    return section(
        "The paper's method and ours", ground.origin([their_command, my_command], results), body
    )


def _audited(
    ground: Ground, name: str, corpora: Sequence[Recordings], who: People
) -> tuple[Grid, list[dict[str, Any]], list[Result], list[Audited]]:
    """A grid, its standings with what is given away, its results, and the attacks."""
    grid = read_grid(name, seed=ground.seed, n_repetitions=ground.n_repetitions, profiles=who)
    design = Design(grid.variants, grid.n_repetitions, who, corpora)
    results = ground.results(design)
    audited = run_audit(design, grid.audit, n_workers=ground.n_workers, progress=ground.progress)
    rows = privacy_results.privacy_rows(grid.audit, audited)
    return grid, comparison_results.standings(grid, results, rows), results, audited


def _compared(ground: Ground, name: str) -> list[tuple[list[dict[str, Any]], list[Result]]]:
    """Standings and results of a grid on every pool."""
    every = [_audited(ground, name, corpora, who) for corpora, who in ground.pools]
    return [(standings, results) for _, standings, results, _ in every]


def _comparison(
    ground: Ground, title: str, name: str, body: Callable[[list[dict[str, Any]], list[Result]], str]
) -> str:
    every = _compared(ground, name)
    told = ground.side_by_side(
        [body(*one) for one in every],
        [table for table, _ in every],
        comparison_results.ENTRY,
        comparison_results.COMPARED,
    )
    origin = ground.origin([f"compare --grid {Path(name).stem}"], every[0][1])
    return section(title, origin, told)


def comparison_part(ground: Ground, name: str) -> str:
    """Every pair of aggregator and strategy."""
    return _comparison(
        ground,
        "Aggregators and strategies",
        name,
        lambda table, results: (
            f"{comparison_in_words(table)}\n\nBy profile, the first entry of each strategy:\n\n"
            f"{profiles_in_words(comparison_results.profile_rows(results))}"
        ),
    )


def nights_part(ground: Ground, name: str) -> str:
    """Night after night in worlds that drift."""
    return _comparison(
        ground,
        "Night after night",
        name,
        lambda _, results: nights_in_words(comparison_results.night_means(results)),
    )


def choice_part(ground: Ground, name: str) -> str:
    """Variants of retraining, nested, with the correction for their number."""
    every, tables = [], []
    for corpora, who in ground.pools:
        variants, plan = read_variants(
            name, seed=ground.seed, n_repetitions=ground.n_repetitions, profiles=who
        )
        nested = {label: replace(one, nested=True) for label, one in variants.items()}
        every.append(ground.results(choice_design(nested, plan, who, corpora)))
        tables.append(choice.choices(every[-1]))
    bodies = [choice_in_words(rows) for rows in tables]
    told = ground.side_by_side(bodies, tables, choice.ENTRY, choice.COMPARED)
    origin = ground.origin([f"choose --variants {Path(name).stem}"], every[0], chosen=True)
    return section("Ways to retrain, where they may be chosen", origin, told)


def privacy_part(ground: Ground, name: str) -> str:
    """What releases give away and are good for; of the first pool as pictures, too."""
    bodies, tables, every = [], [], []
    for corpora, who in _of_own_worlds(ground):
        grid, standings, results, audited = _audited(ground, name, corpora, who)
        every.append(results)
        tables.append(told_together(standings, privacy_results.privacy_rows(grid.audit, audited)))
        bodies.append(privacy_in_words(grid.audit, tables[-1]))
        if len(every) == 1:
            _fill(ground.pictures / "privacy.md", tables_in_words(grid.audit, tables[0]))
            plot_privacy(tables[0], ground.pictures / Path(name).stem)
            plot_roc(
                privacy_results.roc_curves(audited), ground.pictures / f"{Path(name).stem}-roc"
            )
    told = ground.side_by_side(
        bodies, tables, comparison_results.ENTRY, [Gain("over_control", "over the control")]
    )
    origin = ground.origin([f"privacy --grid {Path(name).stem}"], every[0])
    roc = f"![How surely attacks tell]({Path(name).stem}-roc.png)"
    return section("What releases give away", origin, f"{_picture(name)}\n\n{roc}\n\n{told}")


def _fill(page: Path, tables: Mapping[str, str]) -> None:
    """Put tables into their places on a page of prose, if there is one."""
    if not page.exists():
        return
    text = filled(page.read_text(encoding="utf-8"), tables)
    with replaced(page) as file:
        file.write(text.encode())


def when_part(ground: Ground, name: str) -> str:
    """Where it pays to be personal, as a map; of the first pool alone as a picture."""
    bodies, tables, every = [], [], []
    for corpora, who in _of_own_worlds(ground):
        grid = read_when(name, seed=ground.seed, n_repetitions=ground.n_repetitions, profiles=who)
        every.append(ground.results(Design(grid.variants, grid.plan.n_repetitions, who, corpora)))
        tables.append(condition_rows(grid.rivals, user_rows(grid, every[-1])))
        bodies.append(when_in_words(grid.plan, grid.rivals, tables[-1]))
        if len(every) == 1:
            plot_when(grid.plan, tables[0], ground.pictures / Path(name).stem)
    told = ground.side_by_side(bodies, tables, AXES, [Gain("over_best", "over the best rival")])
    origin = ground.origin([f"when --plan {Path(name).stem}"], every[0])
    return section("When it pays to be personal", origin, f"{_picture(name)}\n\n{told}")


def answers_part(ground: Ground, name: str) -> str:
    """What answers are worth, and what wrong, missing and lazy ones cost."""
    bodies, tables, every = [], [], []
    for corpora, who in _of_own_worlds(ground):
        curves, design = read_curves(
            name, who, corpora, seed=ground.seed, n_repetitions=ground.n_repetitions
        )
        every.append(ground.results(design))
        tables.append(curve_rows(curves, every[-1]))
        bodies.append(curves_in_words(tables[-1]))
        if len(every) == 1:
            plot_curves(tables[0], ground.pictures / f"{Path(name).stem}.png")
    gains = [Gain("gain", "over comprehensive")]
    told = ground.side_by_side(bodies, tables, ("curve", "value"), gains)
    origin = ground.origin([f"simulations/answers.py --plan {Path(name).stem}"], every[0])
    return section("What answers are worth", origin, f"{_picture(name)}\n\n{told}")


def _of_own_worlds(ground: Ground) -> list[tuple[Sequence[Recordings], People]]:
    """Pools with users of the profiles `own`, unless others are named."""
    if ground.profiles:
        return [*ground.pools]
    return [(corpora, profiles_of("own", corpora)) for corpora, _ in ground.pools]


def _picture(name: str) -> str:
    return f"![The same as a picture]({Path(name).stem}.png)"


PARTS: Mapping[str, tuple[Callable[[Ground, str], str], str]] = {
    "choices": (choices_part, str(CHOICES)),
    "paper": (paper_part, "cpu"),
    "method": (method_part, "method,cpu"),
    "compare": (comparison_part, "comparison"),
    "nights": (nights_part, "nights"),
    "choose": (choice_part, "retraining"),
    "when": (when_part, "when"),
    "answers": (answers_part, "answers"),
    "privacy": (privacy_part, "privacy"),
}
"""What makes each section, and of which preset; in the order of the page."""


def with_part(page: str, name: str, text: str) -> str:
    """A page with a section made anew, and those beside it that were never made."""
    sections = sections_of(page) | {name: text}
    several = {part: [key for key in sections if key.endswith(f":{part}")] for part in PARTS}
    command = "python simulations/results.py --corpus path/to/manifest.csv --part"
    return page_of(
        HEAD,
        {
            key: sections.get(key) or not_measured(key.capitalize(), f"{command} {key}")
            for part in PARTS
            for key in (part, *several[part])
        },
    )


def commit() -> str:
    """Of this checkout, and whether anything but docs was changed since."""

    def git(*words: str) -> str:
        line = ["git", "-C", str(ROOT), *words]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", ".", ":!docs")
        return f"`{git('rev-parse', '--short=10', 'HEAD')}`{' with changes' if changed else ''}"
    except (OSError, subprocess.CalledProcessError):
        return f"unknown, of version {fedasc.__version__}"


def main(
    corpus: Corpus = None,
    also: Also = None,
    part: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Section to make, of {', '.join(PARTS)}; PART=PRESET with a preset or a path in "
            "place of the usual one, and LABEL:PART=PRESET beside that; may be given more than "
            "once.",
            show_default="all",
        ),
    ] = None,
    profiles: Profiles = None,
    seed: Seed = None,
    repetitions: Repetitions = None,
    why: Annotated[bool, typer.Option(help="With the control distilled; takes longer.")] = True,
    workers: Workers = N_WORKERS,
    page: Annotated[Path, typer.Option(help="To write.")] = ROOT / "docs" / "results.md",
) -> None:
    """Measure what the documentation claims and write it down, section by section."""
    terminal = Terminal()
    with terminal.job() as phases:
        wanted = [_wanted(one) for one in part or PARTS]
        pools = each_corpus(corpus, also, profiles)
        held = []
        for letter, (corpora, _) in zip(LETTERS, pools, strict=False):
            pool = open_complete_pool(corpora, n_jobs=workers, progress=phases)
            prints = "+".join(one.fingerprint()[:12] for one in corpora)
            held.append(corpus_in_words(pool, prints, letter=letter if also else ""))
        ground = Ground(
            pools=pools,
            held=held,
            commit=commit(),
            profiles=profiles,
            n_repetitions=repetitions,
            seed=seed,
            n_workers=workers,
            why=why,
            pictures=page.parent,
            progress=phases,
        )
        page.parent.mkdir(parents=True, exist_ok=True)
        for name, make, preset in wanted:
            terminal.tell(f"{name}: {preset}")
            text = make(ground, preset)
            before = page.read_text(encoding="utf-8") if page.exists() else ""
            with replaced(page) as file:
                file.write(with_part(before, name, text).encode())
    terminal.show(last=f"The page is {page}", summary={"page": str(page)})


def _wanted(words: str) -> tuple[str, Callable[[Ground, str], str], str]:
    """The name of a section, what makes it, and of which preset."""
    name, _, preset = words.partition("=")
    part = name.rpartition(":")[2]
    if part not in PARTS or " " in name:
        raise SettingsError(f"--part {name}: there is none; name one of {', '.join(PARTS)}")
    make, usual = PARTS[part]
    return name, make, preset or usual


app = script(main)

if __name__ == "__main__":
    app()
