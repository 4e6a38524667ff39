"""What `estimate` takes for granted: of answers that nobody has given yet, how many there are and how long they get.

Tokens and calls, each beside its reason. What can be known before a run (groups, their dossiers, the rules of the prompts) is
not assumed but measured.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumed:
    """`rounds` are drafts and revisions of a card that are judged; `looks`: of the rounds of questions that are allowed, the
    share that is used.
    """

    # Of 3 that are allowed, in the runs recorded at commit d31895b.
    rounds: float = 2.4
    # Who may ask on asks on; what a writer leaves out makes a run cheaper, never dearer.
    looks: float = 1.0
    # Only claims in a writer's own words are restated: every second round had some, in the same runs.
    restatings: float = 0.5
    # An answer with 6 to 14 claims, up to 4 sentences, guesses and a suggestion; without the last two it was 1,100.
    drafted: int = 1_500
    # A revision says only what it mends.
    revised: int = 280
    # A critic's answers for a card: measures of a few texts; a line for every text, of which there are about 15.
    restated: int = 320
    judged: int = 900
    # What a critic is shown beside its rules: texts to restate; sentences, claims and lines, with canaries among them.
    texts: int = 150
    read: int = 1_200
    # What failed, told to the writer.
    findings: int = 450
    # The rules of an investigation with a measure's grammar, its questions (a dozen or two of 125 tokens) and the answers.
    look_rules: int = 3_300
    asked: int = 2_000
    answered: int = 1_500
    # A name, unit and doer for each thing of the vocabulary: about as long as what was named.
    named: float = 1.0
    # Rules of the codebook and of the edit: those of the draft without a measure's grammar.
    rules: int = 1_500
    # A card as the editor sees it, a name and a phrase for each, and a first page.
    card: int = 350
    edited: int = 60
    page: int = 400


ASSUMED = Assumed()
