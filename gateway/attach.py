"""Taking in a file: looked at, stored by content hash, recorded; a filing then names it among its materials."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from domain.actors import Actor
from domain.attachments import Attachment, AttachmentProblem, inspect
from domain.cases.environment import POLICY
from domain.cases.register import Agency
from domain.moments import local_day, stamp
from domain.policy import Rules
from domain.refusals import Reason, Refused
from domain.secrets import identity
from gateway.answers import Answer, refusal_answer
from gateway.gateway import Gateway
from records.files import FileDamaged, FileMissing, FileStore
from records.keys import Envelope, Erased
from records.sealed_files import SEALED, Opened, open_file, seal_file, sealed_for
from records.sealing import pseudonym_under
from records.statements import run
from records.world import LedgerWorld

LONGEST_NAME = 200
_KEEP = (
    "INSERT INTO attachments (sha256, name, size, media_type, agency, stored_at) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (sha256) DO NOTHING"
)


def attach(
    gateway: Gateway,
    store: FileStore,
    by: Actor,
    name: str,
    data: bytes,
    about: Mapping[str, Any] | None = None,
) -> Answer:
    """Store a file for an officer, a filer or, with an objection, the public; the answer names its content hash, or says what is wrong with it.

    The bytes are in the store before the record says so: a record never points at nothing. The same content twice is
    one attachment. `about`: particulars of the one person it is about or from (`domain.secrets.identity`); then it is
    sealed under that person's key, name and type with it, and the hash is of the sealed form (个保法 51(三)).
    """
    now = gateway.clock.now()
    receipt: Answer = {"act": "attach", "at": stamp(now)}
    with gateway.engine.begin() as connection:
        world = LedgerWorld(connection, gateway.cache)
        pack = gateway.shelf.get(connection, world.load([POLICY])[POLICY].pack)
        try:
            found = _looked_at(world, pack.on(local_day(now)), by, name, data)
        except Refused as refused:
            return refusal_answer(pack, refused, receipt)
        kept, shown, media_type = data, found.name, found.media_type
        if about is not None:
            envelope = Envelope(gateway.keys, connection, "")
            person = envelope.pseudonym(*identity(dict(about)))
            kept = seal_file(envelope.key(person), person, Opened(found.name, found.media_type, data))
            shown, media_type = f"密封附件 {hashlib.sha256(kept).hexdigest()[:8]}", SEALED
        digest = store.put(kept)
        row = (digest, shown, len(kept), media_type, by.agency, stamp(now))
        run(connection, _KEEP, row)  # twice at once is once
    return {"outcome": "accepted", **receipt, "attachment": digest, "size": len(kept)}


def opened(gateway: Gateway, connection: Connection, data: bytes) -> Opened:
    """A sealed file in clear; who opens it has put that on record. Raises Erased, NotSealed."""
    person = sealed_for(data)
    key = gateway.keys.get(connection, person)
    if key is None:
        raise Erased(person)
    return open_file(key, data)


def _looked_at(world: LedgerWorld, rules: Rules, by: Actor, name: str, data: bytes) -> Attachment:
    """What the file is. Raises Refused when it may not come in, or not from this person."""
    agency = world.load([f"agency/{by.agency}"]).get(f"agency/{by.agency}")
    public = by.role == "public"
    if not public and not (isinstance(agency, Agency) and agency.holds(by.role, by.person)):
        raise Refused([Reason(code="not-authorised", zh=f"{by}未任此职", en=f"{by} holds no such office")])
    try:
        if len(name) > LONGEST_NAME:
            raise AttachmentProblem(
                f"文件名超过{LONGEST_NAME}个字符", f"the name is longer than {LONGEST_NAME} characters"
            )
        return inspect(name, data, rules.int("attachment.max_bytes"), rules.list("attachment.types"))
    except AttachmentProblem as problem:
        why = Reason(code="invalid", field="file", zh=problem.why_zh, en=problem.why_en)
        raise Refused([why]) from problem


def sealed_for_others(
    gateway: Gateway, store: FileStore, digests: Iterable[str], about: Mapping[str, Any]
) -> set[str]:
    """Of these files those that are not sealed for this person, and would not be erased with them."""
    found: set[str] = set()
    with gateway.engine.connect().execution_options(reading=True) as connection:
        person = pseudonym_under(gateway.keys.pepper(connection), *identity(dict(about)))
    for digest in digests:
        try:
            if sealed_for(store.get(digest)) != person:
                found.add(digest)
        except (FileMissing, FileDamaged, ValueError):
            found.add(digest)
    return found
