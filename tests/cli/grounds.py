"""Recordings and settings of which command lines make something in seconds."""

from pathlib import Path

from tests.worlds import TinyCorpus, write_recordings

SETTINGS = """
[training_sets]
comprehensive = 12
comprehensive_validation = 10
baseline = 10
baseline_validation = 10
artificial = 100
[embedded]
n_epochs = 3
n_restarts = 1
[student]
n_steps = 20
n_artificial = 50
[teacher]
name = "ensemble"
n_trees = 3
[aggregator]
name = "kmeans"
n_components = 2
[strategy]
name = "personalised"
n_epochs = 3
n_restarts = 1
"""
PROFILES = """
[baseline]
noise = ["domestic"]
music = ["pop"]
[users.home]
noise = { domestic = 2 }
music = ["pop"]
"""


def write_ground(folder: Path) -> None:
    """Write rec/manifest.csv and its recordings, settings.toml and profiles.toml."""
    (folder / "rec").mkdir()
    write_recordings(folder / "rec", TinyCorpus(n_groups=5, n_takes=1))
    (folder / "settings.toml").write_text(SETTINGS)
    (folder / "profiles.toml").write_text(PROFILES)
