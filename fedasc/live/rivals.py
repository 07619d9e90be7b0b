"""What a classifier is tried beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fedasc.corpus.recordings import Corpus
from fedasc.errors import SettingsError
from fedasc.live.classifier_file import ClassifierFile
from fedasc.live.prepared import read_prepared
from fedasc.live.trial import Predict
from fedasc.models.teacher import Teacher

_THIS, _BEFORE, _ALL_DATA, _TEACHER = "this one", "before", "all data", "teacher"


@dataclass(frozen=True, eq=False, kw_only=True)
class Rivals:
    """What is compared.

    Args:
        predictions: By classifier.
        over: The one that gains are over.
        known: (n_clips,) checksums of what the server has learnt from.
    """

    predictions: Mapping[str, Predict]
    over: str
    known: NDArray[np.uint32]


def rivals(content: ClassifierFile, corpora: Sequence[Corpus], *, server: Path | None) -> Rivals:
    """A classifier, the one that it replaces, and those of the server that made it.

    Args:
        corpora: That they are to be tried on.
        server: Its folder, if there is one.

    Raises:
        SettingsError: If the server is another one, or has learnt from these corpora and isn't
            there to tell what of them.
    """
    predictions: dict[str, Predict] = {_THIS: content.classifier.predict}
    if content.replaces is not None:
        predictions[_BEFORE] = content.replaces.predict
    over = _BEFORE if content.replaces is not None else _THIS
    if server is None:
        for corpus in corpora:
            if corpus.fingerprint() in content.corpora:
                raise SettingsError(
                    f"{corpus.name}: the server that made the classifier has learnt from it; give "
                    "its folder as --server, so that only what it hasn't heard is counted"
                )
        return Rivals(predictions=predictions, over=over, known=np.empty(0, np.uint32))
    prepared = read_prepared(server)
    if content.server != prepared.digest:
        raise SettingsError(f"{server}: not the server that made the classifier")
    predictions[_ALL_DATA] = prepared.server.comprehensive.predict
    predictions[_TEACHER] = _labels(prepared.server.teacher)
    return Rivals(predictions=predictions, over=over, known=prepared.known)


def _labels(teacher: Teacher) -> Predict:
    def predict(x: NDArray[np.float32]) -> NDArray[np.int64]:
        scenes: NDArray[np.int64] = teacher.probabilities(x).argmax(axis=1)
        return scenes

    return predict
