"""What differing microphones do to features, and to how often classifiers are right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from threadpoolctl import threadpool_limits

from fedasc.api import corpora_of, profiles_of, settings_from
from fedasc.cli.options import N_WORKERS, Clients, Corpus, Profiles, Seed, Workers
from fedasc.cli.terminal import Terminal, script
from fedasc.config import from_mapping, given, merged, read_toml
from fedasc.corpus.pool import open_complete_pool
from fedasc.errors import SettingsError
from fedasc.experiments.record import records_of
from fedasc.night import run_nights
from fedasc.population.profile import Profiles as People
from fedasc.population.users import UserSettings, draw_users
from fedasc.progress import Progress, quiet
from fedasc.report.markdown import markdown_table
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.settings import Settings
from fedasc.simulated import hear
from fedasc.world import World, build_world

PLAN = Path(__file__).with_suffix(".toml")
CLASSIFIERS = ("baseline", "comprehensive", "personal")


def compared(
    world: World,
    profiles: People,
    settings: Settings,
    microphones: Mapping[str, UserSettings],
    *,
    progress: Progress = quiet,
) -> list[dict[str, Any]]:
    """A row of each kind of microphone: how far features move, and accuracies after a night."""
    rows = []
    first: Scenario | None = None
    for n_done, (name, users) in enumerate(microphones.items(), 1):
        drawn = draw_users(
            profiles,
            settings.n_clients,
            library=world.scenario.library,
            settings=users,
            streams=world.scenario.streams,
        )
        scenario = replace(world.scenario, users=drawn)
        first = first or scenario
        (night,) = run_nights(
            scenario,
            world.server,
            aggregator=settings.aggregator,
            release=settings.release,
            strategy=settings.strategy,
        )
        records = records_of(scenario, night)
        accuracy = {
            name: 100 * float(np.mean([record.accuracy[name] for record in records]))
            for name in CLASSIFIERS
        }
        rows.append({"microphones": name, "moved_db": moved_db(first, scenario), **accuracy})
        progress("kinds of microphones", n_done, len(microphones))
    return rows


def moved_db(first: Scenario, other: Scenario) -> float:
    """Root mean square of how far the features of all days lie from those of the same days."""
    squares = [
        np.square(
            hear(first, user.index, Purpose.HEARD).x - hear(other, user.index, Purpose.HEARD).x
        ).mean()
        for user in first.users
    ]
    return float(np.sqrt(np.mean(squares)))


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows in words, of accuracies with the change from the first."""
    head = ["microphones", "features moved by (dB)", *CLASSIFIERS]
    cells = [
        [
            row["microphones"],
            f"{row['moved_db']:.2g}",
            *(f"{row[name]:.1f} ({_change(row[name], rows[0][name])})" for name in CLASSIFIERS),
        ]
        for row in rows
    ]
    return markdown_table(head, cells)


def _change(to: float, of: float) -> str:
    """With a true minus, and none before 0."""
    return f"{round(to - of, 1) + 0.0:+.1f}".replace("-", "−")


def main(
    corpus: Corpus = None,
    plan: Annotated[
        Path, typer.Option(help="Settings, and tables [microphones.NAME] of users' (TOML).")
    ] = PLAN,
    profiles: Profiles = None,
    clients: Clients = 20,
    seed: Seed = None,
    workers: Workers = N_WORKERS,
) -> None:
    """Make a table of what each kind of microphone changes."""
    terminal = Terminal()
    with terminal.job() as phases:
        content = read_toml(plan)
        if set(content) - {"settings", "microphones"} or not content.get("microphones"):
            raise SettingsError(f"{plan}: expected [settings] and tables [microphones.NAME]")
        corpora = corpora_of(corpus)
        who = profiles_of(profiles, corpora)
        asked = given({"n_clients": clients, "seed": seed})
        settings = settings_from(merged(content.get("settings", {}), asked), who)
        microphones = {
            name: from_mapping(
                UserSettings,
                merged(who.user_settings, section),
                where=f"{plan}, [microphones.{name}]",
            )
            for name, section in content["microphones"].items()
        }
        open_complete_pool(corpora, n_jobs=workers, progress=phases)
        with threadpool_limits(1):
            world = build_world(settings, corpora, who, progress=phases)
            rows = compared(world, who, settings, microphones, progress=phases)
    typer.echo(table(rows))


app = script(main)

if __name__ == "__main__":
    app()
