"""Taking in a file: looked at, stored by content hash, recorded; a filing then names it among its materials."""

from domain.actors import Actor
from domain.attachments import AttachmentProblem, inspect
from domain.cases.environment import POLICY
from domain.cases.register import Agency
from domain.moments import local_day, stamp
from domain.refusals import Reason
from gateway.gateway import Answer, Gateway
from records.files import FileStore
from records.statements import run
from records.world import LedgerWorld

LONGEST_NAME = 200
_KEEP = (
    "INSERT INTO attachments (sha256, name, size, media_type, agency, stored_at) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (sha256) DO NOTHING"
)


def attach(gateway: Gateway, store: FileStore, by: Actor, name: str, data: bytes) -> Answer:
    """Store a file for an officer or filer; the answer names its content hash, or says what is wrong with it.

    The bytes are in the store before the record says so: a record never points at nothing. The same content twice is
    one attachment.
    """
    now = gateway.clock.now()
    with gateway.engine.begin() as connection:
        world = LedgerWorld(connection, gateway.cache)
        agency = world.load([f"agency/{by.agency}"]).get(f"agency/{by.agency}")
        if not (isinstance(agency, Agency) and agency.holds(by.role, by.person)):
            return _refused(
                "not-authorised",
                Reason(code="not-authorised", zh=f"{by}未任此职", en=f"{by} holds no such office"),
            )
        rules = gateway.shelf.get(connection, world.load([POLICY])[POLICY].pack).on(local_day(now))
        try:
            if len(name) > LONGEST_NAME:
                raise AttachmentProblem(
                    f"文件名超过{LONGEST_NAME}个字符", f"the name is longer than {LONGEST_NAME} characters"
                )
            found = inspect(name, data, rules.int("attachment.max_bytes"), rules.list("attachment.types"))
        except AttachmentProblem as problem:
            return _refused(
                "invalid", Reason(code="invalid", field="file", zh=problem.why_zh, en=problem.why_en)
            )
        digest = store.put(data)
        row = (digest, found.name, found.size, found.media_type, by.agency, stamp(now))
        run(connection, _KEEP, row)  # twice at once is once
    return {"outcome": "accepted", "act": "attach", "at": stamp(now), "attachment": digest, "size": len(data)}


def _refused(code: str, reason: Reason) -> Answer:
    return {
        "outcome": "refused",
        "act": "attach",
        "code": code,
        "reasons": [reason.model_dump(exclude_none=True)],
    }
