"""personas.md: the whole report as Markdown for wikis and pull requests.

Promised: text of the log stays text (markup.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..schema import Citation, Claim, FirstPage, Grid, Persona, PersonaSet
from ..words.english import (
    attempts,
    crossed,
    everyone_told,
    first_trials,
    mixes_told,
    tenth_told,
    value_sources,
    what_they_tell,
)
from ..words.english.cards import OTHERS, UNFIT_TITLE, UNKNOWN, hardly_apart
from . import drawn, tenth_pages
from . import phrasing as words
from .cited import Lines, QuotedLine, quote_lines, where
from .claim_facts import facts_of_claim
from .flags import flags
from .front import first_page_of
from .habit_pages import further_habits_table, habit_blocks
from .markup import code, escaped, table
from .table_of_all import table_of_all
from .telling import in_nouns

EXAMPLES = 2  # lines a side: the file is for reading, report.html has all of them

SORTED = "How they were sorted, which is no finding"


@in_nouns
def personas_markdown(personas: PersonaSet, lines: Lines) -> str:
    """The text of personas.md."""
    blocks = [*_summary(personas), *_cards(personas), *_read(personas), *_details(personas, lines), *_whole(personas)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def card_markdown(personas: PersonaSet, persona: Persona) -> str:
    """One card without its details, for a wiki or a message."""
    blocks = _card(personas, persona, alone=True, forwarded=True)
    return "\n\n".join(block for block in blocks if block) + "\n"


def face_markdown(personas: PersonaSet) -> str:
    """The first screen, every card and the whole picture, without the claims in detail."""
    blocks = [*_summary(personas), *_cards(personas), *_read(personas), *_whole(personas)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _summary(personas: PersonaSet) -> Iterator[str]:
    front = personas.first_page or first_page_of(personas, [])
    yield f"# {personas.noun.capitalize()}s"
    yield " ".join(escaped(s) for s in (*front.sentences, words.mostly_sentence(personas)) if s)
    yield _bullets("Since the run before", [escaped(s) for s in personas.since.sentences] if personas.since else [])
    yield from table_of_all(personas, front)
    yield escaped(front.how_sure)
    yield _trial(front)
    if front.sources and personas.top_tenth:
        yield f"**{value_sources.sources_title(personas.top_tenth)}.** {escaped(front.sources)}{_tenth(personas)}"
    yield _run(what_they_tell.TITLE, [escaped(front.tells)] if front.tells else [])
    yield from (_run(f"By {escaped(field)}", [escaped(text)]) for field, text in front.by_field.items())
    left = (
        []
        if words.shown(personas)
        else [f"{escaped(p.label)}: {escaped(words.why_withheld(p))}" for p in words.withheld(personas)]
    )
    yield _bullets("Not described", left)
    limits = [f"{f.title}. {f.text}" for f in flags(personas)] + front.unsupported
    yield _bullets("What this does not support", [escaped(text) for text in limits])
    yield _bullets("Worth asking", [escaped(text) for text in words.worth_asking(personas)])
    if personas.question:
        asked = personas.question
        told = [(words.of_whom(personas, i), words.claim_of(personas, i)) for i in asked.claims]
        yield f"**{escaped(asked.text)}** {escaped(asked.answer)}"
        yield "\n".join(f"- {escaped(who)}: {_like(c.text)} {code(c.id)}" for who, c in told if c)


def _tenth(personas: PersonaSet) -> str:
    return "".join(f" {tenth_told.THEIR_CARD}: {escaped(p.label)} {code(p.id)}." for p in personas.tenths)


def _trial(front: FirstPage) -> str:
    first = front.first
    if first is None:
        return ""
    told = "\n".join(f"- **{what}.** {escaped(text)}" for what, text in first_trials.rows(first))
    return f"**{first_trials.trial_title(first)}: {escaped(first.label)}** {code(first.claim)}\n\n{told}"


def _cards(personas: PersonaSet) -> Iterator[str]:
    if words.have_bars(personas):
        yield "---"
        yield f"*{escaped(how_to_read(personas))}*"
    for persona in _pages(personas):
        yield "---"
        alone = not drawn.sorted_alike(words.shown(personas))
        yield from _card(personas, persona, alone=alone)
    yield from habit_blocks(personas)
    for grid in personas.grids or []:
        yield from _grid(grid)


def how_to_read(personas: PersonaSet) -> str:
    """What a reader must know before any card: who “others” are, and what is no finding."""
    suggested = f" {attempts.NO_FINDING}" if any(p.suggestion for p in words.shown(personas)) else ""
    told = f"“Others” are {words.compared_with(personas)}. {drawn.unseen(personas)}".rstrip()
    return f"{told}{suggested}"


def _read(personas: PersonaSet) -> Iterator[str]:
    """How the log was read: what the cards rest on."""
    front = personas.first_page or first_page_of(personas, [])
    if front.mended:
        yield "---"
    yield _bullets("How the log was read", [escaped(text) for text in front.mended])


def _grid(grid: Grid) -> Iterator[str]:
    """A grid that was asked for; what it leaves out stands under it."""
    yield f"### {escaped(crossed.grid_title(grid))}"
    rows = [
        [
            escaped(r.label),
            f"{r.users:,}",
            *(" ".join(p for p in _interval(crossed.share_and_interval(c)) if p) for c in r.cells),
        ]
        for r in grid.rows
    ]
    yield table(["", "users", *(escaped(c) for c in grid.columns)], rows) if rows else ""
    yield escaped(crossed.note(grid))


def _interval(told: tuple[str, str]) -> tuple[str, str]:
    return told[0], f"({told[1]})" if told[1] else ""


def _pages(personas: PersonaSet) -> list[Persona]:
    return [*([personas.everyone] if personas.everyone else []), *words.shown(personas), *personas.tenths]


def _bars(told: Sequence[drawn.DrawnBar]) -> list[list[str]]:
    """The head of a column says whose its figures are."""
    return [
        [f"{escaped(b.label)} {code(b.claim)}", escaped(b.here), escaped(b.others.removeprefix(OTHERS))] for b in told
    ]


def _card(personas: PersonaSet, p: Persona, *, alone: bool, forwarded: bool = False) -> Iterator[str]:
    """`alone`: what put its members together stands here, and not behind the cards; `forwarded`: without a first page."""
    everyone, of_tenth = p is personas.everyone, tenth_pages.is_tenth(personas, p)
    # A card that is read alone has no table that says what “again” is, and no evidence behind it.
    word, figure = tenth_pages.firm_of(personas, p) if forwarded else tenth_pages.firm_on_card(personas, p)
    firm = [] if everyone else [": ".join(part for part in (word, figure) if part)]
    yield f"## {escaped(p.label)} {code(p.id)}"
    yield escaped(f"Named {p.named}.") if p.named else ""
    yield (
        escaped(f"{tenth_pages.BESIDE}. {tenth_pages.lead_of_tenth(personas) if forwarded else ''}") if of_tenth else ""
    )
    yield f"*{_like(p.one_liner.text)}*" if p.one_liner.text.strip() else ""
    pattern = [f"a pattern only: {'; '.join(p.reasons)}"] if p.status == "pattern" else []
    (many, whom), *shares = words.sizes(p)
    head = [
        f"**{many}** {whom}",
        *(f"{figure} {of}" for figure, of in shares),
        *(escaped(t) for t in (*firm, *pattern)),
    ]
    yield " · ".join(head)
    if everyone:
        for heading, facts_told in drawn.sections(p):
            yield table([heading, "all users", "beside"], _bars(facts_told))
        yield _bullets(everyone_told.CARRIED, [escaped(": ".join(c)) for c in drawn.carried(p)])
    else:
        rows = _bars(drawn.bars(p))
        yield table(["", "they", "others"], rows) if rows else ""
    if of_tenth:
        yield escaped(tenth_pages.note_of_tenth(personas))
        yield from (_run(title, [escaped(text)]) for title, text in tenth_pages.rows_of_tenth(personas))
    else:
        yield from _story(p)
    watch = None if p.suggestion else drawn.to_watch(p)
    first = personas.first_page.first if personas.first_page and not forwarded else None
    yield _run("To watch", [escaped(watch[0])] if watch else [])
    yield _run(attempts.TITLE, [escaped(told) for told in drawn.to_try(p, first)])
    yield _bullets("What is declared of them, and not inferred", [escaped(told) for told in words.declared(p)])
    yield "" if of_tenth else _unknown(p)
    yield _run(SORTED, [escaped(drawn.sorted_by(p))] if alone and not of_tenth and drawn.sorted_by(p) else [])
    if forwarded:
        yield from (_hypothesis(h) for h in p.hypotheses)


def _story(p: Persona) -> Iterator[str]:
    """What a card tells between its bars and what to try; of the tenth it stands with the evidence, for their card is short."""
    yield " ".join(_like(s.text) for s in p.narrative)
    yield escaped(drawn.strip_text(p.card.strip)) if p.card and p.card.strip and not drawn.has_hours(p) else ""
    way = drawn.path(p)
    yield _run("In order", [f"{escaped(', then '.join(way[0].steps))}: {way[1]} {code(way[0].claim)}"] if way else [])
    yield _run(words.visit_title(p), [escaped(told) for told in words.visit(p)])
    yield _run(mixes_told.TITLE, [f"{escaped(told)} {code(claim)}" for told, claim in drawn.just(p)])
    odd, tension = drawn.unfit(p), drawn.tension(p)
    unfit = [f"{escaped(told[0])} {code(told[1])}" for told in (tension, odd) if told]
    yield _run(UNFIT_TITLE, unfit)


def _unknown(p: Persona) -> str:
    unknown = words.unknown_told(p)
    return f"**{UNKNOWN}** {escaped(unknown)}" if unknown else ""


def _like(text: str) -> str:
    return escaped(words.like_for_like(text))


def _hypothesis(claim: Claim) -> str:
    text = f"**Perhaps (hypothesis).** {escaped(claim.text)} {code(claim.id)}"
    if claim.hypothesis is None:
        return text
    return f"{text} *Rival:* {escaped(claim.hypothesis.rival)} *Test:* {escaped(claim.hypothesis.how_to_test)}"


def _details(personas: PersonaSet, lines: Lines) -> Iterator[str]:
    pages = _pages(personas)
    if not pages:
        return
    yield "---"
    yield "## Claims in detail"
    for p in pages:
        yield f"### {escaped(p.label)} {code(p.id)}"
        yield "\n".join(
            f"- {escaped(term)}: {escaped(text)}" for term, text in tenth_pages.evidence_of_head(personas, p)
        )
        if tenth_pages.is_tenth(personas, p):
            yield from (*_story(p), _unknown(p))
        if chosen := words.choice_of_visit(p):
            yield escaped(chosen)
        for claim in [*p.claims, *p.hypotheses]:
            yield _claim(claim, lines, drawn.just_of(p, claim.id), drawn.core_in_full(p, claim.id))
        if p.contrasting:
            yield f"Members who fit least, by their last lines: {_places(p.contrasting)}"
    fallen = [(p, c) for p in pages for c in p.withdrawn]
    if fallen:
        yield "### Withdrawn"
        yield "\n".join(f"- {_like(c.text)} {code(c.id)} **{escaped(str(c.withdrawal))}**" for _, c in fallen)


def _claim(claim: Claim, lines: Lines, just: str, core: str) -> str:
    counted = [f"- {escaped(term)}: {escaped(text)}" for term, text in facts_of_claim(claim, just)]
    counted += [f"- {escaped(core)}"] if core else []
    if claim.kind != "goal_hypothesis":
        counted.append(f"- count it again: `persona-agent check OUT {claim.id}`")
    counted += [f"- lines for: {_places(claim.citations)}"]
    against = claim.counter.lines if claim.counter else []
    counted += [f"- lines against: {_places(against)}"]
    examples = [f"- for example {_example(s)}" for s in quote_lines(claim.citations[:EXAMPLES], lines) if s.user]
    return f"**{code(claim.id)}** {_like(claim.text)}\n\n" + "\n".join([*counted, *examples])


def _places(citations: Iterable[Citation]) -> str:
    return ", ".join(code(where(c)) for c in citations) or "none"


def _example(line: QuotedLine) -> str:
    text = f" “{escaped(line.text)}”" if line.text else ""
    return f"{code(line.where)} {escaped(line.time)}: {escaped(line.what)}{text}"


def _side_by_side(personas: PersonaSet) -> Iterator[str]:
    """The facts of all cards in all personas: behind the cards, which tell each where it sets somebody apart."""
    rows = [[escaped(row.label), escaped(row.unit), *(text for text, _ in row.cells)] for row in drawn.heat(personas)]
    if not rows:
        return
    yield "---"
    yield "## Side by side"
    yield table(["", "", *(escaped(p.label) for p in words.shown(personas))], rows)
    yield escaped(hardly_apart(personas.compared or []))


def _whole(personas: PersonaSet) -> Iterator[str]:
    yield from _side_by_side(personas)
    yield from further_habits_table(personas)
    yield "---"
    alike = drawn.sorted_alike(words.shown(personas))
    yield _run(SORTED, [escaped(alike)] if alike else [])
    left = [f"{escaped(p.label)} {code(p.id)}: {escaped('; '.join(p.reasons))}" for p in words.withheld(personas)]
    yield _bullets("Withheld", left)
    fallen = [[escaped(reason), str(n), escaped(example)] for reason, n, example in words.withdrawn_by_reason(personas)]
    yield table(["withdrawn, by reason", "claims", "for example"], fallen) if fallen else ""
    if personas.k_choice:
        yield "**How many groups.** Fewer or more were possible:"
        yield table(
            ["groups", "two halves agree", "foretold", "against the chosen"],
            [[f"{k}{' (chosen)' if chosen else ''}", *rest] for k, chosen, *rest in options(personas)],
        )
    yield _run(
        what_they_tell.TITLE, [escaped(told)] if (told := what_they_tell.shares_told(personas.accounted)) else []
    )
    yield _bullets(
        "Is it just … ? (adjusted mutual information; 1 means the groups are this field)",
        [f"{escaped(j.field)}: {j.ami:.2f}" for j in personas.is_it_just],
    )
    found = personas.findings.concentrations if personas.findings else []
    yield _bullets(words.FINDINGS_TITLE, [escaped(words.finding(personas, c)) for c in found])
    yield _bullets(words.EDITS_TITLE, [escaped(words.edit_told(e)) for e in personas.edits or []])
    yield _bullets("What this log cannot tell", [escaped(gap.text) for gap in personas.not_known])
    made = [f"{escaped(term)}: {escaped(text)}" for term, text in words.provenance(personas)]
    yield _bullets("How it was made", made)
    yield (
        "Every claim was counted over the whole log. `persona-agent check OUT` counts them again, without a model; "
        "`persona-agent show OUT p1.c1` shows a claim with its lines. Texts are drafted by a program: read the lines "
        "before acting on them."
    )


def options(personas: PersonaSet) -> list[tuple[int, bool, str, str, str]]:
    """Rows of the table of possible numbers of groups; the last cell is escaped."""
    if personas.k_choice is None:
        return []
    rows = []
    for o in personas.k_choice.options:
        kappa, gain = ("–" if x is None else f"{x:.2f}" for x in (o.kappa, o.gain))
        rows.append((o.k, o.k == personas.k_choice.chosen, kappa, gain, escaped(o.merges)))
    return rows


def _run(title: str, texts: Sequence[str], after: str = "") -> str:
    stop = "" if title.endswith("?") else "."
    return f"**{title}{stop}** {' '.join(texts)} {after}".rstrip(" ;") if texts else ""


def _bullets(title: str, texts: Sequence[str]) -> str:
    return "\n".join([f"**{title}**", "", *(f"- {text}" for text in texts)]) if texts else ""
