"""Train the teacher of the embedded corpus, and put it into the package.

To be run whenever that corpus, the filters, the training sets or how teachers train change: the
first command of the README then needs no training, and finds the same numbers on every machine.
"""

import shutil

from rich.console import Console
from threadpoolctl import threadpool_limits

from fedasc.cli.phases import Phases
from fedasc.cli.terminal import guarded
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.cpus import usable_cpus
from fedasc.population.profile import find_profiles
from fedasc.seal import seal
from fedasc.server import shipped_teacher
from fedasc.settings import Settings
from fedasc.world import build_world


def main() -> None:
    """Replace what is there."""
    settings, console = Settings(), Console(stderr=True)
    with guarded(console), threadpool_limits(1), Phases(console) as phases:
        inputs = settings, [SyntheticCorpus()], find_profiles("synthetic")
        world = build_world(*inputs, n_jobs=usable_cpus(), progress=phases)
        place = shipped_teacher(
            world.scenario, sizes=settings.training_sets, teacher=settings.teacher
        )
        if place.exists():
            shutil.rmtree(place.parent)
            world = build_world(*inputs, progress=phases)
        place.parent.mkdir(exist_ok=True)
        for earlier in place.parent.iterdir():
            shutil.rmtree(earlier)
        world.server.teacher.save(place)
        seal(place)
        Console().print(f"Written to {place}", soft_wrap=True)


if __name__ == "__main__":
    main()
