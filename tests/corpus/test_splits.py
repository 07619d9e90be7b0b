from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.corpus.parts import PARTS, UNUSED, USER_PARTS
from fedasc.corpus.recordings import LABELS, Recording
from fedasc.corpus.splits import SHARES, split_again, split_by_group

Drawn = tuple[str, int, str, int]


def built(drawn: list[Drawn], demands: dict[int, str]) -> list[Recording]:
    return [
        Recording(
            path=str(n),
            label=label,
            type=f"t{kind}",
            domain=domain,
            group=f"g{group}",
            split=demands.get(group, ""),
        )
        for n, (label, kind, domain, group) in enumerate(drawn)
    ]


any_recordings = st.builds(
    built,
    st.lists(
        st.tuples(
            st.sampled_from(LABELS),
            st.integers(0, 3),
            st.sampled_from(["", "urban", "nature"]),
            st.integers(0, 12),
        ),
        max_size=60,
    ),
    st.dictionaries(st.integers(0, 12), st.sampled_from(PARTS), max_size=4),
)


def split(recordings: list[Recording], seed: int = 0) -> tuple[str, ...]:
    return split_by_group(recordings, rng=np.random.default_rng(seed))


def homes(recordings: list[Recording], seed: int = 0) -> dict[str, str]:
    """The part of each group."""
    groups = (recording.group for recording in recordings)
    return dict(zip(groups, split(recordings, seed), strict=True))


def large_corpus(rng: np.random.Generator) -> list[Recording]:
    """Five types of each label with 30 groups of one to four recordings each."""
    return [
        Recording(
            path=f"{label}/{kind}/{group}/{take}",
            label=label,
            type=f"{label} {kind}",
            domain=f"domain {kind % 2}" if label == "noise" else "",
            group=f"{label}/{kind}/{group}",
        )
        for label in LABELS
        for kind in range(5)
        for group in range(30)
        for take in range(rng.integers(1, 5))
    ]


@given(recordings=any_recordings, seed=st.integers(0, 1000))
def test_a_group_lies_in_one_part(recordings: list[Recording], seed: int) -> None:
    parts = split(recordings, seed)
    assert len(parts) == len(recordings)
    assert set(parts) <= set(PARTS)
    places = set(zip([recording.group for recording in recordings], parts, strict=True))
    assert len(places) == len({group for group, _ in places})


@given(recordings=any_recordings, seed=st.integers(0, 1000))
def test_a_demanded_part_is_given(recordings: list[Recording], seed: int) -> None:
    for recording, part in zip(recordings, split(recordings, seed), strict=True):
        assert recording.split in ("", part)


@given(
    recordings=st.lists(st.integers(0, 12), max_size=40).map(
        lambda groups: built([(LABELS[g % 3], g % 2, "", g) for g in groups], {})
    ),
    seed=st.integers(0, 1000),
    data=st.data(),
)
def test_the_order_of_recordings_does_not_matter(
    recordings: list[Recording], seed: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(recordings))
    assert homes(shuffled, seed) == homes(recordings, seed)


