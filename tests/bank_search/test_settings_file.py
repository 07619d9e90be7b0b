from pathlib import Path

import pytest

from fedasc.audio.bank import FilterBank
from fedasc.bank_search.settings_file import write_bank
from fedasc.config import read_toml
from fedasc.settings import settings_of


@pytest.mark.parametrize(
    "bank",
    [
        FilterBank(),
        FilterBank(carrier_edges_hz=(51.3, 400, 1e3, 7.9e3), floor_dbfs=-70.0, reference="band"),
    ],
)
def test_a_run_reads_the_bank_that_was_written(bank: FilterBank, tmp_path: Path) -> None:
    path = tmp_path / "bank.toml"
    path.write_text("something else")
    write_bank(path, bank, remark="Found today.")
    assert path.read_text().startswith("# Found today.\n[bank]\n")
    assert settings_of(read_toml(path), where="file").bank == bank
