"""What is drawn can be told apart, by those who see fewer colours, too."""

from itertools import combinations

import numpy as np
import pytest

from fedasc.report.looks import CLASSIFIERS, SCENES, entry_looks, series

SIGHTS = {
    "normal": np.eye(3),
    "protanopia": [
        *([0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216]),
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        *([0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413]),
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        *([1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602]),
        [0.004733, 0.691367, 0.303900],
    ],
}
"""What is left of linear light (Machado, Oliveira and Fernandes 2009, severity 1)."""


def lab(colour: str, sight: str) -> np.ndarray:
    """A colour in CIELAB as somebody sees it."""
    share = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(SIGHTS[sight]) @ light, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ seen / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(colours: list[str], sight: str) -> float:
    pairs = combinations([lab(colour, sight) for colour in dict.fromkeys(colours)], 2)
    return min(float(np.linalg.norm(one - other)) for one, other in pairs)


@pytest.mark.parametrize("sight", SIGHTS)
def test_all_eyes_tell_colours_apart(sight: str) -> None:
    assert nearest([look.colour for look in CLASSIFIERS.values()], sight) > 30
    assert nearest([*SCENES.values()], sight) > 20
    assert nearest([look.colour for look in series(range(8)).values()], sight) > 15


def test_things_of_different_kinds_have_different_colours() -> None:
    some = [look.colour for look in CLASSIFIERS.values()], [*SCENES.values()]
    few = [look.colour for look in series(range(4)).values()]
    for ours, others in combinations([*some, few], 2):
        assert min(nearest([one, other], "normal") for one in ours for other in others) > 20


def test_sixteen_series_have_a_marker_each_and_the_next_are_hollow() -> None:
    looks = [*series(f"series {n}" for n in range(32)).values()]
    assert len({look.marker for look in looks[:16]}) == 16
    assert len({(look.colour, look.marker, look.is_hollow) for look in looks}) == 32
    for one, other in combinations(looks[:16], 2):
        assert (one.colour, one.line) != (other.colour, other.line)


def test_names_keep_their_looks_in_the_order_in_which_they_come() -> None:
    assert list(series(["b", "a", "b"])) == ["b", "a"]
    assert series(["b", "a"])["b"] == series(["b"])["b"]


def test_pairs_show_the_first_as_a_colour_and_the_second_as_a_marker() -> None:
    looks = entry_looks([(f"s{n}", f"a{m}") for n in range(16) for m in range(16)])
    assert len({(look.colour, look.edge, look.marker) for look in looks.values()}) == 256
    assert looks["s3", "a1"].colour == looks["s3", "a2"].colour
    assert looks["s3", "a1"].marker == looks["s5", "a1"].marker
    assert (looks["s3", "a1"].edge, looks["s11", "a1"].edge) == ("", "black")
