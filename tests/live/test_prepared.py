"""A server that is prepared once, and what it answers."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.config import fingerprint
from fedasc.corpus.parts import SERVER_PARTS
from fedasc.errors import SettingsError
from fedasc.live.answer import answer
from fedasc.live.app import read_app
from fedasc.live.classifier_file import ClassifierFile, read_classifier
from fedasc.live.known import checksums
from fedasc.live.prepared import prepare, read_prepared
from fedasc.night import run_night
from fedasc.plugins import as_section
from fedasc.release.release import Release
from fedasc.seal import seal
from fedasc.strategies.answered import AnsweredStrategy
from fedasc.strategies.comprehensive import ComprehensiveStrategy
from fedasc.strategies.global_model import GlobalStrategy
from fedasc.strategies.local import LocalStrategy
from fedasc.strategies.none import NoStrategy
from tests.live.servers import SETTINGS, tiny_server, written
from tests.worlds import PROFILES, TinyCorpus, same_classifier, tiny_world


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("servers") / "server", tiny_server())


def test_it_is_the_server_that_a_run_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, world = TinyCorpus(), tiny_world()
    pool = world.pool.clips.files[0].path.parent
    monkeypatch.setenv("FEDASC_CACHE", str(pool.parents[1]))  # where it was decoded
    prepared = prepare(SETTINGS, [corpus], PROFILES)
    assert same_classifier(prepared.server.baseline, world.server.baseline)
    assert same_classifier(prepared.server.comprehensive, world.server.comprehensive)
    assert prepared.server.public.digest == world.server.public.digest
    assert prepared.corpora == (corpus.fingerprint(),)
    parts = world.scenario.library.parts
    learnt = [index for index, part in enumerate(parts) if part in SERVER_PARTS]
    assert set(prepared.known) == set(checksums(world.scenario.clips, learnt))
    assert 0 < len(learnt) < len(parts)


def test_what_was_written_is_read_to_the_last_bit(folder: Path) -> None:
    before, after = tiny_server(), read_prepared(folder)
    x = before.server.comprehensive_set.validation.x
    assert as_section(after.settings) == as_section(before.settings)
    assert (after.digest, after.corpora) == (before.digest, before.corpora)
    assert after.known.tolist() == before.known.tolist()
    assert same_classifier(after.server.baseline, before.server.baseline)
    told = after.server.teacher.probabilities(x), before.server.teacher.probabilities(x)
    assert told[0].tobytes() == told[1].tobytes()


def test_devices_are_shipped_with_what_the_server_knows(folder: Path) -> None:
    app, prepared = read_app(folder), tiny_server()
    assert same_classifier(app.shipped.classifier, prepared.server.baseline)
    assert app.shipped.corpora == ("tiny",)
    assert app.public.digest == prepared.server.public.digest
    assert (app.aggregator, app.release) == (SETTINGS.aggregator, SETTINGS.release)
    assert app.server == app.shipped.server == prepared.digest
    rival = read_classifier(folder / "comprehensive.npz")
    assert same_classifier(rival.classifier, prepared.server.comprehensive)
    assert rival.replaces is not None
    assert same_classifier(rival.replaces, prepared.server.baseline)


def test_a_classifier_of_other_filters_is_no_good_to_it(folder: Path) -> None:
    app = read_app(folder)
    other = replace(app.shipped, bank=replace(app.shipped.bank, floor_dbfs=-70.0))
    with pytest.raises(SettingsError, match="other filters"):
        app.given(other)
    rival = ClassifierFile(classifier=tiny_world().server.comprehensive, bank=app.shipped.bank)
    assert same_classifier(app.given(rival).shipped.classifier, rival.classifier)


def test_the_answer_is_that_of_a_simulated_night() -> None:
    world, prepared = tiny_world(), tiny_server()
    night, _ = run_night(
        replace(world.scenario, only=(0,)),
        world.server,
        aggregator=SETTINGS.aggregator,
        release=SETTINGS.release,
        strategy=SETTINGS.strategy,
    )
    made = answer(prepared, night.summaries[0])
    assert same_classifier(made.classifier, night.personal[0].classifier)
    assert not same_classifier(made.classifier, world.server.baseline)
    assert made.tally == night.personal[0].tally
    for strategy, why in (
        (NoStrategy(), "answers a device with nothing"),
        (ComprehensiveStrategy(shares="told"), "told what was really heard"),
    ):
        with pytest.raises(SettingsError, match=why):
            answer(tiny_server(strategy=strategy), night.summaries[0])


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"aggregator": FeaturesAggregator()}, "as it is"),
        ({"strategy": LocalStrategy()}, "train by themselves"),
        (
            {"aggregator": PooledSumsAggregator(), "strategy": GlobalStrategy()},
            "over many devices",
        ),
    ],
)
def test_what_only_a_simulation_can_do_is_refused(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        prepare(replace(SETTINGS, **settings), [TinyCorpus()], PROFILES)


def test_servers_that_ask_or_know_something_else_have_another_digest() -> None:
    others = [
        tiny_server(),
        tiny_server(aggregator=KMeansAggregator()),
        tiny_server(release=Release(bits=8)),
        tiny_server(strategy=AnsweredStrategy()),
        replace(tiny_server(), corpora=("another",)),
        replace(
            tiny_server(),
            server=replace(tiny_world().server, baseline=tiny_world().server.comprehensive),
        ),
    ]
    assert len({fingerprint(each.digest) for each in others}) == len(others)
    assert tiny_server().digest == tiny_server().digest


def test_a_folder_that_is_damaged_or_of_another_version_is_refused(tmp_path: Path) -> None:
    place = written(tmp_path / "server", tiny_server())
    about = json.loads((place / "server.json").read_text())
    (place / "server.json").write_text(json.dumps(about | {"format": 2}))
    with pytest.raises(SettingsError, match=r"damaged \(server.json"):
        read_prepared(place)
    seal(place)
    with pytest.raises(SettingsError, match=r"written in format 2, of which .* knows 1"):
        read_app(place)
    with pytest.raises(SettingsError, match="fedasc server writes one"):
        read_app(tmp_path)
    with (place / "known.npy").open("ab") as file:
        file.write(b"more")
    with pytest.raises(SettingsError, match="another size"):
        read_prepared(place)


def test_a_device_needs_no_torch(folder: Path) -> None:
    """The contract holds for modules that import one another; plug-ins come by name."""
    code = (
        f"import sys; from pathlib import Path; from fedasc.live.app import read_app;"
        f"import fedasc.live.day, fedasc.live.microphone, fedasc.live.summary_file;"
        f"read_app(Path({str(folder)!r})); print('torch' in sys.modules, 'ray' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


def test_arrays_are_read_as_numbers_alone(tmp_path: Path) -> None:
    place = written(tmp_path / "server", tiny_server())
    np.save(place / "known.npy", np.array([print], object), allow_pickle=True)
    seal(place)
    with pytest.raises(ValueError, match="allow_pickle"):
        read_prepared(place)
