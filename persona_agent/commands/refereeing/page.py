"""What a referee found as the notes of a page: verdicts on groups, and on statements where they stand in the document."""

from __future__ import annotations

from pathlib import Path

from ...report.cited import Lines, quote_lines
from ...report.margin import Block, Note, margin_page, markdown_blocks, plain_blocks
from ...schema import Audit, AuditedPersona, AuditedStatement, GroupTests
from ...words.english.trials_told import WORDS as GROUP_WORDS
from ...words.english.trials_told import members_told
from ..auditing.documents import Document, is_json
from ..auditing.printing import WORDS, counted_outcomes, measured, set_aside_says
from ..auditing.verifying import ITSELF


def verdicts_page(
    audit: Audit | None, tests: GroupTests | None, document: Document | None, path: Path, lines: Lines
) -> str:
    """The page; without a document, of groups alone."""
    lead = list(tests.says) if tests else []
    blocks: list[Block] = []
    if audit is not None and document is not None:
        who = "says itself how it is to be read" if audit.judged_by == ITSELF else f"was read by {audit.judged_by}"
        lead.append(
            f"{audit.personas_file} {who}; every number was counted by code. {counted_outcomes(audit.outcomes)}"
        )
        blocks = _blocks(audit, document, path, lines)
    title = "The groups, and what they are said to do" if tests and audit else "The groups" if tests else "The document"
    rows = tests.groups if tests else []
    groups = [Note(g.word, GROUP_WORDS[g.word], g.name, g.says, [members_told(g.members)]) for g in rows]
    return margin_page(f"{title}: held against the log", lead, groups, blocks)


def _blocks(audit: Audit, document: Document, path: Path, lines: Lines) -> list[Block]:
    found = [(s, _note(p, s, lines)) for p in audit.personas for s in p.statements]
    if is_json(path, document.text):
        return plain_blocks([(s.text, [note]) for s, note in found])
    notes: dict[int, list[Note]] = {}
    for s, note in found:
        notes.setdefault(int(s.where.rpartition(":")[2]), []).append(note)
    return markdown_blocks(document.text, notes)


def _note(persona: AuditedPersona, s: AuditedStatement, lines: Lines) -> Note:
    facts = [f"of {persona.name}: {persona.members:,} users, {persona.how}"]
    for part in s.parts:
        if told := measured(part):
            facts.append(f"“{part.words}”: {told}")
        if part.set_aside is not None:
            facts.append(set_aside_says(part))
    facts += ["as true of everybody else: it tells nothing"] if s.tells_nothing else []
    facts += [f"no log of acts can show “{s.beyond}”"] if s.beyond else []
    facts += [f"no measure says “{s.unaskable}”"] if s.unaskable else []
    facts += [f"against: {s.counter.says}"] if s.counter else []
    against = quote_lines(s.counter.lines, lines) if s.counter else []
    why = s.reason.partition(": ")[2] or s.reason
    return Note(s.outcome, WORDS[s.outcome], s.text, why, facts, quote_lines(s.lines, lines), against)
