"""What every aggregator must do, whoever wrote it."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.admission import MARGIN_DB, Admission
from fedasc.aggregators.aggregator import Aggregator, Stream
from fedasc.aggregators.content import Arrays, Components, Content
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError, SettingsError
from fedasc.made_up.days import N_WINDOWS, Day, Once, days, sounds
from fedasc.made_up.server import small_server
from fedasc.privacy.coincidence import coincidences
from fedasc.release.release import Release
from fedasc.sources import PACKAGE, top_of
from fedasc.testing.bits import bits_of, what_differs
from fedasc.testing.contract import must, must_leave_global_draws_alone, must_succeed, raised
from fedasc.testing.measurement import N_TRACED, WINDOW_BYTES, memory_growth, traced
from fedasc.testing.settings import settings_checks
from fedasc.testing.suite import Check, in_words

BITS = (32, 16, 8)
_IN_A_ROW = 9
_NEAR_DB = 1e-3
_FACTOR = 2
_TORCH_IS_THERE = 3
_DEVICE = f"""
import pickle, sys
aggregator, x, classifier, public = pickle.load(sys.stdin.buffer)
aggregator.summarise((window for window in x), classifier=classifier, public=public, seed=0)
sys.exit({_TORCH_IS_THERE} if "torch" in sys.modules else 0)
"""


def check_aggregator(aggregator: Aggregator) -> None:
    """Hold an aggregator to all that devices, the wire and the server rely on.

    It hears days that are made up, in a second or two.

    Raises:
        AssertionError: Of the first thing that it doesn't do, in one line.
    """
    for check in aggregator_checks(aggregator):
        check.run()


def aggregator_checks(aggregator: Aggregator) -> list[Check]:
    """All that it is held to, one by one."""
    summarise, budget, kind = "summarise", "budget", "kind"
    cures: dict[Callable[[Aggregator], None], tuple[str, str]] = {
        takes_every_day: (
            summarise,
            "days may be short, silent, or of one sound alone: divide by nothing that may be 0, "
            "and keep variances above 0",
        ),
        listens_once: (
            summarise,
            "go through the stream once, with a for loop, pieces(stream) or whole(stream)",
        ),
        leaves_the_day_alone: (
            summarise,
            "copy what you change or keep: x = x.copy(), or x + 0.0",
        ),
        draws_from_its_seed: (summarise, "draw from rng = np.random.default_rng(seed) alone"),
        sends_its_kind: (
            kind,
            "say the class of what you return: kind = Mixture; components go in a Draft",
        ),
        sends_finite_numbers: (
            summarise,
            "keep sums from overflowing and variances above 0; send arrays of numbers",
        ),
        keeps_to_its_budget: (
            budget,
            "count what is really sent, four bytes for a number; n_rounded arrays of real numbers "
            "may be rounded, n_exact_bytes never are",
        ),
        declares_what_it_keeps: (
            budget,
            "count all that is held at a time in memory_bytes, also the windows that you keep: "
            "4 * 45 bytes each; or keep sums in their place",
        ),
        declares_its_work: (
            budget,
            "count the multiplications of a whole day in n_macs, divisions too",
        ),
        has_a_budget_that_grows: (budget, "let it grow with n_windows, and never shrink"),
        tells_what_nights_add_up_to: (
            "spent",
            "with epsilon, override spent(n_nights); without, leave both alone",
        ),
        lets_a_usual_day_out: (
            summarise,
            "let components stand for five windows each, and say so in n_effective",
        ),
        works_in_single_precision: (
            summarise,
            "a hearing aid has float32: sum squares of deviations from a running mean, not squares",
        ),
        sends_what_arrives: (
            kind,
            "let arrays() and of_arrays, parameters() and of_parameters undo each other; float32",
        ),
        refuses_what_it_did_not_send: (
            kind,
            "check names, shapes, dtypes and finite numbers in __post_init__ of the content",
        ),
        sends_no_window: (
            summarise,
            "send means of several windows; or declare sends_raw = True, if that is what you want",
        ),
        tells_of_no_single_window: (
            summarise,
            "send means of several windows; or declare sends_raw = True, if that is what you want",
        ),
        needs_no_torch: (
            summarise,
            "import what trains or labels where the strategy stands, in another file",
        ),
    }
    return [
        *settings_checks(aggregator),
        *(
            Check(name=in_words(check), run=partial(check, aggregator), method=method, cure=cure)
            for check, (method, cure) in cures.items()
        ),
    ]


def takes_every_day(aggregator: Aggregator) -> None:
    """Short ones and long ones, silence, a single sound, and the loudest after the softest."""
    for name, x in days().items():
        with must_succeed(aggregator, f"take a day of {name}"):
            for bits in BITS:
                _left(aggregator, x, Release(min_windows=1, bits=bits))


def listens_once(aggregator: Aggregator) -> None:
    """What has passed is gone, and nobody knows beforehand how long a day will be."""
    contract = (
        "take a stream that passes once, as an iterator that nobody asks again after its end "
        "(fedasc.aggregators.aggregator.pieces takes it piece by piece)"
    )
    for n_windows in N_WINDOWS:
        with must_succeed(aggregator, contract):
            _summarised(aggregator, Once(sounds(n_windows).x))


def leaves_the_day_alone(aggregator: Aggregator) -> None:
    """Windows are the device's: it may use their memory for others when the day is over."""
    x, before = sounds(60).x, sounds(60).x
    content = _content(_made(aggregator, x))
    must(aggregator, "alter no window", bits_of(x) == bits_of(before), "windows are others now")
    sent = bits_of(content.arrays())
    x[:] = 0
    contract = "keep no window's memory in what it sends"
    must(aggregator, contract, bits_of(content.arrays()) == sent, "it changed with the windows")


