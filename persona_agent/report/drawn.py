"""Cards as they are drawn: figures in words, and where each mark stands, in per cent of its box.

In: a persona with its card. Out: rows that a page, a Markdown file and a terminal show alike. Promises: positions stay in their
box; every drawing has its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..schema import Bar, Compared, FirstTrial, Measure, Path, Persona, PersonaSet, Strip, Truthfulness
from ..words.english import attempts, everyone_told, first_pages, mixes_told
from ..words.english import cards as words
from ..words.english.grammar import capital
from ..words.wording import printed_value
from .phrasing import claim_or_none, shown

WORTH_NAMING = 0.15  # of members: that fewer than one in six or so do otherwise is true of any habit
TINTS = 5  # steps of a heat table's colour that the eye tells apart
CLOCK = ("midnight", "6 am", "noon", "6 pm")
DAYS = ("on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday", "on Sunday")
SCALES = (0.25, 0.5, 1.0)  # of a whole bar
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A fact with its figures in words, and their places: `left` to `right` is the 95 % interval, `there` the others'. A
    number that nothing is held against is not `scaled`, and not drawn. `more`: is it above comparable others, None without any?
    `core` is the figure of the surest half of the members, and `at_core` its place, where it shows more.
    """

    label: str
    claim: str
    here: str
    others: str
    at: float
    left: float
    right: float
    there: float | None
    text: str
    scaled: bool = True
    more: bool | None = None
    core: str = ""
    at_core: float | None = None

    @property
    def whole(self) -> str:
        """The figure of the group with that of its core."""
        return "; ".join(part for part in (self.here, self.core) if part)


@dataclass(frozen=True, slots=True)
class LastCell:
    """What a row of the table of all ends with: its words, the smallest change that a trial would show (`beside`), the claim
    behind it and what that is of.
    """

    text: str
    beside: str
    claim: str
    of: str

    @property
    def whole(self) -> str:
        """For a page without a column for what stands beside."""
        return f"{self.text} ({attempts.SMALLEST}: {self.beside})" if self.beside else self.text


@dataclass(frozen=True, slots=True)
class StripBar:
    """An hour or day of a strip: heights in per cent of the highest."""

    name: str
    here: float
    others: float


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A fact in all personas: the figure of each with its tint, 0 for the least of the row."""

    label: str
    unit: str
    cells: list[tuple[str, int]]


def bars(persona: Persona) -> list[DrawnBar]:
    """The bars of a card."""
    found = [(b, _truth(persona, b)) for b in (persona.card.bars if persona.card else [])]
    known = [(bar, truth) for bar, truth in found if truth is not None and truth.value is not None]
    shares = [(bar, truth) for bar, truth in known if bar.form == "share"]
    most = _whole_bar([truth for bar, own in shares for truth in (own, bar.core) if truth])
    return [_drawn(bar, truth, most, _measure(persona, bar)) for bar, truth in known]


def sections(persona: Persona) -> list[tuple[str, list[DrawnBar]]]:
    """The bars of the page about everyone under their headings, those of one heading on one scale."""
    found: dict[str, list[tuple[Bar, Truthfulness]]] = {}
    for bar in persona.card.bars if persona.card else []:
        truth = _truth(persona, bar)
        if bar.section and truth is not None and truth.value is not None:
            found.setdefault(everyone_told.HEADINGS[bar.section], []).append((bar, truth))
    return [
        (heading, [_drawn(bar, truth, _whole(told), _measure(persona, bar)) for bar, truth in told])
        for heading, told in found.items()
    ]


def carried(persona: Persona) -> list[tuple[str, str]]:
    """What the busiest carry, as label and figure."""
    return [everyone_told.carried_words(c) for c in (persona.card.carried if persona.card else None) or []]


def watched(persona: Persona) -> DrawnBar | None:
    """The bar of the measure to watch."""
    claim = persona.card.watch if persona.card else None
    return next((b for b in bars(persona) if b.claim == claim), None)


def to_watch(persona: Persona) -> tuple[str, str] | None:
    """What to watch on a card, in a sentence that says in which direction a change would tell, and the claim behind it."""
    bar = watched(persona)
    return None if bar is None else (words.watch_words(bar.label, bar.here, bar.others, more=bar.more), bar.claim)


def firm(persona: Persona) -> tuple[str, str]:
    """How firm it is: a word, and the figure behind it."""
    return first_pages.firmness(persona.firmness, persona.stability)


def firm_in_brief(persona: Persona) -> tuple[str, str]:
    """The same for the table of all."""
    return first_pages.firmness_in_brief(persona.firmness, persona.stability)


def how_firm(personas: Sequence[Persona]) -> str:
    """The head of that column."""
    brief = any(firm_in_brief(p) != firm(p) for p in personas)
    return "how firm: same persona from their other visits (by chance)" if brief else "how firm"


def how_many(personas: Sequence[Persona]) -> str:
    """The head of the column of users."""
    return first_pages.TO_ONE if any(p.size.leaning for p in personas) else "users"


def sorted_alike(personas: Sequence[Persona]) -> str:
    """What put the members of all personas together, where that is the same: then it is said once."""
    told = {sorted_by(p) for p in personas}
    return told.pop() if len(told) == 1 and len(personas) > 1 else ""


def unfit(persona: Persona) -> tuple[str, str] | None:
    """Members who do not fit, and the claim that says so; left out where a belief is corrected, which is what a reader keeps."""
    odd = persona.card.unfit if persona.card else None
    if odd is None or odd.share < WORTH_NAMING or (persona.misreading and tension(persona)):
        return None
    bar = next((b for b in persona.card.bars if b.claim == odd.claim), None) if persona.card else None
    return (words.unfit_words(bar.label, odd.share, odd.says), odd.claim) if bar else None


def just(persona: Persona) -> list[tuple[str, str]]:
    """Is a difference just what they do, where or when, each with the claim of its bar: of the first bar of which that can be
    told, and of every bar of which it mostly is.
    """
    bars = persona.card.bars if persona.card else []
    known = [(bar, truth) for bar in bars if (truth := _truth(persona, bar)) and mixes_told.on_card(bar, truth)]
    told = [k for i, k in enumerate(known) if i == 0 or mixes_told.is_mostly(k[0])]
    return [(mixes_told.just_sentence(bar, truth), bar.claim) for bar, truth in told]


def just_of(persona: Persona, claim: str) -> str:
    """The same of a claim's bar, in full; empty where nothing is told."""
    bar = next((b for b in (persona.card.bars if persona.card else []) if b.claim == claim), None)
    truth = _truth(persona, bar) if bar else None
    return mixes_told.just_in_full(bar, truth) if bar and truth else ""


