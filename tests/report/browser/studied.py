"""Pages of studies whose numbers can be told by hand."""

from pathlib import Path

from fedasc.report.browser.studies import (
    write_choice_page,
    write_comparison_page,
    write_corpora_page,
    write_paper_page,
    write_when_page,
)
from fedasc.report.choice import COMPARED, ENTRY, choices
from fedasc.report.comparison_results import night_means, profile_rows, standings
from fedasc.report.corpora import beside
from fedasc.report.paper_results import differences, point_rows
from fedasc.report.privacy_results import privacy_rows
from fedasc.report.when_results import condition_rows, user_rows
from tests.report import audited, compared, mapped
from tests.report.test_choice import some_results as tried
from tests.report.test_paper_results import USERS
from tests.report.test_paper_results import some_results as studied

FILES = {"some.csv": "", "some.png": "a picture"}


def comparison(folder: Path) -> Path:
    """Of two nights, with what is given away."""
    path = folder / "comparison.html"
    grid, results = compared.grid_of(3), compared.some_results(n_nights=2)
    given_away = privacy_rows(audited.PLAN, audited.audited())
    write_comparison_page(
        path,
        settings=grid.as_section(),
        standings=standings(grid, results, given_away),
        profiles=profile_rows(results),
        curves=night_means(results),
        privacy=given_away,
        files_=FILES,
        command="fedasc compare",
    )
    return path


def when(folder: Path) -> Path:
    """A map of three axes."""
    path, grid = folder / "when.html", mapped.a_grid()
    rows = condition_rows(grid.rivals, user_rows(grid, mapped.some_results(grid)))
    write_when_page(
        path, plan=grid.plan, settings=grid.as_section(), conditions=rows, files_=FILES, corpus={}
    )
    return path


def paper(folder: Path) -> Path:
    """Two users and two mixtures."""
    path, gains = folder / "paper.html", differences(point_rows(USERS, studied()))
    write_paper_page(path, settings={}, gains=gains, files_=FILES, corpus={}, seconds={"all": 1.0})
    return path


def choice(folder: Path) -> Path:
    """Two variants."""
    path = folder / "choice.html"
    rows = choices([*tried("a"), *tried("b", gains=(0.02, 0.05))])
    write_choice_page(path, rows={"here": rows}, settings={}, words={"here": "b is best"})
    return path


def corpora(folder: Path) -> Path:
    """Of two corpora the same."""
    path = folder / "corpora.html"
    rows = choices([*tried("a"), *tried("b", gains=(0.02, 0.05))])
    write_corpora_page(path, rows=beside([rows, rows], ENTRY, COMPARED), n_corpora=2)
    return path


PAGES = (comparison, when, paper, choice, corpora)
