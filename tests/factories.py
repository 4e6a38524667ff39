"""Made-up values for tests: a course platform whose users fall into groups, and the same with any text in every field.

Every number is invented; nothing is measured here.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel

from persona_agent.ids import record_hash
from persona_agent.report import CitedLine, LineKey, cited
from persona_agent.schema import Citation, Claim, Persona, PersonaSet, Try

USERS = 2_480
# References into the same set: replacing them would only make everything unfindable.
REFERENCES = {
    "face",
    "tension",
    "claim",
    "measure",
    "watch",
    "persona",
    "claim_ids",
    "persona_id",
    "run_id",
    "start",
    "end",
    "contrasting",
}

LESSON = [{"field": "action", "op": "is", "value": ["lesson_open"]}]
QUIZ = [{"field": "action", "op": "is", "value": ["quiz_submit"]}]
MORE = {"comparator": "more_than_others"}
LATE = [{"field": "hour", "op": "between", "value": [20, 23]}]


def persona_set(**changes: Any) -> PersonaSet:
    """Two published personas, a pattern, a withheld one."""
    people = [
        _persona("p1", "Evening learners who repeat quizzes", 1_004, "published", 0.86),
        _persona("p2", "Readers of the forum who seldom post", 610, "published", 0.79),
        _persona(
            "p3", "Graders: whole classes in one sitting, between two and six in the afternoon", 141, "pattern", 0.66
        ),
        _persona("p4", "Visitors of one day", 31, "withheld", 0.41),
    ]
    values: dict[str, Any] = {
        "run_id": "sha256:" + "ab" * 32,
        "window": {"start": "2025-03-03", "end": "2025-05-25"},
        "counts": {"users": USERS, "events": 318_204, "groups": 4, "personas": 4, "unassigned_users": 725},
        "coverage": {"users": 0.707, "activity": 0.81, "value": None},
        "state": "groups",
        "k_choice": {
            "chosen": 4,
            "options": [
                {"k": 3, "kappa": 0.71, "gain": 0.24, "merges": "p2 and p4 become one"},
                {"k": 4, "kappa": 0.68, "gain": 0.29, "merges": ""},
                {"k": 5, "kappa": 0.52, "gain": None, "merges": "p1 is split; adds nothing"},
            ],
        },
        "is_it_just": [{"field": "course", "ami": 0.62}, {"field": "device", "ami": 0.03}],
        "by": "users",
        "noun": "persona",
        "intents": [
            {"id": 0, "label": "practise for a test", "users": 1_410, "memories": 9_800, "xy": [0.1, 0.4]},
            {"id": 1, "label": "read what others asked", "users": 1_020, "memories": 4_100, "xy": [0.7, 0.2]},
        ],
        "groups_xy": [{"persona_id": "p1", "xy": [0.2, 0.3]}],
        "not_known": [{"facet": None, "text": "Which users share a device: the log has no such field."}],
        "everyone": None,
        "provenance": {
            "models": {"writer": "offline"},
            "prompt_versions": {"draft": "v1"},
            "seed": 0,
            "ledger": {"calls": 4, "prompt_tokens": 0},
            "redaction": {"email": 212, "phone": 3},
            "self_judged": False,
            "notes": ["Times without an offset were taken as UTC."],
        },
        "personas": people,
    }
    return PersonaSet.model_validate(values | changes)


def everyone(**changes: Any) -> PersonaSet:
    """A log without groups: one page about all of its users."""
    page = _persona("p1", "All users of this log", USERS, "withheld", None)
    values: dict[str, Any] = {
        "state": "none",
        "personas": [],
        "everyone": page,
        "k_choice": None,
        "is_it_just": [],
        "counts": {"users": USERS, "events": 318_204, "groups": 0, "personas": 0, "unassigned_users": USERS},
        "coverage": {"users": 0, "activity": 0, "value": None},
    }
    return persona_set(**values | changes)


def hostile(personas: PersonaSet, text: str) -> PersonaSet:
    """The same set with `text` in every field that takes any text."""
    return PersonaSet.model_validate(_poisoned(personas, text))


def lines_of(personas: PersonaSet, text: str | None = None) -> dict[LineKey, CitedLine]:
    """A line for everything that is cited; `text` replaces every field of it."""
    return {k: _line(k, text) for k in sorted(cited(personas))}


def _line(key: LineKey, text: str | None) -> CitedLine:
    if text is not None:
        return CitedLine(text, text, text, text, text)
    _, n, _ = key
    action = ("quiz_submit", "lesson_open", "forum_read")[n % 3]
    said = "how do I hand in the second part again, the button is grey on my tablet" if n % 4 == 0 else ""
    user = "u" + record_hash(str(n % 23).encode())[:16]
    return CitedLine(
        user, f"2025-04-{n % 28 + 1:02d} {n % 24:02d}:15:07", action, f"Unit {n % 9}: fractions and ratios", said
    )


def _persona(name: str, label: str, users: int, status: str, stability: float | None) -> Persona:
    claims = _claims(name, users)
    one_liner = "Most of them open a lesson again within a week, and come after eight in the evening."
    values: dict[str, Any] = {
        "id": name,
        "status": status,
        "reasons": _reasons(status),
        "label": label,
        "one_liner": {"template": one_liner, "text": one_liner, "claim_ids": [f"{name}.c1"]},
        "narrative": [{"template": c.template, "text": c.text, "claim_ids": [c.id]} for c in claims[:4]],
        "size": {
            "users": users,
            "share_users": users / USERS,
            "share_activity": min(1.0, 1.1 * users / USERS),
            "share_value": None,
        },
        "stability": stability,
        "intents": [{"intent": 0, "share": 0.62}, {"intent": 1, "share": 0.21}],
        "face": [c.id for c in claims[:4]],
        "tension": f"{name}.c4",
        "contrasting": [],
        "sizes_over_time": [{"period": f"2025-{m:02d}", "users": users // 3 + 40 * m} for m in (3, 4, 5)],
        "claims": claims,
        "hypotheses": [_hypothesis(name)],
        "withdrawn": [_withdrawn(name)],
        "journeys": [{"steps": ["lesson open", "quiz submit"], "support": users // 2, "exemplar": _cites(name, 40, 2)}],
        "visit": {
            "steps": [{"act": "lesson open", "thing": "unit 3"}, {"act": "quiz submit"}],
            "composed": False,
            "more": 1,
            "size": 4,
            "things": 2,
            "value": None,
            "minutes": 12,
            "hour": 20,
            "lines": _cites(name, 40, 2),
        },
        "not_known": [{"facet": "preference", "text": "Why they come in the evening: the log has acts, not reasons."}],
        "scores": {"drafted": _scores(len(claims) + 1), "published": _scores(len(claims))},
        "card": _card(claims),
    }
    return Persona.model_validate(values)


def with_suggestion(personas: PersonaSet) -> PersonaSet:
    """The same set with something to try on the first card."""
    first, *rest = personas.personas
    bar = first.card.bars[0] if first.card else None
    told = Try(
        text="Open the next lesson from the last quiz.",
        whom="those who come after eight",
        stop="Stop if fewer quizzes are handed in.",
        phrase="Open the next lesson from the last quiz",
        measure=first.claims[1].id,
        claim_ids=[first.claims[0].id],
        watched=bar,
        smallest=0.0512,
        tested=1_003,
        days=84,
        brings=12_345.6,
    )
    return personas.model_copy(update={"personas": [first.model_copy(update={"suggestion": told}), *rest]})


def _card(claims: list[Claim]) -> dict[str, Any]:
    """Three bars, one of them in a plainer measure; a clock and a path."""
    plain = {"unit": "events", "steps": [LATE], "statistic": "share", "versus": "matched", "says": MORE}
    truth = claims[1].truthfulness.model_dump() | {"value": 0.48, "ci": [0.45, 0.51], "matched": 0.3, "reason": ""}
    share = {"form": "share"}
    return {
        "bars": [
            share
            | {
                "claim": claims[1].id,
                "label": "After 8 pm",
                "unit": "of what they do",
                "measure": plain,
                "truth": truth,
            },
            share | {"claim": claims[0].id, "label": "Repeating quizzes", "unit": "of them"},
            share | {"claim": claims[4].id, "label": "Meeting refusals", "unit": "of them"},
        ],
        "strip": {"kind": "clock", "here": [0.02] * 10 + [0.3, 0.5], "others": [0.05] * 10 + [0.25, 0.25]},
        "path": {"claim": claims[2].id, "steps": ["opening lessons", "submitting quizzes"]},
        "unfit": {"claim": claims[0].id, "share": 0.2, "n": 400},
        "tension": share | {"claim": claims[3].id, "label": "Opening lessons at least once", "unit": "of them"},
        "watch": claims[1].id,
        "sorted_by": ["what they come for"],
    }


def _reasons(status: str) -> list[str]:
    return {
        "published": [],
        "pattern": ["stability 0.66 is below 0.75"],
        "withheld": ["2 distinguishing claims, 3 are needed", "stability 0.41 is below 0.60"],
    }[status]


def _claims(name: str, users: int) -> list[Claim]:
    late = {"unit": "users", "feature": {"name": "share_of_events", "where": LATE, "op": "above", "value": 0.3}}
    then = {"unit": "sessions", "steps": [LESSON, QUIZ], "ordered": True, "within": 3600}
    said = [
        (
            "behaviour",
            "repeat a quiz that they had passed",
            {"unit": "users", "steps": [QUIZ], "at_least": 2},
            0.56,
            0.36,
        ),
        ("rhythm", "place more than 30 % of their actions after 8 pm", late, 0.32, 0.18),
        ("journey", "open a lesson and submit its quiz within the hour", then, 0.41, 0.22),
        ("behaviour", "have opened a lesson", {"unit": "users", "steps": [LESSON]}, 0.97, 0.91),
        ("friction", "have seen a quiz refuse their answer", {"unit": "users", "steps": [QUIZ]}, 0.45, 0.4),
        ("preference", "have at least one “Unit 3: fractions”", {"unit": "users", "steps": [QUIZ]}, 0.71, None),
    ]
    return [_claim(f"{name}.c{i}", users, *row) for i, row in enumerate(said, start=1)]


def _claim(
    name: str, users: int, kind: str, said: str, measure: dict[str, Any], value: float, other: float | None
) -> Claim:
    compared = f"{{value}} of them {said}, against {{matched}} of the others."
    template = compared if other else f"Most of them {said} ({{value}})."
    text = template.format(value=f"{100 * value:.0f} %", matched=f"{100 * (other or 0):.0f} %")
    says = {"comparator": "more_than_others"} if other else {"quantifier": "most"}
    versus = {"versus": "matched"} if other else {}
    against = round(users * (1 - value))
    values: dict[str, Any] = {
        "id": name,
        "kind": kind,
        "template": template,
        "text": text,
        "measure": {"statistic": "share", "says": says} | versus | measure,
        "by_construction": name.endswith("c6"),
        "citations": _cites(name, 0, 12),
        "counter": {
            "says": f"{against:,} of {users:,} users do not",
            "n_support": users - against,
            "n_contra": against,
            "lines": [c.model_copy(update={"relation": "contradicts"}) for c in _cites(name, 20, 5)],
        },
        "alignment": {"label": "full", "score": 1.0, "reason": ""},
        "truthfulness": {
            "label": "true",
            "score": 1.0,
            "value": value,
            "n": users,
            "ci": [value - 0.03, value + 0.03],
            "matched": other,
            "pooled": 0.44 if measure["unit"] == "sessions" else None,
            "reason": f"{users - against:,} of {users:,}",
        },
        "information_bits": 0.11,
        "replication": {"held_out": {"holds": True, "value": value + 0.01, "matched": other, "n": users // 3}},
        "status": "accepted",
        "rounds": [{"text": text, "findings": []}],
        "judged_by": "code",
    }
    return Claim.model_validate(values)


def _hypothesis(name: str) -> Claim:
    test = {"rival": "They share one account.", "how_to_test": "Do two sessions of one user overlap in time?"}
    base = _claim(f"{name}.h1", 100, "goal_hypothesis", "prepare for an exam", {"unit": "users"}, 0.5, None)
    text = "They prepare for an exam that has a date."
    changes = {"status": "hypothesis", "measure": None, "hypothesis": test, "text": text, "template": text}
    blank = {"value": None, "ci": None, "score": None, "label": "not_checkable", "n": 0, "reason": "a goal is no act"}
    truth = base.truthfulness.model_dump() | blank
    return Claim.model_validate(base.model_dump() | changes | {"truthfulness": truth, "counter": None})


def _withdrawn(name: str) -> Claim:
    base = _claim(f"{name}.c7", 1_004, "friction", "abandon a lesson", {"unit": "users", "steps": [LESSON]}, 0.45, 0.4)
    why = "against others seen first in the same month and on as many days, 4 of 10 points are left"
    withdrawal = {"label": "artefact", "why": why}
    return Claim.model_validate(base.model_dump() | {"status": "withdrawn", "withdrawal": withdrawal})


def _cites(name: str, start: int, n: int) -> list[Citation]:
    """Lines that differ from claim to claim."""
    first = 1_000 * (sum(map(ord, name)) % 97) + 37 * start
    return [_cite(first + 37 * i) for i in range(n)]


def _cite(line: int) -> Citation:
    return Citation(file="events/2025.jsonl", line=line, n=0, hash=record_hash(str(line).encode()), relation="supports")


def _scores(claims: int) -> dict[str, Any]:
    mean = {"alignment": 1.0, "truthfulness": 1.0, "information": 0.11, "facet_recall": 1.0}
    return {"claims": claims, "distinguishing": 3, **mean}


def _poisoned(value: Any, text: str) -> Any:
    """The model as plain values, every unrestricted text replaced."""
    if not isinstance(value, BaseModel):
        return value
    poisoned = {}
    for name, field in type(value).model_fields.items():
        there = getattr(value, name)
        free = name not in REFERENCES and not field.metadata
        poisoned[name] = _replaced(there, field.annotation, text) if free else _nested(there, text)
    return poisoned


def _replaced(there: Any, kind: Any, text: str) -> Any:
    if isinstance(there, str) and (kind is str or str in get_args(kind)):
        return text
    if isinstance(there, dict):
        return {text if isinstance(k, str) else k: v if isinstance(v, int | float) else text for k, v in there.items()}
    if get_origin(kind) is list and get_args(kind) == (str,):
        return [text for _ in there]
    return _nested(there, text)


def _nested(there: Any, text: str) -> Any:
    if isinstance(there, list | tuple):
        return [_nested(item, text) for item in there]
    return _poisoned(there, text)
