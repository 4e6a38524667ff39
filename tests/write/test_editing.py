"""The edit over all cards: which names, phrases and sentences of the first page stand, and what stays where they fall."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from persona_agent.commands.running import RunResult
from persona_agent.errors import ProviderError
from persona_agent.models.ask import Asker
from persona_agent.models.ledger import Ledger
from persona_agent.models.opening import Models
from persona_agent.models.retrying import Patience
from persona_agent.report.front import first_page_of
from persona_agent.schema import (
    Accounted,
    AccountedFor,
    Again,
    Concentration,
    Edition,
    HabitBeside,
    Measure,
    Names,
    Persona,
    Says,
    TenthCard,
    TopTenth,
    Try,
)
from persona_agent.schema.faces import HabitFact, HabitSaid
from persona_agent.schema.nouns import Noun, NounsOfLog
from persona_agent.words.english.habits_told import habit_values
from persona_agent.words.english.what_they_tell import finding_of, shares_told
from persona_agent.words.wording import percent, printed_value
from persona_agent.write.briefing import BesideBriefing
from persona_agent.write.briefs import Briefed
from persona_agent.write.cards import Cards
from persona_agent.write.critique import Text
from persona_agent.write.edited_habits import shown_habits
from persona_agent.write.edited_texts import WholeLog, facts_of_page, fill_on_page, shown_cards
from persona_agent.write.editing import EditedCards, WrittenTenth, edit_cards, edit_request
from persona_agent.write.edition_checks import check_edition
from tests.scripted import Scripted, data, striking

QUICK = Patience(attempts=3, first=0.0, longest=0.0)
NEW = "Names that nobody had"
UNNAMED = HabitSaid(label="", sentence="", attempt="")


@pytest.fixture(scope="module")
def briefed(world_briefed: Briefed) -> Briefed:
    return world_briefed


@pytest.fixture
def cards(world_run: RunResult) -> Cards:
    """Cards by code, with a suggestion on the first."""
    first, *rest = world_run.exact.personas
    told = Try(text="Offer it.", whom="those who come", stop="Stop.", measure=first.claims[0].id, claim_ids=[])
    return Cards([first.model_copy(update={"suggestion": told}), *rest], None, [])


def shown(cards: Cards) -> list[Persona]:
    return [p for p in cards.personas if p.status != "withheld"]


def edition(people: Sequence[Persona], **changes: Any) -> Edition:
    """Names and pages that change nothing, with changes."""
    kept = {"template": "", "claim_ids": []}
    cards = [{"persona": p.id, "label": kept, "suggestion": "first", "attempt": kept, "bars": []} for p in people]
    first = {"persona": "", "reason": kept}
    return Edition.model_validate(
        {"cards": cards, "habits": [], "tenth": "first", "page": [], "first": first, "unsupported": [], **changes}
    )


def edited(briefed: Briefed, cards: Cards, said: Edition | Exception, *words: str, read: bool = True) -> EditedCards:
    """The set as edited, read by a critic that strikes what holds one of the words, or by nobody."""
    by = Scripted("scripted/writer", {"edit": lambda _: said})
    critic = Scripted("scripted/critic", {"judge": lambda r: striking(r, *words)}) if read else None
    models = Models(by, critic, Asker(Ledger(None), patience=QUICK))
    return asyncio.run(edit_cards(models, None, briefed, cards))


def named(p: Persona, label: str, attempt: str = "") -> dict[str, Any]:
    ids = [p.claims[0].id]
    return {
        "persona": p.id,
        "label": {"template": label, "claim_ids": ids},
        "suggestion": "first",
        "attempt": {"template": attempt, "claim_ids": ids},
        "bars": [],
    }


def test_names_and_phrases_that_a_critic_lets_stand(briefed: Briefed, cards: Cards) -> None:
    """A name and a phrase take the place of the old ones; struck, or without a claim, the old ones stay."""
    first, second, *_ = shown(cards)
    said = edition([], cards=[named(first, NEW, "Offer it to them"), named(second, "Plain Others")])
    after = {p.id: p for p in edited(briefed, cards, said).cards.personas}
    assert (after[first.id].label, after[second.id].label) == (NEW, "Plain Others")
    assert after[first.id].suggestion is not None
    assert after[first.id].suggestion.phrase == "Offer it to them"
    struck = {p.id: p for p in edited(briefed, cards, said, "nobody").cards.personas}
    assert (struck[first.id].label, struck[second.id].label) == (first.label, "Plain Others")
    bare = edition([], cards=[{**named(first, NEW), "label": {"template": NEW, "claim_ids": []}}])
    assert edited(briefed, cards, bare).cards.personas[0].label == first.label


def test_labels_of_bars_are_read_with_their_figures(briefed: Briefed, cards: Cards) -> None:
    """A label that the critic lets stand is drawn; one that it strikes, one of a bar that is not there, and one with a figure
    of its own leave what code said.
    """
    people = shown(cards)
    first = people[0]
    assert first.card is not None and len(first.card.bars) > 2
    old = [b.label for b in first.card.bars]
    ids = [b.claim for b in first.card.bars]
    said = [
        (ids[0], "Printing something"),
        (ids[1], "Spoiled words"),
        (ids[2], "97 % of something"),
        ("p9.c9", "Nothing"),
    ]
    bars = [{"claim": c, "label": label} for c, label in said]
    new = {**named(first, ""), "bars": bars}
    made = edited(briefed, cards, edition(people, cards=[new]), "Spoiled")
    card = made.cards.personas[0].card
    assert card is not None
    assert [b.label for b in card.bars] == ["Printing something", *old[1:]]
    assert check_edition(
        {first.id: first.label},
        (),
        (),
        edition([first], cards=[{**new, "bars": [{"claim": ids[0], "label": "{x.value}"}]}]),
    )


def test_a_label_is_read_beside_what_code_draws(briefed: Briefed, cards: Cards) -> None:
    """A claim's text has no sign of money, and a bar has one: the critic is shown both, whatever the log calls a thing."""
    first, *rest = shown(cards)
    assert first.card is not None
    bar = first.card.bars[0].model_copy(update={"unit": "£", "label": "Spent on “{tea}”", "form": "number"})
    priced = first.model_copy(update={"card": first.card.model_copy(update={"bars": [bar, *first.card.bars[1:]]})})
    new = {**named(first, ""), "bars": [{"claim": bar.claim, "label": "Spent on tea"}]}
    by = Scripted("scripted/writer", {"edit": lambda _: edition([], cards=[new])})
    critic = Scripted("scripted/critic", {"judge": striking})
    models = Models(by, critic, Asker(Ledger(None), patience=QUICK))
    asyncio.run(edit_cards(models, None, briefed, replace(cards, personas=[priced, *rest])))
    # A second call is with other items of known answer.
    block, *_ = next(data(r) for r in critic.asked if r.subject == first.id)
    facts = {f["id"]: f["text"] for f in block["facts"]}
    [read] = [t for t in block["texts"] if t["text"].startswith("Spent on tea: £")]
    claim = next(c for c in first.claims if c.id == bar.claim)
    assert [facts[f] for f in read["facts"]][:2] == [
        claim.text,
        f"Spent on “{{tea}}”{read['text'].removeprefix('Spent on tea')}",
    ]


