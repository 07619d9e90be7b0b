"""The only place that knows Flower and Ray: one night as messages between processes."""

import os

# Flower 1.41 and 1.42 both serve, with no line that asks which: of all that is imported from it
# here, private modules too (common.constant, supercore.run, supercore.task_identity), not a
# character differs. What does is the summaries that agents keep of a conversation (a count of
# tokens more), how traces are handed from task to task, and the version of uv that is asked for.

# Flower and Ray read these when they are imported: quiet, and no calls home.
os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
