"""The first page of a set: what decides, before any card.

In: a set, and what had to be put right in its data. Out: a `FirstPage`. Promises: every figure is one that the set shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..evidence import hindrance_of
from ..schema import Condition, Edited, FirstPage, Measure, NotPlaced, Persona, PersonaSet, Sentence
from ..words.english import everyone_told
from ..words.english import first_pages as words
from ..words.english.cards import lowered
from ..words.english.held_told import by_fields
from ..words.english.piled_up import asked_first
from ..words.english.spoken import thing
from ..words.english.value_sources import where_it_is
from ..words.english.what_they_tell import finding_with_ends, told_in_short
from ..words.wording import SLOT, fill
from ..write.edited_texts import WholeLog, values_of
from . import phrasing
from .first_trial import first_trial_of

FOLLOWS = 2  # the place of what follows for planning, among the sentences
MOST_APART = 3  # of what tells personas apart, in a sentence
TOLD_FIRST = 4  # sentences about everyone; what a model writes more stands on the card
FEWEST_VALUED = 20  # users of whom a share of the value is told that is what others leave
UNDER_ONE = 0.004  # of users: a share that is told as under a per cent, since nobody reads “0 %” of somebody
LONGEST_FACT = 6  # words of a fact in a row of three: longer ones are no longer one breath
AT_LEAST_ONCE, HAVING = " at least once", "With "
NAMED = " “"  # between the name of a field and a value of it


def first_page_of(personas: PersonaSet, mended: Sequence[str]) -> FirstPage:
    """`mended`: what had to be put right or left out, in sentences."""
    seen = phrasing.shown(personas)
    finding = finding_with_ends(personas.accounted, personas.compared or [], {p.id: p.label for p in seen})
    follows = words.follows(seen, given=personas.given is not None, told=bool(finding))
    by_code = (_learned(personas, seen, finding), follows, _trust(personas, seen))
    if personas.everyone and not seen:
        by_code = _of_everyone(personas, personas.everyone)
    edited = edited_again(personas)
    told = {place: s.text for place, s in edited.sentences.items()} if edited else {}
    if seen and all(p.status == "pattern" for p in seen):  # nothing follows from these, whoever says so
        told[FOLLOWS] = words.ONLY_PATTERNS
    first = f"{told.get(1, by_code[0])} {_asked_for(personas)}".strip()
    return FirstPage(
        sentences=[
            *(s for s in (first, *(told.get(i, by_code[i - 1]) for i in range(2, len(by_code) + 1))) if s),
            *words.parts_of_visits(_lines_of_a_visit(personas)),
        ],
        not_placed=_not_placed(personas, seen),
        unsupported=[
            *(phrasing.no_question(text) for text in (edited.unsupported if edited else [])),
            words.NEVER,
        ],
        mended=list(mended),
        how_sure=_how_sure(personas),
        first=first_trial_of(personas, edited),
        sources=where_it_is(personas.top_tenth) if personas.top_tenth and seen else "",
        tells=told_in_short(personas.accounted),
        by_field=by_fields(personas.held or [], {p.id: p.label for p in seen}),
    )


def edited_again(personas: PersonaSet) -> Edited | None:
    """An editor's texts with the figures that the set shows; a sentence whose claims are gone goes with them."""
    if personas.edited is None:
        return None
    seen = phrasing.shown(personas)
    found = personas.findings.concentrations if personas.findings else []
    beside = personas.habits or []
    users, piles = personas.counts.get("users", 0), asked_first(found, seen)
    values = values_of(
        seen, WholeLog(users, top=personas.top_tenth, accounted=personas.accounted, piles=piles, habits=beside)
    )
    claims = {c.id for p in seen for c in p.claims}

    def again(s: Sentence) -> Sentence | None:
        known = set(s.claim_ids) <= claims and set(SLOT.findall(s.template)) <= set(values)
        return s.model_copy(update={"text": fill(s.template, values)}) if known else None

    told = {place: again(s) for place, s in personas.edited.sentences.items()}
    first = personas.edited.first
    why = again(first.reason) if first else None
    return personas.edited.model_copy(
        update={
            "sentences": {place: s for place, s in told.items() if s},
            "first": first.model_copy(update={"reason": why}) if first and why else None,
        }
    )


def _lines_of_a_visit(personas: PersonaSet) -> float | None:
    """How many lines visits hold on average, where they are worth something; None where that is not known."""
    valued = any(p.size.share_value is not None for p in personas.cards)
    visits = personas.counts.get("sessions", 0)
    return personas.counts.get("events", 0) / visits if valued and visits else None