def core_in_full(persona: Persona, claim: str) -> str:
    """What the surest half of the members come to in a claim's bar, and who they are; empty where that shows no more."""
    bar = next((b for b in bars(persona) if b.claim == claim and b.core), None)
    return f"{bar.core}: {words.WHO_IS_SUREST}" if bar else ""


def has_hours(persona: Persona) -> bool:
    """Does a bar tell when they come? Then the strip beside it is a picture of the same."""
    bars = persona.card.bars if persona.card else []
    measures = (_measure(persona, bar) for bar in bars)
    return any(c.field in ("hour", "weekday") for m in measures if m for c in m.conditions)


def to_try(persona: Persona, first: FirstTrial | None = None) -> list[str]:
    """What a team could try, in sentences; nothing where nobody suggests anything. Beside a `first` page that begins with it only
    the act: the rest stands there.
    """
    told = persona.suggestion
    if told is None:
        return []
    there = first is not None and first.persona == persona.id
    return attempts.on_first_page(told) if there else attempts.sentences_of_try(told, in_full=False)


def last_column(personas: PersonaSet) -> str:
    """What the table of all personas ends with: what to try where anybody suggests anything, else what to watch."""
    return "one thing to try" if any(p.suggestion for p in shown(personas)) else "to watch"


def column_beside(personas: PersonaSet) -> str:
    """The head of what stands beside that; empty where nothing does."""
    told = (to_do(p, last_column(personas)) for p in shown(personas))
    return attempts.SMALLEST if any(cell and cell.beside for cell in told) else ""


def to_do(persona: Persona, column: str) -> LastCell | None:
    """The last cell of a persona's row in the table of all."""
    if column != "to watch":
        told = persona.suggestion
        return LastCell(*attempts.in_short(told), told.measure, "what to try") if told else None
    watch = watched(persona)
    if watch is None:
        return None
    return LastCell(words.to_watch_in_short(watch.label, watch.here, more=watch.more), "", watch.claim, watch.label)


def tension(persona: Persona) -> tuple[str, str] | None:
    """What their name would not let one expect, and the claim that says so."""
    bar = persona.card.tension if persona.card else None
    truth = _truth(persona, bar) if bar else None
    if bar is None or truth is None or truth.value is None:
        return None
    of = _measure(persona, bar)
    here, value = words.here(bar.form, bar.unit, truth, of), words.figure(bar.form, truth.value, truth.bound, of=of)
    alike = of is not None and of.says.alike
    others = words.others(bar.form, truth, of, bar.unit) if of is not None and (alike or persona.misreading) else ""
    # A number of days or minutes is one only with its unit; what else is counted stands in the clause.
    unit = f" {bar.unit}" if of is not None and of.of in everyone_told.OF_VISIT else ""
    clause = (bar.clause or "").replace("{v}", f"{{v}}{unit}")
    said = words.tension_words(clause, value, here, bar.label, others, alike=alike)
    # A belief before its figure alone was read as the finding.
    belief = f"“{capital(persona.misreading.rstrip(' .'))}” is not so: " if persona.misreading else ""
    return f"{belief}{words.lowered(said) if belief else said}", bar.claim


def sorted_by(persona: Persona) -> str:
    """What put its members together; nothing did of the page about everyone."""
    return words.sorted_by_words(persona.card.sorted_by) if persona.card and persona.card.sorted_by else ""


