"""An opened bundle as a source of past events, packs and keys (audit.redecide.Evidence), and as a dossier."""

import base64
import hashlib
import json

from audit.bundle_format import BadBundle, Bundle
from audit.dossier import Dossier, Row
from audit.redecide import KeyGone, destroyed_by
from audit.relations import OWN, SHARED
from domain.cases.person import person_stream
from domain.policy import Pack


def nickname(parts: tuple[str, ...]) -> str:
    """Under what the pseudonym of particulars is kept: without the environment's own key, and without the particulars."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


class BundleSource:
    """Reads a bundle whose files agree with its manifest. Raises BadBundle for what is not as a bundle has it."""

    whole = False

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._streams: dict[str, list[Row]] = {}
        for name in bundle.under("events"):
            rows = bundle.rows(f"events/{name}")
            if not rows or any("stream" not in row or "position" not in row for row in rows):
                raise BadBundle(f"events/{name} 不是事实", f"events/{name} holds no facts")
            self._streams[str(rows[0]["stream"])] = rows
        self._acts = bundle.rows("acts.jsonl")
        self._attachments = bundle.rows("attachments.jsonl")
        self._packs = {str(row["hash"]): row for row in bundle.rows("packs.jsonl")}
        self._read: dict[str, Pack] = {}
        keys = bundle.json("keys.json") if "keys.json" in bundle.files else {}
        self._keys = {str(p): base64.b64decode(k) for p, k in keys.get("people", {}).items()}
        self._names = {str(k): str(v) for k, v in keys.get("pseudonyms", {}).items()}
        self._order = {str(k): int(v) for k, v in bundle.json("order.json").items()}

    @property
    def streams(self) -> dict[str, list[Row]]:
        """All events by stream."""
        return self._streams

    @property
    def acts(self) -> list[Row]:
        """All acts, in the order in which they were recorded."""
        return self._acts

    def dossier(self) -> Dossier:
        """The dossier that the bundle was made from."""
        about = self.bundle.manifest
        case, near = str(about["case"]), {str(i): str(k) for i, k in about["related"].items()}
        if case not in self._streams:
            raise BadBundle(f"没有案件 {case} 的事实", f"it holds no facts of {case}")
        told = {
            id_: rows for id_, rows in self._streams.items() if id_ == case or near.get(id_) in OWN | SHARED
        }
        bodies = {hash_: str(row["body"]) for hash_, row in self._packs.items()}
        return Dossier(
            case,
            str(about["kind"]),
            told,
            self._acts,
            self.bundle.rows("dispatches.jsonl"),
            near,
            bodies,
            self._attachments,
        )

    def events(self, ids: list[str]) -> dict[str, list[Row]]:
        return {id_: self._streams[id_] for id_ in ids if id_ in self._streams}

    def claimants(self, claim: str) -> list[str]:
        return sorted(self._streams)

    def of_kind(self, kind: str, round_: str | None = None) -> list[str]:
        return sorted(id_ for id_, rows in self._streams.items() if rows[0]["kind"] == kind)

    def concerning(self, person: str) -> list[str]:
        said = f'"person":"{person}","sealed"'
        return sorted(id_ for id_, rows in self._streams.items() if any(said in row["data"] for row in rows))

    def attachment(self, digest: str) -> bool:
        return any(row["sha256"] == digest for row in self._attachments)

    def pack(self, hash_: str) -> Pack:
        if hash_ not in self._packs:
            raise LookupError(f"policy pack {hash_}")
        if hash_ not in self._read:
            self._read[hash_] = Pack.model_validate_json(str(self._packs[hash_]["body"]))
        return self._read[hash_]

    def key(self, person: str) -> bytes | None:
        return self._keys.get(person)

    def destroyed(self, person: str) -> Row | None:
        return destroyed_by(self._streams.get(person_stream(person), []))

    def pseudonym(self, *parts: str) -> str:
        if (name := self._names.get(nickname(parts))) is None:
            raise KeyGone("化名 pseudonym")
        return name

    def genuine(self, said: str, mac: str) -> bool | None:
        return None  # the key of those digests never leaves its environment

    def recorded(self, command: str) -> list[Row]:
        named = next(
            (json.loads(a["answer"]).get("events") or [] for a in self._acts if a["command"] == command), []
        )
        touched = {str(id_).rpartition("#")[0] for id_ in named}
        rows = [row for id_ in touched for row in self._streams.get(id_, []) if row["command"] == command]
        return sorted(rows, key=lambda row: row["position"])

    def next_after(self, position: int) -> int:
        command = next((str(a["command"]) for a in self._acts if a["position"] == position), "")
        return self._order.get(command, 2**62)
