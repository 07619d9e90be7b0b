"""Reports in Chromium: nothing wrong on the console, and everything can be used."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.report.browser.chromium import DRAWN, chromium, opened
from tests.report.browser.made import HOSTILE, N_SECONDS, some_clips, some_records, write_made
from tests.report.browser.studied import PAGES

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve users on three nights, with sounds."""
    folder = tmp_path_factory.mktemp("report")
    return write_made(
        folder / "report.html", some_records(12, n_nights=3), clips=some_clips(15, n_users=12)
    )


def column(page: Any, name: str, number: int) -> list[str]:
    """The first cells of a column of the first table of a section."""
    cells = page.locator(f"#{name} .table tbody tr > *:nth-child({number})")
    return [str(text) for text in cells.all_inner_texts()]


def test_everything_is_drawn_and_nothing_asked_for(browser: Any, report: Path) -> None:
    with opened(browser, report, until=DRAWN) as one:
        assert one.told == []
        assert one.n_svg == 6
        assert one.page.locator("svg.marks path, svg.marks line").count() > 100
        assert one.page.locator(".matrix").count() == 4
        assert "NaN" not in one.page.inner_text("body")
        assert "undefined" not in one.page.inner_text("body")


def test_tables_are_sorted_filtered_and_leafed_through(browser: Any, report: Path) -> None:
    with opened(browser, report) as one:
        page = one.page
        page.click("#users thead button:text-is('gain')")
        gains = [float(text.replace("−", "-")) for text in column(page, "users", 6)]
        assert gains == sorted(gains, reverse=True)
        page.click("#users thead button:text-is('gain')")
        assert column(page, "users", 6)[0] == "+2.0"  # of all windows, half are noise
        assert page.get_attribute("#users thead th:nth-child(6)", "aria-sort") == "ascending"
        page.select_option("#users select >> nth=0", "U2")
        assert set(column(page, "users", 2)) == {"U2"}
        assert page.inner_text("#users [role=status]") == "6 of 12 users"
        page.fill("#users input", "hair dry")
        assert page.inner_text("#users [role=status]") == "6 of 12 users"
        page.fill("#users input", "helicopter")
        assert page.inner_text("#users [role=status]") == "0 of 12 users"
        page.click("#profiles thead button:text-is('profile')")
        assert column(page, "profiles", 1)[-1] == "all"


def test_a_user_is_reached_by_her_address_and_by_keys(browser: Any, report: Path) -> None:
    with opened(browser, report, "#user-3", until=DRAWN) as one:
        page = one.page
        assert page.inner_text("#user h1") == "User 3"
        assert page.locator("#main").is_hidden()
        assert one.n_svg == 1, "her nights"
        said = page.inner_text("#user")
        for words in ("rain", "75 %", "microphone's gain (dB)", "1.5", "1,000 (50 %)", "0.125"):
            assert words in said
        assert page.locator("#user .matrix").count() == 4
        assert page.locator("#user .clip").count() == 1
        page.keyboard.press("Shift+Tab")  # from the heading, which is in focus
        page.keyboard.press("Enter")
        page.locator("h1:text-is('User 4')").wait_for()
        page.evaluate("history.back()")
        page.locator("h1:text-is('User 3')").wait_for()
        page.click("a:text-is('All users')")
        page.locator("#main").wait_for()
        assert page.locator("#user").is_hidden()
        assert one.told == []


def test_nobody_is_no_error(browser: Any, report: Path) -> None:
    with opened(browser, report, "#user-99") as one:
        assert "No user 99 is in this page" in one.page.inner_text("#user")
        assert one.told == []


