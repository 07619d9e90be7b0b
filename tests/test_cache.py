from pathlib import Path

import pytest

from fedasc.cache import cache_root, kept


def make(folder: Path) -> None:
    (folder / "a").write_text("content")


def test_the_root_is_where_the_variable_points(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_root() == cache
    assert kept("shelf", "key", make) == cache / "shelf" / "key"
    monkeypatch.delenv("FEDASC_CACHE")
    assert cache_root().name == "fedasc"
    assert cache_root() != cache


def test_a_folder_is_made_once() -> None:
    calls: list[Path] = []

    def counted(folder: Path) -> None:
        calls.append(folder)
        make(folder)

    first, second = (kept("shelf", "key", counted) for _ in range(2))
    assert first == second
    assert (first / "a").read_text() == "content"
    assert len(calls) == 1
    kept("shelf", "other", counted)
    kept("other", "key", counted)
    assert len(calls) == 3


def test_a_folder_does_not_appear_before_it_is_whole(cache: Path) -> None:
    def watching(folder: Path) -> None:
        make(folder)
        assert not (cache / "shelf" / "key").exists()

    assert (kept("shelf", "key", watching) / "a").is_file()
    assert [path.name for path in (cache / "shelf").iterdir()] == ["key"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(cache: Path, error: type[BaseException]) -> None:
    def failing(folder: Path) -> None:
        make(folder)
        raise error

    with pytest.raises(error):
        kept("shelf", "key", failing)
    assert list((cache / "shelf").iterdir()) == []
    assert (kept("shelf", "key", make) / "a").read_text() == "content"


def test_who_finishes_first_wins(cache: Path) -> None:
    def overtaken(folder: Path) -> None:
        make(folder)
        (kept("shelf", "key", make) / "a").write_text("first")

    assert (kept("shelf", "key", overtaken) / "a").read_text() == "first"
    assert [path.name for path in (cache / "shelf").iterdir()] == ["key"]
