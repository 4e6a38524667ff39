"""Which column means what: names that logs usually give to the fields of an event.

Takes the columns found in a sample; gives a column for each field it can, and which may be one where no name tells. Promises: a
column is chosen here by its name (and by being filled), never by its values (taking.py does that); the same columns give the same
choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .column_names import bare
from .identity import ANONYMOUS
from .shapes import UNFOLDED
from .vendors.common import words

REQUIRED = ("user", "timestamp", "action")
FIELDS = (*REQUIRED, "object", "text", "session", "event_id", "account")

# In order of preference; compared without case, accents and punctuation, so `userId` and `user_id` are one name. A nested
# column is known by its last part, or by its last two: `product.name` is `product_name`.
_USUAL = """
user: user_id userid uid user org_resource distinct_id customer_id cust_id client_id member_id subscriber_id account_id
    person_id player_id student_id learner_id shopper_id buyer_id patron_id visitor_id full_visitor_id anonymous_id
    user_pseudo_id domain_userid user_uuid user_guid user_hash hashed_user_id user_name username login customer member visitor
    client account person player student actor actor_id profile_id device_id network_userid installation_id app_instance_id
    cookie_id email user_email kunde kundennummer kunden_nr kunden_id benutzer benutzer_id nutzer nutzer_id mitglied
    mitgliedsnummer mitglieds_nr utilisateur utilisateur_id id_utilisateur client_id id_client numero_client usuario usuario_id
    id_usuario cliente cliente_id id_cliente codigo_cliente utente utente_id id_utente codice_cliente пользователь
    пользователь_id id_пользователя клиент клиент_id id_клиента покупатель id_покупателя 用户id 用户编号 用户 会员id 会员编号
    会员号 会员 客户id 客户编号 客户 顾客id 顾客 用戶id 用戶 使用者id 使用者 會員id 會員編號 會員 客戶id 客戶 顧客id 顧客
    ユーザーid ユーザid ユーザー 会員番号 顧客番号 利用者id 利用者 사용자id 사용자 회원번호 회원id 회원 고객번호 고객id 고객
    유저id
timestamp: timestamp event_timestamp event_time event_datetime client_event_time time ts occurred_at happened_at
    datetime date_time time_stamp timestamp_utc timestamp_ms ts_ms event_ts utc_time local_time collector_tstamp
    derived_tstamp original_timestamp time_timestamp sent_at received_at created_at created created_on logged_at recorded_at
    start_time started_at invoice_date order_date purchase_date transaction_date visit_start_time event_date date
    day unixtime epoch zeitpunkt zeitstempel datum uhrzeit bestelldatum kaufdatum rechnungsdatum horodatage date_heure
    date_commande date_achat fecha_hora fecha_y_hora fecha fecha_pedido fecha_compra data_hora data_e_hora data_pedido
    data_compra data_ora data_e_ora data_ordine data_acquisto дата_время дата_и_время время_события временная_метка
    метка_времени время дата дата_заказа дата_покупки 时间戳 日期时间 行为时间 操作时间 事件时间 发生时间 下单时间 购买时间
    交易时间 订单时间 时间 日期 時間戳 時間戳記 時間 タイムスタンプ 日時 発生日時 購入日時 注文日時 時刻 日付 購入日 注文日
    타임스탬프 일시 주문일시 구매일시 시간 날짜 주문일 구매일
action: action concept_name event_action event_name event event_type action_name action_type activity activity_type
    activity_name verb interaction interaction_type operation behavior behaviour type aktion aktionstyp ereignis ereignistyp
    vorgang aktivitat evenement type_evenement type_action activite accion tipo_accion evento tipo_evento tipo_de_evento
    actividad acao tipo_acao atividade azione tipo_di_evento attivita событие тип_события название_события действие тип_действия
    行为类型 行为 用户行为 事件类型 事件名称 事件 操作类型 操作 动作 行為類型 行為 事件類型 動作 行動種別 行動 イベント名
    イベント種別 イベント アクション 행동유형 행동 이벤트명 이벤트유형 이벤트 활동
