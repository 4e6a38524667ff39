"""Topics that would tell what the law protects: whoever meets them in a log is not to be grouped by them.

Health, pregnancy, sex life, faith, politics, unions, origin, money trouble and convictions (GDPR 9 and 10, and the trouble
that comes before them). An event on such a topic is set aside before anything is grouped or written, unless a person
keeps it with `--keep sensitive`, which the report says. Words in their usual English forms only; other languages, brand names
and what a combination of harmless acts gives away are not found.
"""

from __future__ import annotations

TOPICS = {
    "pregnancy": (
        r"pregnan\w*|pre[ -]?natal|ante[ -]?natal|post[ -]?partum|maternity|ovulation|fertility (test|clinic|tracker|treatment)"
        r"|ivf|miscarriage|abortion|birth control|contracepti\w+|baby bump|period tracker|due date calculator"
    ),
    "health": (
        r"hiv|aids test|std test|sti (test|clinic)|chemo ?therap\w*|oncolog\w*|cancer|tumou?r|dialysis|insulin|diabet\w+"
        r"|anti[ -]?depressants?|depression|bipolar|schizophreni\w*|psychiatr\w*|psychotherap\w*|suicid\w*|self[ -]?harm|rehab"
        r"|addiction|alcoholics anonymous|eating disorder|epilep\w*|hepatitis|medical records?|sick note|disabilit(y|ies)"
        r"|(sexual|mental) health|(clinic|doctor|hospital|gp|surgery)('s)? (appointment|visit|referral|results?)"
        r"|lab results|prescription (refill|renewal)|symptom checker|wheelchair"
    ),
    "sex life": (
        r"dating (profile|app|match)|same[ -]sex|gay|lesbian|bisexual|transgender|queer|lgbt\w*|hook ?ups?|escort service"
        r"|swingers?|gender transition|coming out"
    ),
    "faith": (
        r"prayers?( times?| room| mat)?|salah|qibla|mosque|synagogue|church service|mass times|rosary|ramadan|halal|kosher"
        r"|torah|qur'?an|koran|bible study|sabbath|shabbat|baptism|eucharist|hajj|umrah|zakat"
    ),
    "politics": r"party membership|political donation|donate to the party|campaign donation|join the party|ballot request",
    "union": (
        r"(trade|labou?r|workers'?) union|union (membership|dues|meeting|rep|representative)"
        r"|strike (ballot|fund|vote)|shop steward"
    ),
    "origin": (
        r"asylum|refugee status|immigration (status|lawyer|form)|deportation|residence permit|visa status|naturali[sz]ation"
        r"|ethnic (origin|group)|(skin|hair) (bleach|relaxer)\w*|ancestry test|tribal (id|membership)"
    ),
    "money trouble": (
        r"pay ?day loans?|cash advance loan|debt (relief|collection|collector|counselling|counseling|advice)|bankruptcy|food bank"
        r"|eviction|foreclosure|repossession|benefits? claim|unemployment (claim|benefits?)|pawn ?shop|overdue rent|hardship fund"
    ),
    "convictions": r"bail bond|parole|probation officer|criminal record|expungement|court summons|prison visit",
}
SENSITIVE = rf"(^|[^a-z])({'|'.join(TOPICS.values())})([^a-z]|$)"
