"""What identifies somebody in a column, by the column's name, and by its values where the name alone does not tell.

In: a column's name, or the path of a member. Out: the type of identifier that its values are: of each of them (`kind_of_column`),
or of those that look like one (`kind_by_value`, with `is_one`). Promised: linear time. A name that is as often that of a
thing (`name`, `nome`) is neither; log/told_people.py looks at what such a column holds for each user.
"""

from __future__ import annotations

import re
from mimetypes import MimeTypes

from . import forms
from .attributes import BEHIND, FRONT, USER, column_forms, in_other_languages, names_in_other_languages
from .spelling import folded

MASKED = re.compile(r"\[[a-z]+(?: (?:user|id))?\]")  # what a name held tells of the column no more
# What is one's own, or a customer's, is one's own under several numbers (`phone_2`); a version or a number of a thing is not.
OF_PEOPLE = ("name", "email", "phone", "address")
# In front of an address these say that it leads to a place in a product, and nobody lives there.
_PLACE = "web|web[_ ]?(?:page|site)|page|home[_ ]?page|url|uri|https?|link|internet|file|image|document|screen|memory"
_ADDRESS = r"address|addr|adresse|adres|direccion|dirección|endereco|endereço|indirizzo|адрес"
_TO_PLACE = re.compile(rf"(?:^|[\W_])(?:{_PLACE})[_ -]?(?:{_ADDRESS}){BEHIND}", re.IGNORECASE)
# Of these it may be either: the address of a site on the web, or of one where something is built.
_TO_SITE = re.compile(rf"(?:^|[\W_])site[_ -]?(?:{_ADDRESS}){BEHIND}", re.IGNORECASE)
COLUMNS = [
    (
        kind,
        re.compile(
            rf"{FRONT}(?:{pattern}){BEHIND}" if kind in OF_PEOPLE else rf"(?:^|[^a-z])(?:{pattern})$", re.IGNORECASE
        ),
    )
    for kind, pattern in (
        ("version", r"(?:\w{0,80}[_.]?)(?:version|build)"),
        ("email", rf"e[_-]?mail(?:[_ ]?addr(?:ess)?)?|(?:{USER})[\W_]*+mail|mail[_ ]?addr(?:ess)?"),
        (
            "phone",
            r"(?:phone|mobile|telephone|fax)[_ ]?(?:no|nr|number)|(?:mobile|cell|home|work)?[_ ]?phone|telephone|msisdn",
        ),
        (
            "national id",
            r"(?:national|tax|citizen|fiscal|passport|nhs|aadh?aar|pan|ni|insurance|social[_ ]security)[_ ]?(?:ids?|no|nr|number)"
            r"|ssn|nino|aadh?aar|cpf|cnpj|curp|dni|nie|nif|nir|bsn|pesel|codice[_ ]fiscale|steuer[_ ]?(?:id|nummer)|passport|cnic"
            r"|svnr|rut|personnummer|national[_ ]insurance",
        ),
        (
            "name",
            r"(?:first|last|full|given|family|sur|user|nick|middle|maiden)[_ ]?names?|l[_ ]?name"
            rf"|(?:{USER})[\W_]*+[fm][_ ]?name|(?:customer|person|patient|employee|visitor|subscriber)s?[_ ]?names?",
        ),
        ("ip", r"(?:user[_ ]?)?ip(?:[_ ]?addr(?:ess)?)?|remote[_ ]?addr"),
        ("coordinates", r"lat|lng|lon|latitude|longitude"),
        (
            "id",
            rf"(?:{forms.PERSON}|device|distinct|anonymous|cookie|session|pseudo|advertising|insert)[_ ]?ids?|fingerprint"
            r"|(?:mac|hardware|ethernet|bluetooth)[_ ]?addr(?:ess)?",
        ),
        (
            "address",
            r"(?:street|postal|home|mailing|billing|shipping|delivery|residential)?[_ ]?addr(?:ess)?(?:[_ ]?line)?"
            r"|street[_ ]?(?:name|no|nr|number)",
        ),
    )
]
# A first name or the name of a file; a middle one is as often of a movie or a module, and judged by its column.
_FIRST = re.compile(rf"{FRONT}f[_ ]?name{BEHIND}", re.IGNORECASE)
_OWN = rf"(?:(?:{USER}|traits|profile|contact|properties|data|attributes|account|personal)[\W_]*+){{0,3}}"
_OWN_NAME = re.compile(
    rf"{_OWN}(?:m[_ ]?name|(?:display|contact|real|screen|login)?[_ ]?name|login|handle"
    rf"|{names_in_other_languages('name by column')}){BEHIND}",
    re.IGNORECASE,
)
_SHORTEST, _LONGEST = 6, 15  # digits: of a local number in a small country, and of any by E.164
_PHONE_LIKE = re.compile(r"(?:[+(/. -]*+[0-9])++[)]?(?:\.0)?")  # as a table writes a number in which some are missing
_WEB = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}+://|www\.|/)\S*+", re.IGNORECASE)
_OF_FILES = MimeTypes(())
# Those that the list of Python 3.11 does not have.
_ENDINGS = (".docx", ".xlsx", ".pptx", ".log", ".ini", ".java", ".go", ".rs", ".toml", ".yml", ".yaml", ".md", ".pages")


def kind_of_column(name: str) -> str | None:
    """The type of identifier that a column's values are by its name (`version`: none, though they look like an IP)."""
    forms_of_it = column_forms(MASKED.sub("", name))
    found = (kind for kind, pattern in COLUMNS if any(map(pattern.search, forms_of_it)))
    kind = next(found, None) or next((k for k in OF_PEOPLE if any(in_other_languages(k, f) for f in forms_of_it)), None)
    return None if kind == "address" and _leads_elsewhere(forms_of_it) else kind


def kind_by_value(name: str) -> str | None:
    """The type of identifier that some values of a column may be, by its name; `is_one` tells of which."""
    forms_of_it = column_forms(MASKED.sub("", name))
    if any(map(_FIRST.search, forms_of_it)):
        return "name"
    if any(map(_TO_SITE.search, forms_of_it)):
        return "address"
    kinds = (k for k in ("email", "phone") if any(in_other_languages(f"{k} by value", f) for f in forms_of_it))
    return next(kinds, None)


def is_one(kind: str, text: str) -> bool:
    """Whether a value of a column that may hold this kind (`kind_by_value`) is one: a file has no first name, a make of phones no
    number, a mail that was sent no `@`, and what is on the web no street.
    """
    if kind == "email":
        return "@" in text or "[email]" in text
    if kind == "address":
        return not _WEB.fullmatch(text.strip())
    if kind == "name":
        return not ("/" in text or "\\" in text or text.lower().endswith(_ENDINGS) or any(_OF_FILES.guess_type(text)))
    digits = sum(c.isdecimal() for c in text)
    return (
        _SHORTEST <= digits <= _LONGEST + 1 and bool(_PHONE_LIKE.fullmatch(text.strip())) and not forms.DATE.match(text)
    )


def may_name_its_user(name: str) -> bool:
    """Whether a column may hold what its user is called: `name`, `nome`, `login`, alone or with whose it is, not a product's."""
    return any(_OWN_NAME.fullmatch(folded(form)) for form in column_forms(name))


def _leads_elsewhere(forms_of_it: list[str]) -> bool:
    return any(_TO_PLACE.search(f) or _TO_SITE.search(f) for f in forms_of_it)
