"""Coverage-guided fuzzing of the readers, for whoever has atheris: `python -m evals.safety.guided jsonl -max_total_time=600 DIR`.

Takes a target (`jsonl`, `csv`, `tsv`, `json`, `text`) and libFuzzer's own options. Promises of a target: whatever the bytes, the
log is read with every record in one count, or refused with an error that is ours; whatever the text, masking it twice is masking
it once. SECURITY.md says how long it ran and what it found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed: pip install atheris")

with atheris.instrument_imports(
    include=["persona_agent.log", "persona_agent.redaction", "persona_agent.batches", "persona_agent.ids"]
):
    from persona_agent.batches import Batch
    from persona_agent.errors import PersonaAgentError
    from persona_agent.log import Account, ReadOptions, parse_events, resolve_inputs, survey
    from persona_agent.redaction import Redactor
    from persona_agent.redaction.identifiers import mask, normalise

KEY = bytes(range(32))
FORMATS = ("jsonl", "csv", "tsv", "json")
Target = Callable[[bytes], None]


def reading(kind: str, folder: Path) -> Target:
    """The bytes as a log of this format."""
    path = folder / f"log.{kind}"

    def target(data: bytes) -> None:
        path.write_bytes(data)
        account, redactor = Account(), Redactor(KEY)
        try:
            inputs = resolve_inputs([path])
            options = ReadOptions(allow_rejects=True)
            batches: list[Batch] = list(parse_events(inputs, survey(inputs, options), options, account))
        except PersonaAgentError:
            return
        for batch in batches:
            redactor.redact(batch)
        account.check()
        assert account.with_events == sum(map(len, batches)), account

    return target


def masking(data: bytes) -> None:
    """The bytes as a text: what is masked stays as it is."""
    text = normalise(data.decode(errors="replace"))
    once = mask(text)[0]
    assert mask(once)[0] == once, (text, once, mask(once)[0])


def main() -> None:
    name, *options = sys.argv[1:] or [""]
    if name not in (*FORMATS, "text"):
        sys.exit(f"There is no target {name!r}. There are: {', '.join((*FORMATS, 'text'))}.")
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        atheris.Setup([sys.argv[0], *options], masking if name == "text" else reading(name, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
