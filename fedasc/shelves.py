"""What is kept, and what makes it: all shelves of the cache.

An entry names what it is made of, so a change goes down the table: decoding makes pools anew, and
with them all that was heard in them.
"""

from fedasc.cache import Shelf

POOL = Shelf(
    kind="pool",
    made_by=("fedasc.corpus.decoding",),
    # Of a manifest these check names, and make its fingerprint.
    without=("fedasc.corpus.contents", "fedasc.corpus.names", "fedasc.corpus.splits"),
)
"""Clips of a corpus; by the module that reads it, too."""

FEATURES = Shelf(
    kind="features",
    made_by=("fedasc.models.hearing", "fedasc.seeds"),
)
"""What a device hears in a night. The user as she lives then, drifted or not, goes into the key."""

TRAINING = Shelf(
    kind="training",
    made_by=("fedasc.corpus.training", "fedasc.models.hearing"),
)
"""The server's training sets."""

TEACHER = Shelf(kind="teacher", made_by=("fedasc.models.samples",))
"""Trained teachers; by their own modules, on a set that is known by its digest."""

STUDENT = Shelf(
    kind="student",
    made_by=("fedasc.models.distillation", "fedasc.transfer"),
)
"""What is distilled of teachers; by their own modules, on a set and a mixture that are known by
digests."""

SERVER = Shelf(kind="server", made_by=("fedasc.kept_server",))
"""Servers before the first night; by the teacher's modules."""

VERDICTS = Shelf(kind="verdicts", made_by=("fedasc.probes.verdicts",))
"""What teachers say of what devices hear; by their modules, which aren't told by settings but by
what they say of other windows."""

BANKS = Shelf(kind="banks", made_by=("fedasc.bank_search.objective",))
"""How good filter banks are."""

CONTENT = Shelf(kind="content", made_by=("fedasc.aggregators.content",))
"""What devices send, made once for many strategies; by the aggregator's modules."""

WORLD = Shelf(
    kind="world",
    made_by=("fedasc.world", "fedasc.experiments.world_files"),
    # All that these say goes into the key, and devices run Python in what is kept.
    without=("fedasc.population.roster", "fedasc.settings", "fedasc.device_code.simulation"),
    needs=("pool",),
)
"""Worlds of repetitions, with their users and their server; by the teacher's modules."""

CELL = Shelf(
    kind="cell",
    made_by=("fedasc.experiments.record", "fedasc.experiments.cached_aggregator", "fedasc.night"),
    # Where no probe looks; and of a manifest a record has no more than how it parts words;
    # and devices run Python.
    without=(
        "fedasc.probes.sight",
        "fedasc.corpus.manifest",
        "fedasc.device_code.simulation",
    ),
)
"""Records of all devices in all nights; by the modules of aggregator, strategy and probes."""

AUDIT = Shelf(
    kind="audit",
    made_by=("fedasc.experiments.audit_cell",),
    # What these say goes into the key.
    without=("fedasc.settings", "fedasc.probes.sight", "fedasc.device_code.simulation"),
)
"""What attacks on releases reached; by the modules of aggregator and strategy."""

PREPARED = Shelf(
    kind="prepared",
    made_by=("fedasc.live.prepared",),
    # All that these say goes into the key.
    without=("fedasc.settings",),
)
"""Servers that answer summaries by hand; by the teacher's modules."""

MEASURED = Shelf(
    kind="measured",
    made_by=("fedasc.device_code.measurement",),
    # The texts that these make go into the key.
    without=("fedasc.device_code.files", "fedasc.device_code.parameters"),
)
"""What devices' C code takes of small cores; by its texts, and the versions of the extra."""

SHELVES = {
    shelf.kind: shelf
    for shelf in (
        POOL,
        FEATURES,
        TRAINING,
        TEACHER,
        STUDENT,
        SERVER,
        VERDICTS,
        BANKS,
        CONTENT,
        WORLD,
        CELL,
        AUDIT,
        PREPARED,
        MEASURED,
    )
}
"""All of them by kind."""

LENT = "lent"
"""Folder of the cache for clips of another machine, whose files are as long as if all were here."""

BESIDE = ("compiled", "contents", LENT)
"""Folders of the cache that are no shelves: machine code, digests of files, and these clips."""