def test_the_order_within_a_group_of_several_types_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    drawn = [("music", int(kind), "", n // 4) for n, kind in enumerate(rng.integers(3, size=80))]
    recordings = built(drawn, {})
    assert homes(recordings[::-1]) == homes(recordings)


def test_the_order_of_stretches_of_one_file_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    recordings = [
        Recording(
            path=f"{n // 4}", label="music", type=f"t{kind}", group=f"g{n // 4}", start_s=n % 4
        )
        for n, kind in enumerate(rng.integers(3, size=80))
    ]
    assert homes(recordings[::-1]) == homes(recordings)


def test_the_same_stream_gives_the_same_split_and_another_another(
    rng: np.random.Generator,
) -> None:
    recordings = large_corpus(rng)
    assert split(recordings, 1) == split(recordings, 1)
    assert split(recordings, 1) != split(recordings, 2)


@pytest.mark.parametrize("what", ["label", "type", "domain"])
def test_shares_are_met(what: str, rng: np.random.Generator) -> None:
    recordings = large_corpus(rng)
    parts = split(recordings)
    names = [getattr(recording, what) for recording in recordings]
    found = Counter(zip(names, parts, strict=True))
    for name, total in Counter(names).items():
        for part, share in SHARES.items():
            assert found[name, part] / total == pytest.approx(share, abs=0.04), (name, part)


def test_demands_count_towards_the_shares(rng: np.random.Generator) -> None:
    """With every other group in training already, hardly any of the rest goes there too."""
    recordings = [
        Recording(
            path=str(n), label="noise", type="rain", group=f"{n:03}", split="train" * (n % 2 == 0)
        )
        for n in range(100)
    ]
    parts = split(recordings)
    assert Counter(parts) == {"train": 50, "validation": 10, "aggregation": 20, "evaluation": 20}


def test_other_shares_can_be_asked_for() -> None:
    recordings = [
        Recording(path=str(n), label="music", type="jazz", group=str(n)) for n in range(20)
    ]
    shares = {"aggregation": 0.75, "evaluation": 0.25}
    parts = split_by_group(recordings, rng=np.random.default_rng(0), shares=shares)
    assert Counter(parts) == {"aggregation": 15, "evaluation": 5}


@given(recordings=any_recordings, seed=st.integers(0, 1000))
def test_what_the_server_has_is_split_again_and_users_recordings_stay_out(
    recordings: list[Recording], seed: int
) -> None:
    outer = split(recordings, seed)
    inner = split_again(recordings, outer, rng=np.random.default_rng(seed))
    for part, new in zip(outer, inner, strict=True):
        assert (new == UNUSED) == (part in USER_PARTS)
        assert new in (*PARTS, UNUSED)
    places = {(r.group, new) for r, new in zip(recordings, inner, strict=True)}
    assert len(places) == len({group for group, _ in places}), "a group lies in one part"


def test_the_inner_split_has_all_parts_in_their_shares(rng: np.random.Generator) -> None:
    recordings = large_corpus(rng)
    outer = split(recordings)
    counts = Counter(split_again(recordings, outer, rng=np.random.default_rng(0)))
    n_server = sum(part not in USER_PARTS for part in outer)
    for part, share in SHARES.items():
        assert counts[part] / n_server == pytest.approx(share, abs=0.03)


def small(n_types: int, n_groups: int) -> list[Recording]:
    return [
        Recording(path=f"{label}{kind}{n}", label=label, type=f"{kind}", group=f"{label}{kind}{n}")
        for label in LABELS
        for kind in range(n_types)
        for n in range(n_groups)
    ]


@pytest.mark.parametrize("n_groups", [2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(5))
def test_no_part_of_a_small_corpus_goes_without_a_label(n_groups: int, seed: int) -> None:
    recordings = small(2, n_groups)
    held = {
        (one.label, part) for one, part in zip(recordings, split(recordings, seed), strict=True)
    }
    assert held == {(label, part) for label in LABELS for part in PARTS}


def test_what_cannot_fill_all_parts_and_what_demands_one_stays_where_it_is() -> None:
    recordings = small(1, 3)
    assert {*split(recordings)} == {"train", *USER_PARTS}
    demanding = [replace(one, split="train") for one in small(2, 4)]
    assert {*split(demanding)} == {"train"}


def test_a_group_that_is_the_only_one_of_another_label_stays() -> None:
    """Of 5 groups of noise the one that demands no part holds music too."""
    recordings = [
        Recording(path=f"{n}", label="noise", type="rain", group=f"{n}", split="train")
        for n in range(4)
    ]
    recordings += [
        Recording(path=f"4{label}", label=label, type="rain", group="4") for label in LABELS[:2]
    ]
    assert {*split(recordings)} == {"train"}


def test_a_part_without_a_share_stays_empty() -> None:
    recordings = [
        Recording(path=f"{label}{n}", label=label, type="t", group=f"{label}{n}")
        for label in LABELS
        for n in range(6)
    ]
    shares = {"train": 0.0, "validation": 0.0, "aggregation": 0.5, "evaluation": 0.5}
    parts = split_by_group(recordings, rng=np.random.default_rng(0), shares=shares)
    assert set(parts) == {"aggregation", "evaluation"}
