from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedasc.audio.bank import FilterBank
from fedasc.config import check_choices, fingerprint, from_mapping, merged, read_toml
from fedasc.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class Inner:
    rate: float = 1.0
    edges: tuple[float, ...] = (1.0, 2.0)


@dataclass(frozen=True, kw_only=True)
class Outer:
    n_nights: int = 1
    name: str = "x"
    loud: bool = False
    inner: Inner = field(default_factory=Inner)
    counts: Mapping[str, int] = field(default_factory=dict)


def built(values: Mapping[str, Any]) -> Outer:
    return from_mapping(Outer, values, where="run")


def test_what_is_not_given_keeps_its_default() -> None:
    assert built({}) == Outer()
    assert built({"inner": {}}) == Outer()


def test_sections_nest_and_lists_become_tuples() -> None:
    found = built({"n_nights": 3, "inner": {"edges": [4.0, 5.0, 6.0]}, "counts": {"a": 2}})
    assert found == Outer(n_nights=3, inner=Inner(edges=(4.0, 5.0, 6.0)), counts={"a": 2})
    assert type(found.inner.edges) is tuple


def test_whole_numbers_will_do_for_floats() -> None:
    rate = built({"inner": {"rate": 3}}).inner.rate
    assert rate == 3.0
    assert type(rate) is float


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_night": 3}, "run: unknown setting 'n_night'; did you mean 'n_nights'"),
        ({"zebra": 3}, "run: unknown setting 'zebra'; known are counts, inner, loud, n_nights"),
        ({"inner": {"rat": 1}}, "run.inner: unknown setting 'rat'; did you mean 'rate'"),
        ({"n_nights": "3"}, "run.n_nights: expected int, got '3'"),
        ({"n_nights": 3.0}, "run.n_nights: expected int, got 3.0"),
        ({"n_nights": True}, "run.n_nights: expected int, got True"),
        ({"name": 3}, "run.name: expected str, got 3"),
        ({"loud": 1}, "run.loud: expected bool, got 1"),
        ({"inner": {"rate": "1"}}, "run.inner.rate: expected float, got '1'"),
        ({"inner": {"rate": True}}, "run.inner.rate: expected float, got True"),
        ({"inner": 3}, "run.inner: expected a section, got 3"),
        ({"n_nights": [3]}, "run.n_nights: expected int"),
        ({"name": ["x"]}, "run.name: expected str"),
        ({"inner": {"edges": 3.0}}, "run.inner.edges: "),
        ({"inner": {"edges": "wide"}}, "run.inner.edges: "),
        ({"inner": {"edges": [1.0, "2"]}}, "run.inner.edges"),
        ({"counts": ["a"]}, "run.counts: "),
    ],
)
def test_what_does_not_fit_is_refused_by_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        built(values)
    assert str(caught.value).startswith(message)


@dataclass(frozen=True, kw_only=True)
class Demanding:
    path: str
    rate: float
    n_times: int = 1
    tags: tuple[str, ...] = field(default_factory=tuple)


def test_what_has_no_default_must_be_given() -> None:
    given = from_mapping(Demanding, {"path": "a", "rate": 1}, where="[sounds]")
    assert given == Demanding(path="a", rate=1.0)
    with pytest.raises(SettingsError, match=r"^\[sounds\]: lacks rate$"):
        from_mapping(Demanding, {"path": "a"}, where="[sounds]")
    with pytest.raises(SettingsError, match=r"^\[sounds\]: lacks path, rate$"):
        from_mapping(Demanding, {"n_times": 2}, where="[sounds]")


contents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=50)
@given(one=contents, other=contents)
def test_fingerprints_are_equal_for_equal_content_only(one: Any, other: Any) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (repr(one) == repr(other))


def test_the_order_of_keys_makes_no_fingerprint() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_a_fingerprint_is_a_short_name_for_a_folder() -> None:
    assert fingerprint("x").isalnum()
    assert len(fingerprint("x" * 1000)) == 24


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a",), (("a",),)),
        ((1,), ("1",)),
        ((Inner(),), ({"rate": 1.0, "edges": (1.0, 2.0)},)),
        ((Outer(),), (replace(Outer(), loud=True),)),
        ((Outer(),), (Outer(inner=Inner(rate=1.5)),)),
    ],
)
def test_parts_and_kinds_are_told_apart(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert fingerprint(*one) != fingerprint(*other)


def test_settings_from_a_file_have_the_fingerprint_of_those_in_code() -> None:
    edges = {"carrier_edges_hz": [75, 250, 900, 4500], "vector_s": 2}
    bank = from_mapping(FilterBank, edges, where="bank")
    assert bank == FilterBank()
    assert fingerprint(bank) == fingerprint(FilterBank())


def test_what_has_no_fingerprint_is_refused() -> None:
    with pytest.raises(TypeError, match="no fingerprint for object"):
        fingerprint([object()])


def test_a_toml_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[x]\ny = ["ä"]\n', encoding="utf-8")
    assert read_toml(path) == {"x": {"y": ["ä"]}}


@pytest.mark.parametrize("content", [b"[x", b"\xff\xfe"])
def test_what_is_no_toml_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"a\.toml: not a TOML file"):
        read_toml(path)
    with pytest.raises(SettingsError, match=r"b\.toml: no such file"):
        read_toml(tmp_path / "b.toml")


@dataclass(frozen=True, kw_only=True)
class Choosy:
    colour: Literal["red", "blue"] = "red"
    name: str = "x"


def test_a_value_must_be_one_of_those_that_its_field_names() -> None:
    check_choices(Choosy(colour="blue", name="anything"), section="paint")
    wrong = Choosy(colour="green")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=r"^paint: colour must be one of red, blue, got"):
        check_choices(wrong, section="paint")
    with pytest.raises(SettingsError, match=r"^colour must be"):
        check_choices(wrong, section="")


def test_changes_take_the_place_of_what_was_there_section_by_section() -> None:
    content = {"seed": 1, "gmm": {"n_components": 4, "min_windows": 2}}
    found = merged(content, {"gmm": {"n_components": 8}, "users": {"drift": 0.1}})
    assert found == {
        "seed": 1,
        "gmm": {"n_components": 8, "min_windows": 2},
        "users": {"drift": 0.1},
    }
    assert content["gmm"] == {"n_components": 4, "min_windows": 2}
