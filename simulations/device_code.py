"""How near the C code comes to Python: features and scenes of windows of recordings.

Draws windows of every scene from the evaluation part of the
split, and prints for both number formats the largest difference of a feature and the share of
windows that are told the same scene.
"""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.options import Corpus
from fedasc.cli.terminal import guarded, script


def device_code(
    run: Annotated[Path, typer.Option(help="A finished run, whose shipped classifier tells.")],
    corpus: Corpus = None,
    windows: Annotated[int, typer.Option(help="To draw.", min=1)] = 200,
) -> None:
    """Compare the C code with Python on windows of a corpus."""
    import numpy as np
    from rich.console import Console

    from fedasc.api import corpora_of
    from fedasc.audio.ams import ams_vectors, sequences
    from fedasc.corpus.division import open_division
    from fedasc.corpus.windows import draw_windows, render
    from fedasc.device_code.language import LANGUAGES
    from fedasc.device_code.simulation import features_of, stored
    from fedasc.runs.classifiers import read_classifier_of
    from fedasc.runs.result import load
    from fedasc.seeds import Purpose
    from fedasc.settings import Settings

    with guarded(Console(stderr=True)):
        settings: Settings = load(run).settings
        classifier = read_classifier_of(run, None)
        division = open_division(corpora_of(corpus), seed=settings.seed)
        drawn = draw_windows(
            division.library.material("evaluation"),
            windows,
            shares=(0.25,) * 4,
            rng=division.streams.generator(Purpose.EVALUATION),
        )
        sounds = np.stack([stored(signal) for signal in render(division.clips, drawn)])
        x = sequences(ams_vectors(settings.bank, sounds))[:, 0]
        scenes = classifier.predict(x)
        for language in LANGUAGES[1:]:
            found = features_of(sounds, language=language, bank=settings.bank)
            same = float(np.mean(classifier.predict(found) == scenes))
            gaps = np.abs(found - x)
            typer.echo(
                f"{language}: {gaps.max():.5f} dB at most, {gaps.mean():.6f} dB in the mean, of "
                f"{len(x)} windows; the same scene for {100 * same:.1f} % of them"
            )


app = script(device_code)

if __name__ == "__main__":
    app()