def test_sounds_decode_and_are_filtered(browser: Any, report: Path) -> None:
    with opened(browser, report) as one:
        page = one.page
        page.select_option("#sounds select >> nth=0", "speech")
        assert page.locator("#sounds .clip").count() == 4
        page.select_option("#sounds select >> nth=1", "personal")
        assert page.locator("#sounds .clip").count() == 0
        page.select_option("#sounds select >> nth=1", "baseline")
        seconds = page.evaluate(
            """async () => {
              const source = document.querySelector("#sounds audio").src;
              const bytes = Uint8Array.from(atob(source.split(",")[1]), (c) => c.charCodeAt(0));
              const context = new OfflineAudioContext(1, 1, 16000);
              return (await context.decodeAudioData(bytes.buffer)).duration;
            }"""
        )
        assert seconds == pytest.approx(N_SECONDS)
        page.evaluate("document.querySelector('#sounds audio').load()")
        widths = page.locator("#sounds .clip img").evaluate_all(
            "images => images.map(image => image.naturalWidth)"
        )
        assert set(widths) == {30}
        assert one.told == []


def test_on_a_phone_nothing_is_wider_than_it(browser: Any, report: Path) -> None:
    how: dict[str, Any] = {"until": DRAWN, "viewport": PHONE, "color_scheme": "dark"}
    for address in ("", "#user-3"):
        with opened(browser, report, address, **how) as one:
            assert one.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            assert one.told == []


def test_on_paper_everything_is_there_and_light(browser: Any, report: Path) -> None:
    with opened(browser, report, color_scheme="dark") as one:
        one.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        one.page.emulate_media(media="print")
        assert one.page.locator("#nav").is_hidden()
        assert one.page.locator(".licences").is_hidden()
        assert one.page.locator("#made details").first.get_attribute("open") is not None
        ground = "getComputedStyle(document.body).backgroundColor"
        assert one.page.evaluate(ground) == "rgb(255, 255, 255)"
        assert one.told == []


def test_hostile_names_are_shown_as_they_are(browser: Any, tmp_path: Path) -> None:
    page = write_made(tmp_path / "report.html", some_records(4, profiles=(HOSTILE, "U2")))
    with opened(browser, page, until=DRAWN) as one:
        assert column(one.page, "profiles", 1)[0] == HOSTILE
        assert one.page.locator("img").count() == 0
        assert HOSTILE in one.page.inner_text("#users")
        assert one.told == []


@pytest.mark.parametrize(("n_users", "n_clips", "most"), [(50, 100, 15e6), (5000, 0, 25e6)])
def test_many_users_open_within_two_seconds(
    browser: Any, tmp_path: Path, n_users: int, n_clips: int, most: float
) -> None:
    clips = some_clips(n_clips, n_users=n_users, n_bytes=100_000)
    page = write_made(tmp_path / "report.html", some_records(n_users), clips=clips)
    assert page.stat().st_size < most
    empty = tmp_path / "empty.html"
    empty.write_text("<!doctype html><html data-drawn><title>Empty</title><p>Nothing</p>")
    with opened(browser, empty, until=DRAWN) as one:
        load = one.page.evaluate("performance.timing.loadEventEnd - performance.timing.fetchStart")
    with opened(browser, page, until=DRAWN) as one:
        ready = float(one.page.get_attribute("html", "data-ready"))
        slack = max(1.0, load / 50)  # an empty page takes 50 ms where nothing else runs
        assert ready < 2000 * slack
        assert one.page.locator("#profiles canvas.marks").count() == (n_users > 2000)
        assert len(column(one.page, "users", 1)) == 50
        if n_users > 50:
            one.page.click("#users button:text-is('Next')")
            assert column(one.page, "users", 1)[0] == "50"
        assert one.told == []


@pytest.mark.parametrize("make", PAGES, ids=lambda make: make.__name__)
def test_studies_are_drawn(browser: Any, tmp_path: Path, make: Any) -> None:
    with opened(browser, make(tmp_path), until=DRAWN) as one:
        assert one.n_svg == one.page.locator(".plot").count()
        assert "NaN" not in one.page.inner_text("body")
        assert "undefined" not in one.page.inner_text("body")
        assert one.told == []
