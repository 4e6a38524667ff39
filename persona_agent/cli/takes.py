"""Which options a command takes, by their names in `Options`; a run takes all of some groups of them."""

from __future__ import annotations

READING = (
    "inputs", "mapping", "format", "query", "encoding", "each", "act", "lists", "keep", "allow_rejects", "opt_out", "stitch",
    "consent", "names", "timezone", "times_are", "time_format",
)  # fmt: skip
ASKING = ("base_url", "timeout", "price")
SEALED = ("seal_key",)
EXPECTING = ("since", "seal_key")
PLACING = (*SEALED, "opt_out")
RECORDING = ("record", "record_source")
ANSWERING = (*ASKING, "model", "max_cost", "local", *RECORDING, "replay", *SEALED)
READERS = (*ASKING, "critic_base_url", "model", "critic_model", "max_cost", "local", *SEALED)
EVALUATING = (*ASKING, *RECORDING)
GROUPING = (*READING, "value", "seed", "min_users")
ESTIMATING = (*GROUPING, "personas", "by", "within", "model", "critic_model", "price", "max_rounds", "investigate")
SERVING = (
    *GROUPING, *ASKING, *SEALED, "about", "codebook", "within", "staff", "no_staff", "embedding", "model", "max_cost",
    "concurrency", "local", "since", "out",
)  # fmt: skip
REFEREEING = (
    *GROUPING, *ASKING, *RECORDING, *SEALED, "about", "codebook", "within", "staff", "no_staff", "replay", "embedding", "model",
    "max_cost", "concurrency", "local", "out",
)  # fmt: skip