object: object object_name repo_name repository_name repo_full_name repository_full_name project_path_with_namespace
    item item_name product product_name product_title item_title title page_title page page_name screen screen_name
    page_view target target_name resource resource_name content content_name article document course module component
    feature element element_text button label name url page_url page_location current_url pathname page_path path uri
    product_id item_id object_id sku stock_code artikelname artikelbezeichnung produktname artikel produkt nom_produit
    nom_du_produit article_nom produit nombre_producto nombre_del_producto articulo producto nome_produto
    nome_do_produto artigo produto nome_prodotto articolo prodotto название_товара наименование_товара товар продукт
    商品名称 商品名 产品名称 商品 产品 页面名称 页面 商品名稱 產品名稱 產品 頁面 製品名 品名 製品 ページ名 ページ
    상품명 제품명 상품 제품 페이지 artikelnummer artikel_nr produkt_id id_produit id_producto id_produto id_prodotto
    id_товара 商品id 商品编号 产品id 物品id 商品コード 상품id 상품코드 content_id article_id news_id story_id post_id page_id
    document_id doc_id file_id asset_id video_id episode_id movie_id film_id track_id song_id album_id playlist_id artist_id
    book_id isbn recipe_id exercise_id problem_id question_id quiz_id lesson_id module_id course_id listing_id hotel_id
    restaurant_id venue_id poi_id place_id station_id issue_id repo_id offer_id coupon_id
text: text query search_query search_term search_terms search_text search_keyword search_phrase keywords q message
    description event_description comment comments body content_text review review_text note notes question feedback
    utterance prompt suchbegriff suchanfrage kommentar recherche commentaire busca comentario ricerca commento поисковый_запрос
    комментарий 搜索词 搜索关键词 评论内容 检索词 検索語 検索キーワード コメント 검색어 댓글
session: session_id session sid ga_session_id session_uuid visit_id domain_sessionid session_key session_token
    conversation_id case_concept_name case_id case ga_session_number session_number visit_number visit_count
    sitzung sitzungs_id id_session sesion sesion_id id_sesion sessao sessao_id id_sessao sessione sessione_id id_sessione сессия
    id_сессии сеанс 会话id 会话 會話id 访问id セッションid セッション 세션id 세션
