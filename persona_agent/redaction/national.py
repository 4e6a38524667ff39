"""National ids of persons: the forms in which they are written, what checks them (python-stdnum), and the words beside them.

A text's match and what stands before it come in; whether it is somebody's id comes out. Promised: a bare run of digits is an id
only where its check rests on more than one digit (a date, two digits, a province), or where a word says what it is; nothing
behind a word for an order, a parcel or a part is one without such a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import NamedTuple


class Scheme(NamedTuple):
    """`check` is a module of python-stdnum, or empty where it has none; `forms` are templates (0 a digit, A a letter, N either,
    - where all of them or none have a separator, other signs themselves); `words` say what it is. Without such a word it must
    pass the check: `bare` tells whether that is enough for a run without separators, `between` with which it is for one that has
    them.
    """

    check: str
    forms: str
    words: str
    bare: bool = False
    between: str = ""

    def accepts(self, text: str) -> bool:
        """Whether a text of its form is one, if no word says so."""
        signs = {sign for sign in text if not sign.isalnum()}
        if not (signs <= set(self.between) if signs else self.bare):
            return False
        return not self.check or _check(self.check)(text if self.check in DATED else SEPARATORS.sub("", text))


# A check digit alone lets one in ten pass (one in eleven, one in 23 for letters), and a date one in thirty: such ones ask for the
# separators that their country writes, or for a word. What passes bare has two check digits and a date, or letters in places.
SCHEMES = (
    Scheme("us.ssn", "000-00-0000", r"ssn|social[ _-]security|seguro social|soc\.? ?sec", between="-"),
    Scheme("us.itin", "900-00-0000", r"itin|taxpayer", between="-"),
    Scheme(
        "nino",
        "AA-00-00-00-A AA-000000-A",
        r"nino|ni[ _-]?(?:no|number)|national[ _-]insurance|insurance n",
        bare=True,
        between=" ",
    ),
    Scheme("gb.nhs", "000-000-0000", r"nhs|health service", between=" "),
    Scheme("in_.aadhaar", "0000-0000-0000", r"aadh?aa?r|uidai|आधार", between=" "),
    Scheme("in_.pan", "AAAAA0000A", r"pan|permanent account", bare=True),
    Scheme("br.cpf", "000-000-000-00", r"cpf", between=".-"),
    Scheme("br.cpf", "000000000-00", r"cpf", between="-"),
    Scheme("br.cnpj", "00-000-000-0000-00", r"cnpj", between="./-"),
    Scheme(
        "de.idnr",
        "00-000-000-000",
        r"steuer(?:liche)?[ _-]?(?:id\w*|nummer|nr)?|idnr|identifikationsnummer|tax[ _-]?id|tin",
        between=" ",
    ),
    Scheme("", "00-000000-A-000", r"(?:sozial|renten)versicherung\w*|svnr|rvnr|sv-nummer", between=" "),
    Scheme("es.dni", "00000000-A 00-000-000-A 00-000-000A", r"dni|nif|documento nacional", bare=True, between=".- "),
    Scheme(
        "es.nie",
        "X-0000000-A X0000000-A Y-0000000-A Y0000000-A Z-0000000-A Z0000000-A",
        r"nie|extranjer\w+",
        True,
        "- ",
    ),
    Scheme(
        "fr.nir",
        "0-00-00-00-000-000-00 0-00-00-2A-000-000-00 0-00-00-2B-000-000-00 0000000000000-00",
        r"nir|insee|s[ée]cu\w*|s[ée]curit[ée] sociale",
        bare=True,
        between=" .-",
    ),
    Scheme(
        "it.codicefiscale", "AAA-AAA-NNANN-ANNNA", r"codice fiscale|c\.?f\.?|cod\.? ?fisc\.?", bare=True, between=" "
    ),
    Scheme("nl.bsn", "0000-00-000 000-000-000", r"bsn|burgerservice\w*|sofi", between="."),
    Scheme("pl.pesel", "00000000000 000000-00000", r"pesel"),
    Scheme("pl.nip", "000-000-00-00 000-00-00-000", r"nip"),
    Scheme("ca.sin", "000-000-000", r"sin|social insurance|nas"),
    Scheme("au.tfn", "000-000-000", r"tfn|tax file"),
    Scheme("", "0000-00000-0", r"medicare"),
    Scheme(
        "be.nn", "00-00-00-000-00", r"rijksregister\w*|registre national|national number|insz|niss|rrn", between=".-"
    ),
    Scheme("be.nn", "000000-000-00", r"rijksregister\w*|registre national|national number|insz|niss|rrn", between=".-"),
    Scheme("ch.ssn", "756-0000-0000-00", r"ahv\w*|avs|ssn", bare=True, between=". "),
    Scheme("at.vnr", "0000-000000", r"svnr|sv-nummer|(?:sozial)?versicherung\w*"),
    Scheme("se.personnummer", "000000-0000 00000000-0000", r"personn(?:umme)?r|personal identity", between="-"),
    Scheme("no.fodselsnummer", "000000-00000", r"f[øo]dselsn\w+|personn(?:umme)?r", bare=True, between=" "),
    Scheme("dk.cpr", "000000-0000", r"cpr"),
    Scheme("fi.hetu", "000000-000A 000000A000A 000000A0000 000000-0000", r"hetu|henkil[öo]tunnus", between="-"),
    Scheme("pt.nif", "000-000-000", r"nif|contribuinte"),
    Scheme("gr.amka", "000000-00000", r"amka|αμκα"),
    Scheme("tr.tckimlik", "00000000000 000-000-000-00", r"t\.?c\.?|tckn|kimlik\w*"),
    Scheme(
        "cn.ric", "000000-00000000-0000 000000-00000000-000X", r"身份证\w*|resident id|id card", bare=True, between=" "
    ),
    Scheme("kr.rrn", "000000-0000000", r"주민\w*|rrn|resident registration", between="-"),
    Scheme("", "0000-0000-0000", r"my ?number|マイナンバー|個人番号"),
    Scheme("mx.curp", "AAAA000000AAAAAAN0", r"curp", bare=True),
    Scheme("mx.rfc", "AAAA000000NNN AAA000000NNN", r"rfc"),
    Scheme("cl.rut", "00-000-000-0 00-000-000-K 0-000-000-0 0-000-000-K", r"rut|run", between=".-"),
    Scheme("cl.rut", "00000000-0 00000000-K 0000000-0 0000000-K", r"rut|run"),
    Scheme("ar.cuit", "00-00000000-0", r"cui[tl]", between="-"),
    Scheme("za.idnr", "000000-0000-00-0 000000-0000-000", r"(?:sa )?id|identity", bare=True, between=" "),
    Scheme("ie.pps", "0000000-A 0000000-AA", r"pps\w*"),
    Scheme("il.idnr", "0-0000000-0 000000000", r"teudat zehut|תעודת זהות|ת\.?ז\.?"),
    Scheme("ro.cnp", "0000000000000 0-000000-000000", r"cnp"),
    Scheme("cz.rc", "000000-0000", r"rodn[éeýy]\w* [čc][íi]sl\w*|r[čc]", between="/"),
    Scheme("bg.egn", "0000000000", r"egn|егн"),
    Scheme("hr.oib", "00000000000", r"oib"),
    Scheme("si.emso", "0000000000000 000000-000-0000", r"emšo|emso|jmbg"),
    Scheme("pk.cnic", "00000-0000000-0", r"cnic|nic", between="-"),
    Scheme("", "784-0000-0000000-0", r"emirates id|هوية\w*", bare=True, between="-"),
    Scheme("my.nric", "000000-00-0000", r"nric|mykad|ic", between="-"),
    Scheme("", "S0000000A T0000000A F0000000A G0000000A", r"nric|fin|ic"),
    Scheme("th.pin", "0-0000-00000-00-0", r"บัตรประชาชน|thai id|citizen id", between="-"),
    Scheme("id.nik", "0000000000000000 000000-000000-0000", r"nik|ktp"),
    Scheme("", "00000000000000", r"الرقم القومي|national id"),
    Scheme(
        "",
        "A0000000 AA0000000 000000000 A00000000 CNNNNNNNN",
        r"passport\w*|reisepass\w*|pasaporte|passeport|passaporto|جواز",
    ),
    Scheme("", "A0000000 AA0000000 LNNNNNNNN TNNNNNNNN", r"personalausweis\w*|ausweis\w*|carte d.identit[ée]"),
)
DATED = ("fi.hetu",)  # whose separator tells the century
SEPARATORS = re.compile(r"[ ./-]")
_SIGNS = {"0": "[0-9]", "A": "[A-Za-z]", "N": "[A-Za-z0-9]", "-": r"[ ./-]"}
_THINGS = (
    "orders?|invoice|receipt|ticket|tracking|track|parcel|package|shipment|awb|sku|upc|ean|gtin|isbn|asin|part|item|articles?"
    "|product|model|serial|s/n|ref|reference|case|batch|lot|job|build|version|release|booking|confirmation|voucher|coupon"
    "|bestell\\w*|auftrag\\w*|rechnung\\w*|artikel\\w*|sendung\\w*|pedido|factura|art[íi]culo|commande|facture|suivi"
    "|référence|ordine|fattura|طلب|فاتورة|شحنة"
)
# What may stand between a word and its number: "card number is".
BEHIND = r"(?:[ _-]?(?:numbers?|nummer|n[uú]mero|no|nr|id))?(?![^\W_])[^0-9]{0,16}$"
THING = re.compile(rf"(?<![^\W_])(?:{_THINGS}){BEHIND}", re.IGNORECASE)
BEFORE = 40  # characters in which a word says what a number is


def is_national_id(match: re.Match[str]) -> bool:
    """Whether what was found by `FORM` is somebody's id."""
    text, before = match[0], match.string[max(0, match.start() - BEFORE) : match.start()]
    fitting = [scheme for scheme in SCHEMES if _form(scheme.forms).fullmatch(text)]
    if any(_word(scheme.words).search(before) for scheme in fitting):
        return True
    return not THING.search(before) and any(scheme.accepts(text) for scheme in fitting)


