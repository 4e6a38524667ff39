"""Each sentence that SECURITY.md and PRIVACY.md promise, with the attack on it: promised, tried, held.

In: the two pages, and attacks by the words with which a sentence begins: of this module, of another table, or a test. Out: a row
a sentence, but for those in bold that say first what the next ones promise. Promises: a sentence that nobody attacks is listed as
untested; an attack whose sentence is gone is an error, so that pages and attacks stay together.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.manifest import MANIFEST, RUN, verify, write_sealed
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import PersonaSet
from persona_agent.seal import LENGTH, find_seal
from persona_agent.store import Store

from ..worlds import Spec, generate
from . import origins
from .held_by_tests import by_sentence, missing

ROOT = Path(__file__).resolve().parents[2]
# Which headings of the pages hold promises.
PROMISING = {
    "SECURITY.md": ("Promised",),
    "PRIVACY.md": ("What leaves the machine, and when", "What is done with a log"),
}
WORLD = Spec(domain="kitchen", kind="personas", users=60, events=60, seed=1, traits=True)
OPTIONS: dict[str, Any] = {"personas": 2, "min_users": 8, "value": "properties.spent"}
# Sentences, by how they begin, that another table of `evals.safety` attacks.
ELSEWHERE = {
    "Texts are normalised, capped": "injection",
    "A claim needs a measure that code": "injection",
    "A line that only reads like": "injection",
    "What was finished is intact": "faults",
    "Masked before anything is written": "redaction",
    "Events that name health": "baits",
    "Words for age, gender, family": "baits",
}
Forge = Callable[[dict[str, Any]], None]


def _first(change: Mapping[str, Any]) -> Forge:
    return lambda p: p["personas"][0].update(change)


def _claim(change: Mapping[str, Any]) -> Forge:
    return lambda p: p["personas"][0]["claims"][0].update(change)


SAID = "90 % of 5,000 users agree."
FORGERIES: dict[str, Forge] = {
    "label": _first({"label": "Loyal big spenders"}),
    "status": lambda p: p["personas"][0].update(
        status="pattern" if p["personas"][0]["status"] == "published" else "published"
    ),
    "sentence": _first({"one_liner": {"template": SAID, "text": SAID, "claim_ids": []}}),
    "size": lambda p: p["personas"][0]["size"].update(users=5_000, share_users=0.9),
    "claim's text": _claim({"template": SAID, "text": SAID}),
    "claim's judge": _claim({"judged_by": "code and openai/gpt-9"}),
    "claim's kind": _claim({"kind": "friction"}),
    "claim's interval": lambda p: p["personas"][0]["claims"][0]["truthfulness"].update(ci=[0.99, 1.0]),
    "gap": _first({"not_known": [{"facet": None, "text": SAID}]}),
    "coverage": lambda p: p["coverage"].update(users=0.99 if p["coverage"]["users"] != 0.99 else 0.98),
    "counts": lambda p: p["counts"].update(users=5_000),
    "card gone": lambda p: p["personas"].pop(),
}
EDITED = ("events.parquet", "memories.parquet", "users.parquet", "run.json", "report.html", "personas.md", "groups.npz")


def forged(out: Path, name: str) -> None:
    """One forgery of the cards in a run folder."""
    personas = json.loads((out / "personas.json").read_text())
    FORGERIES[name](personas)
    (out / "personas.json").write_text(json.dumps(personas, indent=1) + "\n")


def sealed(made: Path, folder: Path) -> tuple[int, int]:
    """Cards forged and files edited, tried and noticed by who sealed the run."""
    noticed = 0
    for name in (*FORGERIES, *EDITED):
        out = shutil.copytree(made, folder / "sealed")
        if name in FORGERIES:
            forged(out, name)
        else:
            data = (out / name).read_bytes()
            (out / name).write_bytes(data.replace(b'"seed": 0', b'"seed": 1') if name == "run.json" else data + b" ")
        noticed += verify(Store.open(out), find_seal()).standing == "changed"
        shutil.rmtree(out)
    return len(FORGERIES) + len(EDITED), noticed


def older(made: Path, folder: Path) -> tuple[int, int]:
    """An older run.json put back into a folder that has a newer seal."""
    out = shutil.copytree(made, folder / "older")
    run = json.loads((out / RUN).read_text())
    write_sealed(Store.open(out), {**run, "purpose": "newer"}, run[MANIFEST]["files"], find_seal())
    shutil.copy(made / RUN, out / RUN)
    noticed = verify(Store.open(out), find_seal()).standing == "changed"
    shutil.rmtree(out)
    return 1, int(noticed)


def unsealed(made: Path, folder: Path) -> tuple[int, int]:
    """All forgeries at once, one a check, found by who has another secret: cards are made again."""
    other = folder / "other.key"
    other.write_bytes(os.urandom(LENGTH))
    other.chmod(0o600)
    noticed = 0
    for name in FORGERIES:
        out = shutil.copytree(made, folder / "unsealed")
        forged(out, name)
        found = commands.check(out, None, (), Silent(), seal_key=other)
        noticed += bool(found.failures) and found.exit_status == 1
        shutil.rmtree(out)
    return len(FORGERIES), noticed


def used_again(made: Path, folder: Path) -> tuple[int, int]:
    """Files edited before a run is started again: it has to come to the cards of the undisturbed one."""
    names = ("events.parquet", "memories.parquet", "groups.npz", "personas.json")
    held = 0
    for name in names:
        out = shutil.copytree(made, folder / "again")
        data = (out / name).read_bytes()
        (out / name).write_bytes(data[: len(data) // 2])
        again = commands.run(Options(inputs=_log_of(made), out=out, **OPTIONS), Silent())
        held += not again.reused and (out / "personas.json").read_bytes() == (made / "personas.json").read_bytes()
        shutil.rmtree(out)
    return len(names), held


def of_a_few(made: Path, folder: Path) -> tuple[int, int]:  # noqa: ARG001 - an attack is given both
    """Every number of users that personas.json holds, and those that are no multiple of five."""
    personas = PersonaSet.model_validate_json((made / "personas.json").read_text())
    pages = [*personas.personas, *([personas.everyone] if personas.everyone else [])]
    found = [personas.counts["users"], *(i.users for i in personas.intents)]
    found += [personas.ungrouped.tested] if personas.ungrouped else []
    for p in pages:
        found += [p.size.users, *(t.users for t in p.sizes_over_time)]
        for c in (*p.claims, *p.withdrawn):
            found += [c.truthfulness.n, *((c.counter.n_support, c.counter.n_contra) if c.counter else ())]
    told = [n for n in found if n is not None]
    return len(told), sum(n % 5 == 0 for n in told)


ATTACKS: dict[str, Callable[[Path, Path], tuple[int, int]]] = {
    "`show`, `check`, `egress`, `facts` and `referee` verify first": sealed,
    "An older copy is noticed": older,
    '`check` then says "not sealed by you"': unsealed,
    "A resumed run makes anew": used_again,
    "On cards, pages and in personas.json": of_a_few,
    "A request for another Host": lambda made, _: origins.review(made),
    "`mcp --http` is behind a token": lambda made, folder: origins.agents(Path(_log_of(made)[0]), folder),
}


def promises() -> Iterator[tuple[str, str]]:
    """Page and sentence of everything that is promised."""
    for page, headings in PROMISING.items():
        text = (ROOT / page).read_text(encoding="utf-8")
        for heading in headings:
            part = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
            for item in re.split(r"^- ", part, flags=re.MULTILINE)[1:]:
                plain = re.sub(r"^\*\*[^*]+\.\*\*\s*|\*\*", "", " ".join(item.split()))
                yield from ((page, s) for s in re.split(r"(?<=[.:])\s+(?=[A-Z`])", plain) if s)


def table(folder: Path) -> tuple[list[str], bool]:
    """A row a sentence; missed where an attack got through."""
    log = generate(WORLD).write(folder / "events.jsonl")
    made = commands.run(Options(inputs=(str(log),), out=folder / "out", **OPTIONS), Silent()).out
    rows, good, tests = [], not missing(), by_sentence()
    known = (*ATTACKS, *ELSEWHERE, *tests)
    left = {*known}
    for page, sentence in promises():
        start = next((s for s in known if sentence.startswith(s)), "")
        left -= {start}
        if start in ATTACKS:
            tried, held = ATTACKS[start](made, folder)
            good = good and tried == held
            rows.append([page, sentence, f"{tried}", f"{held}"])
        else:
            by_tests = ", ".join(f"`{test}`" for test in tests.get(start, ()))
            rows.append(
                [page, sentence, f"table `{ELSEWHERE[start]}`" if start in ELSEWHERE else by_tests or "untested", "–"]
            )
    assert not left, f"no page promises {sorted(left)}"
    untested = sum(row[2] == "untested" for row in rows)
    head = [f"{len(rows)} sentences, {untested} untested.", ""]
    body = [["page", "promised", "tried", "held"], ["---"] * 4, *rows]
    return [*head, *(f"| {' | '.join(cell.replace('|', '¦') for cell in row)} |" for row in body)], good


def _log_of(made: Path) -> tuple[str, ...]:
    return tuple(json.loads((made / "run.json").read_text())["paths"])
