"""Which column means what: names that logs usually give to the seven fields of an event.

Takes the columns found in a sample; gives a column for each field it can. Promises: a column is chosen by its name
(and by being filled), never by its values; the same columns give the same choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .shapes import UNFOLDED

REQUIRED = ("user", "timestamp", "action")
FIELDS = (*REQUIRED, "object", "text", "session", "event_id")

# In order of preference; compared without case and punctuation, so `userId` and `user_id` are one name. A nested
# column is known by its last part, or by its last two: `product.name` is `product_name`.
_USUAL = """
user: user_id userid uid user org_resource distinct_id customer_id cust_id client_id member_id subscriber_id account_id person_id
    player_id student_id learner_id shopper_id buyer_id patron_id visitor_id full_visitor_id anonymous_id
    user_pseudo_id domain_userid user_uuid user_guid user_hash hashed_user_id user_name username login customer
    member visitor client account person player student actor actor_id profile_id device_id network_userid
    installation_id app_instance_id cookie_id email user_email
    kunde kundennummer kunden_id benutzer nutzer utilisateur usuario cliente utente
timestamp: timestamp event_timestamp event_time event_datetime client_event_time time ts occurred_at happened_at
    datetime date_time time_stamp timestamp_utc timestamp_ms ts_ms event_ts utc_time local_time collector_tstamp
    derived_tstamp original_timestamp time_timestamp sent_at received_at created_at created created_on logged_at recorded_at
    start_time started_at invoice_date order_date purchase_date transaction_date visit_start_time event_date date
    day unixtime epoch zeitpunkt zeitstempel datum uhrzeit horodatage date_heure fecha_hora fecha data_hora data_ora
action: action concept_name event_action event_name event event_type action_name action_type activity activity_type activity_name
    verb interaction interaction_type operation behavior behaviour type aktion ereignis vorgang evenement accion evento acao
    azione
object: object object_name repo_name repository_name item item_name product product_name product_title item_title title page_title
    page page_name screen screen_name page_view target target_name resource resource_name content content_name article
    document course module component feature element element_text button label name url page_url page_location
    current_url pathname page_path path uri product_id item_id object_id sku stock_code
    artikel produkt article_nom produit articulo producto artigo produto articolo prodotto
text: text query search_query search_term search_terms search_text search_keyword search_phrase keywords q message
    description event_description comment comments body content_text review review_text note notes question feedback
    utterance prompt
session: session_id session sid ga_session_id session_uuid visit_id domain_sessionid session_key session_token
    conversation_id case_concept_name case_id case ga_session_number session_number visit_number visit_count
event_id: insert_id event_uuid event_id message_id uuid event_guid hit_id record_id log_id event_key
"""

_ACTS = re.compile(r"act(?!or)|event|verb|kind|type|operation|step|command|method|status", re.IGNORECASE)
_NO_ACTS = re.compile(
    r"device|browser|user|client|platform|system|os(_|$)|country|referr|channel|content|mime|media|plan|account|member|agent|id$|time|date"
    r"|at$|visit|source|campaign|currency|product|item|file",
    re.IGNORECASE,
)

# In a log of a process, the resource is who does the work; elsewhere it is a thing.
_WORKERS = "resource performer originator"
_CASES = "case_concept_name case_id case"
_STEPS = "concept_name activity activity_name task task_name"

NAMES: Mapping[str, tuple[str, ...]] = {
    name: tuple(words.split()) for name, words in re.findall(r"^(\w+): (.*(?:\n .*)*)", _USUAL, re.MULTILINE)
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
    columns: Mapping[str, Column], records: int, mapped: Mapping[str, str], without: Sequence[str] = ()
) -> dict[str, str]:
    """The column of each field that has one: `mapped`, else by name in the order of `FIELDS`, but for those to go `without`; none
    serves twice.
    """
    chosen = dict(mapped)
    workers = _WORKERS.split() if _is_process(columns) else []
    for name in FIELDS:
        if name in mapped or name in without:
            continue
        names = (*NAMES[name], *workers) if name == "user" else NAMES[name]
        theirs = _of_the_user(chosen.get("user", ""), columns) if name in ("object", "text") else set()
        best = _best(name, names, columns, records, set(chosen.values()) | theirs)
        if best is not None:
            chosen[name] = best
    return chosen


def guess_column(name: str, columns: Mapping[str, Column], taken: set[str]) -> str | None:
    """The likeliest column for a field that has none by name; only ever proposed, never used unasked."""
    free = {path: column for path, column in columns.items() if path not in taken and column.filled}
    if name == "action":
        return next((p for p, c in free.items() if _may_be_act(p, c)), None)
    hints = {
        "user": "user|customer|client|member|visitor|person|account|device|e-?mail|id$",
        "timestamp": "time|date|day|at$",
    }
    for path, column in free.items():
        if name == "timestamp" and column.timely:
            return path
        if name == "user" and re.search(hints[name], path, re.IGNORECASE):
            return path
    named = (path for path in free if re.search(hints[name], path, re.IGNORECASE))
    return next(named, None)


def _may_be_act(path: str, column: Column) -> bool:
    """By the last part of its name: the type of a device or the name of a browser is nothing that somebody did."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path.rpartition(".")[2])
    told = not column.numeric and not column.timely and not column.types & {"list", "object", "boolean"}
    return told and len(column.distinct) > 1 and bool(_ACTS.search(words)) and not _NO_ACTS.search(words)


def _of_the_user(user: str, columns: Mapping[str, Column]) -> set[str]:
    """The columns that stand beside a nested user: the address of who did something is not what it was done to."""
    parent, dot, _ = user.rpartition(".")
    holds_more = parent.rpartition(".")[2] in UNFOLDED
    return {path for path in columns if dot and not holds_more and path.startswith(parent + dot)}


def _is_process(columns: Mapping[str, Column]) -> bool:
    """Whether steps of cases are told, as process mining has them."""
    names = {bare(path) for path in columns}
    return all(names & set(map(bare, known.split())) for known in (_CASES, _STEPS))


def _best(name: str, names: Sequence[str], columns: Mapping[str, Column], records: int, taken: set[str]) -> str | None:
    ranks = {bare(usual): rank for rank, usual in enumerate(names)}
    candidates: list[tuple[bool, int, int, str]] = []
    for path, column in columns.items():
        if path in taken or not column.filled or (name == "event_id" and not _unique(column)):
            continue
        parts = path.split(".")
        found = [ranks[spelled] for spelled in _spellings(parts) if spelled in ranks]
        if found:
            # A column that most records leave empty is only used where there is no other.
            sparse = name in REQUIRED and 2 * column.filled < records
            candidates.append((sparse, len(parts), found[0], path))
    return min(candidates)[-1] if candidates else None


def _spellings(parts: list[str]) -> list[str]:
    last = bare(parts[-1])
    if len(parts) == 1:
        return [last]
    return ([] if last in {bare(name) for name in _TOP_ONLY} else [last]) + [bare(parts[-2]) + last]


def _unique(column: Column) -> bool:
    """An id of the event, not of its kind: hardly any repeats in the sample."""
    return len(column.distinct) >= 0.8 * column.filled


def bare(name: str) -> str:
    """A name without case and punctuation, as names are compared."""
    return re.sub(r"[\W_]", "", name).lower()