def test_two_names_alike_are_none(briefed: Briefed, cards: Cards) -> None:
    """Where an editor gives two personas one name, all keep their own."""
    first, second, *_ = shown(cards)
    said = edition([], cards=[named(first, NEW), named(second, NEW.lower())])
    assert [p.label for p in edited(briefed, cards, said).cards.personas] == [p.label for p in cards.personas]


def test_the_first_page_is_told_with_the_names_that_stand(briefed: Briefed, cards: Cards, world_run: RunResult) -> None:
    """A sentence has its figures by slots and the old name where the new one fell; what the critic strikes is code's own
    sentence.
    """
    first, second, *_ = shown(cards)
    c = first.claims[0]
    page = [
        {"template": f"{NEW} are {{{first.id}.size.share_users}} of all, {{{c.id}.value}}.", "claim_ids": [c.id]},
        {"template": "They are worth keeping.", "claim_ids": [c.id]},
    ]
    gaps = [{"text": "Whether anybody came back elsewhere.", "claim_ids": [c.id]}]
    said = edition([], cards=[named(first, NEW), named(second, "Plain Others")], page=page, unsupported=gaps)
    plain = edited(briefed, cards, said, "worth")
    assert plain.page is not None
    assert list(plain.page.sentences) == [1]
    assert plain.page.sentences[1].text.startswith(f"{NEW} are {percent(first.size.share_users)} of all")
    assert plain.page.unsupported == ["Whether anybody came back elsewhere."]
    fell = edited(briefed, cards, said, "nobody").page
    assert fell is not None
    assert fell.sentences[1].text.startswith(f"{first.label} are ")
    whole = world_run.exact.model_copy(update={"personas": plain.cards.personas, "edited": plain.page})
    front, by_code = first_page_of(whole, []), first_page_of(whole.model_copy(update={"edited": None}), [])
    assert front.sentences[0] == plain.page.sentences[1].text
    assert front.sentences[1:] == by_code.sentences[1:]
    assert front.unsupported == ["Whether anybody came back elsewhere.", *by_code.unsupported]


