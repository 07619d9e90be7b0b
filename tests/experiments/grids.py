"""Grids small enough for tests."""

from dataclasses import replace
from pathlib import Path

from fedasc.experiments.design import Design
from fedasc.experiments.grid import Grid, read_grid
from tests.worlds import PROFILES, TINY, TinyCorpus

SMALL = """
[release]
min_windows = 1
[comparison]
n_repetitions = 2
baseline = "still"
[comparison.aggregators.gmm]
n_components = [1, 3]
min_windows = 1
[comparison.strategies.none]
with = ["gmm"]
[comparison.strategies.still]
name = "none"
[comparison.strategies.personalised]
n_epochs = 2
[comparison.strategies.global]
n_epochs = 2
"""


def grid_of(text: str, folder: Path) -> Grid:
    """What a settings file with such a text asks for."""
    path = folder / "grid.toml"
    path.write_text(text)
    return read_grid(str(path))


def tiny_comparison(folder: Path, text: str, **settings: object) -> Design:
    """A comparison in the tiny world, whatever the text says of the world."""
    grid = grid_of(text, folder)
    world = replace(TINY, **settings)  # type: ignore[arg-type]
    variants = tuple(
        replace(
            variant,
            settings=replace(
                world,
                strategy=variant.settings.strategy,
                aggregator=variant.settings.aggregator,
                release=variant.settings.release,
            ),
        )
        for variant in grid.variants
    )
    return Design(variants, grid.n_repetitions, PROFILES, (TinyCorpus(),))
