"""Corpus, users and microphones are the same to the last bit on every processor."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
import pytest

from fedasc.audio.bank import FilterBank
from fedasc.audio.level import level_dbfs
from fedasc.audio.microphone import Microphone
from fedasc.audio.mixing import mix_at_snr
from fedasc.audio.response import Response
from fedasc.corpus.library import EVERYTHING
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.corpus.training import balanced_windows
from fedasc.population.dirichlet import drawn_shares
from fedasc.population.drift import lived
from fedasc.population.sources import SourceCounts
from fedasc.population.users import UserSettings, draw_users
from fedasc.seeds import Streams
from tests.corpus.test_synthetic import one_of_each_type
from tests.kernels import environments, printed
from tests.population.test_users import PROFILES, library_of

CORPUS = SyntheticCorpus()


def stored() -> dict[str, Any]:
    """One recording of each type, as the pool stores it."""
    return {
        CORPUS.recordings[i].path: np.rint(CORPUS.read(i) * 32767).astype(np.int16)
        for i in one_of_each_type(CORPUS)
    }


def users() -> dict[str, str]:
    """Of profiles that let users differ a little, much, and very much, some of them drifting."""
    told = {}
    settings = UserSettings(
        tilt_spread_db=2, drift=0.1, share_concentration=0.8, n_sources=SourceCounts(noise=2)
    )
    streams = Streams(3)
    for concentration in (0.05, 0.3, 5.0):
        profiles = replace(
            PROFILES,
            users={
                name: replace(profile, concentration=concentration)
                for name, profile in PROFILES.users.items()
            },
        )
        drawn = draw_users(profiles, 100, library=library_of(), settings=settings, streams=streams)
        drifting = [
            list(lived(user, 5, elsewhere=("hum",), streams=streams)) for user in drawn[:20]
        ]
        told[f"users of concentration {concentration}"] = repr((drawn, drifting))
    return told


def shares() -> dict[str, Any]:
    """More of them than users have, since NumPy's depend on the processor but seldom."""
    rng = np.random.default_rng(0)
    return {
        f"shares of concentration {concentration}": [
            drawn_shares(rng, 10, concentration) for _ in range(5000)
        ]
        for concentration in (0.3, 1.0, 3.0)
    }


def sounds() -> dict[str, Any]:
    """What microphones hear, and mixtures."""
    rng = np.random.default_rng(0)
    speech, noise = rng.integers(-9000, 9000, size=(2, 4000)).astype(np.int16)
    gains_db = rng.uniform(-9, 9, size=(50, 2)).tolist()
    return {
        "microphones": [
            Microphone(gain_db=gain_db, tilt_db=tilt_db).hear(speech / 32768)
            for gain_db, tilt_db in gains_db
        ],
        "responses": [
            Microphone(response=response, self_noise_db_spl=40, clipping_db_spl=85 + gain_db).hear(
                speech / np.float32(32768), noise=np.random.default_rng(n)
            )
            for n, (gain_db, other_db) in enumerate(gains_db[:9])
            for response in (
                Response(name="a", hz=(90.0, 800.0, 3e3, 7e3), db=(gain_db, 0.0, 2.0, other_db)),
                Response(name="b", biquads=((1.0, 0.1 * gain_db, 0.3, 1.0, -0.1 * other_db, 0.2),)),
            )
        ],
        "mixtures": [mix_at_snr(speech, noise, snr_db) for (snr_db, _) in gains_db],
        "levels": [level_dbfs(speech[:n] / 32768) for n in range(1, 200)],
    }


def filters() -> dict[str, Any]:
    """Coefficients and floors of banks with edges anywhere."""
    rng = np.random.default_rng(0)
    banks = [
        FilterBank(
            carrier_edges_hz=tuple(np.sort(rng.uniform(30, 7900, 6)).tolist()),
            modulation_edges_hz=tuple(np.sort(rng.uniform(0.3, 240, 6)).tolist()),
            floor_dbfs=float(rng.uniform(-100, -50)),
        )
        for _ in range(50)
    ]
    return {
        "carriers": [bank.carrier_sections() for bank in banks],
        "modulations": [bank.modulation_sections() for bank in banks],
        "floors": [bank.floor for bank in banks],
    }


def windows() -> dict[str, Any]:
    library = library_of(n_clips=5)
    drawn = balanced_windows(
        library, "train", 50, streams=Streams(1), address=0, surroundings=EVERYTHING
    )
    return {"windows": np.stack([drawn.clip, drawn.start, drawn.noise]), "ratios": drawn.snr_db}


def digests() -> Mapping[str, str]:
    quantities = stored() | users() | shares() | sounds() | filters() | windows()
    return {
        name: blake2b(np.asarray(quantity).tobytes(), digest_size=8).hexdigest()
        for name, quantity in quantities.items()
    }


@cache
def digests_here() -> Mapping[str, str]:
    return digests()


_CODE = """
import json
from tests.corpus.test_processors import digests
print(json.dumps(digests()))
"""


@pytest.mark.bits
@pytest.mark.parametrize("choice", environments())
def test_no_processor_decides_a_bit(choice: str) -> None:
    assert json.loads(printed(_CODE, environments()[choice])) == digests_here()
