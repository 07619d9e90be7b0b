import json

from fedasc.report.json_text import json_text


def test_what_is_no_number_is_null() -> None:
    nan, inf = float("nan"), float("inf")
    text = json_text({"a": nan, "b": [inf, (-inf, 1.5)], "c": {"d": nan}, "e": "nan"})
    assert json.loads(text) == {"a": None, "b": [None, [None, 1.5]], "c": {"d": None}, "e": "nan"}
    assert text.endswith("}\n")
