"""Recordings: what went over the wire, kept in a folder, so that anyone can run the same run again without a key.

A folder holds `interactions.yaml` (requests and answers as parsed JSON, no host, headers by allow-list), `dossiers.json`
(what the writer was shown) and `meta.yaml` (source, models, prices, prompt versions, who wrote and who judged). Promises:
the folder that is written is its owner's alone; an interaction is on disk before its answer is used; a request matches by its
whole body; a miss is an error that names the prompt and the first field that differs, never another answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ..errors import RecordingError, StoreError
from ..folders import make_private, open_private, refuse_links
from .base import Request

if TYPE_CHECKING:  # vcrpy takes a quarter of a second to import, and most runs neither record nor replay
    from vcr.cassette import Cassette
    from vcr.request import Request as Wire

INTERACTIONS, DOSSIERS, META = "interactions.yaml", "dossiers.json", "meta.yaml"
HOST = "https://model"
KEPT_HEADERS = ("content-type",)
KEPT_STATUSES = (200, 400, 422)  # a refused parameter is part of the story, a busy server is not
# What comes of reading anything else in its place: text that is no YAML, tags of another program's, other lists and mappings.
_NOT_A_RECORDING = (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError)
SHOWN = 60  # characters of the field that differs, enough to find it in a prompt


class Recording:
    """One folder, written (`replay` False) or answered from (`replay` True)."""

    def __init__(self, folder: Path, *, replay: bool) -> None:
        self.folder, self.replay = folder, replay
        self._cassette: Cassette | None = None
        if not replay:
            make_private(folder)
        if folder.is_dir():  # a link would lead a reader anywhere, a pipe keep it waiting
            refuse_links(folder)
        if replay and not (folder / INTERACTIONS).is_file():
            raise StoreError(
                f"{str(folder)!r} holds no recording: it has no {INTERACTIONS}.", hint="Make one with --record."
            )

    @contextmanager
    def playing(self) -> Iterator[None]:
        """All HTTP traffic of the block goes through the recording."""
        from vcr import VCR

        vcr = VCR(
            record_mode="none" if self.replay else "new_episodes",
            match_on=("method", "body"),  # servers differ in the path that they serve a model under
            before_record_request=_clean_request,
            before_record_response=_clean_response,
            decode_compressed_response=True,
        )
        vcr.register_serializer("parsed", _Parsed)
        vcr.register_persister(_Whole)
        vcr.register_matcher("body", _same_body)
        path = str(self.folder / INTERACTIONS)
        with ExitStack() as stack:
            played = vcr.use_cassette(path, serializer="parsed", allow_playback_repeats=True)
            try:
                self._cassette = stack.enter_context(played)
            except _NOT_A_RECORDING as error:
                raise self._unreadable(error) from None
            yield
            self._cassette = None

    def _unreadable(self, error: Exception) -> StoreError:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        return StoreError(
            f"{str(self.folder / INTERACTIONS)!r}{where} is no recording: it is not YAML of requests and answers.",
            hint="Fetch it again, or record anew.",
        )

    def flush(self) -> None:
        """What was answered so far is on disk."""
        if self._cassette is not None and not self.replay:
            self._cassette._save()

    def unused(self) -> int:
        """Interactions of the recording that nothing has asked for yet; inside `playing` alone."""
        cassette = self._cassette
        return 0 if cassette is None else sum(cassette.play_counts[i] == 0 for i in range(len(cassette)))

    def miss(self, error: BaseException, request: Request) -> RecordingError | None:
        """The error in a sentence, if a replay was asked what was not recorded."""
        from vcr.errors import CannotOverwriteExistingCassetteException

        at: BaseException | None = error
        met: set[int] = set()  # an error that was raised again from another may stand behind itself
        while at is not None and not isinstance(at, CannotOverwriteExistingCassetteException):
            met.add(id(at))
            behind = at.__cause__ or at.__context__
            at = None if id(behind) in met else behind
        if at is None:
            return None
        asked = json.loads(at.failed_request.body or b"{}")
        where = _first_difference(asked, [json.loads(r.body or b"{}") for r in at.cassette.requests])
        return RecordingError(
            f"The recording {str(self.folder)!r} has no answer to the prompt {request.stage!r} of {request.subject}: {where}.",
            hint="Log, options, prompts or dossiers are not those of the recording: record anew.",
        )

    def meta(self) -> dict[str, Any]:
        """meta.yaml as it stands; people write in it, so StoreError says where it is no mapping."""
        path = self.folder / META
        if not path.is_file():
            return {}
        try:
            return dict(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f":{mark.line + 1}" if mark else ""
            raise StoreError(
                f"{str(path)!r}{where} is not YAML of one mapping.", hint="Mend it, or record anew."
            ) from None

    def dossiers(self) -> Any:
        """dossiers.json as it stands, None without one; StoreError where it is no JSON."""
        path = self.folder / DOSSIERS
        try:
            return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        except (ValueError, RecursionError):
            raise StoreError(f"{str(path)!r} is not JSON.", hint="Mend it, or record anew.") from None

    def describe(self, meta: Mapping[str, Any], dossiers: Any) -> None:
        """Writes meta.yaml (keeping what a person added to it) and dossiers.json."""
        text = yaml.safe_dump({**self.meta(), **meta}, sort_keys=False, allow_unicode=True, width=120)
        _write(self.folder / META, text)
        _write(self.folder / DOSSIERS, json.dumps(dossiers, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def _first_difference(asked: Any, recorded: list[Any]) -> str:
    """Where `asked` leaves the recorded request that it follows longest."""
    if not recorded:
        return "nothing was recorded"
    texts = [_flat(r) for r in recorded]
    mine = _flat(asked)

    def common(other: list[tuple[str, str]]) -> int:
        same = 0
        for (name, a), (other_name, b) in zip(mine, other, strict=False):
            if (name, a) != (other_name, b):
                return same + _agree(a, b)
            same += len(a) + 1
        return same

    nearest = max(texts, key=common)
    for (name, a), (other_name, b) in zip(mine, nearest, strict=False):
        if name != other_name:
            return f"it has {name!r} where the nearest recorded one has {other_name!r}"
        if a != b:
            at = _agree(a, b)
            return f"{name!r} differs from the nearest recorded one at {a[max(0, at - 20) : at + SHOWN]!r}"
    return "it has more or fewer fields than the nearest recorded one"


def _agree(a: str, b: str) -> int:
    """How many characters two texts have in common from their start."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Fields with their paths, in a total order."""
    if isinstance(value, dict):
        return [x for k in sorted(value) for x in _flat(value[k], f"{name}.{k}" if name else k)]
    if isinstance(value, list):
        return [x for i, v in enumerate(value) for x in _flat(v, f"{name}[{i}]")]
    return [(name, json.dumps(value, ensure_ascii=False))]


