"""What a corpus is too small for, in numbers."""

from collections.abc import Mapping, Sequence

import pytest

from fedasc.corpus.library import Library
from fedasc.corpus.needs import groups_by_type, require_parts, types_in_words, warn_of_few
from fedasc.corpus.parts import PARTS
from fedasc.errors import CorpusError

EVERY = dict.fromkeys(PARTS, 1)


def library_of(speech: Mapping[str, int], noise: Sequence[tuple[str, str, str]] = ()) -> Library:
    """So many voices in each part, of two clips each, beside music and noise everywhere.

    Args:
        noise: Further ones: part, type and group.
    """
    rows = [
        (part, label, "", kind, (), f"{kind} {part} {n}")
        for label, kind, counts in (
            ("noise", "rain", EVERY),
            ("music", "jazz", EVERY),
            ("speech", "read", speech),
        )
        for part, n_groups in counts.items()
        for n in range(n_groups)
        for _ in range(2)
    ]
    rows += [(part, "noise", "", kind, (), group) for part, kind, group in noise]
    return Library(*zip(*rows, strict=True))


def test_one_of_each_label_in_each_part_is_enough() -> None:
    require_parts(library_of(EVERY))


@pytest.mark.parametrize(
    ("speech", "told"),
    [
        (
            {"train": 1, "aggregation": 1, "evaluation": 1},
            r"^the corpus has 3 recording\(s\) of speech .* none is left for validation; .* 4 "
            "parts, so add 1$",
        ),
        ({"train": 1}, "has 1 .* for validation and aggregation and evaluation; .* so add 3$"),
        ({}, r"has 0 recording\(s\) of speech .*, so add 4$"),
        ({"train": 7}, r"has 7 .*, so let fewer recordings demand a part \(split\), or add some$"),
    ],
)
def test_how_many_are_missing_is_said(speech: Mapping[str, int], told: str) -> None:
    with pytest.raises(CorpusError, match=told):
        require_parts(library_of(speech))
    with pytest.raises(CorpusError, match=r"^the server's part of the corpus has"):
        require_parts(library_of(speech), nested=True)


def test_groups_are_counted_and_not_clips_nor_what_is_unused() -> None:
    further = [
        ("train", "sea", "s"),
        ("train", "sea", "s"),
        ("unused", "sea", "t"),
        ("train", "rain", "r"),
    ]
    library = library_of(EVERY, further)
    assert groups_by_type(library, "noise") == {"rain": 5, "sea": 1}
    assert types_in_words(library, "noise", {"rain", "sea"}).startswith(
        "there are rain 5, sea 1, counted in"
    )
    assert "there are sea 1, " in types_in_words(library, "noise", {"sea"})
    assert types_in_words(library, "noise", ()) == (
        "there is no such type, so add 4 recordings of one"
    )


@pytest.mark.parametrize(("n", "missing"), [(1, 3), (3, 1), (4, 1), (9, 1)])
def test_the_smallest_change_is_named(n: int, missing: int) -> None:
    rows = [("train", "music", "", "jazz", (), f"{group}") for group in range(n)]
    rows += [("train", "music", "", "abba", (), "x")]
    words = types_in_words(Library(*zip(*rows, strict=True)), "music", {"jazz", "abba"})
    kind = "jazz" if n > 1 else "abba"
    assert words.endswith(f"a type needs 4, so add {missing} of {kind}")


def test_labels_of_few_groups_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    warn_of_few(
        library_of({"train": 6, "evaluation": 6}, [("train", "sea", f"{n}") for n in "1234567"])
    )
    (told,) = caplog.messages
    assert told.startswith("11 of noise, 4 of music: so few recordings may stand apart")
