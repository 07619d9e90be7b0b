"""What a device is shipped with: front end, classifier, and how it summarises. No torch.

All of it stands in two files of a server's folder.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.summary import Summary
from fedasc.audio.bank import FilterBank
from fedasc.config import from_mapping
from fedasc.device import Device
from fedasc.errors import SettingsError
from fedasc.live.classifier_file import ClassifierFile, read_classifier
from fedasc.release.release import Release
from fedasc.seal import damage

FORMAT = 1
"""Of a server's folder. Raise it whenever one must be read otherwise than before."""

ABOUT = "server.json"
BASELINE = "baseline.npz"
COMPREHENSIVE = "comprehensive.npz"
PUBLIC = "public.npz"


@dataclass(frozen=True, eq=False, kw_only=True)
class App:
    """What a device is shipped with.

    Args:
        shipped: The classifier that it begins with, and its front end.
        aggregator, release: How it summarises.
        public: What the server has published.
        server: Digest of the server.
    """

    shipped: ClassifierFile
    aggregator: Aggregator
    release: Release
    public: Public
    server: str

    def given(self, classifier: ClassifierFile) -> "App":
        """With another classifier.

        Raises:
            SettingsError: If it is for another front end.
        """
        if classifier.bank != self.shipped.bank:
            raise SettingsError(
                "the classifier takes features of other filters than the server knows; give the "
                "--server that made it"
            )
        return replace(self, shipped=classifier)

    def summarise(self, windows: Iterator[NDArray[np.float32]], *, seed: int) -> Summary:
        """The summary of a day; see `fedasc.device`.

        Args:
            windows: (45,) in dB each, two at least.
            seed: Of every draw.
        """
        device = Device(
            aggregator=self.aggregator,
            release=self.release,
            classifier=self.shipped.classifier,
            public=self.public,
        )
        return device.summarise(windows, seed=seed)


def read_app(folder: Path) -> App:
    """What the devices of a server are shipped with.

    Args:
        folder: That `fedasc server` wrote.

    Raises:
        SettingsError: If there is none, or it is damaged or of another version.
    """
    about = read_about(folder)
    settings = about["settings"]
    where = str(folder / ABOUT)
    with np.load(folder / PUBLIC, allow_pickle=False) as content:
        arrays = dict(content)
    axes = arrays.pop("axes")
    shipped = read_classifier(folder / BASELINE)
    bank = from_mapping(FilterBank, settings["bank"], where=where)
    assert shipped.bank == bank, "written together"
    return App(
        shipped=shipped,
        aggregator=Aggregator.from_section(settings["aggregator"], where=where),
        release=from_mapping(Release, settings["release"], where=where),
        public=Public(Mixture.of_arrays(arrays), axes),
        server=about["server"],
    )


def read_about(folder: Path) -> Mapping[str, Any]:
    """What a server's folder says of itself, once all of it is checked.

    Raises:
        SettingsError: If there is none, or it is damaged or of another version.
    """
    if not (folder / ABOUT).is_file():
        raise SettingsError(f"{folder}: no folder of a server; fedasc server writes one")
    if what := damage(folder):
        raise SettingsError(f"{folder}: damaged ({what}); prepare the server anew")
    about: Mapping[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    if about["format"] != FORMAT:
        raise SettingsError(
            f"{folder}: written in format {about['format']!r}, of which this version of fedasc "
            f"knows {FORMAT}; prepare the server anew"
        )
    return about
