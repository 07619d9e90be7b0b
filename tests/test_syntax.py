import ast
from pathlib import Path

import pytest

from fedasc import syntax
from fedasc.syntax import syntax_of

TEXT = (
    '"""Docs."""\n\n\ndef f(x: int = 1) -> int:\n    """More."""\n    return x + 1  # a comment\n'
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, of which this process remembers nothing."""
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Forget what was read, and gather what is parsed from now on."""
    parsed: list[str] = []
    parse = ast.parse

    def gather(text: str) -> ast.Module:
        parsed.append(text)
        return parse(text)

    syntax._read.cache_clear()
    monkeypatch.setattr(ast, "parse", gather)
    return parsed


def test_only_what_python_is_told_counts() -> None:
    same = "def f(x: int=1) -> int:\n\n    return (\n        x + 1)\n"
    other = TEXT.replace("+ 1", "+ 2")
    said = syntax_of(TEXT, same, other)
    assert said[0] == said[1] != said[2]


def test_what_was_parsed_before_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = syntax_of(TEXT)
    parsed = anew(monkeypatch)
    assert syntax_of("x = 1", TEXT)[1] == said
    assert parsed == ["x = 1"]
    parsed = anew(monkeypatch)
    syntax_of(TEXT, "x = 1")
    assert parsed == []


def test_what_is_damaged_is_found_out_anew(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    said = syntax_of(TEXT)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    for place in (0, 20, len(whole) - 3):
        flipped = bytearray(whole)
        flipped[place] ^= 1
        kept.write_bytes(flipped)
        parsed = anew(monkeypatch)
        assert syntax_of(TEXT) == said
        assert parsed == [TEXT]
        assert kept.read_bytes() == whole


def test_who_can_not_write_does_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "file" / "cache"))
    assert syntax_of(TEXT) == syntax_of(TEXT)
