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
# Prefixes that vendors publish so that leaked keys can be found; the lists of GitHub's secret scanning and of gitleaks.
KEYS = (
    r"(?<![\w-])(?:eyJ[\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?|(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[0-9A-Z]{16}"
    r"|AIza[\w-]{30,}+|GOCSPX-[\w-]{20,}+|ya29\.[\w-]{20,}+|1//0[\w-]{30,}+"
    r"|gh[opsur]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+|gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w.-]{16,}+"
    r"|xox[a-z][-.][\w.-]{10,}+|xapp-[0-9]-[\w-]{20,}+|whsec_[\w+/=]{16,}+"
    r"|(?:hf|npm|r8|shp(?:at|ss|ca|pa)|sbp|glsa|glc|ntn|secret|do[por]_v1|lin_api|dckr_(?:pat|oat)|figd|sntry[su]|rubygems|pnu|rdme"
    r"|pscale_(?:tkn|pw|oauth)|sgp|nvapi|gsk|xai|pat|phc|phx|tskey|ops|EAA[AMC]|api_org|CLOJARS|shippo_(?:live|test)"
    r"|duffel_(?:live|test)|sm_[aps]at|oauth2?|f[mo][12][ar]?)_(?=[\w+/=-]*[0-9]|[A-Za-z]{30})[A-Za-z0-9_+/=-]{20,}+"
    r"|(?:sk|pk|rk)[_-](?:live|test|prod|proj|ant|or|svcacct|admin)[_-][\w-]{8,}+|sk-[A-Za-z0-9]{20,}+"
    r"|sq0[a-z]{3}-[\w-]{20,}+|EAAA[\w-]{40,}+|(?:HRKU|NRAK|NRJS|pypi|key|PMAK|pul|pplx|ico|p8e|tk-us|FLWSECK_TEST|FLWPUBK_TEST"
    r"|nvapi|xkeysib|xsmtpsib|rnd|API)-(?=[\w-]*[0-9])[\w-]{24,}+|LTAI[A-Za-z0-9]{12,}+|AGE-SECRET-KEY-1[A-Z0-9]{50,}+"
    r"|[0-9]{8,10}:AA[\w-]{32,}+|(?:dapi|SK|AC|EZ[AT]K)[0-9a-f]{32,}|SG\.[\w-]{16,}+\.[\w-]{16,}+|hv[sb]\.[\w-]{20,}+"
    r"|dp\.(?:pt|st|ct|scim|audit)\.[\w.-]{20,}+|pat[A-Za-z0-9]{14}\.[0-9a-f]{40,}|[\w]{3}[0-9]Q~[\w.~-]{30,36}"
    r"|[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}+|ATATT3x[\w=-]{20,}+|ATCTT3x[\w=-]{20,}+|sl\.[\w-]{60,}+|[0-9a-f]{32}-us[0-9]{1,2}"
    r"|[MNO][A-Za-z0-9_-]{23,25}\.[\w-]{6}\.[\w-]{27,}+|dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}|sha256~[\w-]{43})"
)
PEM = r"-----BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----(?!\[token\]).*?(?:-----END [A-Z0-9 ]{0,24}KEY(?: BLOCK)?-----|$)"
HOOK = (
    r"(?<=hooks\.slack\.com/services/)[\w/]{20,}+|(?<=hooks\.slack\.com/workflows/)[\w/]{20,}+"
    r"|(?<=discord\.com/api/webhooks/)[\w/-]{20,}+|(?<=\.webhook\.office\.com/webhookb2/)[\w@/-]{40,}+"
)
_NAMED = (
    r"(?:password|passwd|passwort|pwd|passphrase|secret|token|contraseña|mot de passe"
    r"|(?:api|access|account|auth|private|secret|signing|encryption|client)[ _-]?(?:key|secret|token))"
)
SECRET = (
    rf"(?<![a-z])({_NAMED}=|bearer (?=[\w.~+/=-]{{16}})|basic (?=[\w+/]{{16}})"
    rf"|{_NAMED}[\"']?\s?[:=]\s?[\"']?(?=[^\s&;,\"'<>]{{0,40}}[0-9]))(?!\[)[^\s&;,\"'<>]{{4,}}+"
)
UUID = r"(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])"
MAC = r"(?<![\w:])[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?![\w:])"
OBJECT_ID = r"(?<![0-9a-z])[0-9a-f]{24}(?![0-9a-z])"
BLOB = r"(?<![\w+/-])[A-Za-z0-9+/_-]{32,}+={0,2}"
SHA1 = re.compile("[0-9a-f]{40}")
OF_CODE = re.compile(
    r"(?<![^\W_])(?:commit|build|check ?out|merge|revert|rebase|cherry-pick|bisect|rollback|revision|rev|head)"
    r"(?: [a-z]{2,5})?[ :=#@/]{1,2}$",
    re.IGNORECASE,
)
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
# Chinese and Japanese put no space beside an address.
IPV4 = r"(?<![A-Za-z0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![A-Za-z0-9]|\.[0-9]|-(?:alpha|beta|rc|dev|snapshot))"
IPV6 = r"(?<![A-Za-z0-9_.])(?=[0-9a-f]{0,4}:)[0-9a-f:.]{2,45}+(?![A-Za-z0-9_])"
OF_VERSION = re.compile(
    r"(?:(?:^|[^a-z])v|ver|version|build|release|rev|firmware|sdk|chrome|firefox|safari|edge?|opera|opr|agent|chapter"
    r"|section|lecture|unit|figure|exercise|update|upgrade|notes|versi[óo]ne?|wersj[ai]|الإصدار|الاصدار|aggiornamento|aktualisierung"
    r"|actualizaci[óo]n|atualiza[çc][ãa]o|mise à jour|バージョン|版本)s?(?: (?:auf|to|a|à|na|zu|of))?[ .:=/#-]{0,3}$",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\D?(?:[0-9]{1,2}([./-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?!\1?[0-9])"
    r"|(?:19|20)[0-9]{2}([./-])[0-9]{1,2}\2[0-9]{1,2}(?![0-9]))"
)
DECIMAL = re.compile(r"\+?[0-9]+\.[0-9]+")
APART = r"(?<![\w.,/+-])(?<![0-9] )"
PHONES = (
    r"(?<![A-Za-z0-9_+])(\+\(?[1-9](?:[ ./()-]{0,3}[0-9]){6,14})(?![0-9])",
    APART + r"(00[1-9](?:[ ./()-]{0,3}[0-9]){9,12})(?![0-9])",
    APART + r"(\(?0[1-9][0-9]{0,4}\)?(?:[ ./-]{1,3}[0-9]{2,8}){1,5})(?![0-9])",
    APART + r"((?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4})(?![\w-])",
    APART + r"(0[67][0-9]{8}|07[0-9]{9}|01[567][0-9]{8,9})(?![\w-])",
    r"(?<![^\W_])(?:tel|telephone|phone|mobile|cell|call|dial|text|fax|whatsapp|sms|telefon|handy|mobil|anruf|r[üu]ckruf|rufnummer|msisdn"
    r"|tel[ée]fono|m[óo]vil|celular|llamar?|t[ée]l[ée]phone|t[ée]l|portable|appel(?:er)?|telefone|telemóvel|ligar|cellulare|contact"
    r"|هاتف|جوال|موبايل|اتصل|फ़?ोन|मोबाइल|电话|手机|電話|전화|телефон)(?:_[a-z]{1,12})?\b[ :.#=\"'-]{0,4}"
    r"(?:(?:no|nr|number|nummer|n[úu]mero|num[ée]ro|رقم|is|es|est|ist|at|on|me|us|al|au|to)\b[ :.#=-]{0,3}){0,2}"
    r"(\(?[0-9](?:[ ./()-]{0,2}[0-9]){6,14})(?![0-9])",
)
OTHER = (
    rf"\b((?:{PERSON})s?(?: with)?(?: the)?[ _-]?ids?[\"' :=#(]{{1,4}})"
    r"(?=[\w@.-]{0,80}[0-9])\w{1,80}+(?:[.@-]\w{1,80}+){0,8}+"
)
