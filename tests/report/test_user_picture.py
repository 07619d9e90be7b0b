from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from fedasc.audio.microphone import Microphone
from fedasc.audio.response import Response
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.population.users import User
from fedasc.report.user_picture import plot_users
from fedasc.seeds import Streams

NOISE = {f"{n} {domain}": domain for domain in ("home", "town", "woods") for n in range(6)}
KINDS = (
    *(("noise", domain, kind) for kind, domain in NOISE.items()),
    ("music", "", "pop"),
    ("speech", "", "read"),
)
LIBRARY = Library(
    *zip(*((part, *kind, ()) for part in USER_PARTS for kind in KINDS for _ in "ab"), strict=True)
)

STREAMS = Streams(1)


def user(
    index: int, profile: str, types: Sequence[str], *, weights: Sequence[float] = (), far: float = 0
) -> User:
    return User(
        index=index,
        profile=profile,
        surroundings=Surroundings(
            noise_types=tuple(types), genres=("pop",), noise_weights=tuple(weights)
        ),
        shares=(0.1, 0.2, 0.3, 0.4) if index % 2 else (0.25, 0.25, 0.25, 0.25),
        microphone=Microphone(gain_db=index / 10),
        distance=far,
    )


def many(n_users: int, n_profiles: int) -> list[User]:
    kinds = list(NOISE)
    return [
        user(n, f"U{n % n_profiles}", [kinds[n % 18], kinds[(n + 5) % 18]], far=(n * 7 % 50) / 50)
        for n in range(n_users)
    ]


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that were saved, in order."""
    found = []
    save = Figure.savefig

    def noted(figure: Figure, *args: Any, **kwargs: Any) -> None:
        found.append(figure)
        save(figure, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", noted)
    return found


def marks(figure: Figure) -> tuple[list[str], list[float], list[str], list[int]]:
    """Names and places under the scenes, names in the legend, and dots of each profile."""
    _, _, middle, bottom, *_ = figure.axes
    legend = bottom.get_legend()
    assert legend is not None
    return (
        [label.get_text() for label in middle.get_xticklabels()],
        list(middle.get_xticks()),
        [text.get_text() for text in legend.get_texts()],
        [len(np.asarray(dots.get_offsets())) for dots in bottom.collections],
    )


@pytest.mark.parametrize(
    ("n_users", "n_profiles"), [(1, 1), (2, 2), (7, 3), (200, 1), (200, 4), (200, 12)]
)
def test_any_number_of_users_makes_a_picture_with_their_profiles(
    n_users: int, n_profiles: int, pictures: list[Figure], tmp_path: Path
) -> None:
    plot_users(many(n_users, n_profiles), LIBRARY, STREAMS, tmp_path / "users.png")
    assert (tmp_path / "users.png").read_bytes().startswith(b"\x89PNG")
    names, places, listed, dots = marks(pictures[0])
    assert names == listed == [f"U{n}" for n in range(n_profiles)]
    sizes = [len(range(n, n_users, n_profiles)) for n in range(n_profiles)]
    assert dots == sizes
    assert places == [sum(sizes[:n]) for n in range(n_profiles)]


def test_users_lie_by_profile_and_distance_and_show_what_they_hear(
    pictures: list[Figure], tmp_path: Path
) -> None:
    users = [
        user(0, "A", ["1 woods", "0 home"], far=0.9),
        user(1, "B", ["2 town"], far=0.5),
        user(2, "A", ["2 town", "0 home"], weights=[3.0, 1.0], far=0.1),
    ]
    plot_users(users, LIBRARY, STREAMS, tmp_path / "users.png")
    top, _, middle, bottom, *_ = pictures[0].axes
    assert [label.get_text() for label in top.get_yticklabels()] == ["0 home", "2 town", "1 woods"]
    (image,) = top.images
    expected = [[25, 50, 0], [75, 0, 100], [0, 50, 0]]
    np.testing.assert_allclose(np.asarray(image.get_array()), expected)
    assert len(middle.collections) == 4
    noise = np.asarray(middle.collections[0].get_paths()[0].vertices)
    steps = {(x, y) for x, y in noise.round(9).tolist() if y > 0}
    assert steps == {(-0.5, 25), (0.5, 25), (1.5, 25), (1.5, 10), (2.5, 10)}
    dots = [np.asarray(of_profile.get_offsets()).tolist() for of_profile in bottom.collections]
    assert dots == [[[0.1, 0.2], [0.9, 0.0]], [[0.5, 0.1]]]


def test_genres_have_lines_of_their_own_in_another_hue(
    pictures: list[Figure], tmp_path: Path
) -> None:
    plot_users(many(3, 1), LIBRARY, STREAMS, tmp_path / "users.png")
    noise, genres = (axes.images[0] for axes in pictures[0].axes[:2])
    assert [label.get_text() for label in pictures[0].axes[1].get_yticklabels()] == ["pop"]
    np.testing.assert_allclose(np.asarray(genres.get_array()), [[100, 100, 100]])
    assert noise.get_cmap().name != genres.get_cmap().name


def test_types_without_weights_are_heard_as_often_as_they_have_clips(
    pictures: list[Figure], tmp_path: Path
) -> None:
    types = tuple("0 home" if kind == "1 home" else kind for kind in LIBRARY.types)
    library = replace(LIBRARY, types=types)
    plot_users([user(0, "A", ["0 home", "2 home"])], library, STREAMS, tmp_path / "users.png")
    (image,) = pictures[0].axes[0].images
    np.testing.assert_allclose(np.asarray(image.get_array()), [[100 * 4 / 6], [100 * 2 / 6]])


def test_a_user_of_everything_hears_all_types(pictures: list[Figure], tmp_path: Path) -> None:
    anybody = User(
        index=0,
        profile="A",
        surroundings=Surroundings(),
        shares=(0.25, 0.25, 0.25, 0.25),
        microphone=Microphone(),
    )
    plot_users([anybody], LIBRARY, STREAMS, tmp_path / "users.png")
    names = [label.get_text() for label in pictures[0].axes[0].get_yticklabels()]
    assert names == sorted(NOISE, key=lambda kind: (NOISE[kind], kind))


def test_names_are_shown_to_the_letter(pictures: list[Figure], tmp_path: Path) -> None:
    odd = "a$b_c$"
    types = tuple(odd if kind == "0 home" else kind for kind in LIBRARY.types)
    library = replace(LIBRARY, types=types)
    plot_users([user(0, odd, [odd])], library, STREAMS, tmp_path / "users.png")
    top, _, middle, bottom, *_ = pictures[0].axes
    legend = bottom.get_legend()
    assert legend is not None
    texts = [*top.get_yticklabels(), *middle.get_xticklabels(), *legend.get_texts()]
    shown = [text for text in texts if "$" in text.get_text()]
    assert len(shown) == 3
    assert not any(text.get_parse_math() for text in shown)


def test_microphones_are_told_by_name_if_they_have_one(
    pictures: list[Figure], tmp_path: Path
) -> None:
    users = many(4, 2)
    named = [
        replace(users[0], surroundings=replace(users[0].surroundings, microphone="s$1$")),
        replace(users[1], microphone=Microphone(response=Response(name="front", taps=(1.0,)))),
        replace(users[2], surroundings=replace(users[2].surroundings, microphone="a")),
        users[3],
    ]
    for some in (named, users):
        plot_users(some, LIBRARY, STREAMS, tmp_path / "users.png")
    one, plain = (figure.axes[3] for figure in pictures)
    ticks = {
        label.get_text(): place
        for label, place in zip(one.get_yticklabels(), one.get_yticks(), strict=True)
    }
    assert ticks == {"": 0, "a": 1, "front": 2, "s$1$": 3}
    assert not any(label.get_parse_math() for label in one.get_yticklabels())
    heights = [np.asarray(dots.get_offsets())[:, 1].tolist() for dots in one.collections]
    assert heights == [[3, 1], [2, 0]]
    assert (one.get_ylabel(), plain.get_ylabel()) == ("microphone", "microphone's gain (dB)")
    gains = [np.asarray(dots.get_offsets())[:, 1].tolist() for dots in plain.collections]
    assert gains == [[0.0, 0.2], [0.1, 0.3]]
