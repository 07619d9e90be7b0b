import pytest

from fedasc.config import from_mapping
from fedasc.errors import SettingsError
from fedasc.privacy.game import GameSettings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_releases": 2}, "n_releases must be at least 3"),
        ({"n_canaries": -1}, "n_canaries must be at least 0"),
        ({"n_probes": 0}, "n_probes at least 1"),
        ({"n_heard": 1}, "n_heard must be at least 2"),
    ],
)
def test_games_that_cannot_be_played_are_refused(values: dict[str, int], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        from_mapping(GameSettings, values, where="privacy")