@cache
def _form(templates: str) -> re.Pattern[str]:
    """Any of the templates, with its separators or without."""
    spelled = dict.fromkeys(form for t in templates.split() for form in (t, t.replace("-", "")))
    return re.compile("|".join("".join(_SIGNS.get(sign, sign) for sign in form) for form in spelled), re.IGNORECASE)


@cache
def _word(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{words}){BEHIND}", re.IGNORECASE)


@cache
def _check(name: str) -> Callable[[str], bool]:
    if name == "nino":  # which python-stdnum has not
        return lambda text: NINO.fullmatch(text) is not None
    valid: Callable[[str], bool] = import_module(f"stdnum.{name}").is_valid

    def checked(text: str) -> bool:
        try:
            return valid(text)
        except (KeyError, ValueError):  # stdnum 2.2 trips over a few places of birth and dates
            return False

    return checked


# The prefixes that are given out (HMRC, NIM39110).
NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]", re.IGNORECASE)


FORM = (
    r"(?<![A-Za-z0-9])(?<![0-9][ ./-])(?=[A-Za-z]{0,6}(?:[ ./-][A-Za-z]{1,3})?[ ./-]?[0-9])(?:"
    + "|".join(
        sorted({p for s in SCHEMES for p in _form(s.forms).pattern.split("|")}, key=lambda form: (-len(form), form))
    )
    + r")(?![A-Za-z0-9])(?![ ./-][0-9])"
)
