import re

import pytest

from fedasc.report.comparison_latex import comparison_latex, escaped
from fedasc.report.comparison_results import standings
from tests.report.compared import grid_of, some_results


def test_is_a_tabular_with_a_row_for_every_entry() -> None:
    text = comparison_latex(standings(grid_of(3), some_results()))
    lines = [line for line in text.splitlines() if not line.startswith("%")]
    assert lines[0] == r"\begin{tabular}{llrrrrrrrrrrrr}"
    assert lines[-1] == r"\end{tabular}"
    rows = [line for line in lines if line.endswith(r"\\")]
    assert len(rows) == 1 + 4
    assert all(len(re.findall(r"(?<!\\)&", row)) == 13 for row in rows)
    assert r"personalised & gmm n\_components=8 & $76.0\pm 6.6$ & $+4.0\pm 9.0$" in text
    assert r" & a\_\&\_b$^*$ & " in text
    assert lines.count(r"\midrule") == 3


def test_a_small_p_and_a_single_repetition() -> None:
    some = standings(grid_of(1), some_results(n_repetitions=1))
    assert "nan" not in comparison_latex(some)
    assert "$<.001$" in comparison_latex([some[0], some[1] | {"p_holm": 1e-9}])


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("50 % & more_$", r"50 \% \& more\_\$"),
        ("a\\b", r"a\textbackslash{}b"),
        ("#{1}", r"\#\{1\}"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
    ],
)
def test_special_characters_are_printed(text: str, printed: str) -> None:
    assert escaped(text) == printed