def draws_from_its_seed(aggregator: Aggregator) -> None:
    """The same seed and day give the same, whatever the device did in between."""
    x = sounds(60).x
    with must_leave_global_draws_alone(aggregator):
        first, *_, again = (_content(_made(aggregator, day)) for day in (x, sounds(61).x, x))
    differ = what_differs(first.arrays(), again.arrays())
    contract = "send the same to the last bit for the same day, classifier and seed"
    must(aggregator, contract, not differ, f"{', '.join(differ)} differ")


def sends_its_kind(aggregator: Aggregator) -> None:
    """What it says decides which strategies it goes with."""
    made = _made(aggregator, sounds(60).x)
    kind = type(_content(made))
    must(aggregator, f"send {aggregator.kind.__name__}", kind is aggregator.kind, f"got {kind!r}")
    contract = "return a Draft of what has components, and of nothing else"
    is_draft, has_components = isinstance(made, Draft), issubclass(kind, Components)
    must(aggregator, contract, is_draft == has_components, f"got {type(made).__name__}")


def sends_finite_numbers(aggregator: Aggregator) -> None:
    """Whatever was heard."""
    for name, x in days().items():
        for array_name, array in _content(_made(aggregator, x)).arrays().items():
            contract = f"send arrays of finite numbers of a day of {name}"
            is_array = isinstance(array, np.ndarray) and array.dtype.kind in "fiub"
            must(aggregator, contract, is_array, f"{array_name} is {type(array).__name__}")
            must(aggregator, contract, bool(np.isfinite(array).all()), f"{array_name} isn't finite")


def keeps_to_its_budget(aggregator: Aggregator) -> None:
    """It declares how many bytes it sends at most, and what of them is never rounded."""
    for name, x in days().items():
        for bits in BITS:
            release = Release(min_windows=1, bits=bits)
            n_bytes = _left(aggregator, x, release).n_bytes
            most = release.budget(aggregator.budget(len(x))).n_bytes
            contract = f"send at most {most} bytes, its budget with {bits} bits, of a day of {name}"
            must(aggregator, contract, n_bytes <= most, f"it sent {n_bytes}")


def has_a_budget_that_grows(aggregator: Aggregator) -> None:
    """A longer day costs no less, and more work if there is any."""
    short, long = aggregator.budget(100), aggregator.budget(1000)
    contract = "have a budget of a longer day that is no smaller, with more n_macs if there are any"
    holds = (
        0 <= short.n_bytes <= long.n_bytes
        and 0 <= short.memory_bytes <= long.memory_bytes
        and (0 <= short.n_macs < long.n_macs or long.n_macs == short.n_macs == 0)
    )
    must(aggregator, contract, holds, f"of 100 windows it has {short}, of 1000 {long}")


def tells_what_nights_add_up_to(aggregator: Aggregator) -> None:
    """If it bounds what a day tells: no more for a night than it says, and no less for two."""
    spent = [aggregator.spent(n_nights) for n_nights in (1, 2, 365)]
    if aggregator.epsilon is None:
        contract = "have nothing spent where it has no epsilon"
        must(aggregator, contract, spent == [None] * 3, f"it spends {spent}")
        return
    contract = "spend its epsilon in a night at most, and no less in more nights"
    numbers = [one for one in spent if one is not None]
    holds = len(numbers) == 3 and numbers[0] <= aggregator.epsilon and sorted(numbers) == numbers
    must(aggregator, contract, holds, f"of epsilon {aggregator.epsilon:g} it spends {spent}")


