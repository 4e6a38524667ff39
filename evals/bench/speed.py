"""Time beside others on one log: `python -m evals.bench.speed` (needs the extra `bench`).

In: a number of events. Out: seconds, end to end in a process each, imports included:

- ours: the command line's own run; reading, gathering and clustering are its first two stages with all that is outside of
  stages (start, imports, the look at the log), groups the third;
- BERTopic (Grootendorst 2022) with its defaults on the texts of the memories that came out, duplicates kept, with vectors of
  these texts computed beforehand and not counted;
- pandas: the same file read by `read_json`, times parsed, sorted by user and time; nothing checked, redacted, hashed or cited.

Both sides of a ratio are measured after each other on one machine; of ours and of pandas the median of `--repeat` counts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from persona_agent.errors import UsageError
from persona_agent.models.embeddings import load_embedding

from .scale import STAGES, make, measure
from .watched import watched

TARGET = 10.0
TEXTS, VECTORS = "texts.txt", "vectors.npy"


def ours(log: Path, folder: Path, repeat: int) -> dict[str, float]:
    """Seconds up to the end of each of the first three stages."""
    rows = [measure(log, folder, "local").seconds for _ in range(repeat)]
    outside = median(r["all"] - sum(r[s] for s in STAGES) for r in rows)
    took, done = {}, outside
    for stage in ("read", "gather", "group"):
        done += median(r[stage] for r in rows)
        took[stage] = done
    return took


def prepare(out: Path, folder: Path) -> int:
    """The texts of all memories and their vectors, for BERTopic."""
    rows = duckdb.execute("SELECT text FROM read_parquet(?)", [str(out / "memories.parquet")]).fetchall()
    texts = [text.replace("\n", " ") for (text,) in rows]
    (folder / TEXTS).write_text("\n".join(texts), encoding="utf-8")
    np.save(folder / VECTORS, load_embedding("wordllama").embed(texts))
    return len(texts)


def bertopic(folder: Path) -> None:
    try:
        from bertopic import BERTopic
    except ImportError as error:
        raise UsageError(f"{error.name!r} is not installed.", hint="pip install 'persona-agent[bench]'.") from None
    texts = (folder / TEXTS).read_text(encoding="utf-8").split("\n")
    BERTopic().fit_transform(texts, np.load(folder / VECTORS))


def pandas(log: Path) -> None:
    import pandas as pd

    frame = pd.read_json(log, lines=True, dtype=False, convert_dates=False)
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True, format="ISO8601")
    frame.sort_values(["user", "timestamp"])


def seconds(folder: Path, repeat: int, what: str, path: Path) -> float:
    """The median time of this module doing one thing in a process of its own."""
    command = [sys.executable, "-m", "evals.bench.speed", "--do", what, str(path)]
    return median(watched(command, folder).seconds for _ in range(repeat))


def whole_lines(log: Path, folder: Path) -> Path:
    """The log without its broken lines, which pandas cannot read."""
    clean = folder / "clean.jsonl"
    with log.open(encoding="utf-8") as lines, clean.open("w", encoding="utf-8") as kept:
        kept.writelines(line for line in lines if line.startswith('{"user"') and line.endswith("}\n"))
    return clean


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.bench.speed", description=__doc__.split("\n\n")[0])
    add = parser.add_argument
    add("--events", type=int, default=1_000_000)
    add("--repeat", type=int, default=3, help="of everything but BERTopic, which is run once")
    add("--folder", type=Path, help="where logs are kept between runs of this command")
    add("--do", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.do:
        (bertopic if given.do[0] == "bertopic" else pandas)(Path(given.do[1]))
        return
    with TemporaryDirectory() as own:
        folder = Path(own)
        log = make(given.events, given.folder or folder)
        took = ours(log, folder, given.repeat)
        plain = seconds(folder, given.repeat, "pandas", whole_lines(log, folder))
        print(
            f"ours: read {took['read']:.1f} s ({took['read'] / plain:.2f} times pandas, {plain:.1f} s), with gather and cluster "
            f"{took['gather']:.1f} s, with groups {took['group']:.1f} s",
            flush=True,
        )
        n = prepare(folder / "out", folder)
        other = seconds(folder, 1, "bertopic", folder)
        print(
            f"BERTopic on {n:,} texts: {other:.1f} s, {other / took['gather']:.1f} times read, gather and cluster "
            f"(target {TARGET:.0f}), {other / took['group']:.1f} times with groups"
        )


if __name__ == "__main__":
    main()
