from types import SimpleNamespace
from typing import Any, cast

from fedasc.report.markdown import gain_in_words, markdown_table, true_minus
from fedasc.report.page import (
    Origin,
    corpus_in_words,
    filled,
    not_measured,
    page_of,
    section,
    sections_of,
)

NAN = float("nan")


def test_a_page_is_read_as_it_was_written() -> None:
    sections = {"one": "## One\n\n| a | b |", "two": not_measured("Two", "make it")}
    page = page_of("# Results\n\nSome words.\n", sections)
    assert sections_of(page) == sections
    assert page.startswith("# Results\n\nSome words.\n\n<!-- begin: one -->\n\n## One\n")
    assert page_of("# Results\n\nSome words.\n", sections_of(page)) == page
    assert sections_of("no marks") == {}


def test_figures_say_where_they_come_from() -> None:
    origin = Origin(
        commands=["fedasc paper", "fedasc compare"],
        commit="`1234`",
        corpora=["A, 3 clips", "B, 4 clips"],
        seeds=[1, 2, 3],
    )
    assert section("Title", origin, "body") == (
        "## Title\n\n`fedasc paper` and `fedasc compare`; commit `1234`; 3 split(s) by group, "
        "seeds 1 to 3; recordings: A, 3 clips; B, 4 clips.\n\nbody"
    )
    nested = Origin(commands=["c"], commit="x", corpora=["A"], seeds=[7], chosen=True)
    assert "1 split(s) by group, seed 7, nested in the server's part: to choose by" in (
        nested.in_words()
    )


def test_recordings_are_named_by_what_they_hold() -> None:
    facts = {"n_clips": {"speech": 1000, "noise": 2500}}
    pool: Any = SimpleNamespace(facts=lambda: facts)
    told = corpus_in_words(cast(Any, pool), "abc", letter="B")
    assert told == "B, 3,500 clips (2,500 noise, 1,000 speech), fingerprint `abc`"


def test_gains_have_true_minus_signs_and_intervals_if_there_are_any() -> None:
    row = {"g_mean": -0.013, "g_low": -0.02, "g_high": 0.001, "c_low": -0.05, "c_high": 0.03}
    assert gain_in_words(row, "g") == "−1.3 (−2.0 to 0.1)"
    assert gain_in_words(row, "g", interval="c") == "−1.3 (−5.0 to 3.0)"
    wide = {"g_mean": 0.1, "g_low": -1.3, "g_high": 1.5}
    assert gain_in_words(wide, "g") == "+10.0 (−100.0 to 100.0)"
    assert gain_in_words({"g_mean": 0.01, "g_low": NAN, "g_high": NAN}, "g") == "+1.0"
    assert true_minus("max-T, f-1 less -1.5") == "max-T, f-1 less −1.5"


def test_what_parts_cells_may_stand_in_one() -> None:
    assert markdown_table(["a|b", "c"], [["1", "2"]]) == "| a\\|b | c |\n| --- | --- |\n| 1 | 2 |"


def test_tables_take_their_places_in_prose_and_those_of_the_last() -> None:
    page = (
        "Prose.\n\n<!-- begin: one -->\n<!-- end: one -->\n\nMore \\1.\n"
        "<!-- begin: two -->\n\nold\n\n<!-- end: two -->\n"
    )
    once = filled(page, {"one": "| 1 |", "two": "| \\2 |", "three": "nowhere"})
    assert once == (
        "Prose.\n\n<!-- begin: one -->\n\n| 1 |\n\n<!-- end: one -->\n\nMore \\1.\n"
        "<!-- begin: two -->\n\n| \\2 |\n\n<!-- end: two -->\n"
    )
    assert filled(once, {"one": "| 1 |", "two": "| \\2 |"}) == once