event_id: insert_id event_uuid event_id message_id uuid event_guid hit_id record_id log_id event_key
"""

# By which a column may be proposed for a field that has none: its last word, behind others; a key only of somebody.
_ACTS = frozenset(
    words("action actions activity act event events verb operation interaction behavior behaviour command")
)
_WHOLE_ACTS = frozenset(words("kind method http_method request_method step task op"))
_OF_ACTS = frozenset(words("name type kind title label"))
# What holds all that is told of an event: its `type` is the event's, and that of anything else is its own.
_HOLDERS = frozenset(words("data payload body detail details attributes record entry message"))
# Of each member of a list that is read by --each, its own is meant before that of what holds the list.
_OF_MEMBERS = frozenset({"timestamp", "action", "object", "text"})
_PEOPLE = frozenset(
    words(
        """
        user customer client member visitor person account requester owner author sender subscriber patient student
        employee buyer seller player device contact profile email login kunde konto nutzer benutzer
        poster commenter committer contributor reviewer writer
        household hshd family card cardholder holder passenger rider driver guest resident tenant donor pupil reader viewer
        listener respondent participant panelist traveller traveler borrower patron shopper consumer policyholder citizen cust
        mitglied haushalt karte abonnent adherent foyer socio hogar tarjeta membro
        """
    )
)
# Of a thing, as often as who does something.
_OWNERS = frozenset(
    words("owner author sender seller contact profile poster commenter committer contributor reviewer writer")
)
KEY_WORDS = frozenset(words("id ids name hash key number no nr num nbr nummer numero uuid guid code"))
_OTHER_TIMES = re.compile(r"birth|expir|until|(?<![a-z])(dob|due)")
_ENDS = re.compile(r"updat|modif|(?<![a-z])end")  # of what began, or was made, at another time
_TIMES = frozenset(words("time timestamp datetime date day ts at on when epoch zeit datum fecha heure hora data"))
FEW = 20  # records in which nobody need come back
LEFT_OUT = 0.1  # of the records without an act are no slips, and would be lost
REPEATS = 0.8  # different values of those filled: above, a column names each record, and nobody who comes back

# In a log of a process, the resource is who does the work; elsewhere it is a thing.
WORKERS = ("resource", "performer", "originator")
_CASES = "case_concept_name case_id case"
_STEPS = "concept_name activity activity_name task task_name"

# An account has none: many logs call their users so.
NAMES: Mapping[str, tuple[str, ...]] = {
    name: words(told) for name, told in re.findall(r"^(\w+): (.*(?:\n .*)*)", _USUAL, re.MULTILINE)
}

# Too common a name to be trusted at any depth but these: `type` of a nested thing is rarely the action.
_TOP_ONLY = {
    "type",
    "name",
    "label",
    "component",
    "date",
    "day",
    "created",
    "client",
    "account",
    "login",
    "path",
    "uuid",
}


@dataclass(slots=True)
class Column:
    """A column as the sample shows it: how many of the records hold it, as which JSON types."""

    filled: int = 0
    types: set[str] = field(default_factory=set)
    # Whether every value is a number, or a CSV cell that looks like one; and whether every value reads as a time.
    numeric: bool = True
    timely: bool = True
    distinct: set[str] = field(default_factory=set)
    objects: bool = False  # whether a value is a list of objects
    shown: str = ""  # its path without identifiers, where that is another


def find_columns(
    columns: Mapping[str, Column],
    records: int,
    mapped: Mapping[str, str],
    without: Sequence[str] = (),
    *,
    sparse: bool = False,
    each: str = "",
) -> dict[str, str]:
    """The column of each field that has one: `mapped`, else by name in the order of `FIELDS`, but for those to go `without`; none
    serves twice. A column of users may be `sparse` where another says whose the rest is. Members of the list at `each`
    are records.
    """
    chosen = dict(mapped)
    workers = WORKERS if is_process(columns) else ()
    for name in FIELDS:
        if name in mapped or name in without or name not in NAMES:
            continue
        more = workers if name == "user" else words(_STEPS) if name == "action" and workers else ()
        names = (*NAMES[name], *more)
        theirs = {*_of_the_user(user := chosen.get("user", ""), columns), *colleagues(user, columns)}
        theirs = theirs if name in ("object", "text") else set()
        asked = 0 if sparse and name == "user" else records
        best = _best(name, names, columns, asked, set(chosen.values()) | theirs, each)
        if best is not None:
            chosen[name] = best
    return chosen


def colleagues(user: str, columns: Iterable[str]) -> list[str]:
    """In a log of a process whose users are its cases, the columns of who did the work: people, and neither things nor values."""
    return [path for path in columns if bare(path).removeprefix("org") in WORKERS] if is_case(user) else []


def find_anonymous(columns: Mapping[str, Column], user: str) -> str:
    """The column that knows a device where nobody has signed in, beside the one of users; "" without any."""
    return _best("anonymous", ANONYMOUS, columns, 0, {user}) or ""


def passed_over(columns: Mapping[str, Column], records: int, mapping: Mapping[str, str]) -> str:
    """The column of users that would have been taken had most records not left it empty; "" without any."""
    fuller = {path: column for path, column in columns.items() if path != mapping["user"]}
    best = _best("user", NAMES["user"], fuller, 0, set())
    ranked = _best("user", NAMES["user"], columns, 0, set())
    return best if best is not None and best == ranked and 2 * columns[best].filled < records else ""


def guesses(name: str, columns: Mapping[str, Column], taken: set[str]) -> list[str]:
    """Columns that may be a field that has none by name, likeliest first: for a person to say, or for values to tell."""
    free = {path: column for path, column in columns.items() if path not in taken and column.filled}
    rank = {"action": _act_rank, "user": _user_rank, "timestamp": _time_rank}[name]
    ranked = [(place, path) for path, column in free.items() if (place := rank(path, column)) is not None]
    # Where nothing else says when, an end does: a log of processes may have one stamp of a step, that of its end.
    first = [r for r in ranked if name != "timestamp" or not _ENDS.search("_".join(parts_of_name(r[1])))]
    return [path for _, path in sorted(first or ranked, key=lambda x: x[0])]


def is_key_of_people(path: str) -> bool:
    """Whether a name is of somebody, or of their key (`household_id`, `member_no`, `card`), and not of who made a thing."""
    parts = parts_of_name(path)
    whole = parts[-1] in _PEOPLE or parts[-1] in KEY_WORDS - {"name"}
    return whole and not _PEOPLE.isdisjoint(parts) and _OWNERS.isdisjoint(parts)


def _act_rank(path: str, column: Column) -> int | None:
    """By its words and its values: the type of a device, the state of an order or the way of a payment is nothing that somebody
    did, and an act is done more than once.
    """
    parts = parts_of_name(path)
    named = parts[-1] in _ACTS or (len(parts) > 1 and parts[-1] in _OF_ACTS and parts[-2] in _ACTS)
    told = not column.numeric and not column.timely and not column.types & {"list", "object", "boolean"}
    if not told or not _comes_back(column):
        return None
    if named or "_".join(parts) in _WHOLE_ACTS:
        return 0
    held = parts_of_name(path.rpartition(".")[0])[-1] in _HOLDERS or path.partition(".")[0] in UNFOLDED
    return 1 if "." in path and parts == ["type"] and held else None


def _user_rank(path: str, column: Column) -> int | None:
    """A name or a key of somebody, whose values come back; a key of anything else behind them."""
    parts = owner_parts(path)
    of_people = parts[-1] in _PEOPLE or parts == ["id"] or (parts[-1] in KEY_WORDS and not _PEOPLE.isdisjoint(parts))
    if column.types & {"list", "object", "boolean"} or column.timely:
        return None
    if is_key_of_people(path):  # of a large shop, a sample meets hardly anybody again
        return 0 if _comes_back(column) or len(column.distinct) < column.filled else None
    return 1 if of_people and _comes_back(column) else None


def _time_rank(path: str, column: Column) -> int | None:
    """Texts that read as times; numbers may be so by chance, and stand behind those with a name that says so."""
    if not column.timely or _OTHER_TIMES.search("_".join(parts_of_name(path))):
        return None
    named = is_named_time(path)
    return (0 if named else 1) if not column.numeric else 2 if named else 3


def is_literal(column: Column) -> bool:
    """Whether values are objects as a program prints them (`{'type': 'buy'}`), which no reader of JSON takes in."""
    return bool(column.distinct) and all(value.lstrip()[:1] == "{" and ":" in value for value in column.distinct)


def is_named_time(path: str) -> bool:
    """Whether a name says that it is when something was."""
    return not _TIMES.isdisjoint(parts_of_name(path))


def _comes_back(column: Column) -> bool:
    """Whether values are met again, as far as the sample shows it."""
    return column.filled < FEW or 1 < len(column.distinct) < REPEATS * column.filled


def parts_of_name(path: str) -> list[str]:
    last = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path.rpartition(".")[2])
    return [word for word in re.split(r"[\W_]+", last.lower()) if word] or [""]


def owner_parts(path: str) -> list[str]:
    """The words of a name; of a key within something (`author.name`), with what it is the key of."""
    parts, (holder, dot, _) = parts_of_name(path), path.rpartition(".")
    inner = dot and len(parts) == 1 and parts[0] in KEY_WORDS and holder.rpartition(".")[2] not in UNFOLDED
    return [*parts_of_name(holder), *parts] if inner else parts


def _of_the_user(user: str, columns: Mapping[str, Column]) -> set[str]:
    """The columns that stand beside a nested user: the address of who did something is not what it was done to."""
    parent, dot, _ = user.rpartition(".")
    holds_more = parent.rpartition(".")[2] in UNFOLDED
    return {path for path in columns if dot and not holds_more and path.startswith(parent + dot)}


def is_process(columns: Iterable[str]) -> bool:
    """Whether steps of cases are told, as process mining has them."""
    names = {bare(path) for path in columns}
    return all(names & set(map(bare, known.split())) for known in (_CASES, _STEPS))


def is_case(column: str) -> bool:
    """Whether a column of this name tells which case a step is of."""
    return bare(column) in set(map(bare, _CASES.split()))


def _best(
    name: str,
    names: Sequence[str],
    columns: Mapping[str, Column],
    records: int,
    taken: set[str],
    each: str = "",
) -> str | None:
    ranks = {bare(usual): rank for rank, usual in enumerate(names)}
    candidates: list[tuple[bool, bool, int, int, str]] = []
    for path, column in columns.items():
        if path in taken or not column.filled or (name == "event_id" and not _unique(column)):
            continue
        own = path.removeprefix(f"{each}.") if each else path
        parts = own.split(".")
        found = [ranks[spelled] for spelled in _spellings(parts) if spelled in ranks]
        if found:
            # A column that most records leave empty is only used where there is no other; one of acts, that many leave so.
            most = LEFT_OUT if name == "action" else 0.5
            sparse = name in REQUIRED and column.filled < (1 - most) * records
            candidates.append((sparse, own == path and name in _OF_MEMBERS, len(parts), found[0], path))
    return min(candidates)[-1] if candidates else None


def _spellings(parts: list[str]) -> list[str]:
    last = bare(parts[-1])
    if len(parts) == 1:
        return [last]
    return ([] if last in _TOP_ONLY else [last]) + [bare(parts[-2]) + last]


def _unique(column: Column) -> bool:
    """An id of the event, not of its kind: hardly any repeats in the sample."""
    return len(column.distinct) >= 0.8 * column.filled