def test_an_editor_says_what_to_try_first(briefed: Briefed, cards: Cards) -> None:
    """The reason has its figures by slots and is read as any text: struck, with a figure of its own, or of a persona without a
    suggestion, nothing is chosen. The editor is told whom code would choose.
    """
    first, second, *_ = shown(cards)
    c = first.claims[0].id
    said = {"template": f"{{{c}.value}} of them do it.", "claim_ids": [c]}

    def chosen(persona: str, reason: dict[str, Any], *words: str) -> Any:
        page = edited(briefed, cards, edition([], first={"persona": persona, "reason": reason}), *words).page
        return page and page.first

    told = chosen(first.id, said)
    assert told.persona == first.id
    assert told.reason.text == f"{printed_value(first.claims[0])} of them do it."
    assert chosen(first.id, said, "of them do it") is None
    assert chosen(first.id, {**said, "template": "4711 of them do it."}) is None
    assert chosen(second.id, said) is None
    assert first.card is not None
    assert first.suggestion is not None
    bar = first.card.bars[0].model_copy(update={"truth": first.claims[0].truthfulness})
    able = first.model_copy(update={"suggestion": first.suggestion.model_copy(update={"watched": bar})})
    request = edit_request(WholeLog(100), briefed.briefing.vocabulary, [able, second], {})
    assert f'"first":{{"persona":"{first.id}","reason":"It is the only one' in request.messages[1][1]
    assert '"nouns"' not in request.messages[1][1]
    called = Names(nouns=NounsOfLog(visit=Noun(one="order", many="orders")))
    told = edit_request(WholeLog(100, called=called), briefed.briefing.vocabulary, [able, second], {})
    assert '"nouns":{"visit":{"many":"orders","one":"order"}}' in told.messages[1][1]
    long = edition([], first={"persona": "p99", "reason": {"template": "word " * 29, "claim_ids": []}})
    problems = " ".join(check_edition({first.id: first.label}, (), (), long))
    assert "no persona 'p99'" in problems
    assert "more than 28 words" in problems


@pytest.mark.parametrize(
    "sentence",
    [
        "Nine of them are {p1.size.users}.",
        "There are 4711 of them.",
        "{p1.c99.value} of them do.",
        "Only {p2.size.nosuch}.",
    ],
)
def test_a_figure_that_no_card_bears_falls(briefed: Briefed, cards: Cards, sentence: str) -> None:
    """A typed figure and a slot of no card are never shown, though the critic would let them pass."""
    c = shown(cards)[0].claims[0].id
    said = edition(shown(cards), page=[{"template": sentence, "claim_ids": [c]}])
    assert edited(briefed, cards, said).page is None


def test_nothing_is_edited_without_a_reader_and_failures_cost_the_edit_alone(briefed: Briefed, cards: Cards) -> None:
    """Without a critic nobody is asked; a refused call leaves the cards as they were and is told; a wrong key is raised."""
    assert edited(briefed, cards, edition([], cards=[named(shown(cards)[0], NEW)]), read=False).cards == cards
    refused = edited(briefed, cards, ProviderError("the host refused"))
    assert (refused.cards, refused.page) == (cards, None)
    assert refused.errors == ["the set was not edited: the host refused"]
    with pytest.raises(ProviderError, match="key"):
        edited(briefed, cards, ProviderError("the key is refused", fatal=True))


def test_an_edition_that_cannot_be_used(cards: Cards) -> None:
    """Unknown and repeated personas, long phrases and names, and too many sentences are named."""
    first = shown(cards)[0]
    gap = {"text": "Whether.", "claim_ids": []}
    long = named(first, "one two three four five six", " ".join(["word"] * 13))
    said = edition([], cards=[long, long, named(first.model_copy(update={"id": "p99"}), NEW)], unsupported=[gap] * 5)
    told = " ".join(check_edition({p.id: p.label for p in cards.personas}, (), (), said))
    assert all(
        w in told
        for w in ("no persona 'p99'", "there twice", "more than 12 words", "more than 5 words", "5 are too many")
    )


