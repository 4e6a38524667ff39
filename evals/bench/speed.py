"""Time beside others on one log: `python -m evals.bench.speed` (needs the extra `bench`).

In: a number of events. Out: seconds, end to end in a process each, imports included:

- ours: read, gather and cluster (memories and intents), then groups on top;
- BERTopic (Grootendorst 2022) with its defaults on the texts of the memories that came out, duplicates kept, with vectors of
  these texts computed beforehand and not counted;
- pandas: the same file read by `read_json`, times parsed, sorted by user and time; nothing checked, redacted, hashed or cited.

Both sides of a ratio are measured after each other on one machine, each as often as `--repeat` says; the median counts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from persona_agent.config import Settings
from persona_agent.engines import LocalEngine
from persona_agent.progress import Silent
from persona_agent.providers.embeddings import load_embedding
from persona_agent.steps.gathering import find_memories
from persona_agent.steps.grouping import find_users
from persona_agent.steps.reading import find_log, read_log
from persona_agent.store import Store

from .scale import make
from .watched import watched

TARGET = 10.0
TEXTS, VECTORS = "texts.txt", "vectors.npy"


def ours(log: Path, out: Path, *, upto: str) -> None:
    """The stages up to `upto`."""
    settings = Settings(inputs=(str(log),), out=out)
    store = Store.create(out)
    with LocalEngine() as engine:
        read_log(find_log(settings), settings, store, Silent(), engine)
        if upto != "read":
            find_memories(store, settings, Silent(), engine)
    if upto == "group":
        find_users(store, settings)


def prepare(out: Path, folder: Path) -> int:
    """The texts of all memories and their vectors, for BERTopic."""
    rows = duckdb.execute("SELECT text FROM read_parquet(?)", [str(out / "memories.parquet")]).fetchall()
    texts = [text.replace("\n", " ") for (text,) in rows]
    (folder / TEXTS).write_text("\n".join(texts), encoding="utf-8")
    np.save(folder / VECTORS, load_embedding("wordllama").embed(texts))
    return len(texts)


def bertopic(folder: Path) -> None:
    from bertopic import BERTopic

    texts = (folder / TEXTS).read_text(encoding="utf-8").split("\n")
    BERTopic().fit_transform(texts, np.load(folder / VECTORS))


def pandas(log: Path) -> None:
    import pandas as pd

    frame = pd.read_json(log, lines=True, dtype=False, convert_dates=False)
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True, format="ISO8601")
    frame.sort_values(["user", "timestamp"])


def seconds(folder: Path, repeat: int, *arguments: str) -> float:
    """The median time of this module doing one thing in a process of its own."""
    command = [sys.executable, "-m", "evals.bench.speed", *arguments]
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
    add("--do", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.do:
        _do(*given.do)
        return
    with TemporaryDirectory() as own:
        folder = Path(own)
        log = make(given.events, given.folder or folder)
        out = folder / "out"
        took = {w: seconds(folder, given.repeat, "--do", w, str(log), str(out)) for w in ("read", "gather", "group")}
        clean = whole_lines(log, folder)
        read = seconds(folder, given.repeat, "--do", "read", str(clean), str(folder / "clean"))
        plain = seconds(folder, given.repeat, "--do", "pandas", str(clean))
        print(
            f"ours: read {took['read']:.1f} s, with gather and cluster {took['gather']:.1f}, with groups {took['group']:.1f}"
        )
        print(f"reading: {read:.1f} s, pandas {plain:.1f} s, {read / plain:.2f} times as long", flush=True)
        n = prepare(out, folder)
        other = seconds(folder, 1, "--do", "bertopic", str(folder))
        print(
            f"BERTopic on {n:,} texts: {other:.1f} s, {other / took['gather']:.1f} times read, gather and cluster "
            f"(target {TARGET:.0f}), {other / took['group']:.1f} times with groups"
        )


def _do(what: str, *paths: str) -> None:
    if what == "bertopic":
        bertopic(Path(paths[0]))
    elif what == "pandas":
        pandas(Path(paths[0]))
    else:
        ours(Path(paths[0]), Path(paths[1]), upto=what)


if __name__ == "__main__":
    main()
