from pathlib import Path

import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

from simulations.screenshots import SHOTS, app
from tests.report.browser.chromium import program
from tests.report.browser.made import some_records, write_made


def test_pictures_have_their_sizes(tmp_path: Path) -> None:
    pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install -e '.[dev]'")
    write_made(tmp_path / "report.html", some_records(5, n_nights=2))
    out = tmp_path / "pictures"
    done = CliRunner().invoke(app, [str(tmp_path), "--out", str(out), "--chromium", program()])
    assert done.exit_code == 0, done.output
    for name, (width, height, _) in SHOTS.items():
        picture = imread(out / f"{name}.png")
        assert picture.shape[:2] == (height, width)
        assert picture.std() > 0.01, "something is drawn"


def test_a_folder_without_a_report_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path)])
    assert done.exit_code == 2
    assert "give the folder of a finished run" in " ".join(done.output.split())