def test_what_a_suggestion_watches_is_labelled_where_no_bar_has_it(briefed: Briefed, cards: Cards) -> None:
    """The measure of a suggestion stands last among the bars that an editor is shown, once; its label takes the measure's place
    where it stands, and the measure stays where it is struck.
    """
    first, *_ = shown(cards)
    card, told = first.card, first.suggestion
    assert card is not None
    assert told is not None
    watched, *drawn = card.bars
    bare = first.model_copy(
        update={
            "card": card.model_copy(update={"bars": drawn}),
            "suggestion": told.model_copy(update={"watched": watched}),
        }
    )
    asked = shown_cards([bare], {})[0]["bars"]
    assert [bar["claim"] for bar in asked] == [*(bar.claim for bar in drawn), watched.claim]
    assert [bar["claim"] for bar in shown_cards([first], {})[0]["bars"]] == [bar.claim for bar in card.bars]
    label = {"claim": watched.claim, "label": "What moves first"}
    said = edition([], cards=[{**named(first, ""), "bars": [label]}])
    others = replace(cards, personas=[bare, *cards.personas[1:]])
    for struck, left in ((), "What moves first"), (("moves",), watched.label):
        after = edited(briefed, others, said, *struck).cards.personas[0].suggestion
        assert after is not None
        assert after.watched is not None
        assert after.watched.label == left


def test_the_figure_that_corrects_a_belief_is_labelled_too(briefed: Briefed, cards: Cards) -> None:
    """An editor is shown it behind the bars, where none of them has it. Its sentence stays, unless that spells a name as the log
    does: then the new label is all that it says where it stands.
    """
    first, *_ = shown(cards)
    card = first.card
    assert card is not None
    odd, *drawn = card.bars
    odd = odd.model_copy(update={"clause": "{v} of their visits are so"})
    bare = first.model_copy(
        update={"card": card.model_copy(update={"bars": drawn, "tension": odd}), "misreading": "A belief"}
    )
    assert odd.claim in [bar["claim"] for bar in shown_cards([bare], {})[0]["bars"]]
    silent = bare.model_copy(update={"misreading": None})  # of which nobody believed anything
    assert odd.claim not in [bar["claim"] for bar in shown_cards([silent], {})[0]["bars"][: len(drawn)]]
    label = {"claim": odd.claim, "label": "What they do all the same"}
    said = edition([], cards=[{**named(first, ""), "bars": [label]}])
    others = replace(cards, personas=[bare, *cards.personas[1:]])
    for struck, left in ((), ("What they do all the same", odd.clause)), (("do all",), (odd.label, odd.clause)):
        assert _tension_after(briefed, others, said, *struck) == left
    spelt = odd.model_copy(update={"clause": "{v} of their visits hold “SFT DRNK”"})
    named_as_in_log = bare.model_copy(update={"card": card.model_copy(update={"bars": drawn, "tension": spelt})})
    others = replace(cards, personas=[named_as_in_log, *cards.personas[1:]])
    assert _tension_after(briefed, others, said) == ("What they do all the same", None)


def _tension_after(briefed: Briefed, cards: Cards, said: Edition, *struck: str) -> tuple[str, str | None]:
    """The label and the sentence of the first card's figure that corrects a belief, after an edition."""
    card = edited(briefed, cards, said, *struck).cards.personas[0].card
    assert card is not None
    assert card.tension is not None
    return card.tension.label, card.tension.clause


