"""`check`: every accepted claim of a run again, against the log as it is now, without a model.

The log is read anew with the run's own options and key into a folder that is thrown away; memberships come from
users.parquet and memories from memories.parquet, so nothing is clustered again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..config import Settings
from ..errors import UsageError
from ..evidence import Corpus, Population, recompute
from ..evidence.wording import claim_values, fill
from ..progress import Progress
from ..schema import Claim, PersonaSet
from ..store import Store
from .corpus import EVERYONE, open_corpus
from .reading import find_log, read_log


@dataclass(frozen=True)
class CheckResult:
    """`failures` name a claim and its problem; `warnings` are about files; `checked` counts claims."""

    failures: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checked: int = 0


def check_run(store: Store, claim: str | None, log: Sequence[str], progress: Progress) -> CheckResult:
    """The claims of the run in `store`, or the one called `claim`; `log` is where the log is now, if it moved."""
    run = store.read_json("run.json")
    personas = PersonaSet.model_validate(store.read_json("personas.json"))
    settings = _settings(run, tuple(log))
    wanted = [(p, c) for p, c in _claims(personas) if claim is None or c.id == claim]
    if claim is not None and not wanted:
        known = ", ".join(c.id for _, c in _claims(personas)) or "none"
        raise UsageError(f"No accepted claim is called {claim!r}.", hint=f"Accepted claims: {known}.")
    found = find_log(settings)
    warnings = _changed_files(run["inputs"], found.fingerprints())
    groups, ids = _groups(store)
    failures: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="persona-agent-") as folder:
        now = Store.create(Path(folder))
        shutil.copyfile(store.path(".key"), now.path(".key"))
        progress.stage("read")
        read_log(found, settings, now, progress)
        progress.stage("check")
        with now.connect() as connection:
            corpus = open_corpus(connection, now, settings, store, groups)
            for i, (persona_id, one) in enumerate(wanted, start=1):
                group = EVERYONE if persona_id == "p0" else ids[persona_id]
                failures += _problems(corpus, one, Population(group))
                progress.update(i, len(wanted), "claims")
    return CheckResult(failures, warnings, len(wanted))


def _problems(corpus: Corpus, claim: Claim, population: Population) -> list[dict[str, str]]:
    found = [d.says for d in recompute(corpus, claim, population)]
    if fill(claim.template, claim_values(claim)) != claim.text:
        found.append("its text does not say what its template and value give")
    return [{"claim": claim.id, "problem": says} for says in found]


def _claims(personas: PersonaSet) -> Iterable[tuple[str, Claim]]:
    for persona in [*personas.personas, *([personas.everyone] if personas.everyone else [])]:
        for claim in persona.claims:
            yield persona.id, claim


def _groups(store: Store) -> tuple[list[list[str]], dict[str, int]]:
    """User hashes by group, and the group of each persona, from users.parquet."""
    path = str(store.path("users.parquet")).replace("'", "''")
    with store.connect() as connection:
        rows = connection.execute(
            f"""SELECT m."group", m.persona_id, list(user) FROM
            (SELECT user, unnest(memberships) AS m FROM read_parquet('{path}')) GROUP BY ALL ORDER BY 1"""
        ).fetchall()
    groups: list[list[str]] = [[] for _ in range(max((g for g, _, _ in rows), default=-1) + 1)]
    for g, _, users in rows:
        groups[g] = users
    return groups, {p: g for g, p, _ in rows if p}


def _settings(run: dict[str, Any], log: tuple[str, ...]) -> Settings:
    """The settings that the run was made with; `log` replaces its inputs."""
    config = dict(run["config"])
    opt_out = config.get("opt_out")
    made = Settings(
        inputs=log or tuple(run["paths"]),
        mapping=tuple((k, v) for k, v in config["mapping"]),
        allow=tuple(config["allow"]),
        keep=tuple(config["keep"]),
        opt_out=Path(opt_out) if opt_out else None,
    )
    plain = ("format", "allow_rejects", "by", "personas", "within", "value", "seed", "min_users", "timezone")
    return replace(made, **{k: config[k] for k in plain})


def _changed_files(before: list[dict[str, str]], now: list[dict[str, str]]) -> list[str]:
    was, is_now = {i["path"]: i["sha256"] for i in before}, {i["path"]: i["sha256"] for i in now}
    gone = [f"{path} is no longer among the files" for path in was if path not in is_now]
    new = [f"{path} was not there when the run was made" for path in is_now if path not in was]
    other = [f"{path} has changed since the run" for path, h in is_now.items() if path in was and was[path] != h]
    return gone + new + other