def _is_value(label: str, conditions: Sequence[Condition]) -> bool:
    """Is a bar called by nothing but the value that it counts: a kind of things?"""
    return any(thing(str(c.value[0])).lower() == label.lower() for c in conditions)


def _of_everyone(personas: PersonaSet, everyone: Persona) -> tuple[str, str, str]:
    """How often and how much all users do; what; why there are no groups. Why none of the groups that are there is shown stands
    first: whoever asked for groups looks for them.
    """
    first = f"{_of_whom(personas)}: {lowered(everyone.one_liner.text)}"
    rest = " ".join(s.text for s in everyone.narrative[:TOLD_FIRST])
    if personas.state == "groups":
        return _none_shown(personas), first, rest
    why = personas.ungrouped
    last = everyone_told.ungrouped(why, personas.counts.get("users", 0)) if why else _headline(personas)
    return first, rest, last


def _none_shown(personas: PersonaSet) -> str:
    """Why no group is shown: those of which nobody wrote are too small to be told of."""
    small = personas.counts.get("groups", 0) - len(personas.personas)
    kept_back = Counter[str](hindrance_of(p.reasons) for p in personas.personas)
    kept_back["few"] += max(small, 0)
    told: dict[str, int] = {why: n for why, n in kept_back.most_common() if n}
    fields = [just.field for just in personas.is_it_just if just.ami > phrasing.MOSTLY]
    return everyone_told.none_shown(phrasing.headline(personas), told, fields)


def _headline(personas: PersonaSet) -> str:
    return f"{phrasing.headline(personas)}: {_of_whom(personas)}."


def _of_whom(personas: PersonaSet) -> str:
    return f"{phrasing.counted_users(personas)}, {phrasing.window_words(personas.window)}"


def _learned(personas: PersonaSet, seen: Sequence[Persona], finding: str) -> str:
    """What is found of them all, else what tells them apart, and of whom."""
    if not seen:
        return _headline(personas)
    users = phrasing.counted_users(personas)
    when = phrasing.window_words(personas.window)
    if personas.given:
        n = len(personas.personas) + len(personas.given.small or [])
        return words.learned_of_given(users, when, n, len(seen), _apart(seen))
    apart = [] if finding else _apart(seen)
    return f"{finding} {words.learned(users, when, personas.noun, [p.label for p in seen], apart)}".strip()


def _asked_for(personas: PersonaSet) -> str:
    """How many groups somebody asked for, and where those are that have no card."""
    choice, found = personas.k_choice, personas.counts.get("groups", 0)
    if choice is None or choice.asked is None:
        return ""
    return words.asked_for(choice.asked, found, found - len(personas.personas), len(phrasing.withheld(personas)))


def _apart(seen: Sequence[Persona]) -> list[str]:
    """The first facts of the cards, largest persona first, each once."""
    told: list[str] = []
    for place in range(max((len(p.card.bars) for p in seen if p.card), default=0)):
        for p in seen:
            bar = p.card.bars[place] if p.card and place < len(p.card.bars) else None
            if bar is None:
                continue
            claim = phrasing.claim_or_none(p, bar.claim)
            said = _about(bar.measure or (claim.measure if claim else None), bar.label)
            said = said or bar.label.removesuffix(AT_LEAST_ONCE).rstrip(",").removeprefix(HAVING)
            told += [said] if said not in told and len(said.split()) <= LONGEST_FACT else []
    return sorted(told[:MOST_APART], key=lambda said: said == words.WHEN)


def _about(measure: Measure | None, label: str) -> str:
    """What a fact is about, where many facts are about the same: when they come, what they turn to (one aisle and the next are
    one thing to be told apart by), a field by its name.
    """
    conditions = [c for step in measure.steps for c in step] if measure else []
    fields = {c.field for c in conditions}
    if fields & {"hour", "weekday"}:
        return words.WHEN
    if fields & {"theme", "object"}:
        return words.WHAT
    if not any(c.field.startswith("properties.") and c.op == "is" and isinstance(c.value[0], str) for c in conditions):
        return ""
    named = label.partition(NAMED)
    return named[0] if named[1] else words.WHAT if _is_value(label, conditions) else ""


def _trust(personas: PersonaSet, seen: Sequence[Persona]) -> str:
    pages = [*seen, *([personas.everyone] if personas.everyone else [])]
    held, fell = sum(len(p.claims) for p in pages), sum(len(p.withdrawn) for p in pages)
    again = [c.replication.held_out for p in pages for c in p.claims if c.replication.held_out]
    n = sum(r.holds for r in again)
    return words.trust(seen, held, held + fell, n, len(again), given=personas.given is not None)


