"""A question put to a run: which acts of the log it is about, which claims speak to it, and what the log cannot answer.

In: the question, the names of actions and objects that enough users share, an embedding of words. Out: `QuestionReading` (what is
examined on top of what always is) and the answer in words. Promises: a word counts as known only through a name of the log
or a side of behaviour that is printed with the answer, so a wrong reading can be seen; nothing is answered that no claim says;
why somebody does a thing is never answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..models.base import Embed
from ..schema import NO_NAMES, Claim, Dossier, Measure, Names, Persona, Question
from ..words.wording import act_words, quoted, readable

Act = tuple[str, str | None]  # an action, and what it is done to

NEAR = 0.45  # cosine of two words' vectors; below, pairs like “stall” and “stale” come up
# Below the nearest word's cosine: where one word fits well, its distant relatives are beside the question.
SLACK = 0.2
MOST_ACTS = 10  # that are examined on top of what always is
OBJECTS = 3  # commonest things of an action that was asked about
MOST_CLAIMS = 6  # in the answer
WORD = re.compile(r"[^\W\d_]{3,}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WHY = re.compile(r"\b(why|reasons?|motivat\w*|because)\b", re.IGNORECASE)
EMPTY = _words(
    "why what which who whom whose when where how does did doing done are was were the and for not but with without they them "
    "their our your user users people customers customer person anybody somebody most more less many much few some all any "
    "can could would should will may might have has had been being that this these those than then there here from into onto "
    "about after before while during between make makes made get gets getting use uses used using do differ different "
    "difference persona personas group groups tell show like really actually reason reasons because"
)
# Words that a claim speaks to by its kind, whatever it names.
SIDES = {
    "rhythm": _words(
        "morning mornings noon afternoon afternoons evening evenings night nights weekend weekends weekday weekdays hour hours "
        "day days week weeks often regular regularly frequency time times"
    ),
    "friction": _words(
        "error errors fail fails failing failure failures problem problems stuck stall stalls stalling struggle struggles "
        "trouble friction abandon abandons repeat repeats"
    ),
}


@dataclass(frozen=True)
class QuestionReading:
    """What the question is about: `acts` by the word that led to them, `kinds` of claim, and words that led nowhere; `on` are
    the commonest objects of its actions, `names` what a person calls acts.
    """

    text: str
    acts: Mapping[str, list[Act]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    on: tuple[Act, ...] = ()
    names: Names = NO_NAMES

    @property
    def all_acts(self) -> list[Act]:
        named = [act for found in self.acts.values() for act in found]
        return list(dict.fromkeys([*named, *self.on]))[:MOST_ACTS]


def read_question(text: str, acts: Sequence[Act], embed: Embed, names: Names = NO_NAMES) -> QuestionReading:
    """The question read against the log's names, which come most frequent first."""
    words = [w for w in dict.fromkeys(WORD.findall(text.lower())) if w not in EMPTY]
    kinds = {kind for kind, own in SIDES.items() if own & set(words)}
    near = near_words([w for w in words if not any(w in own for own in SIDES.values())], acts, embed, names)
    found = {w: _acts_named(acts, near[w], names)[:MOST_ACTS] for w in near}
    return QuestionReading(
        text=" ".join(text.split()),
        acts={w: a for w, a in found.items() if a},
        kinds=frozenset(kinds),
        unknown=tuple(w for w, a in found.items() if not a),
        on=tuple(x for own in found.values() for act in own for x in _objects(act, acts)),
        names=names,
    )


def _objects(act: Act, acts: Sequence[Act]) -> list[Act]:
    """What an action is done to most, where it was asked about as such."""
    return [] if act[1] else [other for other in acts if other[0] == act[0] and other[1]][:OBJECTS]


def _acts_named(acts: Sequence[Act], words: set[str], names: Names) -> list[Act]:
    """Acts with one of these words; what is only done to some object is left to the action, if that has the word."""
    return [act for act in acts if (_names((None, act[1])) if act[1] else _names((act[0], None), names)) & words]


