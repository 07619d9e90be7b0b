"""What every kind of teacher must do, whoever wrote it."""

import pickle
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.made_up.days import Day, sounds
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import Teacher, TeacherSettings
from fedasc.scenes import N_SCENES
from fedasc.testing.bits import bits_of
from fedasc.testing.contract import must, must_succeed, raised
from fedasc.testing.settings import settings_checks
from fedasc.testing.suite import Check, in_words

_SEED = 3


def check_teacher(settings: TeacherSettings) -> None:
    """Hold a kind of teacher to all that strategies and files rely on.

    It trains two on a few hundred windows that are made up, so let its settings be small.

    Raises:
        AssertionError: Of the first thing that it doesn't do, in one line.
    """
    for check in teacher_checks(settings):
        check.run()


def teacher_checks(settings: TeacherSettings) -> list[Check]:
    """All that it is held to, one by one; the teacher is trained by the first that needs it."""
    teacher = cache(partial(trained, settings))
    train, load = "train", "load"
    cures = {
        tells_probabilities: (
            train,
            "return (n_samples, 4) numbers from probabilities that add to 1, such as "
            "fedasc.arithmetic.functions.softmax makes; train on samples.training",
        ),
        minds_no_company: (
            train,
            "compute each row by itself, without statistics of the others and without x @ W",
        ),
        refuses_what_is_not_finite: (
            train,
            "begin probabilities with: if not np.isfinite(x).all(): raise ValueError",
        ),
        trains_from_its_seed: (train, "draw from np.random.default_rng(seed) alone"),
        travels: (train, "let the teacher be a frozen dataclass of arrays"),
        comes_back_from_its_file: (load, "let save write all of it, and load read it"),
        refuses_what_is_no_file_of_its_kind: (
            load,
            "turn whatever reading may raise into a fedasc.errors.SettingsError",
        ),
    }
    return [
        *settings_checks(settings),
        *(
            Check(
                name=in_words(check),
                run=partial(_with_teacher, check, settings, teacher),
                method=method,
                cure=cure,
            )
            for check, (method, cure) in cures.items()
        ),
    ]


def _with_teacher(
    check: Callable[[TeacherSettings, Teacher], None],
    settings: TeacherSettings,
    teacher: Callable[[], Teacher],
) -> None:
    check(settings, teacher())


def trained(settings: TeacherSettings) -> Teacher:
    """A teacher of four hundred windows."""
    samples = TrainingSet(sounds(400, seed=1), sounds(100, seed=2))
    with must_succeed(settings, "train a teacher on labelled samples"):
        return settings.train(samples, seed=_SEED)


def trains_from_its_seed(settings: TeacherSettings, teacher: Teacher) -> None:
    """The same seed and samples give the same teacher."""
    one, other = (_told(some) for some in (teacher, trained(settings)))
    contract = "train the same teacher with the same seed"
    must(settings, contract, bits_of(one) == bits_of(other), f"labels differ, {_by(one, other)}")


def tells_probabilities(settings: TeacherSettings, teacher: Teacher) -> None:
    """One of each scene for every sample, in which a row is certain of something."""
    for n_samples in (0, 1, 300):
        contract = f"tell ({n_samples}, {N_SCENES}) probabilities that add to 1 in every row"
        with must_succeed(settings, contract):
            told = teacher.probabilities(_x()[:n_samples])
        must(settings, contract, told.shape == (n_samples, N_SCENES), f"got {told.shape}")
        are_shares = bool(((told >= 0) & (told <= 1 + 1e-9)).all())
        must(settings, contract, are_shares, "some are no numbers from 0 to 1")
        sums = told.sum(axis=1)
        must(settings, contract, np.allclose(sums, 1, rtol=0, atol=1e-6), f"they add to {sums}")


def minds_no_company(settings: TeacherSettings, teacher: Teacher) -> None:
    """Samples of many devices come in one call or in several, in any order."""
    whole, x = _told(teacher), _x()
    apart = np.concatenate([teacher.probabilities(part) for part in np.split(x, [1, 8, 257])])
    backwards = teacher.probabilities(np.ascontiguousarray(x[::-1]))[::-1]
    for other in (apart, backwards):
        contract = "tell a sample's probabilities to the last bit whatever it is labelled with"
        must(settings, contract, bool((whole == other).all()), f"they differ, {_by(whole, other)}")


def refuses_what_is_not_finite(settings: TeacherSettings, teacher: Teacher) -> None:
    """Such samples come from a defect, which no label should hide."""
    for wrong in (np.nan, np.inf):
        x = _x()[:3].copy()
        x[1, 7] = wrong
        contract = f"refuse samples with {wrong} with a ValueError"
        try:
            teacher.probabilities(x)
        except ValueError:
            continue
        must(settings, contract, False, "it labelled them")


def travels(settings: TeacherSettings, teacher: Teacher) -> None:
    """To other processes, and to where it labels."""
    contract = "train a teacher that labels alike after a pickle and on('cpu')"
    with must_succeed(settings, contract):
        others = [pickle.loads(pickle.dumps(teacher)), teacher.on("cpu")]
    for other in others:
        same = bits_of(_told(other)) == bits_of(_told(teacher))
        must(settings, contract, same, f"labels differ, {_by(_told(other), _told(teacher))}")


def comes_back_from_its_file(settings: TeacherSettings, teacher: Teacher) -> None:
    """To the last bit."""
    contract = "load the teacher that was saved"
    with TemporaryDirectory() as folder, must_succeed(settings, contract):
        teacher.save(Path(folder) / "teacher")
        told = _told(settings.load(Path(folder) / "teacher"))
    same = bits_of(told) == bits_of(_told(teacher))
    must(settings, contract, same, f"labels differ, {_by(told, _told(teacher))}")


def refuses_what_is_no_file_of_its_kind(settings: TeacherSettings, teacher: Teacher) -> None:
    """A path that a user got wrong is told to her."""
    with TemporaryDirectory() as folder:
        text = Path(folder) / "text"
        text.write_text("no teacher")
        for path, what in ((Path(folder) / "missing", "is missing"), (text, "holds a text")):
            contract = f"refuse a file that {what} with a SettingsError"
            try:
                settings.load(path)
            except SettingsError:
                continue
            except Exception as error:
                must(settings, contract, False, raised(error))
            must(settings, contract, False, "it loaded it")


def _x() -> Day:
    return sounds(600, seed=3).x


def _told(teacher: Teacher) -> FloatArray:
    return teacher.probabilities(_x())


def _by(one: FloatArray, other: FloatArray) -> str:
    return f"by {np.abs(one - other).max():.1e} at most"