def lets_a_usual_day_out(aggregator: Aggregator) -> None:
    """By the usual settings of the release stage."""
    for n_windows in N_WINDOWS[2:]:
        with must_succeed(aggregator, f"make of {n_windows} windows what may leave the device"):
            _left(aggregator, sounds(n_windows).x, Release())


def sends_what_arrives(aggregator: Aggregator) -> None:
    """Over the wire, in as many bits as the release stage says."""
    x = sounds(60).x
    content = _content(_made(aggregator, x))
    with must_succeed(aggregator, "send what can be read from its arrays and its parameters"):
        read = content.of_arrays(content.arrays()).arrays()
        moved = content.of_parameters(content.parameters()).arrays()
    differ = what_differs(content.arrays(), read)
    contract = "send what of_arrays reads to the last bit"
    must(aggregator, contract, not differ, f"{', '.join(differ)} differ")
    far = [name for name, array in content.arrays().items() if not _near(array, moved.get(name))]
    contract = "send what of_parameters reads up to rounding"
    must(aggregator, contract, not far, f"{', '.join(far)} differ")
    for bits in BITS:
        contract = f"send what comes over the wire in {bits} bits"
        with must_succeed(aggregator, contract):
            sent = _left(aggregator, x, Release(min_windows=1, bits=bits))
            arrays, encoding = pickle.loads(pickle.dumps((dict(sent.arrays), sent.encoding)))
            arrived = Summary(aggregator.kind, arrays, len(x), encoding)
        differ = what_differs(sent.content.arrays(), arrived.content.arrays())
        must(aggregator, contract, not differ, f"{', '.join(differ)} differ")
        contract = f"send what a server lets in that was told its settings, in {bits} bits"
        with must_succeed(aggregator, contract):
            _admission(aggregator, x, bits=bits).check(0, sent)


def refuses_what_it_did_not_send(aggregator: Aggregator) -> None:
    """The server builds the kind of what comes from anywhere."""
    for bits in BITS:
        sent = _left(aggregator, sounds(60).x, Release(bits=bits))
        for what, arrays in _wrong(sent.arrays):
            contract = f"send a kind that refuses {what}, in {bits} bits, with a MessageError"
            try:
                Summary(aggregator.kind, arrays, 60, sent.encoding)
            except MessageError:
                continue
            except Exception as error:
                must(aggregator, contract, False, raised(error))
            must(aggregator, contract, False, "it took them")


def sends_no_window(aggregator: Aggregator) -> None:
    """Unless it says so: nine numbers in a row that are a window's tell what was heard."""
    if aggregator.sends_raw:
        return
    for n_windows in (10, 60, 400):
        x = sounds(n_windows).x
        x[3] += 60  # a sound like no other
        for bits in BITS:
            try:
                sent = _left(aggregator, x, Release(bits=bits)).content
            except SettingsError:  # nothing leaves
                continue
            for name, array in sent.arrays().items():
                contract = "send no window that was heard, or declare sends_raw"
                seen = f"{name} of a day of {n_windows} windows holds one, in {bits} bits"
                must(aggregator, contract, not _holds_window(array, x), seen)


def tells_of_no_single_window(aggregator: Aggregator) -> None:
    """Nor of one that was moved a little; see `fedasc.privacy.coincidence`."""
    if aggregator.sends_raw:
        return
    for n_windows in N_WINDOWS[1:]:  # between two there is nothing else to be near to
        x = sounds(n_windows).x
        x[-1] += 60  # a sound like no other
        try:
            sent = _left(aggregator, x, Release()).content
        except SettingsError:  # nothing leaves
            continue
        contract = "send nothing that tells of a single window, or declare sends_raw"
        told = coincidences(sent, x)
        seen = f"{told[0].in_words()}, on a day of {n_windows} windows" if told else ""
        must(aggregator, contract, not told, seen)


def declares_what_it_keeps(aggregator: Aggregator) -> None:
    """In memory, at least where it keeps all windows of a day."""
    held, declared = memory_growth(aggregator)
    contract = f"hold {declared:.0f} bytes for each further window, as its budget says"
    keeps_windows = held >= WINDOW_BYTES and declared < WINDOW_BYTES / 2
    must(aggregator, contract, not keeps_windows, f"it held {held:.0f}")


