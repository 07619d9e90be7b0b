import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.corpus.builders.naming import Naming
from fedasc.corpus.folder import read_folder
from fedasc.corpus.manifest import read_manifest, write_manifest
from fedasc.corpus.recordings import Corpus
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import CorpusError, SettingsError
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.population.attendance import NightsSettings
from fedasc.population.profile import find_profiles
from fedasc.probes.certainty import CertaintyProbe
from fedasc.runs.inputs import Inputs
from fedasc.settings import Settings
from fedasc.strategies.clustered import ClusteredStrategy
from tests.worlds import TinyCorpus, write_recordings


def through_a_file(inputs: Inputs, folder: Path, corpora: Sequence[Corpus] | None = None) -> Inputs:
    text = json.dumps(inputs.stored(folder))
    return Inputs.restored(json.loads(text), folder, corpora)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(
            seed=7,
            n_clients=3,
            teacher=MobileNetSettings(),
            nights=NightsSettings(n_nights=3, dropout=0.1),
            aggregator=GmmAggregator(n_components=2),
            strategy=ClusteredStrategy(n_clusters=2, amount=0.3),
            probes=(CertaintyProbe(),),
        ),
    ],
)
@pytest.mark.parametrize("profiles", ["recordings", "synthetic", "dirichlet", "own"])
def test_inputs_come_back_as_they_were(tmp_path: Path, settings: Settings, profiles: str) -> None:
    inputs = Inputs(
        settings=settings,
        corpora=(SyntheticCorpus(n_voices=3),),
        profiles=find_profiles(profiles),
        strict=True,
        teacher_file=tmp_path / "teacher",
    )
    again = through_a_file(inputs, tmp_path)
    assert again == replace(inputs, corpora=list(inputs.corpora))
    assert list(again.profiles.users) == list(inputs.profiles.users)


def test_a_roster_comes_along(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("anything")
    (tmp_path / "run").mkdir()
    inputs = Inputs(
        settings=Settings(),
        corpora=(SyntheticCorpus(),),
        profiles=find_profiles("synthetic"),
        roster=file,
    )
    again = through_a_file(inputs, tmp_path / "run")
    file.unlink()
    assert again.roster
    assert again.roster.read_text() == "anything"


def of_manifest(folder: Path, corpus: TinyCorpus) -> Inputs:
    folder.mkdir()
    return Inputs(
        settings=Settings(),
        corpora=(read_manifest(write_recordings(folder, corpus)),),
        profiles=find_profiles("recordings"),
    )


SMALL = TinyCorpus(n_groups=1, n_takes=1)


def test_a_corpus_may_move_but_not_change(tmp_path: Path) -> None:
    stored = of_manifest(tmp_path / "here", SMALL).stored(tmp_path)
    (tmp_path / "here").rename(tmp_path / "there")
    with pytest.raises(CorpusError, match="no such manifest"):
        Inputs.restored(stored, tmp_path)
    moved = read_manifest(tmp_path / "there" / "manifest.csv")
    assert Inputs.restored(stored, tmp_path, [moved]).corpora == [moved]
    lines = moved.manifest.read_text().splitlines()
    moved.manifest.write_text("\n".join(lines[:-1]))
    with pytest.raises(CorpusError, match=r"no longer what the run in .* began with"):
        Inputs.restored(stored, tmp_path, [read_manifest(moved.manifest)])


def test_a_corpus_that_no_file_describes_is_to_be_given_again(tmp_path: Path) -> None:
    inputs = Inputs(settings=Settings(), corpora=(SMALL,), profiles=find_profiles("recordings"))
    with pytest.raises(CorpusError, match="tiny: give the same corpus again"):
        through_a_file(inputs, tmp_path)
    assert through_a_file(inputs, tmp_path, [SMALL]) == replace(inputs, corpora=[SMALL])


@pytest.mark.parametrize("content", [{}, {"settings": {}}, {"corpora": 3, "teacher_file": None}])
def test_what_does_not_describe_a_run_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(SettingsError, match="damaged; begin anew"):
        Inputs.restored(content, tmp_path)


def test_a_folder_comes_back_with_what_was_said_of_it(tmp_path: Path) -> None:
    for name in ("noise/rain/1.wav", "music/jazz/1.wav", "anna/day 1.wav", "anna/day 2.wav"):
        (tmp_path / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / name).write_text(name)
    naming = Naming(("anna=speech",), "(day)")
    corpus = read_folder(tmp_path / "own", naming)
    inputs = Inputs(settings=Settings(), corpora=[corpus], profiles=find_profiles("auto"))
    assert through_a_file(inputs, tmp_path) == inputs
    write_manifest(tmp_path / "own/manifest.csv", corpus.recordings[:1], root=tmp_path / "own")
    assert through_a_file(inputs, tmp_path).corpora[0].recordings == corpus.recordings
    (tmp_path / "own/anna/day 2.wav").unlink()
    with pytest.raises(CorpusError, match="own: no longer what the run in"):
        through_a_file(inputs, tmp_path)