def test_of_two_suggestions_an_editor_who_sees_all_cards_takes_one(briefed: Briefed, cards: Cards) -> None:
    """The editor is shown both, with the figures that both watch, and the card tells the one that is taken, in the phrase that
    was written for it; where there is no other, an edition that takes it is sent back.
    """
    first, second, *_ = shown(cards)
    told = first.suggestion
    assert told is not None
    assert first.card is not None
    bar = first.card.bars[-1].model_copy(update={"claim": first.claims[-1].id, "label": "What the other moves"})
    other = told.model_copy(update={"text": "Remind them.", "measure": bar.claim, "watched": bar})
    both = replace(cards, spare={first.id: other})
    row, without = shown_cards([first, second], both.spare)
    assert ("Remind them." in row["other"], "other" in without) == (True, False)
    assert "What the other moves" in [b["what"] for b in row["bars"]]
    takes = {**named(first, "", "Remind them of it"), "suggestion": "other"}
    after = edited(briefed, both, edition([], cards=[takes])).cards.personas[0].suggestion
    assert after is not None
    assert (after.text, after.measure, after.phrase) == ("Remind them.", bar.claim, "Remind them of it")
    kept = edited(briefed, both, edition([], cards=[{**takes, "suggestion": "first"}])).cards.personas[0].suggestion
    assert kept is not None
    assert kept.text == "Offer it."
    tenth = WrittenTenth(TenthCard.model_construct(persona=first, figures=None), other)
    for takes_other, says in ((True, "Remind them."), (False, "Offer it.")):
        card = tenth.telling(other=takes_other).persona.suggestion
        assert card is not None
        assert card.text == says
    asked = edit_request(WholeLog(100), briefed.briefing.vocabulary, [first], {}, tenth)
    assert data(asked)[0]["tenth"]["other"].startswith("Remind them.")
    assert "no other" in " ".join(check_edition({first.id: first.label}, (), (), edition([], cards=[takes])))
    assert check_edition({first.id: first.label}, both.spare, (), edition([], cards=[takes])) == []


def test_a_page_may_say_what_chance_gives_and_what_a_tenth_brings(cards: Cards) -> None:
    """Slots of firmness need no claim, nor does the tenth that its own slot is about; a claim's figure needs its claim."""
    people = shown(cards)
    first, ids = people[0], (people[0].claims[0].id,)
    top = TopTenth(of="value", users=20, share=0.4, visits=(9.0, 2.0), worth=None, lines=None)

    def wrong(template: str) -> list[str]:
        return fill_on_page(people, Text("sentence", template, ids), WholeLog(200, None, top)).wrong

    assert first.firmness is not None
    assert wrong(f"They land here again, {{{first.id}.firm}} against {{{first.id}.chance}} by chance.") == []
    assert wrong("The tenth of users who come most bring in {set.tenth_share}.") == []
    assert wrong("A tenth of them come at night.") != []
    assert wrong(f"They do it in {{{people[1].claims[0].id}.value}} of visits.") != []


def test_a_page_may_say_what_personas_tell_and_where_visits_pile_up(briefed: Briefed, cards: Cards) -> None:
    """Both are facts of the page and shown to the editor, each with slots of its own; where neither is known there are none."""
    people = shown(cards)
    later = Accounted(measure=None, users=500, personas=(0.02, 0, 0.04), tiers=(0.3, 0.25, 0.35))
    fact = Accounted(label="Plates", measure=None, users=500, personas=(0.4, 0.35, 0.45), tiers=(0, 0, 0.01))
    pile = Concentration(
        kind="pile_up", about="value", low=300, high=320, round=300, across=190, currency="GBP", users=410, expected=240,
        ratio=1.7, question="410 users have visits worth £300 to £320, 190 …", again=Again(ratio=1.6, holds=True, n=100),
    )  # fmt: skip
    whole = WholeLog(500, accounted=AccountedFor(of="value", tiers=5, later=later, facts=[fact]))
    piled = WholeLog(500, piles=[pile])
    told = f"{finding_of(whole.accounted)} {shares_told(whole.accounted)}"
    assert told in facts_of_page(people, whole)
    assert pile.question in facts_of_page(people, piled)
    asked = str(edit_request(replace(whole, piles=[pile]), briefed.briefing.vocabulary, people, {}).messages)
    assert shares_told(whole.accounted) in asked
    assert pile.question in asked

    def said(template: str, known: WholeLog) -> tuple[str, list[str]]:
        found = fill_on_page(people, Text("sentence", template, (people[0].claims[0].id,)), known)
        return found.said.text, found.wrong

    shares = "They tell {set.told} of that, {set.told_later} of this, tiers {set.tiers_later}."
    assert said(shares, whole) == ("They tell 40 % of that, 2 % of this, tiers 30 %.", [])
    assert said("{set.pile_users} users come to {set.pile}.", piled) == ("410 users come to £300.", [])
    for template in (shares, "{set.pile_users} users come to {set.pile}."):
        assert said(template, WholeLog(500))[1] != []