def declares_its_work(aggregator: Aggregator) -> None:
    """At least half of what is seen: Python may multiply where a device needn't."""
    seen = traced(aggregator)
    most = aggregator.budget(N_TRACED).n_macs
    contract = f"multiply {most} times at most in a day of {N_TRACED} windows, as its budget says"
    told = f"it did {seen.n_products} times at least"
    must(aggregator, contract, seen.n_products <= _FACTOR * most, told)


def works_in_single_precision(aggregator: Aggregator) -> None:
    """As on a device, where what is made of windows has float32."""
    contract = "summarise a day in single precision, too"
    with must_succeed(aggregator, contract):
        traced(aggregator).check()


def needs_no_torch(aggregator: Aggregator) -> None:
    """A hearing aid has none; what comes with fedasc an import contract holds."""
    _made(aggregator, sounds(60).x)
    module = type(aggregator).__module__
    if "torch" not in sys.modules or top_of(module) in (PACKAGE, "__main__"):
        return
    server = small_server()
    done = subprocess.run(
        [sys.executable, "-c", _DEVICE],
        input=pickle.dumps((aggregator, sounds(60).x, server.comprehensive, server.public)),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    contract = "be loaded and used without PyTorch, in a process of its own"
    must(aggregator, contract, done.returncode != _TORCH_IS_THERE, "torch was imported")
    last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    must(aggregator, contract, done.returncode == 0, f"it ended with {last}")


def _made(aggregator: Aggregator, x: Day) -> Content | Draft[Components]:
    return _summarised(aggregator, (window for window in x))


def _summarised(aggregator: Aggregator, stream: Stream) -> Content | Draft[Components]:
    server = small_server()
    return aggregator.summarise(
        stream, classifier=server.comprehensive, public=server.public, seed=0
    )


def _content(made: Content | Draft[Components]) -> Content:
    return made.content if isinstance(made, Draft) else made


def _left(aggregator: Aggregator, x: Day, release: Release) -> Summary:
    """What leaves the device."""
    return release.summary(_made(aggregator, x), len(x), aggregator=aggregator)


def _admission(aggregator: Aggregator, x: Day, *, bits: int) -> Admission:
    """Of a server that knows such a day."""
    known = np.concatenate([x, small_server().comprehensive_set.training.x]).astype(np.float64)
    return Admission(
        aggregator=aggregator,
        release=Release(min_windows=1, bits=bits),
        n_heard=len(x),
        low=known.min(axis=0) - MARGIN_DB,
        high=known.max(axis=0) + MARGIN_DB,
    )


def _near(array: NDArray[Any], other: NDArray[Any] | None) -> bool:
    """Whether another array is the same up to rounding."""
    if other is None or (other.shape, other.dtype) != (array.shape, array.dtype):
        return False
    scale = np.abs(array).max(initial=1e-30)
    return bool((np.abs(array - other) <= 1e-3 * scale).all())


def _wrong(arrays: Arrays) -> Iterator[tuple[str, Arrays]]:
    """Arrays that the kind doesn't consist of, with what is wrong about them."""
    yield "an array too many", {**arrays, "too many": np.zeros(3)}
    for name, array in arrays.items():
        others = {other: arrays[other] for other in arrays if other != name}
        yield f"arrays without {name}", others
        yield f"{name} with one axis more", {**others, name: array[None]}
        if array.dtype.kind == "f" and array.size:
            spoilt = array.copy()
            spoilt.flat[-1] = np.nan
            yield f"NaN in {name}", {**others, name: spoilt}


def _holds_window(array: NDArray[Any], x: Day) -> bool:
    """Whether so many numbers in a row are a window's, up to a thousandth of a decibel."""
    if array.size < _IN_A_ROW:
        return False
    rows = np.lib.stride_tricks.sliding_window_view(array.ravel().astype(np.float64), _IN_A_ROW)
    heard = x.reshape(-1, _IN_A_ROW).astype(np.float64)
    heard = heard[heard[:, 0].argsort()]
    begins = np.searchsorted(heard[:, 0], rows[:, 0] - _NEAR_DB, "left")
    ends = np.searchsorted(heard[:, 0], rows[:, 0] + _NEAR_DB, "right")
    return any(
        bool((np.abs(heard[begins[n] : ends[n]] - rows[n]).max(axis=1) <= _NEAR_DB).any())
        for n in np.flatnonzero(ends > begins)
    )
