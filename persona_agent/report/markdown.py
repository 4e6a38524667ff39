"""personas.md: the whole report as Markdown for wikis and pull requests.

Promised: text of the log stays text. It starts no markup, no link, no mention and no table cell, in CommonMark and in
GitHub's dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..schema import Citation, Claim, Persona, PersonaSet, Sentence
from ..words.wording import percent
from . import phrasing as words
from .cited import Lines, QuotedLine, show, where
from .flags import flags
from .telling import in_unit

RUNS = re.compile(r"\s+")
MARKUP = re.compile(r"([\\`*_\[\]~|$])")
# Written as an entity, these are inert in every dialect; a link or a mention needs its characters side by side.
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
JOINED = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
LINE_START = re.compile(r"^(\s*)([-+=#]|\d+(?=[.)]))")
WORD_JOINER = "\u2060"
EXAMPLES = 2  # lines a side: the file is for reading, report.html has all of them


@in_unit
def personas_markdown(personas: PersonaSet, lines: Lines) -> str:
    """The text of personas.md."""
    blocks = [*_summary(personas), *_cards(personas), *_details(personas, lines), *_whole(personas)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def card_markdown(personas: PersonaSet, persona: Persona) -> str:
    """One card without its details, for a wiki or a message."""
    intents = {i.id: i.label for i in personas.intents}
    blocks = _card(persona, words.standing(personas, persona), intents)
    return "\n\n".join(block for block in blocks if block) + "\n"


def face_markdown(personas: PersonaSet) -> str:
    """The first screen, every card and the whole picture, without the claims in detail."""
    blocks = [*_summary(personas), *_cards(personas), *_whole(personas)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escaped(text: str) -> str:
    """A text that a Markdown reader shows as it is, on one line."""
    text = RUNS.sub(" ", text).strip()
    text = "".join(ENTITIES.get(ch, ch) for ch in text)
    text = JOINED.sub(WORD_JOINER, MARKUP.sub(r"\\\1", text))
    return LINE_START.sub(_unstarted, text)


def code(text: str) -> str:
    """A name as code; a name cannot end its own code span."""
    return f"`{RUNS.sub(' ', text).replace('`', chr(39)).replace('|', '¦')}`"


def _unstarted(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}{WORD_JOINER}" if mark.isdigit() else f"{space}\\{mark}"


def _summary(personas: PersonaSet) -> Iterator[str]:
    yield f"# {personas.noun.capitalize()}s"
    yield " ".join(
        escaped(s)
        for s in (words.headline(personas), words.mostly_sentence(personas), words.claims_sentence(personas))
        if s
    )
    yield "\n".join(f"- **{escaped(f.title)}.** {escaped(f.text)}" for f in flags(personas))
    seen = words.shown(personas)
    if seen:
        yield _table(
            ["", personas.noun, "users", "of users", "of activity", "claims", "stands"],
            [_row(p) for p in seen],
        )
        yield "\n".join(f"- {code(p.id)} {escaped(words.apart(p))}" for p in seen)
    if words.compares(personas):
        yield f"Comparable others: {words.COMPARED_WITH}."
    left = words.withheld(personas)
    if left:
        rows = [
            f"- {escaped(p.label)}, {words.plural(p.size.users, 'user')}: {escaped(words.why_withheld(p))}"
            for p in left
        ]
        yield "\n".join(["Not described:", "", *rows])
    if personas.question:
        asked = personas.question
        told = [(words.of_whom(personas, i), words.claim_of(personas, i)) for i in asked.claims]
        yield f"**{escaped(asked.text)}** {escaped(asked.answer)}"
        yield "\n".join(f"- {escaped(who)}: {escaped(c.text)} {code(c.id)}" for who, c in told if c)


def _row(p: Persona) -> list[str]:
    size = [f"{p.size.users:,}", percent(p.size.share_users), percent(p.size.share_activity)]
    return [code(p.id), escaped(p.label), *size, str(len(p.claims)), escaped(words.STATUS[p.status])]


def _cards(personas: PersonaSet) -> Iterator[str]:
    intents = {i.id: i.label for i in personas.intents}
    pages = [*([personas.everyone] if personas.everyone else []), *words.shown(personas)]
    for persona in pages:
        yield "---"
        yield from _card(persona, words.standing(personas, persona), intents)


def _card(p: Persona, standing: str, intents: dict[int, str]) -> Iterator[str]:
    yield f"## {escaped(p.label)} {code(p.id)}"
    yield f"*{escaped(p.one_liner.text)}*" if p.one_liner.text.strip() else ""
    yield " · ".join([*(f"**{figure}** {of}" for figure, of in words.sizes(p)), escaped(standing)])
    rows = [
        [escaped(words.bare(c)), escaped(words.here(c)), escaped(words.there(c)), code(c.id)] for c in words.face(p)
    ]
    yield _table(["what sets them apart", "this group", "comparable others", ""], rows) if rows else ""
    yield _run("Less than comparable others", [f"{escaped(c.text)} {code(c.id)}" for c in words.less(p)])
    yield _run("How it goes", [_sentence(s) for s in p.narrative])
    yield _run("One session", [escaped(p.session.text)] if p.session else [])
    tension = words.find_claim(p, p.tension)
    yield _run("What does not fit", [f"{escaped(tension.text)} {code(tension.id)}"] if tension else [])
    yield _run("Where it hurts", [f"{escaped(c.text)} {code(c.id)}" for c in words.hurts(p)])
    yield _run("Formed by", [f"{escaped(c.text)} {code(c.id)}" for c in words.formed_by(p)], "(by construction)")
    yield _run("What they come for", [_intent(intents.get(i.intent, "other"), i.share) for i in p.intents[:6]])
    yield _bullets("Journeys", [_journey(j.steps, j.support) for j in p.journeys])
    yield _run("Size over time", [f"{escaped(t.period)}: {t.users:,};" for t in p.sizes_over_time])
    yield from (_hypothesis(h) for h in p.hypotheses)
    yield _bullets("What is declared of them, and not inferred", [escaped(told) for told in words.declared(p)])
    yield _bullets("What we don’t know", [escaped(gap.text) for gap in p.not_known])


def _sentence(sentence: Sentence) -> str:
    return " ".join([escaped(sentence.text), *(code(claim_id) for claim_id in sentence.claim_ids)])


def _intent(label: str, share: float) -> str:
    return f"{escaped(label)} {percent(share)};"


def _journey(steps: Sequence[str], support: int) -> str:
    return f"{' → '.join(escaped(step) for step in steps)} ({support:,})"


def _hypothesis(claim: Claim) -> str:
    text = f"**Perhaps (hypothesis).** {escaped(claim.text)} {code(claim.id)}"
    if claim.hypothesis is None:
        return text
    return f"{text} *Rival:* {escaped(claim.hypothesis.rival)} *Test:* {escaped(claim.hypothesis.how_to_test)}"


def _details(personas: PersonaSet, lines: Lines) -> Iterator[str]:
    pages = [*([personas.everyone] if personas.everyone else []), *words.shown(personas)]
    if not pages:
        return
    yield "---"
    yield "## Claims in detail"
    for p in pages:
        yield f"### {escaped(p.label)} {code(p.id)}"
        for claim in [*p.claims, *p.hypotheses]:
            yield _claim(claim, lines)
        if p.contrasting:
            yield f"Members who fit least, by their last lines: {_places(p.contrasting)}"
    fallen = [(p, c) for p in pages for c in p.withdrawn]
    if fallen:
        yield "### Withdrawn"
        yield "\n".join(f"- {escaped(c.text)} {code(c.id)} **{escaped(str(c.withdrawal))}**" for _, c in fallen)


def _claim(claim: Claim, lines: Lines) -> str:
    facts = [f"- {escaped(term)}: {escaped(text)}" for term, text in words.facts(claim)]
    if claim.kind != "goal_hypothesis":
        facts.append(f"- count it again: `persona-agent check OUT {claim.id}`")
    facts += [f"- lines for: {_places(claim.citations)}"]
    against = claim.counter.lines if claim.counter else []
    facts += [f"- lines against: {_places(against)}"]
    examples = [f"- for example {_example(s)}" for s in show(claim.citations[:EXAMPLES], lines) if s.user]
    return f"**{code(claim.id)}** {escaped(claim.text)}\n\n" + "\n".join([*facts, *examples])


def _places(citations: Iterable[Citation]) -> str:
    return ", ".join(code(where(c)) for c in citations) or "none"


def _example(line: QuotedLine) -> str:
    text = f" “{escaped(line.text)}”" if line.text else ""
    return f"{code(line.where)} {escaped(line.time)}: {escaped(line.what)}{text}"


def _whole(personas: PersonaSet) -> Iterator[str]:
    yield "---"
    left = [f"{escaped(p.label)} {code(p.id)}: {escaped('; '.join(p.reasons))}" for p in words.withheld(personas)]
    yield _bullets("Withheld", left)
    fallen = [[escaped(reason), str(n), escaped(example)] for reason, n, example in words.withdrawn_by_reason(personas)]
    yield _table(["withdrawn, by reason", "claims", "for example"], fallen) if fallen else ""
    if personas.k_choice:
        yield "**How many groups.** Fewer or more were possible:"
        yield _table(
            ["groups", "agreement of two halves", "explained", "of what could be", "chance", "against the chosen"],
            [[f"{k}{' (chosen)' if chosen else ''}", *rest] for k, chosen, *rest in options(personas)],
        )
    yield _bullets(
        "Is it just … ? (adjusted mutual information; 1 means the groups are this field)",
        [f"{escaped(j.field)}: {j.ami:.2f}" for j in personas.is_it_just],
    )
    yield _bullets("What this log cannot tell", [escaped(gap.text) for gap in personas.not_known])
    made = [f"{escaped(term)}: {escaped(text)}" for term, text in words.provenance(personas)]
    yield _bullets("How it was made", made)
    yield (
        "Every claim was counted over the whole log. `persona-agent check OUT` counts them again, without a model; "
        "`persona-agent show OUT p1.c1` shows a claim with its lines. Texts are drafted by a program: read the lines "
        "before acting on them."
    )


def options(personas: PersonaSet) -> list[tuple[int, bool, str, str, str, str, str]]:
    """Rows of the table of possible numbers of groups; the last cell is escaped."""
    if personas.k_choice is None:
        return []
    rows = []
    for o in personas.k_choice.options:
        figures = ["–" if x is None else f"{x:.2f}" for x in (o.s, o.t, o.t_over_l, o.null_p95)]
        s, t, t_over_l, null = figures
        rows.append((o.k, o.k == personas.k_choice.chosen, s, t, t_over_l, null, escaped(o.merges)))
    return rows


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in body)


def _run(title: str, texts: Sequence[str], after: str = "") -> str:
    return f"**{title}.** {' '.join(texts)} {after}".rstrip(" ;") if texts else ""


def _bullets(title: str, texts: Sequence[str]) -> str:
    return "\n".join([f"**{title}**", "", *(f"- {text}" for text in texts)]) if texts else ""