def _clean_request(request: Wire) -> Wire:
    """The request without host, query and headers that could hold a key, its JSON with sorted keys."""
    body = request.body
    if isinstance(body, bytes | str) and body:
        body = json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False).encode()
    return type(request)(
        request.method,
        HOST + request.path,
        body,
        {k: v for k, v in request.headers.items() if k.lower() in KEPT_HEADERS},
    )


def _clean_response(response: dict[str, Any]) -> dict[str, Any] | None:
    if response["status"]["code"] not in KEPT_STATUSES:
        return None
    headers = {k.lower(): v for k, v in response["headers"].items() if k.lower() in KEPT_HEADERS}
    return {**response, "headers": headers}


def _same_body(one: Wire, other: Wire) -> None:
    assert (one.body or b"") == (other.body or b"")


class _Parsed:
    """Interactions as YAML with parsed JSON bodies, so that a person can read and review them."""

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        rows = [
            {
                "request": {
                    "method": i["request"]["method"],
                    "uri": i["request"]["uri"],
                    "body": _parsed(i["request"]["body"]),
                },
                "response": {
                    "status": i["response"]["status"],
                    "headers": i["response"]["headers"],
                    "body": _parsed(i["response"]["body"]["string"]),
                },
            }
            for i in cassette["interactions"]
        ]
        return str(
            yaml.dump(
                {"version": 1, "interactions": rows}, Dumper=_Readable, sort_keys=True, allow_unicode=True, width=120
            )
        )

    @staticmethod
    def deserialize(text: str) -> dict[str, Any]:
        rows = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["interactions"]
        if not all(map(_is_interaction, rows)):
            raise ValueError
        return {
            "version": 1,
            "interactions": [
                {
                    "request": {**r["request"], "headers": {}, "body": _unparsed(r["request"]["body"])},
                    "response": {**r["response"], "body": {"string": _unparsed(r["response"]["body"])}},
                }
                for r in rows
            ],
        }


def _is_interaction(row: Any) -> bool:
    """Has it what is asked of an interaction when it is played?"""
    asked, told = row["request"], row["response"]
    kinds = ((asked["method"], str), (asked["uri"], str), (told["status"]["code"], int), (told["headers"], dict))
    return "body" in asked and "body" in told and all(isinstance(value, kind) for value, kind in kinds)


class _Whole:
    """Files appear whole or not at all."""

    @staticmethod
    def load_cassette(path: str, serializer: Any) -> tuple[list[Any], list[Any]]:
        from vcr.serialize import deserialize

        file = Path(path)
        if not file.is_file():
            from vcr.persisters.filesystem import CassetteNotFoundError

            raise CassetteNotFoundError
        requests, responses = deserialize(file.read_text(encoding="utf-8"), serializer)
        return requests, responses

    @staticmethod
    def save_cassette(path: str, cassette: dict[str, Any], serializer: Any) -> None:
        from vcr.serialize import serialize

        _write(Path(path), serialize(cassette, serializer))


class _Readable(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Texts of several lines as blocks."""


def _block(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _block)


def _parsed(body: Any) -> Any:
    if body in (None, b"", ""):
        return None
    try:
        return json.loads(body)
    except ValueError:
        return {"text": body.decode(errors="replace") if isinstance(body, bytes) else body}


def _unparsed(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, dict) and set(body) == {"text"}:
        return str(body["text"]).encode()
    return json.dumps(body, sort_keys=True, ensure_ascii=False).encode()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with open_private(part) as file:
        file.write(text)
    part.replace(path)
