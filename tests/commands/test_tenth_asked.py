"""The card about the tenth that brings in most: asked of, changed by people, and compared with that of an earlier run."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.commands.changing import Change
from persona_agent.commands.edit_result import EditResult
from persona_agent.commands.running import RunResult
from persona_agent.edits.counting import GROWS
from persona_agent.errors import UsageError
from persona_agent.manifest import verify
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.questions.answering import COUNTED, COUNTED_OF_TENTH
from persona_agent.report.reviewed import review_of
from persona_agent.schema import Changes, PersonaSet, Reply, TenthCard
from persona_agent.schema.told_edits import FIGURES_ONLY, NOT_VERIFIED
from persona_agent.seal import find_seal
from persona_agent.store import Store
from persona_agent.words.english.tenth_told import BESIDE, NAME, tenth_changed
from persona_agent.words.wording import percent
from persona_agent.write.question import WORD

DEMO = Path(__file__).parents[2] / "fixtures" / "demo" / "events.jsonl.gz"


@pytest.fixture(scope="module")
def out(demo_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(demo_run.out, tmp_path_factory.mktemp("tenth_asked") / "out")


def card_in(out: Path) -> TenthCard:
    found = PersonaSet.model_validate_json((out / "personas.json").read_text(encoding="utf-8")).tenth
    assert found is not None
    return found


def ask(out: Path, question: str) -> Reply:
    return commands.ask(out, question, Options(), Silent()).reply


def edit(out: Path, at: str, text: str = "", **asked: object) -> EditResult:
    return commands.edit(out, Change(at, text, **asked), Options(), Silent())  # type: ignore[arg-type]


def test_a_question_is_answered_of_them_too(out: Path) -> None:
    """After the personas, in whose order they have no place, and alone where they are named; against all others, with the figure
    and the claim of their card.
    """
    claim = next(c for c in card_in(out).persona.claims if "include “scale”" in c.text)
    everybody = ask(out, "Who scales most?")
    assert [f.persona for f in everybody.facts][-1] == "t"
    assert everybody.says == COUNTED
    for question in ("Do the tenth that brings in most scale?", "How often does t scale?"):
        alone = ask(out, question)
        assert [(f.persona, f.claim) for f in alone.facts] == [("t", claim.id)], question
        assert alone.facts[0].truth is not None
        assert alone.facts[0].truth.value == claim.truthfulness.value
        assert f"against {percent(claim.truthfulness.raw or 0)} for all others" in alone.facts[0].text
        assert alone.says == COUNTED_OF_TENTH
        assert not alone.unknown
    assert [f.claim for f in ask(out, f"What of {NAME.lower()}?").facts] == [
        c.id for c in card_in(out).persona.claims[:6]
    ]


def test_they_are_no_persona_where_personas_are_counted(out: Path) -> None:
    """Neither in how many there are, nor in the order by size."""
    personas = [p for p in commands.show(out).found.personas if p.status != "withheld"]  # type: ignore[union-attr]
    assert ask(out, "How many personas are there?").facts[0].text.startswith(f"{len(personas)} ")
    assert [f.persona for f in ask(out, "Which is the largest group?").facts] == [*(p.id for p in personas), "t"]


def test_what_grows_with_every_visit_is_not_asked_of_them(out: Path) -> None:
    """Who ever did a thing is answered of personas alone, and not said of them by a person either; why is said."""
    everybody = ask(out, "Who opens the sunday roast slot?")
    assert everybody.facts
    assert "t" not in {f.persona for f in everybody.facts}
    alone = ask(out, "Does t open the sunday roast slot?")
    assert (alone.came, alone.facts) == ("cannot", [])
    assert GROWS in alone.says
    assert alone.needed
    assert everybody.facts[0].measure is not None
    ever = everybody.facts[0].measure.model_dump_json()
    assert GROWS in " ".join(edit(out, "t", measure=ever).refused)


def test_a_persona_that_is_named_is_answered_alone(out: Path, demo_run: RunResult) -> None:
    """By its id or its name; words that acts of the log have are asked of all, whatever a persona is called."""
    second = demo_run.personas.personas[1]
    assert set(WORD.findall(second.label.lower())), "the name has no word"
    for name in (second.id, second.label):
        assert [f.persona for f in ask(out, f"How often do {name} print?").facts] == [second.id]
    assert len(ask(out, "How often do they print?").facts) > 1


def test_an_agent_finds_their_card(out: Path) -> None:
    """It is in the list, marked as beside the personas; its card tells what is counted beside the claims; what it is not compared
    in is said.
    """
    of_run = pytest.importorskip("persona_agent.commands.serving.of_run", reason="needs the extra mcp")
    desk = of_run.RunDesk(out, False, Options())
    listed = {p.id: p for p in desk.list_personas().personas}
    assert [p.id for p in listed.values() if p.beside] == ["t"]
    assert listed["t"].users == card_in(out).persona.size.users
    assert listed["t"].shown
    assert listed["t"].sentence.startswith("A tenth of users (40) bring in 60 % of the value")
    card = desk.get_persona("t")
    assert [c.id for c in card.claims] == [c.id for c in card_in(out).persona.claims]
    assert f"{BESIDE}." in card.story
    assert any(text.startswith("How long it lasts: ") for text in card.story)
    with pytest.raises(UsageError, match="compared with no persona"):
        desk.compare(["p1", "t"])


def test_a_person_changes_their_card(demo_run: RunResult, tmp_path: Path) -> None:
    """Name, sentence and claims as on any card: what says who somebody is or is not so is refused, what stands is on the page,
    and is counted again; undone, the card is as it was.
    """
    out = shutil.copytree(demo_run.out, tmp_path / "out")
    before = card_in(out)
    scale = next(c for c in before.persona.claims if "include “scale”" in c.text)
    assert edit(out, "t.name", "Men who pay", own_words=True).refused
    assert "not 44 %" in " ".join(edit(out, "t.sentence", "Of their visits 44 % scale.", rests_on=(scale.id,)).refused)
    assert edit(out, "t.name", "Our biggest baskets", own_words=True).mark == NOT_VERIFIED
    assert edit(out, "t.sentence", scale.text, rests_on=(scale.id,)).mark == FIGURES_ONLY
    assert not edit(out, before.persona.claims[-1].id, verdict="rejected").refused
    prints = {
        "unit": "sessions", "statistic": "share", "steps": [[{"field": "action", "op": "is", "value": ["print"]}]],
        "versus": "matched", "says": {"comparator": "less_than_others"},
    }  # fmt: skip
    assert "for all others" in edit(out, "t", measure=json.dumps(prints)).reads
    more = {**prints, "says": {"comparator": "more_than_others"}}
    assert "for all others), not more than others" in " ".join(edit(out, "t", measure=json.dumps(more)).refused)

    now = card_in(out).persona
    assert (now.label, now.named) == ("Our biggest baskets", NOT_VERIFIED)
    assert f"{{{scale.id}.value}}" in now.one_liner.template
    assert f"{{{scale.id}.raw}}" in now.one_liner.template
    assert before.persona.claims[-1].id not in {c.id for c in now.claims}
    assert "Our biggest baskets" in (out / "report.html").read_text(encoding="utf-8")
    found = commands.check(out, None, (), Silent())
    assert found.failures == []
    for done in commands.edit(out, None, Options(), Silent()).edits:
        edit(out, done.at, undo=True)
    assert card_in(out) == before


def test_their_card_is_reviewed(out: Path) -> None:
    """The page of `review` has it, beside all that are shown, and counts it nowhere among those that are not."""
    store, personas = Store.open(out), commands.show(out).found
    assert isinstance(personas, PersonaSet)
    page = review_of(store, personas, Options(), verify(store, find_seal(None)))
    assert page.cards[-1].id == "t"
    assert {spot.at for spot in page.cards[-1].claims} == {c.id for c in card_in(out).persona.claims}
    assert page.withheld == sum(p.status == "withheld" for p in personas.personas)


def test_what_is_meant_of_them_is_meant_of_no_persona(
    demo_run: RunResult, small_run: RunResult, tmp_path: Path
) -> None:
    """Their edits in a run without their card are kept and named, and change nothing."""
    out = shutil.copytree(demo_run.out, tmp_path / "out")
    edit(out, "t.name", "Our biggest baskets", own_words=True)
    other = shutil.copytree(small_run.out, tmp_path / "other")
    labels = [p.label for p in small_run.personas.personas]
    told = commands.edit(other, None, Options(edits=out / "edits.yaml"), Silent()).edits
    assert [(t.at, t.outcome) for t in told] == [("t.name", "conflict")]
    assert [p.label for p in commands.show(other).found.personas] == labels  # type: ignore[union-attr]


def test_a_later_run_says_how_much_they_bring_in(demo_run: RunResult, tmp_path: Path) -> None:
    """Their share of the value then and now, as it is in the lines, on every page of what changed."""
    log, sums = tmp_path / "later.jsonl", [defaultdict[str, float](float), defaultdict[str, float](float)]
    with gzip.open(DEMO, "rt", encoding="utf-8") as file, log.open("w", encoding="utf-8") as later:
        for line in file:
            record = json.loads(line) if line.startswith('{"user"') and line.rstrip().endswith("}") else {}
            if "timestamp" not in record or "user" not in record:
                continue
            spent = record.get("spent")
            when = datetime.fromisoformat(record["timestamp"]) + timedelta(days=364)
            if spent:
                sums[0][record["user"]] += spent
                record["spent"] = spent**0.5
                sums[1][record["user"]] += record["spent"]
            later.write(json.dumps({**record, "timestamp": when.isoformat()}) + "\n")
    options = commands.demo_options(tmp_path / "out").but(inputs=(str(log),), since=demo_run.out)
    made = commands.run(options, Silent())
    told = Changes.model_validate(Store.open(made.out).read_json("changes.json")).tenth
    assert told is not None
    for share, of in zip((told.share_was, told.share_now), sums, strict=True):
        ranked = sorted(of.values(), reverse=True)
        assert share == pytest.approx(sum(ranked[:42]) / sum(ranked), abs=0.006)
    assert told.share_was != told.share_now
    said = tenth_changed(told)
    assert f"{percent(told.share_was or 0)} of the value, now" in said
    assert made.personas.since is not None
    assert made.personas.since.sentences[-1] == said
    for page in ("report.html", "personas.md", "changes.html", "changes.md"):
        assert said in " ".join((made.out / page).read_text(encoding="utf-8").split()), page  # figures keep their units
