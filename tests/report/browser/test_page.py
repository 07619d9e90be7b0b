import hashlib
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fedasc.report.browser import sounds
from fedasc.report.browser.page import as_json
from fedasc.report.browser.parts import Column, in_words, table
from tests.report.browser.made import (
    HOSTILE,
    block,
    content_of,
    parts_of,
    some_clips,
    some_records,
    unpacked,
    write_made,
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(page: Path) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page.read_text())
    return parser.tags


def test_the_file_asks_for_nothing_else(tmp_path: Path) -> None:
    page = write_made(tmp_path / "report.html", some_records(4), clips=some_clips(2, n_users=4))
    for tag, attributes in tags(page):
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert "src" not in attributes
    policies = [a["content"] for _, a in tags(page) if a.get("http-equiv")]
    (policy,) = policies
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_browsers_run_these_scripts_alone(tmp_path: Path) -> None:
    page = write_made(tmp_path / "report.html", some_records(4))
    text = page.read_text()
    (own,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    for script in (own, unpacked(page, "plots")):
        digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in text


def test_hostile_names_end_no_script(tmp_path: Path) -> None:
    page = write_made(
        tmp_path / "report.html",
        some_records(4, profiles=(HOSTILE, "U2")),
        command=f"fedasc run {HOSTILE}",
        versions={HOSTILE: HOSTILE},
    )
    assert "<img" not in page.read_text()
    assert not [tag for tag, _ in tags(page) if tag == "img"]
    (command,) = parts_of(page, "code")
    assert command["text"] == f"fedasc run {HOSTILE}"


def test_there_is_no_nan_in_it(tmp_path: Path) -> None:
    page = write_made(tmp_path / "report.html", some_records(2))
    assert "NaN" not in block(page, "content") + unpacked(page, "users")
    assert as_json({"a": float("nan"), "b": [float("inf")]}) == '{"a":null,"b":[null]}'


def test_tables_have_the_numbers_of_the_terminal(tmp_path: Path) -> None:
    page = write_made(tmp_path / "report.html", some_records(14))
    accuracy, noise = parts_of(page, "table")
    assert [column["head"] for column in accuracy["columns"]][:5] == [
        *("profile", "users", "before", "after", "gain"),
    ]
    everyone = accuracy["rows"][-1]
    # of music 70 % are right before, and with noise 60 %; gains of −1 to 5 points are music's
    assert everyone[:3] == ["all", 14, pytest.approx(0.65)]
    assert everyone[4] == pytest.approx((0.02 + 0.05) / 2)
    assert accuracy["sums"] == [2]
    assert noise["rows"][-1][1:4] == [
        *(pytest.approx(0.6), pytest.approx(0.65), pytest.approx(0.05)),
    ]


def test_of_fewer_than_five_users_there_is_no_interval(tmp_path: Path) -> None:
    few = write_made(tmp_path / "few.html", some_records(8))
    by_profile = parts_of(few, "chart")[0]["spec"]["data"]["values"]
    told = {(row["profile"], row["gain over"]): row for row in by_profile}
    assert told["U1", "baseline"]["low"] is None
    assert told["all", "baseline"]["low"] < told["all", "baseline"]["mean"]
    assert parts_of(few, "table")[1]["rows"][0][4] == "–"


def test_settings_versions_and_the_command_are_told(tmp_path: Path) -> None:
    page = write_made(
        tmp_path / "report.html",
        some_records(2),
        command="fedasc run --clients 2",
        versions={"fedasc": "1.2"},
    )
    told = {part["caption"]: dict(part["rows"]) for part in parts_of(page, "facts")}
    assert told["Settings"] == {"n_clients": "2", "seed": "7", "strategy.name": "personalised"}
    assert told["Versions"] == {"fedasc": "1.2"}
    assert told["Seconds by phase"] == {"listening": "1.23"}
    assert told["What the corpus held"] == {"n_clips": "12", "unusable": "–"}


def test_sounds_stand_in_blocks_of_their_own(tmp_path: Path) -> None:
    clips = some_clips(3, n_users=2)
    page = write_made(tmp_path / "report.html", some_records(2), clips=clips)
    assert [one["window"] for one in content_of(page)["clips"]] == [0, 1, 2]
    sound = json.loads(block(page, "clip-1"))["sound"]
    assert sound == f"data:audio/wav;base64,{b64encode(clips[1].sound).decode()}"


def test_sounds_that_have_no_room_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sounds, "MOST_BYTES", 50_000)
    clips = some_clips(4, n_users=2, n_bytes=15_000)
    page = write_made(tmp_path / "report.html", some_records(2), clips=clips)
    assert len(content_of(page)["clips"]) == 2
    assert content_of(page)["n_clips"] == 4


def test_fifty_users_with_a_hundred_sounds_stay_below_15_mb(tmp_path: Path) -> None:
    clips = some_clips(100, n_users=50, n_bytes=100_000)
    page = write_made(tmp_path / "report.html", some_records(50), clips=clips)
    assert 13e6 < page.stat().st_size < 15e6
    assert 95 < len(content_of(page)["clips"]) < 100


def test_what_is_infinite_is_no_gap() -> None:
    columns = [Column(head="ε", of=lambda value: value, kind="number")]
    assert table([float("inf"), 1.5], columns, caption="")["rows"] == [["∞"], [1.5]]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (True, "yes"),
        (0.1, "0.1"),
        (3, "3"),
        ("", "–"),
        ((), "–"),
        (["a", 2], "a, 2"),
        ([{"name": "rain"}], "name: rain"),
    ],
)
def test_settings_are_told_in_words(value: object, words: str) -> None:
    assert in_words(value) == words
