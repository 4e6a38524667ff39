"""What an edit rests on beside the card: claims that the card does not make, counted on the run's own log, and a reader.

In: a finished run's files, options. Out: a claim of a persona, withdrawn with the reason where it does not hold; what a
critic has against words. Promises: the log is opened when something is first counted; nothing is counted of a condition that
fewer than five users meet, or that names who somebody is; the critic is asked as it is about a model's words, with texts of
known answer among them, and where it misses one nobody has read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property

from ..errors import RecordingError, UsageError
from ..evidence import (
    Corpus,
    Population,
    against,
    against_all,
    by_construction,
    cannot_fail,
    judge_measured,
    kind_of,
    replicate,
    tenth_corpus,
    top_tenth,
)
from ..evidence.few import few_decide
from ..evidence.loading import open_corpus
from ..evidence.replication import grows_with_time
from ..loops import run_coroutine
from ..manifest import RUN
from ..models.base import Embed
from ..models.embedding import embedding_of
from ..models.ledger import LEDGER
from ..models.opening import Models, kept_models, open_models
from ..options import DEFAULT_MIN_CLAIM_USERS, OFFLINE, Options
from ..progress import Progress
from ..runs import halves_of, memberships_of
from ..schema import (
    EVERYONE,
    TENTH,
    TENTH_ID,
    Alignment,
    Claim,
    Measure,
    Names,
    Persona,
    Replications,
    Says,
    Truthfulness,
    Withdrawal,
)
from ..store import Store
from ..words.english.claim_words import claim_template, whose_others
from ..words.english.said_measures import said_measure
from ..words.floors import published_truth, with_rounded_counts
from ..words.published_claims import published_claim
from ..words.wording import claim_values, fill, percent, printed, printed_value, share_of_users
from ..write.briefing import BRIEFING, load_briefing
from ..write.critique import Critic, CriticsMaterial, Known, TextToRead, objection, read_texts
from ..write.investigating import unaskable
from .merging import Read

READ_BY = "read_by"  # in run.json: critics that edits named
NOTHING = Truthfulness(label="not_checkable", score=0.0, value=None, n=0, ci=None, reason="")
GROWS = "it grows with every visit, and of those who bring in most it would say again that they come more often"
SAID = {"more_than_others": "more than others", "less_than_others": "less than others", "as_others": "as others"}


class Counting:
    """Claims of a run's personas. To be closed."""

    def __init__(self, store: Store, options: Options, names: Names) -> None:
        self._store, self._options, self._names = store, options, names
        self._open = ExitStack()

    def close(self) -> None:
        self._open.close()

    @cached_property
    def corpus(self) -> Corpus:
        """The log of the run with its groups."""
        groups, _, held_out = memberships_of(self._store)
        connection = self._open.enter_context(self._store.connect())
        found = open_corpus(
            connection, self._store, self._options, self._store, groups, held_out, halves=halves_of(self._store)
        )
        return replace(found, names=self._names)

    def counted_on(self, persona: str) -> tuple[Corpus, Population]:
        """The log as a card is counted on it, and its users there; UsageError where the log has no such tenth any more."""
        if persona != TENTH_ID:
            return self.corpus, Population(EVERYONE if persona == "p0" else memberships_of(self._store)[1][persona])
        if self._tenth is None:
            raise UsageError("No tenth of users weighs enough for a card.", hint="Run again with --fresh.")
        return self._tenth, Population(TENTH)

    @cached_property
    def _tenth(self) -> Corpus | None:
        return tenth_corpus(self.corpus, top_tenth(self.corpus))

    def why_unasked(self, persona: str, measure: Measure) -> str:
        """Why a question may be asked of personas and not of the tenth that brings in most; empty where it may be asked."""
        held = {f"properties.{name.removeprefix('properties.')}" for name in self._names.of_user}
        of_whom = {c.field for c in measure.conditions}  # which value a user has does not grow
        tells = persona != TENTH_ID or not grows_with_time(measure) or (of_whom and of_whom <= held)
        return "" if tells else GROWS

    def __call__(self, persona: Persona, measure: Measure) -> Claim:
        """The claim that the measure makes of the persona, in code's words."""
        number = 1 + max((int(c.id.rpartition(".c")[2]) for c in _all_claims(persona) if ".c" in c.id), default=0)
        name = f"{persona.id}.c{number}"
        try:
            measure = against_all(measure) if persona.id == TENTH_ID else measure
            because, detail = unaskable(self.corpus, measure)
            why = detail or because or cannot_fail(self.corpus, measure) or self.why_unasked(persona.id, measure)
            return _none(name, measure, why) if why else self._counted(name, persona, measure)
        except UsageError as error:
            return _none(name, measure, error.message)

    def _counted(self, name: str, persona: Persona, measure: Measure) -> Claim:
        corpus, population = self.counted_on(persona.id)
        if population.group == EVERYONE and measure.versus is not None:
            return _none(name, measure, "everyone has no others to be compared with")
        if not share_of_users(measure) and few_decide(corpus, measure, population):
            return _none(name, measure, "fewer than five users decide it")
        judged = judge_measured(corpus, measure, population)
        if measure.says.comparator == "about" and judged.truthfulness.value is not None:
            said = Says(comparator="about", value=float(f"{judged.truthfulness.value:.3g}"))
            measure = measure.model_copy(update={"says": said})
            judged = judge_measured(corpus, measure, population)
        truth, alone = judged.truthfulness, population.group == EVERYONE
        cited = [] if corpus.staff else judged.citations
        why = objection(truth, judged.alignment, DEFAULT_MIN_CLAIM_USERS)
        made = Claim(
            id=name,
            kind=kind_of(measure),
            template=claim_template(measure, self._names),
            text="",
            measure=measure,
            by_construction=self._formed_by(persona.id, measure),
            citations=cited,
            counter=against(corpus, measure, judged.measured, population) if cited else None,
            alignment=judged.alignment,
            truthfulness=truth,
            information_bits=judged.information_bits,
            replication=Replications() if alone else replicate(corpus, measure, population, DEFAULT_MIN_CLAIM_USERS),
            status="withdrawn" if why else "accepted",
            withdrawal=why and Withdrawal(label=why.label, why=_instead(measure, truth, why)),
            rounds=[],
            judged_by="code",
        )
        return made.model_copy(update={"text": fill(made.template, claim_values(made))})

    def _formed_by(self, persona: str, measure: Measure) -> bool:
        """Does the measure tell what the group was made by?"""
        if not self._store.path(BRIEFING).is_file():
            return False
        known = load_briefing(self._store)
        groups = [*known.groups, *([known.tenth.group] if known.tenth else [])]
        return any(g.placement.id == persona and by_construction(measure, g.formed) for g in groups)


