"""A revision merged into a draft, and what of two rounds is kept, text by text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import Draft, DraftClaim, Revision
from persona_agent.write.critique import texts_of
from persona_agent.write.drafts import DraftStanding, apply_revision, best_of

CLAIMS = ("c1", "c2", "c3", "n1")
EVERYWHERE = (
    "label",
    "one_liner",
    "s1",
    "s2",
    "unfit",
    "h1.text",
    "h1.rival",
    "h1.test",
    "try1.text",
    "try1.whom",
    "try1.stop",
    "try2.text",
    "try2.whom",
    "try2.stop",
    "gap1",
)


def draft(word: str, **changes: Any) -> Draft:
    """A draft whose every text says the word."""
    said = {"template": word, "claim_ids": ["c1"]}
    values: dict[str, Any] = {
        "label": said, "one_liner": said, "narrative": [said, said],
        "claims": [{"id": i, "text": None, "kind": None, "measure": None, "lines": []} for i in CLAIMS],
        "bars": ["c1", "c2", "c3"], "unfit": {"template": word, "claim_ids": ["n1"]},
        "hypotheses": [{"text": word, "rests_on": ["c1"], "test": {"rival": word, "how_to_test": word}}],
        "suggestions": [{"text": word, "whom": word, "measure": "c2", "stop": word, "claim_ids": ["c1"]}] * 2,
        "not_known": [{"text": word, "claim_ids": ["c1"]}],
    }  # fmt: skip
    return Draft.model_validate(values | changes)


def revision(**changes: Any) -> Revision:
    values = {"claims": [], "dropped": [], "texts": [], "bars": None, "suggestions": None}
    return Revision.model_validate(values | changes)


def said(place: str, template: str, *claims: str) -> dict[str, Any]:
    return {"place": place, "template": template, "claim_ids": list(claims or ["c1"])}


def test_every_text_can_be_changed_in_its_place() -> None:
    """Each place of a draft takes a new text, and no other text changes."""
    for place in EVERYWHERE:
        made = apply_revision(draft("old"), revision(texts=[said(place, "new", "c2")]), CLAIMS)
        words = {p: t.template for p, t in texts_of(made).items()}
        assert words == {p: "new" if p == place else "old" for p in EVERYWHERE}


def test_sentences_are_dropped_and_added() -> None:
    """An empty text is gone from its place, a place after the last one is a new sentence, and the others stay where they were."""
    made = apply_revision(
        draft("old"), revision(texts=[said("s1", ""), said("s7", "more"), said("gap2", "asked")]), CLAIMS
    )
    words = {p: t.template for p, t in texts_of(made).items()}
    assert [words.get(p) for p in ("s1", "s2", "s3", "gap1", "gap2")] == [None, "old", "more", "old", "asked"]


def test_what_stands_is_locked_and_what_is_dropped_leaves_its_places() -> None:
    """A claim that stands is neither changed nor dropped; one that is dropped leaves bars and suggestions."""
    own = {"id": "c1", "text": "Emily.", "kind": None, "measure": None, "lines": []}
    made = apply_revision(draft("old"), revision(claims=[own], dropped=["c1", "c2", "n1"]), ["c1"])
    assert [c.id for c in made.claims] == ["c1", "c3"]
    assert made.claims[0].text is None
    assert made.bars == ["c1", "c3"]
    assert {"try1.text", "try2.text"}.isdisjoint(texts_of(made))


def test_what_does_not_fit_can_be_given_anew() -> None:
    """What a reader will take for granted is a text like any other: it is changed or dropped in its place; of two rounds the
    later one counts, unless it fell where the earlier one stood, on a claim that still stands.
    """
    again = apply_revision(draft("old"), revision(texts=[said("unfit", "new", "c2")]), CLAIMS).unfit
    assert (again.template, again.claim_ids) == ("new", ["c2"])
    assert "unfit" not in texts_of(apply_revision(draft("old"), revision(texts=[said("unfit", "")]), CLAIMS))
    before, after = draft("old"), draft("new")
    gone = draft("new", unfit={"template": "", "claim_ids": []})

    def kept(later: Draft, now: Sequence[str], claims: Sequence[str]) -> str:
        return best_of(before, later, DraftStanding(["unfit"], now, claims)).unfit.template

    assert [kept(after, ["unfit"], CLAIMS), kept(after, [], CLAIMS), kept(after, [], ["c1"])] == ["new", "old", "new"]
    assert kept(gone, [], CLAIMS) == ""


def test_new_suggestions_take_the_place_of_the_old() -> None:
    """Whole suggestions replace the old ones, one without a part is none and the next keeps its place, and bars are those chosen
    now.
    """
    new = {"text": "Offer it.", "whom": "all", "measure": "c3", "stop": "Stop.", "claim_ids": ["c3"]}
    made = apply_revision(draft("old"), revision(suggestions=[new], bars=["c3", "c9", "c1"]), CLAIMS)
    assert ([s.measure for s in made.suggestions], made.bars) == (["c3"], ["c3", "c1"])
    told = texts_of(apply_revision(draft("old"), revision(texts=[said("try1.stop", "")]), CLAIMS))
    assert [p for p in told if p.startswith("try")] == ["try2.text", "try2.whom", "try2.stop"]


@given(st.sets(st.sampled_from(EVERYWHERE)), st.sets(st.sampled_from(EVERYWHERE)), st.sets(st.sampled_from(CLAIMS)))
def test_a_round_is_kept_text_by_text(stood: set[str], stands: set[str], claims: set[str]) -> None:
    """Whatever stood and stands: a text goes back to what it was only where it fell, stood before, and its claims stand; and of a
    guess or a suggestion all parts go back together.
    """
    before, after = draft("old"), draft("new")
    kept = {p: t.template for p, t in texts_of(best_of(before, after, DraftStanding(stood, stands, claims))).items()}
    parts = {p: [q for q in EVERYWHERE if q.split(".")[0] == p.split(".")[0]] if "." in p else [p] for p in EVERYWHERE}
    for place, whole in parts.items():
        needed = {"unfit": {"n1"}, "try1": {"c1", "c2"}, "try2": {"c1", "c2"}}.get(place.split(".")[0], {"c1"})
        back = set(whole) <= stood and not set(whole) <= stands and needed <= claims
        assert kept[place] == ("old" if back else "new")


def test_a_sentence_that_was_dropped_stays_away() -> None:
    """Dropping is no fall: the old sentence does not come back."""
    after = apply_revision(draft("old"), revision(texts=[said("s2", "")]), CLAIMS)
    assert "s2" not in texts_of(best_of(draft("old"), after, DraftStanding(EVERYWHERE, ("label",), CLAIMS)))


def test_bars_that_fell_give_way_to_those_that_stand() -> None:
    """A new choice of which fewer than three stand, and fewer than of the old, is not kept."""
    after = draft(
        "new",
        bars=["n1", "c1"],
        claims=[DraftClaim(id=i, text=None, kind=None, measure=None, lines=[]) for i in CLAIMS],
    )
    assert best_of(draft("old"), after, DraftStanding((), (), ("c1", "c2", "c3"))).bars == ["c1", "c2", "c3"]
    assert best_of(draft("old"), after, DraftStanding((), (), ("c1", "n1"))).bars == ["n1", "c1"]
