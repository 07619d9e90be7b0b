"""C code that is broken in one place: each time, what holds the code goes red."""

from collections.abc import Callable

import pytest

from fedasc.device_code.design import DeviceCode
from fedasc.device_code.files import library_files
from fedasc.device_code.library import DeviceLibrary
from tests.device_code.codes import check_features, code
from tests.device_code.releases import FEW, check_release


@pytest.mark.parametrize(
    ("whole", "file", "before", "after", "check"),
    [
        (code(), "front_end_single.c", "d2 * high", "1.001f * d2 * high", check_features),
        (code(), "front_end_single.c", "state[1] = low1;", "", check_features),
        (FEW, "fedasc_device.c", "enough * FEDASC_ALMOST", "0", check_release),
    ],
    ids=["coefficient", "carry", "release rule"],
)
def test_a_fault_shows(
    whole: DeviceCode,
    file: str,
    before: str,
    after: str,
    check: Callable[[DeviceLibrary], None],
) -> None:
    sources = library_files(whole)
    assert before in sources[file]
    sources[file] = sources[file].replace(before, after)
    with pytest.raises(AssertionError):
        check(DeviceLibrary(whole, sources=sources))