def critic_of(store: Store, options: Options, progress: Progress | None) -> Read | None:
    """What the critic of these options has against words of a card; None where code alone decides. Without `progress` nobody is
    asked: an answer stands where one is in the run's ledger, of this critic or of one that an edit named.
    """
    if progress is not None:
        return None if options.judges == OFFLINE else _asking(store, options, progress)
    names = [name for name in dict.fromkeys([options.judges, *readers_of(store)]) if name != OFFLINE]
    return _kept(store, options, names) if names and store.path(LEDGER).is_file() else None


def readers_of(store: Store) -> list[str]:
    """The critics that edits of this run named."""
    found: list[str] = store.read_json(RUN).get(READ_BY, []) if store.path(RUN).is_file() else []
    return found


def _asking(store: Store, options: Options, progress: Progress) -> Read:
    async def ask(persona: Persona, text: TextToRead) -> list[str] | None:
        async with open_models(store, options, lambda _: None, progress.note) as models:
            return await _read(models, embedding_of(store, options), persona, text)

    return lambda persona, text: run_coroutine(ask(persona, text))


def _kept(store: Store, options: Options, names: Sequence[str]) -> Read:
    embed = embedding_of(store, options)

    def read(persona: Persona, text: TextToRead) -> list[str] | None:
        for name in names:
            models = kept_models(store, options.but(critic_model=name))
            try:
                found = run_coroutine(_read(models, embed, persona, text))
            except RecordingError:
                continue
            finally:
                models.asker.ledger.close()
            if found is not None:
                return found
        return None

    return read


async def _read(models: Models, embed: Embed, persona: Persona, text: TextToRead) -> list[str] | None:
    if models.critic is None:
        return None
    read: dict[str, list[str]] = {}
    bench = CriticsMaterial(persona.id, known_of(persona.claims), _always(persona))
    found = await read_texts(Critic(models.critic, models.asker, embed), bench, {"edit": text}, read)
    return found["edit"] if text.key in read else None


def known_of(claims: Sequence[Claim]) -> list[Known]:
    """True facts of a card in code's words, to try a reader with."""
    found = []
    for claim in map(published_claim, claims):
        m, t = claim.measure, claim.truthfulness
        if m is None or m.where or m.absent or m.feature or t.value is None or t.bound or t.matched is None:
            continue
        said = said_measure(m)
        value, others = printed_value(claim), printed(m, t.matched)
        if m.versus == "matched" and not m.says.alike and value != others and said.of in ("them", "their visits"):
            more = t.value > t.matched
            found.append(Known(claim.text, said.said, said.of, value, others, more, number=said.form == "number"))
    return found


def _always(persona: Persona) -> tuple[str, ...]:
    return (f"The group has {persona.size.users} users, {percent(persona.size.share_users)} of all.",)


def _instead(measure: Measure, exact: Truthfulness, why: Withdrawal) -> str:
    """“48 %, not most”, where a claim is false; else why it does not hold: with figures as a card would show them."""
    truth, says = published_truth(exact, measure), measure.says
    said = (says.quantifier or "").replace("_", " ") or SAID.get(says.comparator or "", "")
    if says.value is not None and says.quantifier is None:
        said = f"{(says.comparator or '').replace('_', ' ')} {printed(measure, says.value)}"
    if why.label != "false" or truth.value is None or not said:
        return truth.reason if why.why == exact.reason else with_rounded_counts(why.why)
    value = f"{truth.bound} {percent(truth.value)}" if truth.bound else printed(measure, truth.value)
    others = f" ({printed(measure, truth.matched)} for {whose_others(measure)})" if truth.matched is not None else ""
    return f"{value}{others}, not {said}"


def _none(name: str, measure: Measure, why: str) -> Claim:
    """A measure that nobody counted, and why."""
    return Claim(
        id=name,
        kind=kind_of(measure),
        template="",
        text="",
        measure=measure,
        by_construction=False,
        citations=[],
        counter=None,
        alignment=Alignment(label="none", score=0.0, reason=why),
        truthfulness=NOTHING.model_copy(update={"reason": why}),
        information_bits=None,
        replication=Replications(),
        status="withdrawn",
        withdrawal=Withdrawal(label="not_checkable", why=why),
        rounds=[],
        judged_by="code",
    )


def _all_claims(persona: Persona) -> list[Claim]:
    return [*persona.claims, *persona.hypotheses, *persona.withdrawn]
