"""Maps small enough for tests."""

from dataclasses import dataclass
from pathlib import Path

from fedasc.experiments.when import WhenGrid, read_when
from fedasc.strategies.retraining import Retraining

WORLD = """
[listening]
n_evaluation = 20
[training_sets]
comprehensive = 20
comprehensive_validation = 10
baseline = 20
baseline_validation = 10
[release]
min_windows = 1
[embedded]
n_epochs = 2
[student]
n_steps = 20
n_artificial = 50
[teacher]
name = "ensemble"
n_trees = 10
[aggregator]
name = "gmm"
n_components = 3
min_windows = 1
"""
MAP = """
[when]
n_repetitions = 2
familiarity = [0.0, 1.0]
sources = ["all"]
answers = [0, 3]
heard = [30]
users = [2]
[when.personal]
name = "tests.experiments.maps:Asking"
n_epochs = 2
[when.rivals.distilled]
n_epochs = 2
[when.rivals."all, asked"]
name = "tests.experiments.maps:Asking"
n_epochs = 2
groups = "all"
"""


@dataclass(frozen=True, kw_only=True)
class Asking(Retraining):
    """Stands for what asks, but makes nothing of the answers."""

    n_questions: int = 10


def map_of(text: str, folder: Path, **how: object) -> WhenGrid:
    """What a settings file with such a text asks for."""
    path = folder / "map.toml"
    path.write_text(text)
    return read_when(str(path), **how)  # type: ignore[arg-type]
