"""Pictures of a run's report as Chromium shows it, on a desk and on a phone, for the docs."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.terminal import Terminal, script
from fedasc.errors import SettingsError

SHOTS = {"report-1280": (1280, 2000, ""), "report-390": (390, 1700, "#user-3")}
"""By name of the picture: width and height in pixels, and the view."""


def main(
    run: Annotated[Path, typer.Argument(help="Folder of a run that is finished.")],
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("docs/pictures"),
    chromium: Annotated[str, typer.Option(help="Command that starts Chromium.")] = "chromium",
) -> None:
    """Write report-1280.png and report-390.png."""
    report, browser = run.resolve() / "report.html", shutil.which(chromium)
    with Terminal().job():
        if not report.is_file():
            raise SettingsError(f"{report}: no such file; give the folder of a finished run")
        if browser is None:
            raise SettingsError(f"--chromium {chromium}: no such command")
        out.mkdir(parents=True, exist_ok=True)
        shoot(report, out, browser)


def shoot(report: Path, out: Path, browser: str) -> None:
    """Take all pictures of a report.

    Args:
        out: Folder.
        browser: Path of Chromium.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        window = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for name, (width, height, view) in SHOTS.items():
            page = window.new_page(viewport={"width": width, "height": height})
            page.goto(f"{report.as_uri()}{view}")
            page.wait_for_selector("html[data-drawn]", state="attached")
            page.screenshot(path=out / f"{name}.png")
            page.close()
        window.close()


app = script(main)

if __name__ == "__main__":
    app()
