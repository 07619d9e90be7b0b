import logging
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import ray

from fedasc.errors import RunError
from fedasc.flower.machines import Machine, _examiner, _wanted, check_machine, place

HERE = {"numpy": "2.1", "numba": "0.68.1", "flwr": "1.42.0", "rich": "14.0"}


def test_what_is_asked_for_is_what_fedasc_needs_in_the_versions_of_here() -> None:
    wanted = _wanted()
    assert {"numpy", "scikit-learn", "torch", "flwr", "ray", "filelock"} <= wanted.keys()
    assert not {"pytest", "cma"} & wanted.keys()
    assert wanted["numpy"] == version("numpy")
    assert wanted["ray"] == ray.__version__


@pytest.mark.parametrize(
    ("has", "said"),
    [
        (
            {"numpy": "2.1", "rich": "13.9"},
            "10.0.0.2 of the cluster lacks numba, flwr; call there: "
            "pip install numba==0.68.1 flwr==1.42.0",
        ),
        (
            HERE | {"numpy": "2.0", "flwr": "1.41.0"},
            "10.0.0.2 of the cluster has flwr 1.41.0 (here 1.42.0), numpy 2.0 (here 2.1), which "
            "may make other numbers; call there: pip install flwr==1.42.0 numpy==2.1",
        ),
    ],
)
def test_what_a_machine_lacks_is_told_with_the_cure(has: dict[str, str], said: str) -> None:
    with pytest.raises(RunError) as told:
        check_machine(Machine(host="10.0.0.2", versions=has), HERE)
    assert str(told.value) == said


def test_versions_of_what_makes_no_numbers_may_differ(caplog: pytest.LogCaptureFixture) -> None:
    check_machine(Machine(host="10.0.0.2", versions=HERE | {"rich": "13.9"}), HERE)
    assert not caplog.records


def test_a_machine_that_can_keep_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert place() == {"compiles_once": True}
    (tmp_path / "a file").touch()
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "a file" / "cache"))
    said = r"10\.0\.0\.2 of the cluster: nothing can be kept in .*/a file/cache \(Not a directory\)"
    with pytest.raises(RunError, match=f"{said}; set FEDASC_CACHE there where `ray start`"):
        check_machine(Machine(host="10.0.0.2", versions=HERE, **place()), HERE)
    with caplog.at_level(logging.WARNING):
        check_machine(Machine(host="10.0.0.2", versions=HERE, compiles_once=False), HERE)
    assert "set NUMBA_CACHE_DIR where `ray start` is called" in caplog.text


def test_it_is_looked_at_by_a_function_that_needs_nothing_of_fedasc(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = ray.cloudpickle.dumps(_examiner())  # type: ignore[no-untyped-call]
    assert ray.cloudpickle.loads(packed)(("numpy",)) == {
        "versions": {"numpy": version("numpy")},
        **place(),
    }
    for name in [name for name in sys.modules if name.partition(".")[0] == "fedasc"]:
        monkeypatch.setitem(sys.modules, name, None)  # can't be imported
    look = ray.cloudpickle.loads(packed)
    assert look(("numpy", "no-such-thing")) == {"versions": {"numpy": version("numpy")}}
