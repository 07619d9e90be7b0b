from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from fedasc.config import fingerprint
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import RunError
from fedasc.report.results import summarise_profiles
from fedasc.report.table import HEADINGS, result_markdown
from fedasc.seal import damage
from fedasc.seeds import Streams
from fedasc.server import shipped_teacher
from fedasc.settings import Settings
from simulations.readme import BEGIN, END, README, with_table
from tests.report.records import a_record


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    text = f"before\n{BEGIN}\nold\n\n{END}after\n"
    written = with_table(text, "new")
    assert written == f"before\n{BEGIN}\nnew\n\n{END}after\n"
    assert with_table(written, "new") == written


def test_marks_that_are_missing_are_named() -> None:
    with pytest.raises(RunError, match="expected <!-- begin"):
        with_table("no marks", "new")


def test_the_readme_has_the_marks_and_the_columns_of_a_run() -> None:
    _, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    table = rest.partition(END)[0].strip().splitlines()
    assert table[0] == f"| {' | '.join(HEADINGS)} |"
    assert [line.split(" | ")[0] for line in table[2:]] == ["| U1", "| U2", "| U3", "| U4", "| all"]


def test_a_table_has_a_line_for_each_profile_and_true_minus_signs() -> None:
    lines = result_markdown(
        summarise_profiles([a_record("a-b", before=0.8, after=0.7), a_record("c", after=0.7)])
    )
    heads, rule, first, second, both = lines.splitlines()
    assert heads.startswith("| profile | users | before |")
    assert rule == "|" + " --- |" * len(HEADINGS)
    assert first.startswith("| a-b | 1 | 80.0 | 70.0 | −10.0 | −10.0 | 100 % |")
    assert second.startswith("| c | 1 | 50.0 | 70.0 | +20.0 |")
    assert both.startswith("| all | 2 |")


def test_the_teacher_of_the_first_command_comes_along() -> None:
    """Who changes what it is made from runs simulations/ship_teacher.py."""
    settings = Settings()
    scenario: Any = SimpleNamespace(
        name=fingerprint([SyntheticCorpus().fingerprint()]),
        streams=Streams(settings.seed),
        bank=settings.bank,
    )
    teacher = settings.teacher
    place = shipped_teacher(cast(Any, scenario), sizes=settings.training_sets, teacher=teacher)
    assert place.is_dir()
    assert damage(place) == ""
    assert [other.name for other in place.parent.iterdir()] == [place.name]
    shares = teacher.load(place).probabilities(np.full((3, 45), -20, np.float32))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