def test_a_word_that_most_names_share_is_sent_back(cards: Cards) -> None:
    """Three buyers of five are told apart by nothing that is read; two of five, and what ties words together, pass."""
    names = {
        f"p{i}": name for i, name in enumerate(["Long lists", "Cheap by the dozen", "Hearts", "Bags", "Dear ones"], 1)
    }

    def sent_back(*new: str) -> list[str]:
        kept = {"template": "", "claim_ids": []}
        made = [
            {**named(cards.personas[0], name), "persona": f"p{i}", "attempt": kept} for i, name in enumerate(new, 1)
        ]
        return check_edition(names, (), (), edition([], cards=made))

    assert sent_back("List Buyers", "Dozen Buyers", "Heart Buyers") == [
        "cards: “buyers” stands in 3 of 5 names and tells none apart"
    ]
    assert sent_back("List Buyers", "Dozen Buyers") == []
    assert sent_back("Lists by the page", "", "Hearts by the half-dozen", "Bags by the range") == []


def habit(i: int = 1) -> HabitBeside:
    """Few lines a visit, of 45 users."""
    measure = Measure(unit="sessions", statistic="median", of="matches", says=Says(comparator="at_least", value=0))
    also = [HabitFact(label="Hats", unit="of the things", form="share", measure=measure, here=0.412, others=0.1)]
    return HabitBeside(
        id=f"b{i}", label="Lines of a visit", unit="lines", form="number", measure=measure, more=False, users=47,
        share_users=0.123, share_value=0.287, here=2.0, others=9.0, back=0.6, chance=0.1, also=also,
    )  # fmt: skip


def with_habits(briefed: Briefed, *habits: HabitBeside) -> Briefed:
    beside = [BesideBriefing(h, None, []) for h in habits]
    return replace(briefed, briefing=replace(briefed.briefing, beside=beside))


def card_of(i: int, label: str, sentence: str = "", attempt: str = "") -> dict[str, str]:
    return {"habit": f"b{i}", "label": label, "sentence": sentence, "attempt": attempt}


def test_an_editor_sees_habits_as_a_page_tells_them() -> None:
    """In the figures that are printed, and no finer ones; a log without any has no such block."""
    (told,) = shown_habits([habit()], {"b1": "Printers"})
    assert told["size"] == {"users": "45", "share_users": "12 %", "share_value": "29 %"}
    assert told["bars"][1] == {"what": "Hats", "here": "41 % of the things", "others": "10 %"}
    assert told["mostly_in"] == "Printers"
    assert habit_values([habit()])["b1.share_value"] == "29 %"


def test_a_habit_has_the_words_that_a_critic_lets_stand(briefed: Briefed, cards: Cards) -> None:
    """What it strikes is left out, and a habit that no name was given to keeps none; a name of a card is not given twice."""
    made = with_habits(briefed, habit(), habit(2), habit(3))
    first = shown(cards)[0].label
    said = edition([], habits=[card_of(1, "Short Listers", "A spoiled word.", "Show a list."), card_of(3, first)])
    after = edited(made, cards, said, "spoiled").habits
    assert [h.card for h in after] == [True, False, True]
    found = {h.id: h.said for h in after}
    assert found == {
        "b1": HabitSaid(label="Short Listers", sentence="", attempt="Show a list."),
        "b2": None,
        "b3": UNNAMED,
    }
    typed = edition([], habits=[card_of(1, "Short Listers", "They buy 2 of a thing.")])
    assert edited(made, cards, typed).habits[0].said == HabitSaid(label="Short Listers", sentence="", attempt="")


def test_a_page_may_tell_of_habits(briefed: Briefed, cards: Cards) -> None:
    """With their figures as slots; with the name that stands where the editor's fell."""
    made = with_habits(briefed, habit())
    page = [
        {"template": "“Spoiled Name” are {b1.share_users} of users and bring in {b1.share_value}.", "claim_ids": []}
    ]
    struck = edited(made, cards, edition([], page=page, habits=[card_of(1, "Spoiled Name")]), "Spoiled")
    assert struck.page is not None
    assert "12 % of users and bring in 29 %" in struck.page.sentences[1].text
    assert "Spoiled" not in struck.page.sentences[1].text


def test_an_edition_of_habits_that_are_not_there_is_sent_back() -> None:
    """So is one with a slot, with a habit twice, and with too many words."""
    for wrong, why in (
        ([card_of(2, "Listers")], "no habit 'b2'"),
        ([card_of(1, "Listers"), card_of(1, "Others")], "twice"),
        ([card_of(1, "Listers", "{b1.here} of them.")], "slot"),
        ([card_of(1, "Far more words than any name should have")], "words"),
    ):
        assert why in " ".join(check_edition({}, (), ["b1"], edition([], habits=wrong)))
