"""How good personal classifiers are that are made of what C code summarised, beside Python's.

Devices hear the same features; what leaves them was made by Python on one side and by the C
library, in single precision, on the other. Prints how the personal classifiers' accuracies differ,
for every split, paired by user.
"""

from typing import Annotated

import typer

from fedasc.cli.options import Clients, Corpus, Repetitions, Seed
from fedasc.cli.terminal import guarded, script


def device_summaries(
    corpus: Corpus = None,
    clients: Clients = None,
    repetitions: Repetitions = None,
    seed: Seed = None,
    windows: Annotated[int, typer.Option(help="Heard by day, and evaluated on.", min=2)] = 400,
) -> None:
    """Compare personal classifiers made of C's summaries with those made of Python's."""
    import numpy as np
    from rich.console import Console
    from threadpoolctl import threadpool_limits

    from fedasc.aggregators.kmeans import KMeansAggregator
    from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
    from fedasc.aggregators.summary import Summary
    from fedasc.api import corpora_of, profiles_of
    from fedasc.device_code.simulation import summarised
    from fedasc.models.ensemble import EnsembleSettings
    from fedasc.scenario import ListeningSettings
    from fedasc.seeds import Purpose
    from fedasc.settings import Settings
    from fedasc.simulated import SimulatedDevices, hear
    from fedasc.strategies.round_context import RoundContext
    from fedasc.world import build_world

    with guarded(Console(stderr=True)), threadpool_limits(1):
        corpora = corpora_of(corpus)
        profiles = profiles_of(None, corpora)
        first = 1 if seed is None else seed
        for number in range(first, first + (repetitions or 5)):
            settings = Settings(
                seed=number,
                n_clients=clients or 20,
                listening=ListeningSettings(n_heard=windows, n_evaluation=windows),
                teacher=EnsembleSettings(),
            )
            world = build_world(settings, corpora, profiles)
            scenario, server = world.scenario, world.server
            users = range(len(scenario.users))
            for aggregator in (StepwiseEmAggregator(), KMeansAggregator()):
                devices = SimulatedDevices(
                    scenario=scenario,
                    aggregator=aggregator,
                    release=settings.release,
                    public=server.public,
                )
                made: dict[str, dict[int, Summary]] = {"python": {}, "c": {}}
                for index in users:
                    summary = devices.summarise(index, server.baseline)
                    assert summary  # nobody misses the first night
                    made["python"][index] = summary
                    made["c"][index] = summarised(
                        hear(scenario, index, Purpose.HEARD).x,
                        language="c",
                        bank=scenario.bank,
                        aggregator=aggregator,
                        release=settings.release,
                        classifier=server.baseline,
                        seed=scenario.streams.integer(Purpose.SUMMARY, 0, index),
                    )
                accuracies = {}
                for language, summaries in made.items():
                    context = RoundContext(streams=scenario.streams, n_devices=len(users))
                    personal = settings.strategy.serve(server, summaries, None, context).personal
                    judged = [
                        devices.judge(index, {"personal": personal[index].classifier})
                        for index in users
                    ]
                    accuracies[language] = np.array(
                        [each["personal"].accuracy for each in judged if each]
                    )
                gaps = 100 * (accuracies["c"] - accuracies["python"])
                typer.echo(
                    f"split {number}, {aggregator.name}: {gaps.mean():+.2f} points in the mean of "
                    f"{len(gaps)} users, {np.abs(gaps).max():.2f} at most"
                )


app = script(device_summaries)

if __name__ == "__main__":
    app()
