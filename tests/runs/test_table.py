import math
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from fedasc.errors import SettingsError
from fedasc.runs.table import Table

TABLE = Table(({"device": 0, "n_kept": 12}, {"device": 1, "n_kept": "", "late": True}))


def test_a_table_is_rows_and_columns() -> None:
    assert TABLE.columns == ("device", "n_kept", "late")
    assert len(TABLE) == 2
    assert [row["device"] for row in TABLE] == [0, 1]
    assert TABLE["n_kept"] == [12, None]
    assert TABLE["late"] == [None, True]
    assert repr(TABLE) == "Table(2 rows of device, n_kept, late)"
    with pytest.raises(KeyError, match="noise"):
        TABLE["noise"]


def test_a_table_becomes_a_data_frame() -> None:
    pytest.importorskip("pandas")
    frame = TABLE.to_pandas()
    assert list(frame.columns) == list(TABLE.columns)
    assert frame["n_kept"].mean() == 12
    assert math.isnan(frame["n_kept"][1])
    assert frame.query("device == 1")["late"].all()


def test_without_pandas_a_line_tells_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SettingsError, match="pip install pandas"):
        TABLE.to_pandas()


def test_notebooks_show_numbers_shortly_and_texts_as_they_are() -> None:
    rows: list[Mapping[str, Any]] = [
        {"profile": "<U1>", "gain": 0.123456, "n": 30, "lost": None},
        {"gain": float("nan")},
    ]
    html = Table(tuple(rows))._repr_html_()
    assert "<td>&lt;U1&gt;</td><td>0.1235</td><td>30</td><td></td>" in html
    assert "<td></td><td></td><td></td><td></td>" in html
    assert "rows more" not in html
    assert "and 940 rows more" in Table(tuple(rows * 500))._repr_html_()
