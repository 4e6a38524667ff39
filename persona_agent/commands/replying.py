"""`ask`: a question to a finished run, answered by code with figures, or not at all.

In: the folder of a run, a question, options that may name a model. Out: a `Reply`. Promises: the log is not read again; the
question is kept in the run with what came of it; how the files stand to their seal is said with the answer.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..edits.counting import Counting
from ..errors import UsageError
from ..log.events import properties
from ..log.mentions import mask_users
from ..loops import run_coroutine
from ..manifest import Standing, seal_again, verify
from ..models.embedding import embedding_of
from ..models.opening import check_models, open_models, with_recording
from ..options import OFFLINE, Options
from ..progress import Progress
from ..questions import AnswerSources, answer, keep
from ..questions.kept import LONGEST, check_room
from ..questions.log_names import names_in_log
from ..questions.modelled import answer_by
from ..redaction import mask
from ..report import WIDTH, wrapped
from ..runs import names_of, options_of
from ..schema import Reply, Vocabulary
from ..seal import find_seal
from ..store import Store
from ..write.vocabulary import acts_of, vocabulary_of
from .changing import with_models
from .results import SealedResult
from .showing import personas_of


@dataclass(frozen=True)
class AskResult(SealedResult):
    """A reply, and how the files that it rests on stand to their seal."""

    # Who asks hears what makes an answer wrong; that others sealed the run, `show` says.
    remarked: ClassVar[frozenset[Standing]] = frozenset({"changed"})

    reply: Reply

    def text(self) -> str:
        r = self.reply
        unknown = " or ".join(f"“{w}”" for w in r.unknown)
        first = f"Nothing in the log is named like {unknown}; without it:" if unknown and r.facts else ""
        lines = [line for text in (first, r.says) if text for line in wrapped(text, WIDTH)]
        for fact in r.facts:
            claim = f" [{fact.claim}]" if fact.claim else ""
            lines += [f"  {line}" for line in wrapped(f"{fact.text}{claim}", WIDTH - 2)]
        more = [
            f"Read so: {r.read_as}." if r.read_as else "",
            f"Not counted with it: {', '.join(f'“{w}”' for w in r.aside)}." if r.aside else "",
            f"What would be needed: {r.needed}" if r.needed else "",
            r.back,
        ]
        return "\n".join([*lines, *(line for text in more if text for line in wrapped(text, WIDTH))])

    def as_json(self) -> dict[str, Any]:
        return {**self.reply.model_dump(mode="json"), "seal": self.seal.standing}


def ask(out: Path, question: str, options: Options, progress: Progress) -> AskResult:
    """What the run in `out` says to a question; UsageError where it is none, or too many were asked."""
    if not question.strip() or len(question) > LONGEST:
        raise UsageError(f"A question has 1 to {LONGEST} characters.")
    options = with_recording(options, progress)
    check_models(options)
    with Store.open(out).alone() as store:
        seal = find_seal(options.seal_key)
        before = verify(store, seal)
        check_room(store)
        personas, names = personas_of(store), names_of(store)
        found = store.read_json("run.json")
        own = with_models(options_of(found, (), ("log", "groups", "models")), options).but(out=out)
        with closing(Counting(store, own, names)) as counting:
            held = properties(counting.corpus.connection)
            known = vocabulary_of(counting.corpus, own, [p.name for p in held if p.is_amount or p.is_measured])
            thing = found.get("facts", {}).get("read", {}).get("columns", {}).get("object", "")
            log = names_in_log(counting.corpus, known, names, [p.name for p in held], thing)
            desk = AnswerSources.of(personas, counting, embedding_of(store, own), acts_of(counting.corpus), names, log)
            said = mask_users(store, mask(question)[0])[0]  # a question is kept, and a model may read it
            try:
                reply = (
                    answer(desk, said) if own.model == OFFLINE else _by_model(store, own, desk, known, said, progress)
                )
                keep(store, reply, own.model)
            finally:  # what was answered, of use or not, is in the ledger, which the seal covers as it does the questions
                seal_again(store, store.read_json("run.json"), before, seal)
        return AskResult(reply, seal=verify(store, seal))


def _by_model(
    store: Store, options: Options, desk: AnswerSources, known: Vocabulary, question: str, progress: Progress
) -> Reply:
    async def asked() -> Reply:
        async with open_models(store, options, lambda _: None, progress.note) as models:
            return await answer_by(models, desk, known, question)

    return run_coroutine(asked())
