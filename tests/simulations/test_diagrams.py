"""Diagrams of the documentation."""

import re
from xml.etree import ElementTree

from simulations.diagrams import HOME, diagrams

SHOWN = re.compile(r"!\[[^\]]+\]\(.*diagrams/(\w+)\.svg\)")


def test_each_is_kept_and_shown_on_a_page_of_concepts() -> None:
    drawn = {*diagrams()}
    assert {path.stem for path in HOME.iterdir()} == drawn
    pages = (HOME.parent / "concepts").glob("*.md")
    assert {name for page in pages for name in SHOWN.findall(page.read_text("utf-8"))} == drawn


def test_they_are_pictures_without_a_date_or_a_version() -> None:
    for path in HOME.iterdir():
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
        assert not re.search(r"dc:date|Matplotlib v", path.read_text("utf-8")), path


def test_texts_stay_on_the_sheet() -> None:
    for name, figure in diagrams().items():
        figure.draw_without_rendering()
        width, height = figure.bbox.width, figure.bbox.height
        for text in figure.axes[0].texts:
            box = text.get_window_extent()
            inside = box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height
            assert inside, (name, text.get_text())
