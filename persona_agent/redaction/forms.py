"""The forms of identifiers, as patterns: what they look like, not whether they are one (identifiers.py checks that).

Promised: every repeat is possessive or bounded, so that a hostile line costs no more than its length.
"""

from __future__ import annotations

import re

PERSON = "user|member|customer|client|visitor|student|learner|teacher|employee|patient|person|subscriber"

QUERY_VALUE = re.compile(r"=(?!\[value\](?:[&;#]|$))[^&;#]+")
QUERY = r"[?#;](?=[\w.%~\[\]$-]{1,64}=)[^\s\"'<>]*+"
# Behind an address everything after the mark is a value, but for the anchors of a page, which are words.
BARE_QUERY = (
    r"((?:\w:|(?<![\w:]))//[^\s\"'<>?#]{1,512}+(?:\#[a-z/-]*+)?)"
    r"(?:(?:\?|#(?![a-z-]*+(?:[\s\"'<>)]|$)))(?!\[value\])[^\s\"'<>=]++)(?=[\s\"'<>]|$)"
)
CREDENTIALS = r"(?<=://)(?!\[credentials\]@)[^\s/@\"'<>]{1,256}+(?=@)"
KEYS = (
    r"(?<![\w-])(?:eyJ[\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}+|ya29\.[\w-]{20,}+"
    r"|gh[opsur]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[a-z]-[\w-]{10,}+|whsec_\w{16,}+"
    r"|(?:hf|npm|r8|shp(?:at|ss|ca|pa)|sbp|glsa|ntn|dop_v1|doo_v1|lin_api|dckr_pat)_[A-Za-z0-9_-]{20,}+"
    r"|(?:sk|pk|rk)[_-](?:live|test|proj|ant|or)[_-][\w-]{8,}+|sk-[A-Za-z0-9]{20,}+|xapp-[0-9]-[\w-]{20,}+"
    r"|sq0[a-z]{3}-[\w-]{20,}+|(?:HRKU|NRAK|pypi|key)-[\w-]{24,}+|LTAI[A-Za-z0-9]{12,}+|AGE-SECRET-KEY-1[A-Z0-9]{50,}+"
    r"|[0-9]{8,10}:AA[\w-]{32,}+|(?:dapi|SK)[0-9a-f]{32}|SG\.[\w-]{16,}+\.[\w-]{16,}+)"
)
PEM = r"-----BEGIN [A-Z ]{0,24}PRIVATE KEY-----(?!\[token\]).*?(?:-----END [A-Z ]{0,24}KEY-----|$)"
HOOK = r"(?<=hooks\.slack\.com/services/)[\w/]{20,}+|(?<=discord\.com/api/webhooks/)[\w/-]{20,}+"
SECRET = (
    r"(?<![a-z])((?:password|passwd|pwd|secret|token|(?:api|access|account)[_-]?key)=|bearer (?=[\w.~+/=-]{16}))"
    r"(?!\[)[^\s&;,\"'<>]{4,}+"
)
UUID = r"(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])"
MAC = r"(?<![\w:])[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?![\w:])"
OBJECT_ID = r"(?<![0-9a-z])[0-9a-f]{24}(?![0-9a-z])"
BLOB = r"(?<![\w+/-])[A-Za-z0-9+/_-]{32,}+={0,2}"
PART = re.compile(r"[A-Za-z0-9_-]{20,}+")
EMAIL = r"(?<![\w.+-])[\w.+-]++(?:@ ?|%40)[\w-]++(?:\.[\w-]++)++"
# As people write it where a machine should not read it.
EMAIL_AT = (
    r"(?<![\w.+-])[\w.+-]{1,64}+ ?[(\[](?:at|ät)[)\]] ?[\w-]{1,64}+"
    r"(?:(?:\.| ?[(\[]dot[)\]] ?| dot )[\w-]{1,64}+){1,5}+"
)
EMAIL_DOT = r"(?<![\w.+-])[\w.+-]{1,64}+(?: dot [\w+-]{1,64}+){0,3}+ at [\w-]{1,64}+(?: dot [\w-]{1,64}+){1,4}+"
IBAN_LENGTHS = (
    "15NO 16BE 18DKFIFOGLNL 19MKSI 20ATBAEEKZLTLUXK 21CHHRLILV 22BGBHCRDEGBGEIEMERSVA 23AEGIILIQTL"
    " 24ADCZESMDPKROSASESKTNVG 25PT 26ISTR 27FRGRITMCMRSM 28ALAZBYCYDOGTHULBPL 29BREGPSQAUA 30JOKW 31MTSC 32LC"
)
IBAN = "|".join(
    rf"(?:{'|'.join(re.findall('..', row[2:]))})[0-9]{{2}}(?:[ ._-]?[a-z0-9]){{{int(row[:2]) - 4}}}"
    for row in IBAN_LENGTHS.split()
)
CARD = r"(?<![0-9])(?<![0-9]\.)[0-9](?:[ ._/-]{0,3}[0-9]){11,}+"
ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}|62\d{14,17}"
    r"|(?:220[0-4]|9792)\d{12}|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"
)
POINT = r"([+-]?[0-9]{1,3}\.[0-9]{3,}+)(?!\.[0-9])"
COORDINATES = rf"(?<![\w.]){POINT}(?:\s?[,;/ ]\s?|(?=[+-])){POINT}"
COMMA_POINT = r"([+-]?[0-9]{1,3},[0-9]{4,}+)"
COMMA_COORDINATES = rf"(?<![\w.,]){COMMA_POINT}\s?[;/ ]\s?{COMMA_POINT}(?![.,]?[0-9])"
GOOGLE = rf"(?<=!3d){POINT}!4d{POINT}"
AXES = "lat|latitude|lon|lng|long|longitude|breite|länge|breitengrad|längengrad"
LABELLED = rf"(?<![^\W_])((?:{AXES})[\"']?\s?[:=]?\s?)[+-]?[0-9]{{1,3}}[.,][0-9]{{3,}}+"
PLANE = r"((?<![^\W_])[xy]=)[+-]?[0-9]{1,3}\.[0-9]{5,}+"
_MINUTES = r"[0-9]{1,2}(?:\.[0-9]+)?\s?"
DEGREES = (
    rf"[0-9]{{1,3}}\s?[°º]\s?(?:{_MINUTES}['′’]{{1,2}}\s?(?:{_MINUTES}(?:\"|″|['′’]{{2}})\s?)?)?"
    r"|[0-9]{1,3}[.,][0-9]{3,}\s?[°º]?\s?|[0-9]{1,3}[ -][0-9]{1,2}[ -][0-9]{1,2}\s?"
)
SIDES = r"[NSEWO]|[сюзв]\. ?[шд]\."
_LEADING = rf"(?:{DEGREES}|[0-9]{{1,3}}° [0-9.]{{1,9}})"
HEMISPHERES = (
    rf"(?<![\w.])(?:(?:{DEGREES})(?:{SIDES})[\s,;/]{{0,3}}(?:{DEGREES})(?:{SIDES})"
    rf"|[NS] ?{_LEADING}[\s,;/]{{0,3}}[EWO] ?{_LEADING})(?!\w)"
)
PLUS_CODE = (
    r"(?<![\w+])[2-9CFGHJMPQRV][2-9CFGHJMPQRVWX]{7}\+[2-9CFGHJMPQRVWX]{2,3}(?!\w)"
    r"|(?<!\w)///[^\W\d]{2,20}(?:\.[^\W\d]{2,20}){2}(?!\w)"
)
GEOHASH = r"(?<=geohash[=:])[0-9b-hjkmnp-z]{6,12}(?!\w)"
IN_HOST = r"(?<![^\W_])((?:ip|host|dyn|dsl|pool|cpe|client|static|node|ec2)-)(?:[0-9]{1,3}-){3}[0-9]{1,3}(?=\.)"
LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
IPV4 = r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\w|\.[0-9]|-(?:alpha|beta|rc|dev|snapshot))"
IPV6 = r"(?<![\w.])(?=[0-9a-f]{0,4}:)[0-9a-f:.]{2,45}+(?!\w)"
OF_VERSION = re.compile(
    r"(?:(?:^|[^a-z])v|ver|version|build|release|rev|firmware|sdk|chrome|firefox|safari|edge?|opera|opr|agent|chapter"
    r"|section|lecture|unit|figure|exercise)s?[ .:=/#-]{0,3}$",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\D?(?:[0-9]{1,2}([./-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?!\1?[0-9])"
    r"|(?:19|20)[0-9]{2}([./-])[0-9]{1,2}\2[0-9]{1,2}(?![0-9]))"
)
DECIMAL = re.compile(r"\+?[0-9]+\.[0-9]+")
APART = r"(?<![\w.,/+-])"
PHONES = (
    r"(?<![\w+])(\+\(?[1-9](?:[ ./()-]{0,3}[0-9]){6,14})(?![0-9])",
    APART + r"(00[1-9](?:[ ./()-]{0,3}[0-9]){9,12})(?![0-9])",
    APART + r"(\(?0[1-9][0-9]{0,4}\)?(?:[ ./-]{1,3}[0-9]{2,8}){1,5})(?![0-9])",
    APART + r"((?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4})(?![\w-])",
    APART + r"(0[67][0-9]{8}|07[0-9]{9}|01[567][0-9]{8,9}|3[0-9]{2}-[0-9]{7}"
    r"|8 ?\(?9[0-9]{2}\)?[ -]?[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{2})(?![\w-])",
    APART + r"([67][0-9]{2}(?: [0-9]{2}){3}|1[3-9][0-9] [0-9]{4} [0-9]{4}|\([1-9][0-9]\) ?9?[0-9]{4}-[0-9]{4})"
    r"(?![\w-])",
    r"\b(?:tel|telephone|phone|mobile|cell|call|fax|whatsapp|sms|telefon|handy|msisdn)\b[ :.#=-]{0,3}"
    r"(?:(?:no|nr|number|is|at|on|me|us)\b[ :.#=-]{0,3}){0,2}(\(?[0-9](?:[ ./()-]{0,2}[0-9]){6,14})(?![0-9])",
)
OTHER = (
    rf"\b((?:{PERSON})s?(?: with)?(?: the)?[ _-]?ids?[\"' :=#(]{{1,4}})"
    r"(?=[\w@.-]{0,80}[0-9])\w{1,80}+(?:[.@-]\w{1,80}+){0,8}+"
)