def _not_placed(personas: PersonaSet, seen: Sequence[Persona]) -> list[NotPlaced]:
    """All users that no card is about, so that the shares of the table add up."""
    if personas.by != "users" or not seen:
        return []
    left = phrasing.withheld(personas)
    users, share = sum(p.size.users for p in left), sum(p.size.share_users for p in left)
    found = (
        [
            NotPlaced(
                users=users,
                share=round(share, 2),
                why=words.not_described([p.label for p in left]) if personas.given else words.LEFT_OUT,
                value=_of_value(left),
            )
        ]
        if left
        else []
    )
    rest = personas.counts.get("unassigned_users", 0) + personas.counts.get("leaning_users", 0) - users
    told = _of_value(personas.personas)
    value = None if told is None or rest < FEWEST_VALUED else max(round(1 - told, 2), 0.0)
    known = personas.unplaced
    # Counted where it can be: what rounded shares of many personas leave of all may be off by as many half points.
    value = known.value if value is not None and known and known.value is not None and not left else value
    return [*found, *_unplaced(personas, rest, value)]


def _unplaced(personas: PersonaSet, rest: int, value: float | None) -> list[NotPlaced]:
    """Who is in no group: those who lean to one; and in one row those of whom nobody can say and those who were seen often enough
    and are like none, with how many of each where both are many enough.
    """
    if rest <= 0:
        return []
    n, known = max(personas.counts.get("users", 0), 1), personas.unplaced
    # Who leans to a group that has no card is beside no card; what these bring in is known of all who lean together.
    astray = sum(p.size.leaning for p in phrasing.withheld(personas))
    leaning, rare = (0, 0) if known is None else (max(known.leaning - astray, 0), known.rare)
    parts: list[NotPlaced] = []
    if known is not None and leaning >= FEWEST_VALUED:
        worth = None if astray else known.leaning_value
        parts.append(NotPlaced(users=leaning, share=0.0, why=words.LEANING, value=worth, leans=True))
    else:
        leaning = 0
    unlike = rest - leaning - rare
    if known is not None and min(rare, unlike) >= FEWEST_VALUED:
        why = words.rare_or_unlike(rare, known.visits, known.once, unlike)
        parts.append(NotPlaced(users=rare + unlike, share=0.0, why=why))
    elif rest > leaning:
        why = words.rare_or_unlike_together(known.once if known else None) if leaning else _no_card(personas)
        why = words.TOO_SMALL if personas.counts.get("suppressed_users", 0) >= rest - leaning else why
        parts.append(NotPlaced(users=rest - leaning, share=0.0, why=why))
    return _with_shares(parts, value, n)


def _with_shares(parts: Sequence[NotPlaced], value: float | None, n: int) -> list[NotPlaced]:
    """The rows with their shares of `n` users, each by itself, since readers work them out; the last has what the others leave of
    the value.
    """
    found, worth = list[NotPlaced](), value
    for i, row in enumerate(parts):
        brings = worth if i == len(parts) - 1 else None if worth is None else row.value
        told = round(row.users / n, 2) or (UNDER_ONE if row.users else 0.0)
        found.append(row.model_copy(update={"share": told, "value": brings}))
        worth = None if worth is None or brings is None else max(round(worth - brings, 2), 0.0)
    return found


def _how_sure(personas: PersonaSet) -> str:
    """Who was looked at and when, where an editor's first sentence does not say it, and how well personas come back in all."""
    edited = personas.edited is not None and 1 in personas.edited.sentences
    seen = f"{phrasing.counted_users(personas)}, {phrasing.window_words(personas.window)}." if edited else ""
    firm = [
        (f, f.tested)
        for f in (p.firmness for p in phrasing.shown(personas))
        if f and f.same is not None and f.chance is not None
    ]
    tested = sum(n for _, n in firm)
    if personas.given or not tested:
        return seen
    same, chance = (sum((getattr(f, name) or 0.0) * n for f, n in firm) / tested for name in ("same", "chance"))
    null = max(f.null or 0.0 for f, _ in firm)
    return f"{seen} {words.how_sure(same, chance, chance + null * (1 - chance))}".strip()


def _of_value(personas: Sequence[Persona]) -> float | None:
    """The share of the value that these bring in, where it is told of each."""
    shares = [p.size.share_value for p in personas if p.size.share_value is not None]
    return round(sum(shares), 2) if shares and len(shares) == len(personas) else None


def _no_card(personas: PersonaSet) -> str:
    """Why somebody is in no group of which there is a page."""
    if personas.given is None:
        return words.UNPLACED
    return words.not_given(personas.given.small or [])
