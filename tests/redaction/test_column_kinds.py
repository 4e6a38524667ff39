"""Columns that hold identifiers by their names, and by their values where a name is that of something else as often."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.batches import Batch
from persona_agent.redaction import Redactor
from persona_agent.redaction.column_kinds import kind_by_value, kind_of_column

KEY = bytes(range(32))
PLACES = [
    "page_address",
    "web_address",
    "webAddress",
    "WEB-ADDRESS",
    "url_address",
    "page_addr",
    "pageAddress2",
    "web_adresse",
    "website_address",
    "link_address",
]
STREETS = [
    "address",
    "home_address",
    "shippingAddress",
    "address_line_2",
    "addr",
    "customer_addr",
    "webster_address",
    "homepages_mailing_address",
]


def kept(column: str, value: Any) -> Any:
    batch = Batch(
        file=["log.csv"], line=[2], n=[0], hash=["00"], user=["u1"], session=[None], ts=[0], action=["view"], object=[""],
        text=[""], properties=[{column: value}], event_id=["e1"],
    )  # fmt: skip
    once = Redactor(KEY).redact(batch)
    again = Redactor(KEY).redact(replace(once, user=["u1"]))
    assert again.properties == once.properties
    return once.properties[0][column]


@pytest.mark.parametrize("column", PLACES)
def test_the_address_of_a_page_is_a_place_in_the_product(column: str) -> None:
    """It is kept, and what identifies somebody in it is masked as in any other text."""
    assert kept(column, "/checkout/step-2") == "/checkout/step-2"
    assert kept(column, "home") == "home"
    assert kept(column, "https://shop.example/u?mail=a@b.de&t=9f8e") == "https://shop.example/u?mail=[value]&t=[value]"
    assert kept(column, "/reset/5f0c2d1e-7a1b-4c3d-9e8f-0a1b2c3d4e5f") == "/reset/[id]"
    assert kept(column, "/invite/jane.doe@example.com") == "/invite/[email]"


@pytest.mark.parametrize("column", STREETS)
def test_the_address_of_somebody_is_masked_whole(column: str) -> None:
    """Whatever stands in it, a page as well."""
    assert kept(column, "12 Main Street") == kept(column, "https://maps.example/12-Main-Street") == "[address]"


def test_the_address_of_a_site_is_judged_by_its_value() -> None:
    """On the web it is a place in the product, elsewhere one where somebody works or lives."""
    for column in ("site_address", "siteAddress", "site_addr"):
        assert kept(column, "https://example.com/a") == "https://example.com/a"
        assert kept(column, "/a/b") == "/a/b"
        assert kept(column, "12 Main Street") == "[address]"


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ("ip_address ipAddress ip_addr user_ip_address remote_addr", "ip"),
        ("mac_address macAddress bluetooth_address mac_addr", "id"),
        ("email_address emailAddress EMAIL_ADDRESS_2 mail_address", "email"),
        ("wallet_address bitcoin_address sender_address", "address"),
        ("lname LNAME user_fname custFname customer_name customerName2 surname", "name"),
        ("custMail custmail user_mail kundenmail usermail_2", "email"),
        (
            "mail_sent mail_type mail_count mail_id fname_length handy_model mobile_os cell_type nome_prodotto game_name",
            None,
        ),
        ("filename file_name hostname event_name product_name", None),
    ],
)
def test_what_a_name_tells_by_itself(columns: str, kind: str | None) -> None:
    """Addresses of machines and of mail, names and compounds of them; what is only said of such a thing is none of it."""
    assert {c: kind_of_column(c) for c in columns.split()} == dict.fromkeys(columns.split(), kind)
    if kind is None:
        assert not any(map(kind_by_value, columns.split()))


PHONES = [
    "handy",
    "Handy",
    "user_handy",
    "movil",
    "móvil",
    "cellulare",
    "mobile",
    "MOBILE2",
    "tel",
    "gsm",
    "celular",
    "portable",
    "cell",
]
NUMBERS = ["01712345678", "+39 333 123 4567", "(555) 123-4567", 3331234567, "3331234567.0", "555 1234"]
NO_NUMBERS = ["iPhone 12", "yes", "Safari 17.2", "2024-05-01", 1, True, "B12", "", None]


@pytest.mark.parametrize("column", PHONES)
def test_a_number_in_a_column_that_may_hold_phones_is_masked(column: str) -> None:
    """In any writing, as a number as well; a make, a flag and a day are kept."""
    assert [kept(column, value) for value in NUMBERS] == ["[phone]"] * len(NUMBERS)
    assert [kept(column, value) for value in NO_NUMBERS] == NO_NUMBERS


@given(
    st.sampled_from(PHONES), st.from_regex(r"[1-9][0-9]{5,14}", fullmatch=True), st.sampled_from(["", " ", "-", "."])
)
def test_no_digits_of_a_phone_are_left(column: str, number: str, between: str) -> None:
    """Of a local number of six digits and of an international one of fifteen, in pairs or together."""
    parts = [number[i : i + 3] for i in range(0, len(number), 3)]
    assert kept(column, between.join(parts)) == "[phone]"


@pytest.mark.parametrize("column", ["mail", "correo", "MAIL", "direct_mail", "correo_2"])
def test_a_mailbox_is_masked_with_the_name_in_it(column: str) -> None:
    """The name that a mail program writes in front of an address goes with it; what is said of a mail is kept."""
    assert kept(column, "Jane Doe <jane@example.com>") == "[email]"
    assert kept(column, "sent") == "sent"
    assert kept(column, "welcome_3") == "welcome_3"


@pytest.mark.parametrize("column", ["fname", "FNAME", "fName", "fname_2", "f_name"])
def test_a_first_name_is_masked_and_a_file_is_not(column: str) -> None:
    """What has the ending of a file, or a folder in it, is a file."""
    assert kept(column, "Jane") == kept(column, "Mary Ann") == kept(column, "李伟") == "[name]"
    for file in ("report.pdf", "notes.docx", "src/main", "C:\\a\\b", "data.tar.gz", "app.log"):
        assert kept(column, file) == file


def test_rejected_records_are_judged_alike() -> None:
    """In the raw text of a rejected record as well."""
    raw = '{"handy": "01712345678", "mobile": "yes", "fname": "Jane", fname: a.pdf, "lname": "Doe", "page_address": "home"'
    masked = (
        '{"handy": [phone], "mobile": "yes", "fname": [name], fname: a.pdf, "lname": [name], "page_address": "home"'
    )
    assert Redactor(KEY).mask_raw(raw) == masked


def test_of_a_list_each_is_judged() -> None:
    """Several names, phones or addresses of one person stand in a list; what is said of them is kept."""
    assert kept("first_name", ["Jane", "Mary"]) == ["[name]", "[name]"]
    assert kept("mobile", ["01712345678", "iPhone 12", 3331234567]) == ["[phone]", "iPhone 12", "[phone]"]
    assert kept("address", [{"street_name": "Main Street", "kind": "home"}]) == [
        {"street_name": "[address]", "kind": "home"}
    ]
    assert kept("app_version", ["10.2.0.1", "v2"]) == ["10.2.0.1", "v2"]
