"""Taking in a file: looked at, stored by content hash, recorded; a filing then names it among its materials."""

from domain.actors import Actor
from domain.attachments import Attachment, AttachmentProblem, inspect
from domain.cases.environment import POLICY
from domain.cases.register import Agency
from domain.moments import local_day, stamp
from domain.policy import Rules
from domain.refusals import Reason, Refused
from gateway.answers import Answer, refusal_answer
from gateway.gateway import Gateway
from records.files import FileStore
from records.statements import run
from records.world import LedgerWorld

LONGEST_NAME = 200
_KEEP = (
    "INSERT INTO attachments (sha256, name, size, media_type, agency, stored_at) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (sha256) DO NOTHING"
)


def attach(gateway: Gateway, store: FileStore, by: Actor, name: str, data: bytes) -> Answer:
    """Store a file for an officer, a filer or, with an objection, the public; the answer names its content hash, or says what is wrong with it.

    The bytes are in the store before the record says so: a record never points at nothing. The same content twice is
    one attachment.
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
        digest = store.put(data)
        row = (digest, found.name, found.size, found.media_type, by.agency, stamp(now))
        run(connection, _KEEP, row)  # twice at once is once
    return {"outcome": "accepted", **receipt, "attachment": digest, "size": len(data)}


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
