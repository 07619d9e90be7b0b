"""What every strategy must do, whoever wrote it."""

import pickle
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.made_up.night import DEVICES, Backwards, SmallNight
from fedasc.made_up.server import small_server
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.self_training import SelfTraining
from fedasc.plugins import as_section
from fedasc.strategies.round_result import Personal, RoundResult, Tally
from fedasc.strategies.strategy import Strategy, check_pair
from fedasc.testing.bits import bits_of, what_differs
from fedasc.testing.contract import must, must_leave_global_draws_alone, must_succeed
from fedasc.testing.settings import settings_checks
from fedasc.testing.suite import Check, in_words


def check_strategy(strategy: Strategy, aggregator: Aggregator | None = None) -> None:
    """Hold a strategy to all that nights, workers and devices rely on.

    It serves half a dozen devices of a server that is made up, several times over. Let it train
    for few epochs.

    Args:
        aggregator: What devices summarise their days with; by default the one that goes with it.

    Raises:
        AssertionError: Of the first thing that it doesn't do, in one line.
    """
    for check in strategy_checks(strategy, aggregator):
        check.run()


def strategy_checks(strategy: Strategy, aggregator: Aggregator | None = None) -> list[Check]:
    """All that it is held to, one by one; see `check_strategy`."""

    @cache
    def night() -> SmallNight:
        sender = _default_of(strategy) if aggregator is None else aggregator
        with must_succeed(strategy, f"go with {sender.name!r}"):
            check_pair(sender, strategy)
        return SmallNight.of(sender)

    before = {
        goes_with_its_default: (
            "accepts",
            "name the kinds that serve can use, accepts = (Mixture,), and an aggregator of one of "
            "them as default_aggregator",
        ),
        has_devices_train_as_it_says: (
            "device_training",
            "make what device_training returns of the fields alone",
        ),
    }
    serve = "serve"
    cures = {
        serves_who_sent_something: (
            serve,
            "return RoundResult({device: Personal(classifier)}) for devices in summaries; some may "
            "be missing on a night",
        ),
        gives_usable_classifiers: (
            serve,
            "make classifiers by dataclasses.replace of one of the server's, in float32; guard "
            "against dividing by 0",
        ),
        leaves_alone_what_it_is_given: (
            serve,
            "copy what you change; make memory anew: {**memory, device: …}",
        ),
        draws_from_its_streams: (
            serve,
            "draw from context.streams.generator(Purpose.SAMPLING, context.night, device) alone",
        ),
        minds_no_order: (serve, "go through devices in order: for device in sorted(summaries)"),
        minds_no_workers: (
            serve,
            "let context.workers.map do functions of a module with arguments that pickle takes, "
            "and draw from a stream for each device",
        ),
        minds_no_company: (
            "serves_alone",
            "say serves_alone = False if others' summaries count",
        ),
        goes_on_from_its_memory: (serve, "keep in memory what pickle takes: dicts and arrays"),
        remembers_what_came_too_late: (
            "remember",
            "return a new memory from remember, and never the order of arrival",
        ),
    }
    return [
        *settings_checks(strategy),
        *(
            Check(name=in_words(check), run=partial(check, strategy), method=method, cure=cure)
            for check, (method, cure) in before.items()
        ),
        *(
            Check(
                name=in_words(check),
                run=partial(_with_night, check, strategy, night),
                method=method,
                cure=cure,
            )
            for check, (method, cure) in cures.items()
        ),
    ]


def _with_night(
    check: Callable[[Strategy, SmallNight], None],
    strategy: Strategy,
    night: Callable[[], SmallNight],
) -> None:
    check(strategy, night())


def goes_with_its_default(strategy: Strategy) -> None:
    """The aggregator that goes with it if none is named sends what it accepts."""
    kinds = strategy.accepts
    are_kinds = isinstance(kinds, tuple) and all(isinstance(kind, type) for kind in kinds)
    holds = are_kinds and len(kinds) > 0 and all(issubclass(kind, Content) for kind in kinds)
    must(strategy, "accept a tuple of kinds of Content", holds, f"it accepts {kinds}")
    with must_succeed(strategy, "go with its default_aggregator"):
        check_pair(_default_of(strategy), strategy)


