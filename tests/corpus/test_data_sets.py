from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.corpus.data_sets import Count, DataSets, check_counts, draw_data_sets, read_data_sets
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import shipped_data_sets
from fedasc.errors import CorpusError, SettingsError
from fedasc.seeds import Streams

GOOD = """
[noise.home]
fan = "/m/1"
dishes = "/m/2"
[noise.town]
bus = "/m/3"
[music]
pop = "/m/4"
jazz = "/m/5"
[sets.whole]
files = 48
noise = ["home", "town"]
music = ["pop", "jazz"]
shares = { train = 0.5, validation = 0.25, evaluation = 0.25 }
[sets.known]
files = 16
within = "whole"
noise = ["home"]
music = ["pop"]
[sets.user]
files = 24
noise = ["bus", "fan"]
music = ["jazz"]
shares = { aggregation = 0.5, evaluation = 0.5 }
"""
TYPES = {"fan": "noise", "dishes": "noise", "bus": "noise", "pop": "music", "jazz": "music"}
TYPES |= {"read": "speech", "sung": "speech"}
OUTER = ("whole", "user")
TABLE_1 = {
    "comprehensive": (10_314, 46, 11),
    "baseline": (3_023, 13, 4),
    "U1": (2_825, 13, 4),
    "U2": (1_902, 14, 2),
    "U3": (1_864, 11, 2),
    "U4": (1_991, 9, 2),
}


def read(folder: Path, text: str = GOOD) -> DataSets:
    (folder / "sets.toml").write_text(text)
    return read_data_sets(folder / "sets.toml")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> DataSets:
    return read(tmp_path_factory.mktemp("sets"))


def recording(kind: str, group: str, n: int = 0) -> Recording:
    return Recording(path=f"{kind}/{group}", label=TYPES[kind], type=kind, group=group, start_s=n)


def recordings_of(n_groups: int, n_each: int = 1) -> list[Recording]:
    """So many groups of each type, of so many recordings each."""
    return [
        recording(kind, f"{kind}{group}", n)
        for kind in TYPES
        for group in range(n_groups)
        for n in range(n_each)
    ]


def sizes(recordings: tuple[Recording, ...]) -> Counter[str]:
    return Counter(name for r in recordings for name in r.sets)


def places(recordings: tuple[Recording, ...]) -> dict[str, set[tuple[str, str]]]:
    """Outer sets and parts that each group stands in."""
    found = defaultdict(set)
    for r in recordings:
        found[r.group].add((r.sets[0], r.split))
    return found


def draw(
    recordings: list[Recording], sets: DataSets, *, seed: int = 1, scale: float = 1.0
) -> tuple[tuple[Recording, ...], tuple[Count, ...]]:
    return draw_data_sets(recordings, sets, streams=Streams(seed), scale=scale)


def test_sets_are_as_large_as_asked_a_quarter_noise_and_a_quarter_music(sets: DataSets) -> None:
    drawn, counts = draw(recordings_of(40), sets)
    assert sizes(drawn) == {"whole": 48, "known": 16, "user": 24}
    assert all(count.found == count.asked for count in counts)
    labels = Counter((name, r.label) for r in drawn for name in r.sets)
    for name, size in (("whole", 48), ("known", 16), ("user", 24)):
        assert labels[name, "noise"] == labels[name, "music"] == size / 4
        assert labels[name, "speech"] == size / 2
    types = Counter((r.sets[0], r.type) for r in drawn)
    assert {kind: types["whole", kind] for kind in ("fan", "dishes", "bus")} == {
        "fan": 4,
        "dishes": 4,
        "bus": 4,
    }
    assert types["user", "dishes"] == types["user", "pop"] == 0


def test_a_set_within_another_is_of_its_recordings_and_types(sets: DataSets) -> None:
    drawn, _ = draw(recordings_of(40), sets)
    known = [r for r in drawn if "known" in r.sets]
    assert {r.sets for r in known} == {("whole", "known")}
    assert {r.type for r in known if r.label != "speech"} == {"fan", "dishes", "pop"}
    assert {r.sets for r in drawn} == {("whole",), ("whole", "known"), ("user",)}


def test_parts_have_their_shares_whatever_the_recordings_demanded(sets: DataSets) -> None:
    demanding = [replace(r, split="aggregation") for r in recordings_of(40)]
    parts = Counter((r.sets[0], r.split) for r in draw(demanding, sets)[0])
    assert set(parts) == {
        *(("whole", part) for part in ("train", "validation", "evaluation")),
        *(("user", part) for part in ("aggregation", "evaluation")),
    }
    assert parts["whole", "train"] == pytest.approx(24, abs=3)
    assert parts["user", "aggregation"] == pytest.approx(12, abs=2)


