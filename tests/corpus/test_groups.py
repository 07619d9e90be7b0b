import pytest

from fedasc.corpus.groups import merged_by_origin
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError


def recording(path: str, group: str, origin: str = "", split: str = "") -> Recording:
    return Recording(path=path, label="noise", type="rain", group=group, origin=origin, split=split)


def groups(*recordings: Recording) -> list[str]:
    return [merged.group for merged in merged_by_origin(recordings)]


def test_groups_of_one_origin_become_one() -> None:
    found = groups(
        recording("a", "fold1/17", "freesound:17"),
        recording("b", "uploader", "freesound:17"),
        recording("c", "uploader", "freesound:18"),
        recording("d", "x", "freesound:18"),
        recording("e", "alone", "freesound:19"),
    )
    assert found == ["fold1/17"] * 4 + ["alone"]


def test_without_origins_nothing_changes() -> None:
    recordings = tuple(recording(name, name) for name in "abc")
    assert merged_by_origin(recordings) == recordings
    assert merged_by_origin(()) == ()


def test_everything_else_stays() -> None:
    one = recording("a", "b", "o", "train")
    other = recording("c", "a", "o", "train")
    merged, same = merged_by_origin((one, other))
    assert merged == recording("a", "a", "o", "train")
    assert same is other or same == other


def test_one_group_in_two_splits_is_refused() -> None:
    both = recording("a", "g", "o", "train"), recording("b", "h", "o", "evaluation")
    with pytest.raises(CorpusError, match="'g' stands in the splits 'train' and 'evaluation'"):
        merged_by_origin(both)