def has_devices_train_as_it_says(strategy: Strategy) -> None:
    """What devices do is part of its settings."""
    training = strategy.device_training()
    contract = "have devices train by a SelfTraining, or not at all"
    must(strategy, contract, isinstance(training, SelfTraining | None), f"got {training!r}")
    again = type(strategy).from_section(as_section(strategy), where="section").device_training()
    contract = "have devices train alike when it was read from its section"
    must(strategy, contract, again == training, f"got {again} in place of {training}")


def serves_who_sent_something(strategy: Strategy, night: SmallNight) -> None:
    """No device is given what it can't fetch."""
    for sent in (night, night.of_devices(DEVICES[3:])):
        with must_succeed(strategy, "serve a night"):
            result = sent.served(strategy)
        _serves(strategy, result, sent)


def gives_usable_classifiers(strategy: Strategy, night: SmallNight) -> None:
    """Of the shapes and kinds of numbers that devices have, all of them finite."""
    server = small_server()
    baseline, inputs = server.baseline.arrays(), server.embedded.inputs
    for device, personal in night.served(strategy).personal.items():
        kinds = isinstance(personal, Personal) and (
            isinstance(personal.classifier, EmbeddedClassifier)
            and isinstance(personal.tally, Tally | None)
        )
        seen = f"device {device} got {type(personal).__name__}"
        must(strategy, "give a Personal with an EmbeddedClassifier", kinds, seen)
        alike = personal.classifier.inputs == inputs
        seen = f"device {device} got one for {personal.classifier.inputs}"
        must(strategy, f"give a classifier for {inputs}, as the server's are", alike, seen)
        for name, array in personal.classifier.arrays().items():
            contract = f"give {name} of shape {baseline[name].shape} in float32, finite"
            alike = array.shape == baseline[name].shape and array.dtype == np.float32
            seen = f"device {device} got {array.shape} in {array.dtype}"
            must(strategy, contract, alike, seen)
            finite = bool(np.isfinite(array).all())
            must(strategy, contract, finite, f"device {device} got some that aren't")
        positive = bool((personal.classifier.variance >= 0).all())
        seen = f"device {device} got one"
        must(strategy, "give no variance under zero", positive, seen)


def leaves_alone_what_it_is_given(strategy: Strategy, night: SmallNight) -> None:
    """Summaries, the server and the memory are the night's, and may be asked for again."""
    server, summaries = small_server(), dict(night.summaries)
    tonight = SmallNight(number=0, heard=night.heard, summaries=summaries)
    before = {"summaries": bits_of(summaries), "server": bits_of(server)}
    memory = tonight.served(strategy).memory
    before["memory"] = bits_of(memory)
    tonight.served(strategy, memory=memory)
    strategy.remember(memory, summaries)
    after = {"summaries": summaries, "server": server, "memory": memory}
    altered = [name for name, value in after.items() if bits_of(value) != before[name]]
    seen = f"it altered {', '.join(altered)}"
    must(strategy, "leave alone what it is given", not altered, seen)


def draws_from_its_streams(strategy: Strategy, night: SmallNight) -> None:
    """The same streams give the same."""
    with must_leave_global_draws_alone(strategy):
        results = [night.served(strategy) for _ in range(2)]
    _same(strategy, "give the same to the last bit for the same night", *results)


def minds_no_order(strategy: Strategy, night: SmallNight) -> None:
    """Summaries come in another order with every run."""
    backwards = night.of_devices(DEVICES[::-1])
    results = night.served(strategy), backwards.served(strategy)
    _same(strategy, "give the same in whatever order summaries come", *results)


def minds_no_workers(strategy: Strategy, night: SmallNight) -> None:
    """Neither how many there are, nor who is done first, nor in which process they are."""
    contract = "give the same whoever does the work, and in which order"
    alone = night.served(strategy)
    with must_succeed(strategy, contract):
        backwards = night.served(strategy, workers=Backwards())
    _same(strategy, contract, alone, backwards)


