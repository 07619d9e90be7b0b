"""Parts: what a split makes of a corpus, by name."""

USER_PARTS = ("aggregation", "evaluation")
SERVER_PARTS = ("train", "validation")
PARTS = (*SERVER_PARTS, *USER_PARTS)
UNUSED = "unused"
