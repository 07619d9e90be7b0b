import math
import sys

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
