"""Lists by a die, handed in as groups: `python -m evals.bench.random_lists LOG USER --rate 0.06 --seeds 10`.

In: a log (CSV, JSON lines or Parquet), its column of users, and the share of lines that the die marks. Each seed lists who has a
marked line and who has none, as a list of who ever did something would be; there is nothing to tell of it but how much there is
of everybody. Out: of each seed how many cards are shown and how many comparisons they claim, and their sum. Promises: a list
rests on how many lines each user has, and on nothing that anybody did.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

import persona_agent as pa


def lines_of_users(log: Path, column: str) -> pd.Series:
    """How many lines each user has."""
    name, key, source = f'"{column}"', column.replace("'", "''"), str(log).replace("'", "''")
    columns = f"columns = {{'{key}': 'VARCHAR'}}"
    read = {
        "json": f"read_json('{source}', format = 'newline_delimited', ignore_errors = true, records = true, {columns})",
        "parquet": f"read_parquet('{source}')",
        "csv": f"read_csv('{source}', all_varchar = true)",
    }
    kind = next((kind for kind in ("json", "parquet") if f".{kind}" in log.name), "csv")
    rows = f"FROM {read[kind]} WHERE {name} IS NOT NULL"
    found = duckdb.sql(f"SELECT {name}::VARCHAR AS user, count(*) AS n {rows} GROUP BY 1 ORDER BY 1").df()
    return found.set_index("user")["n"]


def list_by_a_die(lines: pd.Series, rate: float, seed: int) -> pd.DataFrame:
    """Who has one of the lines that the die marks."""
    marked = np.random.default_rng([seed, 7]).binomial(lines.to_numpy(), rate) > 0
    return pd.DataFrame({"user": lines.index, "group": np.where(marked, "Marked", "Not marked")})


def told(run: pa.Run) -> tuple[int, int]:
    """Cards that are shown, and what they say more or less of than of others."""
    shown = [p for p in run.persona_set.personas if p.status != "withheld"]
    claims = [c for p in shown for c in p.claims if c.measure is not None and c.measure.says.sets_apart]
    return len(shown), len(claims)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("user", help="the column of users")
    parser.add_argument("--rate", type=float, default=0.06, help="of lines, that are marked")
    parser.add_argument("--seeds", type=int, default=10)
    asked = parser.parse_args()
    lines, found = lines_of_users(asked.log, asked.user), []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.seeds):
            groups = list_by_a_die(lines, asked.rate, seed)
            found.append(told(pa.run(asked.log, Path(folder) / str(seed), groups=groups)))
            inside = int((groups["group"] == "Marked").sum())
            print(
                f"seed {seed}: {inside:,} of {len(groups):,} users marked, {found[-1][0]} cards, {found[-1][1]} comparisons"
            )
    print(f"runs with a card: {sum(cards > 0 for cards, _ in found)}; comparisons in all: {sum(n for _, n in found)}")


if __name__ == "__main__":
    main()