def places(strip: Strip) -> list[StripBar]:
    """The places of a strip, on one scale."""
    most = max([*strip.here, *strip.others], default=0.0) or 1.0
    names = WEEK if strip.kind == "week" else tuple(f"{2 * i}:00" for i in range(len(strip.here)))
    return [
        StripBar(n, round(100 * h / most, 1), round(100 * o / most, 1))
        for n, h, o in zip(names, strip.here, strip.others, strict=True)
    ]


def strip_text(strip: Strip) -> str:
    """A strip without being seen: where most of what they do falls."""
    names = (
        DAYS if strip.kind == "week" else tuple(f"from {2 * i}:00 to {2 * i + 2}:00" for i in range(len(strip.here)))
    )
    return words.strip_words(strip.kind, names, strip.here, strip.others)


def path(persona: Persona) -> tuple[Path, str] | None:
    """The acts in order and how often they are taken, in words."""
    way = persona.card.path if persona.card else None
    claim = claim_or_none(persona, way.claim) if way else None
    if way is None or claim is None or claim.measure is None:
        return None
    begun = f" with {way.steps[0]}" if claim.measure.where else ""
    unit = {"sessions": f"of their visits{begun}", "users": "of them"}.get(claim.measure.unit, f"of the times{begun}")
    matched = words.others("share", claim.truthfulness)
    return way, f"{printed_value(claim)} {unit}{f', {matched}' if matched else ''}"


def heat(personas: PersonaSet) -> list[HeatRow]:
    """The table of all personas; columns stand in their order."""
    order = [p.id for p in shown(personas)]
    return [_heat_row(row, order) for row in personas.compared or [] if row.explained is None]


def _truth(persona: Persona, bar: Bar) -> Truthfulness | None:
    claim = claim_or_none(persona, bar.claim)
    return bar.truth or (claim.truthfulness if claim else None)


def _measure(persona: Persona, bar: Bar) -> Measure | None:
    claim = claim_or_none(persona, bar.claim)
    return bar.measure or (claim.measure if claim else None)


def _whole(told: Sequence[tuple[Bar, Truthfulness]]) -> float:
    return _whole_bar([truth for bar, truth in told if bar.form == "share"])


def _whole_bar(shares: Sequence[Truthfulness]) -> float:
    """The share that a whole bar of a card stands for: one for all of its shares, so that they can be held against each other,
    and small enough for 12 and 8 per cent to be seen apart.
    """
    most = max((max(t.value or 0.0, t.matched or 0.0, *(t.ci or ())) for t in shares), default=1.0)
    return next((whole for whole in SCALES if most <= whole), most)


def _drawn(bar: Bar, truth: Truthfulness, whole: float, of: Measure | None) -> DrawnBar:
    against = bar.beside
    there = truth.matched if against is None or against.kind == "users" else against.value
    value = truth.value or 0.0
    low, high = truth.ci or (value, value)
    core = bar.core.value if bar.core else None
    most = whole if bar.form == "share" else 1.1 * max(value, high, there or 0.0, core or 0.0, 1e-9)

    def at(x: float) -> float:
        return round(100 * min(max(x / most, 0.0), 1.0), 1)

    here, others = words.here(bar.form, bar.unit, truth, of), words.others(bar.form, truth, of, bar.unit)
    others = everyone_told.beside(against) if against else others
    scaled = bar.form == "share" or there is not None
    interval = words.interval(bar.form, low, high, of) if truth.ci else ""
    surest = words.core(bar.form, bar.core, there, of, bar.unit) if bar.core else ""
    text = ", ".join(part for part in (f"{bar.label}: {here}", interval, surest, others) if part)
    if not scaled and words.figure(bar.form, low, of=of) != words.figure(bar.form, high, of=of):
        others = interval
    at_others = None if there is None else at(there)
    more = None if against or truth.matched is None else value > truth.matched
    at_core = None if core is None else at(core)
    return DrawnBar(
        bar.label, bar.claim, here, others, at(value), at(low), at(high), at_others, text, scaled, more, surest, at_core
    )


def unseen(personas: PersonaSet) -> str:
    """That figures are of visits that chose nobody, where they are."""
    return words.UNSEEN if any(c.truthfulness.whole is not None for p in shown(personas) for c in p.claims) else ""


def _heat_row(row: Compared, order: Sequence[str]) -> HeatRow:
    truths = {c.persona: c.truth for c in row.cells}
    values = [truths[p].value or 0.0 for p in order if p in truths]
    low, span = min(values, default=0.0), (max(values, default=0.0) - min(values, default=0.0)) or 1.0
    cells = []
    for p in order:
        t = truths.get(p)
        tint = round((TINTS - 1) * ((t.value or 0.0) - low) / span) if t else 0
        cells.append((words.figure(row.form, t.value, t.bound, of=row.measure) if t else "–", tint))
    return HeatRow(row.label, row.unit, cells)
