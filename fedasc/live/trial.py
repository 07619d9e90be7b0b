"""Classifiers tried on recordings whose scenes are known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.audio.bank import FilterBank
from fedasc.corpus.features import listen
from fedasc.corpus.library import catalogue
from fedasc.corpus.pool import Pool
from fedasc.corpus.windows import SNR_DB, draw_windows
from fedasc.errors import CorpusError
from fedasc.evaluation.scores import Confusion, confusion
from fedasc.live.known import checksums, unknown_clips
from fedasc.progress import Progress, quiet
from fedasc.scenes import SCENE_NAMES, Scene
from fedasc.seeds import Purpose, Streams

Predict = Callable[[NDArray[np.float32]], NDArray[np.int64]]
"""(n_windows,) scenes of (n_windows, 45) features."""

_PART = "evaluation"
_NOTHING: NDArray[np.uint32] = np.empty(0, np.uint32)
_N_DRAWS = 2000


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """What classifiers made of the same windows.

    Args:
        truth: (n_windows,) scenes.
        group: (n_windows,) number of the recording that each is of.
        predicted: (n_windows,) scenes, by classifier.
        n_known: Clips that were left out since the server has learnt from their recordings.
    """

    truth: NDArray[np.int64]
    group: NDArray[np.int64]
    predicted: Mapping[str, NDArray[np.int64]]
    n_known: int = 0

    def confusion(self, name: str) -> Confusion:
        """Of one classifier."""
        return confusion(self.truth, self.predicted[name])

    def gain(self, name: str, over: str) -> tuple[float, float, float]:
        """Accuracy less that of another one, with the ends of its 95 % interval.

        The interval is of a bootstrap that draws recordings, since windows of one are alike
        (Davison and Hinkley 1997, section 3.8); NaN with a single one. Its draws are the same every
        time.
        """
        right = (self.predicted[name] == self.truth).astype(np.int64)
        change = right - (self.predicted[over] == self.truth)
        n_groups = int(self.group.max()) + 1
        sums = np.bincount(self.group, change, minlength=n_groups)
        counts = np.bincount(self.group, minlength=n_groups)
        if n_groups < 2:
            return float(change.mean()), float("nan"), float("nan")
        drawn = np.random.default_rng(0).integers(n_groups, size=(_N_DRAWS, n_groups))
        gains = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
        low, high = np.quantile(gains, (0.025, 0.975))
        return float(change.mean()), float(low), float(high)


def scenes_of(labels: Sequence[str]) -> tuple[Scene, ...]:
    """Scenes that recordings with such labels can make; speech is always mixed with noise."""
    has = set(labels)
    needs = {
        scene: {"noise", "speech"} if scene in SNR_DB else {SCENE_NAMES[scene]} for scene in Scene
    }
    return tuple(scene for scene in Scene if needs[scene] <= has)


def trial(
    pool: Pool,
    classifiers: Mapping[str, Predict],
    *,
    bank: FilterBank,
    n_windows: int,
    seed: int,
    known: NDArray[np.uint32] = _NOTHING,
    progress: Progress = quiet,
) -> Trial:
    """Try classifiers on windows drawn from recordings, of each scene about as many.

    Args:
        pool: The recordings. Speech is mixed with noise, as in a simulation.
        classifiers: By name.
        bank: The front end of all of them.
        n_windows: How many are drawn.
        known: (n_known,) checksums of clips whose groups are left out, see `fedasc.live.known`.

    Raises:
        CorpusError: If there is nothing left that makes a scene.
    """
    left = np.ones(len(pool.recordings), np.bool_)
    if len(known):
        sums = checksums(pool.clips, range(len(pool.recordings)))
        left = unknown_clips(pool.recordings, sums, known)
    parts = [_PART if stays else "" for stays in left]
    labels = [each.label for each, stays in zip(pool.recordings, left, strict=True) if stays]
    scenes = scenes_of(labels)
    if not scenes:
        raise CorpusError(
            "no recording makes a scene"
            + (" that the server hasn't learnt from" if len(known) else "")
            + "; noise and music are one each, and speech is mixed with noise"
        )
    shares = [1 / len(scenes) if scene in scenes else 0.0 for scene in Scene]
    material = catalogue(pool.recordings, parts).material(_PART)
    windows = draw_windows(
        material, n_windows, shares=shares, rng=Streams(seed).generator(Purpose.EVALUATION)
    )
    x = listen(bank, pool.clips, windows, progress=progress)
    groups = [pool.recordings[clip].group for clip in windows.clip]
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    return Trial(
        truth=windows.scene,
        group=np.array([numbers[group] for group in groups], np.int64),
        predicted={name: predict(x) for name, predict in classifiers.items()},
        n_known=int((~left).sum()),
    )
