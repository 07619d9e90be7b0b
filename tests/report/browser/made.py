"""Pages of runs whose numbers can be told by hand."""

import io
import json
import re
import wave
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import replace
from gzip import decompress
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.image import imsave

from fedasc.audio.microphone import Microphone
from fedasc.corpus.library import Surroundings
from fedasc.evaluation.calibration import Reliability
from fedasc.experiments.record import DeviceRecord
from fedasc.population.users import User
from fedasc.report.browser.run import write_run_page
from fedasc.report.browser.users import MOST_USERS, UserBook
from fedasc.report.overview import overview
from fedasc.report.sounds.clip import Clip
from fedasc.scenes import SCENE_NAMES
from fedasc.strategies.round_result import Tally
from tests.report.records import a_record

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&"
"""A name that does harm wherever it isn't shown as it is."""
RELIABILITY = Reliability(np.array([100, 200]), np.array([40, 190]), np.array([50.0, 185.0]))
FACTS = {"label_shift": 0.125, "energy_distance": float("nan"), "collapsed": "", "n_odd": 3}
N_SECONDS = 0.5


def some_records(
    n_users: int, n_nights: int = 1, profiles: Sequence[str] = ("U1", "U2")
) -> list[list[DeviceRecord]]:
    """User i gains i % 7 - 1 points on every night, and hears rain."""
    return [
        [
            replace(
                a_record(
                    profiles[device % len(profiles)],
                    before=0.7,
                    after=0.7 + (device % 7 - 1) / 100,
                    comprehensive=0.72,
                    teacher=0.9,
                    noise={"baseline": 0.6, "personal": 0.65},
                    night=night,
                    device=device,
                    tally=Tally(2000, (400, 300, 200, 100), 1000),
                    facts=FACTS,
                    reliability=RELIABILITY,
                ),
                surroundings={
                    "noise_types": "rain;hair dryer",
                    "genres": "pop",
                    "gain_db": 1.5,
                    "distance": device / n_users,
                },
            )
            for device in range(n_users)
        ]
        for night in range(n_nights)
    ]


def some_users(n_users: int) -> list[User]:
    heard = Surroundings(noise_types=("rain", "hair dryer"), genres=("pop",), noise_weights=(3, 1))
    one = User(
        index=0, profile="U1", surroundings=heard, shares=(0.25,) * 4, microphone=Microphone()
    )
    return [one] * n_users


def some_clips(n: int, *, n_users: int, n_bytes: int | None = None) -> list[Clip]:
    """The scenes take turns, and baseline is always wrong."""
    picture = io.BytesIO()
    imsave(picture, np.linspace(0, 1, 600).reshape(20, 30))
    return [
        Clip(
            device=number % n_users,
            profile="U1",
            window=number,
            scene=SCENE_NAMES[number % 4],
            said={
                "baseline": SCENE_NAMES[(number + 1) % 4],
                "personal": SCENE_NAMES[number % 4],
                "comprehensive": SCENE_NAMES[number % 4],
                "teacher": SCENE_NAMES[number % 4],
            },
            heard="noise (rain), 4 dB",
            sound=_tone() if n_bytes is None else bytes(n_bytes),
            sound_type="audio/wav",
            spectrogram=picture.getvalue(),
            ams=picture.getvalue(),
            seconds=N_SECONDS,
        )
        for number in range(n)
    ]


def _tone() -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        times = np.arange(int(16_000 * N_SECONDS)) / 16_000
        file.writeframes((3000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes())
    return content.getvalue()


def book_of(
    nights: Sequence[Iterable[DeviceRecord]], users: Sequence[User], most: int = MOST_USERS
) -> UserBook:
    book = UserBook(users, n_nights=len(nights), most=most)
    for records in nights:
        for record in records:
            book.add(record)
    return book


def write_made(path: Path, nights: Sequence[Sequence[DeviceRecord]], **how: Any) -> Path:
    """The page of a run of these records."""
    n_users = 1 + max(record.device for records in nights for record in records)
    write_run_page(
        path,
        settings={"n_clients": n_users, "seed": 7, "strategy": {"name": "personalised"}},
        corpus={"n_clips": 12, "unusable": []},
        overview=overview(nights),
        users=book_of(nights, some_users(n_users)),
        seconds={"listening": 1.234},
        **how,
    )
    return path


def block(page: Path, name: str) -> str:
    """What stands in a block of a page."""
    pattern = rf'<script id="{name}" type="[^"]*">(.*?)</script>'
    (content,) = re.findall(pattern, page.read_text(encoding="utf-8"), re.DOTALL)
    return str(content)


def content_of(page: Path) -> Any:
    return json.loads(block(page, "content"))


def unpacked(page: Path, name: str) -> str:
    return decompress(b64decode(block(page, name))).decode()


def parts_of(page: Path, kind: str) -> list[Any]:
    """All parts of a kind, in order."""
    sections = content_of(page)["sections"]
    return [part for one in sections for part in one["parts"] if part["kind"] == kind]