def test_the_counts_are_those_of_what_was_drawn(sets: DataSets) -> None:
    drawn, counts = draw(recordings_of(4), sets)
    found = Counter((name, r.label, r.type) for r in drawn for name in r.sets)
    for count in counts:
        speech = sum(found[count.data_set, "speech", kind] for kind in ("read", "sung"))
        theirs = found[count.data_set, count.label, count.type] if count.type else speech
        assert count.found == theirs
    for name, size in (("whole", 48), ("known", 16), ("user", 24)):
        assert sum(count.asked for count in counts if count.data_set == name) == size


def test_a_scarce_type_is_shared_in_proportion_and_all_others_stay(sets: DataSets) -> None:
    recordings = recordings_of(40)
    fans = [r for r in recordings if r.type == "fan"]
    _, counts = draw([r for r in recordings if r not in fans[5:]], sets)
    short = {c.data_set: (c.type, c.asked, c.found) for c in counts if c.found != c.asked}
    assert short == {"whole": ("fan", 4, 2), "known": ("fan", 2, 1), "user": ("fan", 3, 2)}
    with pytest.raises(CorpusError, match=r"for 3 of .* whole noise fan 2 of 4, known noise fan"):
        check_counts(counts, where="sets.toml")


def test_a_type_without_recordings_is_reported(sets: DataSets) -> None:
    drawn, counts = draw([r for r in recordings_of(40) if r.type != "pop"], sets)
    found = {(c.data_set, c.type): c.found for c in counts}
    assert found["whole", "pop"] == found["known", "pop"] == 0
    assert sizes(drawn)["user"] == 24


def test_the_scarcest_are_named_first_and_enough_is_no_error(sets: DataSets) -> None:
    check_counts(draw(recordings_of(40), sets)[1], where="sets.toml")
    counts = (
        Count("A", "noise", "fan", 10, 9),
        Count("A", "speech", "", 10, 2),
        Count("B", "music", "pop", 5, 5),
    )
    with pytest.raises(CorpusError) as caught:
        check_counts(counts, where="sets.toml")
    text = str(caught.value)
    assert text.startswith("sets.toml: asks for more")
    assert "for 2 of 3 kinds, the scarcest are A speech 2 of 10, A noise fan 9 of 10;" in text
    assert "\n" not in text


def test_neither_order_nor_chance_but_the_seed_decides(sets: DataSets) -> None:
    recordings = recordings_of(10, n_each=3)
    first = draw(recordings, sets)
    assert draw(recordings[::-1], sets) == first
    assert {r.name for r in draw(recordings, sets, seed=2)[0]} != {r.name for r in first[0]}


@pytest.mark.parametrize("scale", [2.0, 0.5, 0.25])
def test_a_scale_is_a_factor_on_all_sizes(scale: float, sets: DataSets) -> None:
    drawn, _ = draw(recordings_of(60), sets, scale=scale)
    assert sizes(drawn) == {"whole": 48 * scale, "known": 16 * scale, "user": 24 * scale}


def test_a_scale_may_leave_types_out(sets: DataSets) -> None:
    drawn, _ = draw(recordings_of(60), sets, scale=1 / 16)
    assert sizes(drawn) == {"whole": 3, "known": 1, "user": 2}


@given(
    kinds=st.lists(
        st.tuples(st.sampled_from(sorted(TYPES)), st.integers(0, 15)), min_size=1, max_size=120
    ),
    seed=st.integers(0, 1000),
)
def test_no_group_stands_in_two_sets_or_two_parts(
    kinds: list[tuple[str, int]], seed: int, sets: DataSets
) -> None:
    recordings = [recording(kind, f"g{group}", n) for n, (kind, group) in enumerate(kinds)]
    drawn, _ = draw(recordings, sets, seed=seed)
    assert all(len(its) == 1 for its in places(drawn).values())
    assert all(r.sets[0] in OUTER and "user" not in r.sets[1:] for r in drawn)
    names = [r.name for r in drawn]
    assert len(set(names)) == len(names)
    assert set(names) <= {r.name for r in recordings}


