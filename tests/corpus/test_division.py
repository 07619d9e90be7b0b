from dataclasses import dataclass

import pytest

from fedasc.audio import Signal
from fedasc.corpus.division import open_division
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError
from tests.worlds import TinyCorpus, tiny_world


@dataclass(frozen=True)
class Noises:
    """The noises of the tiny corpus alone."""

    corpus: TinyCorpus
    name: str = "noises"

    @property
    def recordings(self) -> tuple[Recording, ...]:
        return tuple(r for r in self.corpus.recordings if r.label == "noise")

    def fingerprint(self) -> str:
        return "noises"

    def seconds(self, index: int) -> float:
        return 10.0

    def read(self, index: int) -> Signal:
        return self.corpus.read(index)


def test_the_split_is_that_of_a_run_with_the_same_seed() -> None:
    opened, scenario = open_division([TinyCorpus()], seed=1), tiny_world().scenario
    assert opened.library == scenario.library
    assert opened.name == scenario.name
    assert (*opened.origin, scenario.bank) == scenario.origin
    other = open_division([TinyCorpus()], seed=2)
    assert other.parts != opened.parts
    assert other.name == opened.name


def test_a_nested_division_leaves_the_users_recordings_alone() -> None:
    outer, nested = (open_division([TinyCorpus()], seed=1, nested=its) for its in (False, True))
    assert outer.name != nested.name
    assert outer.origin != nested.origin
    for inner, part in zip(nested.parts, outer.parts, strict=True):
        assert (inner == "unused") == (part in ("aggregation", "evaluation"))


def test_what_lacks_a_label_is_refused_unless_it_is_only_looked_at() -> None:
    with pytest.raises(CorpusError, match="no usable recording of music, speech"):
        open_division([Noises(TinyCorpus())], seed=1)
    opened = open_division([Noises(TinyCorpus())], seed=1, complete=False)
    assert {recording.label for recording in opened.recordings} == {"noise"}