def minds_no_company(strategy: Strategy, night: SmallNight) -> None:
    """A strategy says with serves_alone, or groups = "each", that it treats devices so.

    Then it may be a few of them that it is asked for, or none, with a memory of these alone.
    """
    says_no = any(vars(kind).get("serves_alone") is False for kind in type(strategy).__mro__)
    groups = getattr(strategy, "groups", None) == "each" and not says_no
    if not (groups or strategy.serves_alone):
        return
    said = 'groups = "each"' if groups else "serves_alone"
    contract = f"give a device the same whoever else sent something, as {said} says"
    together = night.served(strategy)
    for device in DEVICES[:2]:
        alone = night.of_devices([device]).served(strategy).personal
        same = bits_of(alone.get(device)) == bits_of(together.personal.get(device))
        must(strategy, contract, same, f"device {device} got another classifier alone")
    if not strategy.serves_alone:
        return
    with must_succeed(strategy, f"serve nobody, as {said} says"):
        night.of_devices([]).served(strategy)
    if together.memory is None:
        return
    tomorrow = SmallNight(number=1, heard=night.heard, summaries=night.summaries)
    expected = tomorrow.served(strategy, memory=together.memory).personal
    memory = night.of_devices(DEVICES[:2]).served(strategy).memory
    found = tomorrow.of_devices(DEVICES[:2]).served(strategy, memory=memory).personal
    for device in DEVICES[:2]:
        same = bits_of(found.get(device)) == bits_of(expected.get(device))
        must(strategy, contract, same, f"device {device} got another one on the next night")


def goes_on_from_its_memory(strategy: Strategy, night: SmallNight) -> None:
    """Which may have waited in a file for the next night, where some are silent."""
    memory = night.served(strategy).memory
    tomorrow = SmallNight(number=1, heard=night.heard, summaries=night.summaries)
    tomorrow = tomorrow.of_devices(DEVICES[2:4])
    contract = "go on from the memory of the night before, which a pickle keeps"
    with must_succeed(strategy, contract):
        kept = pickle.loads(pickle.dumps(memory))
        results = [tomorrow.served(strategy, memory=one) for one in (memory, kept)]
    _serves(strategy, results[0], tomorrow)
    _same(strategy, contract, *results)


def remembers_what_came_too_late(strategy: Strategy, night: SmallNight) -> None:
    """Of devices that are known and of others, on the first night too."""
    tonight, late = night.of_devices(DEVICES[:3]), night.of_devices(DEVICES[2:])
    backwards = late.of_devices([*late.summaries][::-1])
    contract = "remember what came too late, in whatever order"
    with must_succeed(strategy, contract):
        for memory in (None, tonight.served(strategy).memory):
            one, other = (strategy.remember(memory, some.summaries) for some in (late, backwards))
            must(strategy, contract, bits_of(one) == bits_of(other), "the order counts")
            tonight.served(strategy, memory=pickle.loads(pickle.dumps(one)))


def _default_of(strategy: Strategy) -> Aggregator:
    section = {"name": strategy.default_aggregator}
    return Aggregator.from_section(section, where="default_aggregator")


def _serves(strategy: Strategy, result: RoundResult, night: SmallNight) -> None:
    contract = "return a RoundResult"
    must(strategy, contract, isinstance(result, RoundResult), f"got {type(result).__name__}")
    others = sorted(result.personal.keys() - night.summaries.keys())
    contract = "serve none but who sent a summary that night"
    must(strategy, contract, not others, f"it served {others}")


def _same(strategy: Strategy, contract: str, one: RoundResult, other: RoundResult) -> None:
    differ = what_differs(_told(one), _told(other))
    must(strategy, contract, not differ, f"{', '.join(differ)} differ")


def _told(result: RoundResult) -> Mapping[str, Any]:
    """What a result holds, by what to call it."""
    personal = {f"what device {n} got": one for n, one in result.personal.items()}
    return {**personal, "memory": result.memory}