def test_table_1_comes_out_of_enough_recordings() -> None:
    """Eleven hundred recordings of speech are of one speaker each ten."""
    shipped = read_data_sets(shipped_data_sets())
    recordings = [
        Recording(path=f"{kind.name}{n}", label=kind.label, type=kind.name, group=f"{kind.name}{n}")
        for kind in shipped.vocabulary.types
        for n in range({"noise": 250, "music": 1_200}[kind.label])
    ]
    recordings += [
        Recording(path=f"s{n}", label="speech", type="read", group=f"s{n // 10}", start_s=10.0 * n)
        for n in range(11_000)
    ]
    drawn, counts = draw(recordings, shipped)
    check_counts(counts, where="paper.toml")
    assert sizes(drawn) == {name: size for name, (size, *_) in TABLE_1.items()}
    assert all(len(its) == 1 for its in places(drawn).values())
    assert {r.sets[0] for r in drawn if "baseline" in r.sets} == {"comprehensive"}


def test_the_shipped_sets_have_the_types_of_table_1() -> None:
    shipped = read_data_sets(shipped_data_sets())
    found = {name: (s.files, len(s.noise), len(s.music)) for name, s in shipped.sets.items()}
    assert found == TABLE_1
    assert shipped.sets["baseline"].within == "comprehensive"
    shares = {name: dict(s.shares) for name, s in shipped.sets.items()}
    assert shares.pop("comprehensive") == {"train": 0.5, "validation": 0.1, "evaluation": 0.4}
    assert shares.pop("baseline") == {}
    assert all(its == {"aggregation": 0.5, "evaluation": 0.5} for its in shares.values())


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        ("[sets.user]", "[users.user]", "unknown section 'users'; known are noise, music and sets"),
        ("[noise.home]", "x = 1\n[noise.home]", "unknown section 'x'; known are noise, music"),
        ("files = 24", "file = 24", r"\[sets.user\]: unknown setting 'file'; did you mean"),
        ("files = 24", "files = 3", r"\[sets.user\]: files must be at least 4, got 3"),
        ("files = 24", "files = 24.5", r"\[sets.user\].files: expected int"),
        ("files = 24\n", "", r"\[sets.user\]: .*files"),
        ('["jazz"]', '["polka"]', r"\[sets.user\]: no music 'polka'; known are jazz, pop"),
        ('["bus", "fan"]', '["moon"]', r"\[sets.user\]: no noise 'moon'"),
        ('"whole"', '"all"', r"\[sets.known\]: within must name a set that isn't within another"),
        ('"whole"', '"known"', r"\[sets.known\]: within must name a set that isn't within another"),
        ('within = "whole"\n', "", r"\[sets.known\]: give either within, or shares that add up"),
        ("aggregation = 0.5", "aggregation = 0.4", r"\[sets.user\]: give .*shares that add up"),
        ("aggregation = 0.5", "test = 0.5", r"\[sets.user\]: shares must be of train, valid"),
        ("aggregation = 0.5, e", "aggregation = -0.5, train = 1, e", "and not negative"),
        ("[sets.user]", '[sets."us;er"]', "the name of a set must not hold ';'"),
        ("[sets.user]", r'[sets."us\ner"]', r"the name of a set must be a line .* 'us\\ner'"),
        ("aggregation = 0.5", "aggregation = nan", r"\[sets.user\]: .*shares"),
        ('noise = ["home"]', 'noise = ["home", "bus"]\nshares = { train = 1 }', "give either"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    good: str, bad: str, reason: str, tmp_path: Path
) -> None:
    assert good in GOOD
    with pytest.raises(SettingsError, match=reason) as caught:
        read(tmp_path, GOOD.replace(good, bad, 1))
    assert str(caught.value).startswith(str(tmp_path / "sets.toml"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("section", ["", "[sets]", "[sets]\nuser = 3"])
def test_a_file_without_sets_is_named(section: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"sets\.toml.*sets"):
        read(tmp_path, GOOD[: GOOD.index("[sets.whole]")] + section)


@pytest.mark.parametrize(
    ("whole", "lacking"), [('["home", "town"]', '["bus"]'), ('["pop", "jazz"]', '["jazz"]')]
)
def test_a_set_within_another_holds_no_type_of_its_own(
    whole: str, lacking: str, tmp_path: Path
) -> None:
    strange = "dishes, fan" if "home" in whole else "pop"
    reason = rf"\[sets.known\]: asks for 16 files, {strange} among them; whole holds 48"
    with pytest.raises(SettingsError, match=reason):
        read(tmp_path, GOOD.replace(whole, lacking))


def test_a_set_within_another_is_not_the_larger(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\[sets.known\]: asks for 64 files.*holds 48"):
        read(tmp_path, GOOD.replace("files = 16", "files = 64"))
