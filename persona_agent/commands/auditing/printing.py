"""An audit as people read it: in a terminal, and as a Markdown file with the lines.

Promised: every statement is there with its outcome, why, and where it stands in the file; what could not be tested is
listed like the rest and never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...report.cited import LineKey, Lines, key, quote_lines, where
from ...report.markup import code, escaped
from ...report.terminal import wrapped
from ...schema import Audit, AuditedPart, AuditedPersona, AuditedStatement, Citation
from ...words.wording import printed

MARKS = {
    "supported": "+",
    "contradicted": "-",
    "artefact": "~",
    "cannot_tell": "±",
    "not_testable": "?",
    "no_statement": " ",
    "error": "!",
}
WORDS = {
    "supported": "supported",
    "contradicted": "contradicted",
    "artefact": "an artefact of who was there, and for how long",
    "cannot_tell": "cannot be told from this log",
    "not_testable": "not testable",
    "no_statement": "no statement about users",
    "error": "could not be asked",
}
EXAMPLES = 3  # lines that are written out; the others are named by their place


def cited_by(audit: Audit) -> set[LineKey]:
    """The lines that an audit shows."""
    found = [
        c for p in audit.personas for s in p.statements for c in (*s.lines, *(s.counter.lines if s.counter else []))
    ]
    return {key(c) for c in found}


def audit_screen(audit: Audit, width: int) -> str:
    """Each persona with its statements, worst first within a persona, and the counts."""
    parts = [
        f"{audit.personas_file} against {audit.events:,} events of {audit.users:,} users, read by {audit.judged_by}"
    ]
    for p in audit.personas:
        head = [*wrapped(p.name, width), *wrapped(f"{p.members:,} users: {p.how}", width, "  ")]
        rows = [line for s in p.statements for line in _screen_rows(s, width)]
        parts.append("\n".join([*head, *rows]))
    parts.append("\n".join(wrapped(counted_outcomes(audit.outcomes), width)))
    if audit.skipped:
        parts.append(
            "\n".join(
                wrapped(f"{len(audit.skipped)} things of the file are no statements; audit.md lists them.", width)
            )
        )
    return "\n\n".join(parts)


def counted_outcomes(outcomes: dict[str, int]) -> str:
    """“12 statements: 7 supported, 2 contradicted, …; 4 more sentences say nothing about users.”"""
    silent = outcomes.get("no_statement", 0)
    said = {o: n for o, n in outcomes.items() if n and o != "no_statement"}
    told = [f"{n:,} {WORDS[o] if o != 'artefact' else 'an artefact'}" for o, n in said.items()]
    more = f"; {silent:,} more sentence{'s say' if silent > 1 else ' says'} nothing about users" if silent else ""
    return f"{sum(said.values()):,} statements: {', '.join(told) or 'none'}{more}."


def audit_markdown(audit: Audit, lines: Lines) -> str:
    """The whole audit with lines for and against every statement."""
    parts = [
        f"# {escaped(audit.personas_file)} against the log",
        f"{audit.events:,} events of {audit.users:,} users. Words were turned into measures by {code(audit.judged_by)}; every "
        f"number was counted by code. {counted_outcomes(audit.outcomes)}",
    ]
    for p in audit.personas:
        parts += list(_persona(p, lines))
    if audit.skipped:
        parts += ["## Not taken for statements", "\n".join(f"- {escaped(s)}" for s in audit.skipped)]
    if audit.unasked:
        parts += ["## What could not be asked", "\n".join(f"- {escaped(s)}" for s in audit.unasked)]
    return "\n\n".join(parts) + "\n"


def measured(part: AuditedPart) -> str:
    """What the log gives for a part: the value with its users, and that of others where there is one."""
    r, m = part.result, part.measure
    if m is None or r.value is None:
        return ""
    others = [
        f"{printed(m, v)} among {whom}"
        for v, whom in ((r.matched, "comparable others"), (r.raw, "all others"))
        if v is not None
    ]
    ends = f", 95 %: {printed(m, r.ci[0])} to {printed(m, r.ci[1])}" if r.ci else ""
    bound = f"{r.bound} " if r.bound else ""
    return f"{bound}{printed(m, r.value)} of {r.n:,} users{ends}{'; ' + ', '.join(others) if others else ''}"


def set_aside_says(part: AuditedPart) -> str:
    """“on users set aside: holds (48 %, 30 % among comparable others)”; empty where it was not asked."""
    found, m = part.set_aside, part.measure
    if found is None or m is None:
        return ""
    others = "" if found.matched is None else f", {printed(m, found.matched)} among comparable others"
    value = "not told" if found.value is None else printed(m, found.value)
    return f"on users set aside it {'holds' if found.holds else 'does not hold'} ({value}{others})"


def _screen_rows(s: AuditedStatement, width: int) -> Iterator[str]:
    yield from wrapped(f"{MARKS[s.outcome]} {s.id}  {s.text}", width, "    ")
    why = s.reason.partition(": ")[2] or s.reason
    notes = " It is as true of everybody else." if s.tells_nothing else ""
    notes += " It is how its users were found." if any(p.defines for p in s.parts) else ""
    yield from (f"    {line}" for line in wrapped(f"{WORDS[s.outcome]}: {why}.{notes}", width - 4))


def _persona(p: AuditedPersona, lines: Lines) -> Iterator[str]:
    yield f"## {escaped(p.name)}"
    yield f"{p.members:,} users: {escaped(p.how)}. {counted_outcomes(p.outcomes)}"
    for s in p.statements:
        yield f"**{escaped(s.text)}** {code(s.where)}"
        facts = [f"- **{WORDS[s.outcome]}**: {escaped(s.reason)}"]
        facts += [f"- “{escaped(x.words)}”: {escaped(measured(x))}" for x in s.parts if measured(x)]
        facts += [f"- {escaped(told)}" for x in s.parts if (told := set_aside_says(x))]
        facts += ["- as true of everybody else: it tells nothing"] if s.tells_nothing else []
        facts += ["- true by definition: this is how its users were found"] if any(x.defines for x in s.parts) else []
        facts += [f"- lines for: {_places(s.lines)}"] if s.lines else []
        if s.counter:
            facts += [f"- against: {escaped(s.counter.says)}", f"- lines against: {_places(s.counter.lines)}"]
        facts += [
            f"- for example {code(x.where)} {escaped(x.time)}: {escaped(x.what)}"
            for x in quote_lines(s.lines[:EXAMPLES], lines)
            if x.user
        ]
        yield "\n".join(facts)


def _places(citations: Iterable[Citation]) -> str:
    return ", ".join(code(where(c)) for c in citations) or "none"
