"""Answers about a log, for an agent that analyses it.

In: an open log and what a tool was asked. Out: `told`. Promises: figures as cards show them (users in fives, nothing of
fewer than five or of all but fewer); no group below the floor, and none whose others are; no condition that fewer than five
users meet; no field that may not be told of; a line or a user goes out only where the server was started with `--lines`, and
of people at work never.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import numpy as np

from ...errors import UsageError
from ...evidence import Corpus, Population, against, judge_measured, question, satisfying_users
from ...evidence.few import is_count_of_users, others_behind
from ...evidence.loading import open_corpus
from ...evidence.told_verdicts import told_to_stranger
from ...groups.find import Grouping
from ...groups.grouping import group_users
from ...ids import content_hash
from ...log.events import properties
from ...progress import Progress
from ...questions.shares_told import others_in_fives
from ...redaction import mask, speaks_to_a_model
from ...report.cited import key
from ...report.publishing import published_counts
from ...report.shown_lines import lines_at
from ...schema import EVERYONE, AuditedPart, AuditedPersona, Citation, Measure, Vocabulary
from ...words.floors import FEW, in_fives, of_users, published_truth, share
from ...words.group_names import refuse_who, shown_names
from ...words.published_claims import published_counter
from ...write.vocabulary import show_lines, vocabulary_of
from ..auditing.documents import Document
from ..auditing.verifying import audit_on, document, set_aside
from ..group_members import FIRST_USERS
from ..open_log import Labels, OpenLog, labelled
from ..refereeing.group_trials import try_groups
from . import told
from .apart import REFUSALS, Apart
from .groups_told import NOTHING, groups_told, refuse_few
from .verdicts_told import LEAVE_OUT, verdicts_told
from .visits_told import courses, lines_told

EVERYBODY = "everyone"
NEXT_OF_LOG = ["codebook", "measure", "find_groups", "define_groups"]


@dataclass
class LogDesk:
    """A log that is open for questions; `given` are groups that whoever started the server named. Not safe for two threads."""

    opened: OpenLog
    lines: bool
    given: tuple[list[str], Labels] | None = None
    _groups: dict[str, tuple[list[str], Labels]] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _open: tuple[str, Corpus, Vocabulary] | None = None
    _users: list[str] = field(default_factory=list)
    _apart: Apart | None = None

    def describe_log(self, questions_left: int) -> told.DescribedLog:
        """What there is, and what may be asked."""
        opened, words = self.opened, self._vocabulary()
        counts = published_counts({"users": opened.read.users, "events": opened.read.events})
        return told.DescribedLog(
            users=counts["users"],
            events=counts["events"],
            first_day=words.first_day,
            last_day=words.last_day,
            timezone=words.timezone,
            about=opened.book.about,
            value=words.value,
            smallest_group=opened.options.floor,
            compared_within=opened.seen.within,
            people_at_work=opened.options.staff,
            questions_left=questions_left,
            from_log=told.NamesOfLog(
                actions=words.actions,
                objects=words.objects,
                fields=[
                    f.model_copy(update={"name": f"properties.{f.name}"})
                    for f in words.fields
                    if not speaks_to_a_model(f.name)
                ],
                amounts=[
                    a.model_copy(update={"name": f"properties.{a.name}"})
                    for a in words.amounts
                    if not speaks_to_a_model(a.name)
                ],
            ),
            next=[*NEXT_OF_LOG, *(["test_groups with groups_id 'given'"] if self.given else [])],
        )

    def codebook(self) -> told.CodebookOfLog:
        """What acts and fields are, and what to call them; those that speak to a model are left out."""
        book = self.opened.book
        return told.CodebookOfLog(
            about=book.about,
            categories=[n for n in book.categories if not speaks_to_a_model(n)],
            from_log_acts=[
                told.ActOfLog(act=n, name=a.name, doer=a.doer, users=of_users(a.users))
                for n, a in book.acts.items()
                if not speaks_to_a_model(n, a.name)
            ],
            from_log_fields=[
                told.KindOfField(field=n, name=f.name, use=f.use, unit=f.unit)
                for n, f in book.fields.items()
                if not speaks_to_a_model(n, f.name, f.unit)
            ],
        )

    def measure(self, asked: Measure, groups_id: str | None) -> told.MeasuredGroups:
        """A measure over everyone, or in every group of a set."""
        self._may_ask(asked)
        if groups_id is None and asked.versus is not None:
            raise UsageError("Everyone has no others.", hint="Give a groups_id, or leave 'versus' out.")
        names = {EVERYBODY: EVERYONE}
        if groups_id is not None:
            labels = self._labels(groups_id)
            names = {n: g for g, n in enumerate(labels[0]) if self._large(labels[1] == g)}
            if not names:
                raise UsageError(
                    f"No group has {self.opened.options.floor} users, and as many others.", hint="Make larger groups."
                )
        corpus = self._corpus(groups_id or "")
        figures = {g: self._figures(corpus, asked, n, g) for n, g in names.items()}
        for g, found in figures.items():  # after all groups: the others of one may be another, or comparable ones of it
            if found.raw is not None and self._told.why_not(corpus, asked, Population(g, outside=True)):
                figures[g] = found.model_copy(update={"raw": None, "matched": None})
        return told.MeasuredGroups(question=question(asked), figures=list(figures.values()))

    def define_groups(self, wanted: Sequence[told.GroupByMeasure]) -> told.DefinedGroups:
        """Groups of the users for whom measures hold."""
        masked = [mask(group.name)[0] for group in wanted]
        refuse_who(masked)
        names = shown_names(masked)
        if len(set(names)) < len(names):
            raise UsageError("Two groups have one name.", hint="Name them apart.")
        corpus = self._corpus("")
        for group in wanted:
            if group.measure.unit != "users" or group.measure.statistic != "share":
                raise UsageError(
                    f"{group.name!r}: a group is told by a measure of users.",
                    hint="unit: users, statistic: share; a feature or at_least says how much.",
                )
            self._may_ask(group.measure)
        fits = [satisfying_users(corpus, _alone(g.measure), Population()) for g in wanted]
        members = [[self._users[u] for u in np.flatnonzero(fit).tolist()] for fit in fits]
        label = labelled(members, self.opened.seen.users)
        several = int((np.sum(fits, axis=0) > 1).sum())
        for name, users in zip(names, self._members(label), strict=False):
            if why := self._told.why_not_define(users):
                raise UsageError(f"{name!r}: {why}.", hint="Ask of the groups that are there already.")
        if self._told.why_not_define([self._users[u] for u in np.flatnonzero(np.sum(fits, axis=0) > 1).tolist()]):
            several = 0
        return self._defined(names, label, several, [])

    def find_groups(self, progress: Progress) -> told.DefinedGroups:
        """Those that the program itself finds."""
        progress.stage("find groups")
        opened = self.opened
        if opened.options.staff:
            raise UsageError("These are people at work, of whom no persons are sorted.", hint="Ask of all of them.")
        groups = group_users(opened.store, opened.options, opened.gathered, opened.book)
        found: Grouping = groups.grouping
        if found.state == "none":
            return self._defined([], np.full(len(groups.users), -1, dtype=np.int64), 0, [found.reason])
        names = [f"g{i + 1}" for i in range(found.chosen)]
        why = {n: self._told.why_not_define(users) for n, users in zip(names, self._members(found.label), strict=False)}
        firm = [
            f"{name}: {f.word}, kappa {share(f.kappa)} (null logs stay under {share(f.null)})"
            for name, f in zip(names, found.firmness, strict=True)
        ]
        says = [found.reason, f"told apart by {', '.join(found.in_use)}", *firm]
        return self._defined(names, found.label, 0, says, {n: says for n, says in why.items() if says})

    def test_groups(self, groups_id: str, progress: Progress) -> told.TestOfGroups:
        """A set of groups on trial."""
        names, label = self._labels(groups_id)
        test = try_groups(self.opened, names, label, progress)
        return told.TestOfGroups(groups_id=groups_id, test=test, next=["measure", "audit"])

    def audit(self, text: str, groups_id: str | None, progress: Progress) -> told.Audited:
        """A document, Markdown or JSON, held against the log."""
        members, names = None, list[str]()
        if groups_id is not None:
            names, label = self._labels(groups_id)
            users = self.opened.seen.users
            large = [g for g in range(len(names)) if self._large(label == g)]
            members = {names[g]: [users[u] for u in np.flatnonzero(label == g).tolist()] for g in large}
        read = document(text, names)
        self._may_audit(read, groups_id)
        made, _ = audit_on(self.opened, text, members, progress)
        asked = {s.text for p in read.personas for s in p.statements if s.measure is not None}

        def why_not(persona: AuditedPersona, part: AuditedPart, *, aside: bool) -> str:
            assert part.measure is not None  # without one nothing was counted
            corpus, g = self._corpus(groups_id or ""), self._whom(persona.name, groups_id)[1]
            among = np.isin(self._users, set_aside(self._users, self.opened.options.seed)) if aside else None
            return self._told.why_not(
                corpus, _alone(part.measure) if aside or g == EVERYONE else part.measure, Population(g), among
            )

        verdicts = verdicts_told(made, asked, why_not)
        return told.Audited(
            outcomes=made.outcomes, verdicts=verdicts, skipped=made.skipped, next=["measure", "example_visits"]
        )

    def example_visits(self, groups_id: str | None, group: str | None) -> told.ExampleVisits:
        """What visits look like, of a group or of everyone."""
        g = EVERYONE
        if groups_id is not None:
            names, label = self._labels(groups_id)
            if group not in names:
                raise UsageError(f"No group is called {group!r}.", hint=f"There are: {', '.join(names)}.")
            g = names.index(group)
            if not self._large(label == g):
                raise UsageError(
                    f"{group!r} has fewer than {self.opened.options.floor} users.", hint="Ask of a larger one."
                )
        corpus = self._corpus(groups_id or "")
        shown = show_lines(corpus, g)[0] if self.lines and not self.opened.options.staff else []
        lines = [" · ".join(filter(None, (x.when, x.action, x.object, x.text))) for x in shown]
        return told.ExampleVisits(group=group or EVERYBODY, visits=courses(corpus, g), from_log_lines=lines)

    def close(self) -> None:
        self._stack.close()

    def _large(self, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> bool:
        """May figures be told of these users: are they, and all others, as many as the floor?"""
        return bool(inside.sum() >= self.opened.options.floor and (~inside).sum() >= self.opened.options.floor)

    def _labels(self, groups_id: str) -> tuple[list[str], Labels]:
        if groups_id == "given" and self.given is not None:
            return self.given
        if groups_id not in self._groups:
            known = [*(["given"] if self.given else []), *self._groups]
            raise UsageError(
                f"There are no groups {groups_id!r}.",
                hint=f"Known: {', '.join(known) or 'none yet'}. define_groups and find_groups make some.",
            )
        return self._groups[groups_id]

    def _defined(
        self, names: list[str], label: Labels, several: int, says: list[str], hidden: Mapping[str, str] = NOTHING
    ) -> told.DefinedGroups:
        name = f"G{content_hash([names, label.tolist()])[7:13]}"
        self._groups[name] = (names, label)
        return groups_told(name, names, label, self.opened.options.floor, several, says, hidden)

    def _members(self, label: Labels) -> list[list[str]]:
        users = self.opened.seen.users
        return [[users[u] for u in np.flatnonzero(label == g).tolist()] for g in range(int(label.max(initial=-1)) + 1)]

    def _figures(self, corpus: Corpus, asked: Measure, name: str, g: int) -> told.FiguresOfGroup:
        population = Population(g)
        judged = judge_measured(corpus, asked, population)
        truth = told_to_stranger(corpus, asked, population, judged.truthfulness)
        if truth.label == "not_enough":
            truth = truth.model_copy(update={"value": None, "ci": None})
        truth = published_truth(truth, asked)
        if asked.versus and is_count_of_users(corpus, asked, population):
            truth = others_in_fives(truth, others_behind(corpus, asked, population))
        if truth.bound is None and truth.n >= FEW and (why := self._told.why_not(corpus, asked, population)):
            return told.no_figures(name, why, truth.n)
        counter = published_counter(against(corpus, asked, judged.measured, population), asked, judged.truthfulness.n)
        return told.FiguresOfGroup(
            **told.counted_figures(truth.model_copy(update={"reason": in_fives(truth.reason)})),
            group=name,
            against=counter.says if counter and truth.value is not None and truth.bound is None else "",
            from_log_lines=self._shown(judged.citations),
        )

    def _shown(self, citations: Sequence[Citation]) -> list[str]:
        """The lines in words, where they may go out and five users stand behind them."""
        if not self.lines or self.opened.options.staff:
            return []
        return lines_told(lines_at(self.opened.store, {key(c) for c in citations}), citations)

    def _may_ask(self, asked: Measure) -> None:
        words = self._vocabulary()
        refuse_few(self._corpus(self._open[0] if self._open else ""), words, asked)

    def _may_audit(self, read: Document, groups_id: str | None) -> None:
        """UsageError for a document that lists users, or a statement that may not be asked, or is nearly one that was."""
        for p in read.personas:
            if p.users is not None:
                raise UsageError(
                    f"{p.name!r} lists users, whom an agent does not know.", hint="Name a group of groups_id."
                )
            mine, group = self._whom(p.name, groups_id)
            for s in (s for s in p.statements if s.measure is not None):
                assert s.measure is not None
                self._may_ask(s.measure)
                plain = s.measure if mine != EVERYBODY else _alone(s.measure)
                corpus = self._corpus(groups_id or "")
                why = self._figures(corpus, plain, mine, group).reason
                if why in REFUSALS:
                    raise UsageError(f"{s.text!r}: {why}.", hint=LEAVE_OUT)

    def _whom(self, name: str, groups_id: str | None) -> tuple[str, int]:
        """The group that a persona of a document is called after; else everyone."""
        names, label = self._labels(groups_id) if groups_id else ([], np.zeros(0, dtype=np.int64))
        large = {n: g for g, n in enumerate(names) if self._large(label == g)}
        mine = max((n for n in large if name.casefold().startswith(n.casefold())), key=len, default=EVERYBODY)
        return mine, large.get(mine, EVERYONE)

    @property
    def _told(self) -> Apart:
        """What was told already; the users are numbered alike as long as the log is open."""
        if self._apart is None:
            self._corpus(self._open[0] if self._open else "")
            self._apart = Apart(self.opened.store, self._users)
            for users in self._members(self.given[1]) if self.given else []:
                self._apart.why_not_define(users, made=False)
        return self._apart

    def _vocabulary(self) -> Vocabulary:
        self._corpus(self._open[0] if self._open else "")
        assert self._open is not None
        return self._open[2]

    def _corpus(self, groups_id: str) -> Corpus:
        """The evidence with these groups; one is open at a time, for it is as large as the log."""
        if self._open is not None and (not groups_id or self._open[0] == groups_id):
            return self._open[1]
        self._stack.close()
        self._stack = ExitStack()
        store, options = self.opened.store, self.opened.options
        users = self.opened.seen.users
        members = list[list[str]]()
        if groups_id:
            names, label = self._labels(groups_id)
            members = [[users[u] for u in np.flatnonzero(label == g).tolist()] for g in range(len(names))]
        connection = self._stack.enter_context(store.connect())
        corpus = open_corpus(connection, store, options, store, members, [])
        corpus = replace(corpus, names=self.opened.names)
        self._users = [user for (user,) in connection.execute(FIRST_USERS).fetchall()]
        words = vocabulary_of(corpus, options, [p.name for p in properties(connection) if p.is_amount])
        self._open = (groups_id, corpus, words)
        return corpus


def _alone(asked: Measure) -> Measure:
    return asked.model_copy(update={"versus": None})
