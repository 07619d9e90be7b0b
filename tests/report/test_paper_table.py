import io

from rich.console import Console

from fedasc.report.paper_results import differences, point_rows
from fedasc.report.paper_table import paper_table
from tests.report.test_paper_results import USERS, some_results


def shown(n_repetitions: int = 3) -> str:
    rows = point_rows(USERS, some_results(n_repetitions))
    file = io.StringIO()
    Console(file=file, width=80).print(paper_table(differences(rows), rows, {"training": 1.25}))
    return file.getvalue()


def test_both_rivals_are_columns_of_the_tables_of_gains() -> None:
    lines = shown().splitlines()
    heads = [line for line in lines if "user" in line and "over" in line]
    assert len(heads) == 2
    assert all({"base", "comp."} <= set(head.split()) for head in heads)
    assert all("over baseline" in head and "over comp." in head for head in heads)


def test_gains_are_in_points_with_their_interval_and_fit_80_columns() -> None:
    text = shown()
    line = next(line for line in text.splitlines() if line.split()[:2] == ["U1", "N=2"])
    assert line.split()[2:5] == ["72.0", "60.0", "76.0"]
    assert "+12.0 [2.1, 21.9]" in line
    assert "-4.0 [-4.0, -4.0]" in line
    assert max(map(len, text.splitlines())) <= 80


def test_the_reasons_stand_beside_each_personal_system() -> None:
    rows = [line.split() for line in shown().splitlines()]
    assert ["U3", "N=4", "full", "1", "10", "10", "0.100", "0.100", "0.100", "0.10"] in [
        row[:10] for row in rows
    ]
    assert "training 1.2 s" in " ".join(" ".join(row) for row in rows)


def test_a_single_repetition_has_gains_without_an_interval() -> None:
    text = shown(n_repetitions=1)
    assert "nan" not in text
    assert "+8.0" in text
