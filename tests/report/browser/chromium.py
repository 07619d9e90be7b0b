"""Pages in a real Chromium: the one of the system, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRAWN, READY = "html[data-drawn]", "html[data-ready]"
"""What is there once all plots are, and once everything else is."""


def program() -> str:
    """The path of Chromium; skips where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    return path


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser; skips where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs Playwright: pip install -e '.[dev]'"
    )
    path = program()
    with playwright.sync_playwright() as driver:
        # in a container it runs as root, for whom it has no sandbox
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page that is open, and what it did that it shouldn't.

    Args:
        page: Playwright's.
        told: Lines on the console, errors, and addresses outside the file that were asked for.
    """

    page: Any
    told: list[str] = field(default_factory=list)

    @property
    def n_svg(self) -> int:
        return int(self.page.locator("main:not([hidden]) .plot svg.marks").count())


@contextmanager
def opened(
    browser: Any, path: Path, address: str = "", until: str = READY, **how: Any
) -> Iterator[Opened]:
    """A page in a window of its own."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how})
    one = Opened(context.new_page())
    one.page.on("console", lambda line: one.told.append(f"{line.type}: {line.text}"))
    one.page.on("pageerror", lambda error: one.told.append(f"error: {error}"))
    one.page.on("request", lambda request: _note(one, request.url, path))
    one.page.goto(f"{path.as_uri()}{address}")
    one.page.wait_for_selector(until, state="attached")
    try:
        yield one
    finally:
        context.close()


def _note(one: Opened, url: str, path: Path) -> None:
    if not url.startswith(("data:", path.as_uri())):
        one.told.append(f"request: {url}")