def speaks(measure: Measure | None, kind: str, asked: QuestionReading) -> bool:
    """Is a claim of this kind with this measure about what was asked?"""
    return kind in asked.kinds or names_asked_act(measure, asked)


def names_asked_act(measure: Measure | None, asked: QuestionReading) -> bool:
    """Does the measure name an act that was asked about?"""
    if measure is None:
        return False
    said = [
        {str(v).lower() for c in test if c.field in ("action", "object") for v in c.value}
        for test in measure.event_tests
    ]
    acts = [{n.lower() for n in act if n} for act in asked.all_acts]
    return any(act <= own for own in said for act in acts)


def add_question(dossier: Dossier, asked: QuestionReading | None) -> Dossier:
    """The dossier with the question, and which of its candidates speak to it."""
    if asked is None:
        return dossier
    ids = [c.id for c in dossier.candidates if c.withdrawal is None and speaks(c.measure, c.kind, asked)]
    return dossier.model_copy(update={"question": asked.text, "asked": ids})


def answer_question(asked: QuestionReading, personas: Sequence[Persona]) -> Question:
    """What the claims of these personas say to the question."""
    found = [(p, c) for p in personas for c in p.claims if speaks(c.measure, c.kind, asked)]
    found.sort(key=lambda pc: (not names_asked_act(pc[1].measure, asked), -_tells(pc[1]), pc[1].id))
    claims = [c.id for _, c in found[:MOST_CLAIMS]]
    return Question(
        text=asked.text,
        answer=" ".join(_sentences(asked, len(found), len(claims))),
        claims=claims,
        unknown=list(asked.unknown),
    )


def _sentences(asked: QuestionReading, claims: int, shown: int) -> list[str]:
    told = [f"“{w}” was read as {_listed(acts, asked.names)}" for w, acts in asked.acts.items()]
    told += [f"claims on {kind} speak to it too" for kind in sorted(asked.kinds)]
    said = [_how_many(claims, shown) if told else "This log cannot answer that."]
    if told:
        said.append("; ".join(told)[:1].upper() + "; ".join(told)[1:] + ".")
    if asked.unknown:
        said.append(f"Nothing in the log is named like {_or(asked.unknown)}.")
    if WHY.search(asked.text):
        said.append("Why they do it no log can say; the hypotheses name a test.")
    return said


def _how_many(claims: int, shown: int) -> str:
    if not claims:
        return "No claim that stands speaks to this."
    verb = "speaks" if claims == 1 else "speak"
    few = f"; the {shown} that tell most:" if shown < claims else ":"
    return f"{claims} claim{'' if claims == 1 else 's'} {verb} to this{few}"


def _listed(acts: Sequence[Act], names: Names) -> str:
    told = [quoted(action, obj or None, names) for action, obj in acts[:3]]
    return ", ".join(told) + (f" and {len(acts) - 3} more" if len(acts) > 3 else "")


def _or(words: Sequence[str]) -> str:
    quoted = [f"“{w}”" for w in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def near_words(words: Sequence[str], acts: Sequence[Act], embed: Embed, names: Names) -> dict[str, set[str]]:
    """For every word of the question the words of the log that are near to it."""
    known = sorted({w for act in acts for w in _names(act, names)})
    if not words or not known:
        return {w: set() for w in words}
    likeness = embed(list(words)) @ embed(known).T
    # Where the log has the very word, or its plural, what is only related to it is beside the question.
    return {
        w: {known[i] for i in np.flatnonzero(row >= max(NEAR, float(row.max()) - SLACK)).tolist()}
        | {k for k in known if k.removesuffix("s") == w.removesuffix("s")}
        for w, row in zip(words, likeness, strict=True)
    }


def _names(act: Act | tuple[None, str], names: Names = NO_NAMES) -> set[str]:
    """The words of an act and its thing, also those of what a person calls it."""
    action, thing = act
    told = [readable(n) for n in (action, thing) if n] + ([act_words(action, names)] if action else [])
    return {w for name in told for w in WORD.findall(name.lower())}


def _tells(claim: Claim) -> float:
    return claim.information_bits or 0.0
