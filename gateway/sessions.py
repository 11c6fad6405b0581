"""Sessions of the pages and tokens of other systems: kept on the server, by digest, so that the table opens neither."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, select

from domain.actors import Actor, parse_actor
from domain.moments import instant, stamp
from gateway.accounts import Account, AccountProblem, offices_of
from gateway.clock import system_time
from records.people import accounts, jottings, logins, sessions, tokens

IDLE = timedelta(minutes=60)
"""A session unused for so long has ended."""
LONGEST = timedelta(hours=12)
"""No session lasts longer."""
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """Somebody logged in, the office they act in now, and every office they hold."""

    id: str
    account: Account
    actor: Actor
    offices: list[Actor]
    csrf: str


def digest_of(secret: str) -> str:
    """How a cookie or token is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(engine: Engine, account: Account, today: date) -> str:
    """Open a session in the person's first office; gives what the cookie holds. Raises AccountProblem without office."""
    held = offices_of(engine, account.person, today)
    if not held:
        raise AccountProblem("此账号目前没有任何岗位", "this account holds no office now")
    secret, now = secrets.token_urlsafe(32), stamp(system_time())
    with engine.begin() as connection:
        long_ago = stamp(system_time() - LONGEST)
        connection.execute(sessions.delete().where(sessions.c.begun_at < long_ago))
        connection.execute(
            sessions.insert().values(
                id=digest_of(secret), account=account.name, office=str(held[0]), csrf=secrets.token_urlsafe(32),
                begun_at=now, seen_at=now,
            )
        )  # fmt: skip
    return secret


def open_session(engine: Engine, secret: str, today: date, *, by_itself: bool = False) -> Session | None:
    """The session of a cookie, None when it ended, the account was closed, or the person holds no office any more.

    `by_itself`: the page asks and not the person, who may have left: the session grows idle all the same.
    """
    id_, now = digest_of(secret), system_time()
    query = (
        select(sessions, accounts.c.person, accounts.c.temporary)
        .join(accounts, accounts.c.name == sessions.c.account)
        .where(sessions.c.id == id_, accounts.c.closed.is_(False))
    )
    with engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(query).first()
    if row is None or instant(row.begun_at) < now - LONGEST or instant(row.seen_at) < now - IDLE:
        return None
    if not by_itself and instant(row.seen_at) < now - SEEN_EVERY:
        with engine.begin() as connection:
            connection.execute(sessions.update().where(sessions.c.id == id_).values(seen_at=stamp(now)))
    held = offices_of(engine, row.person, today)
    if not held:
        return None
    actor = next((office for office in held if str(office) == row.office), held[0])
    return Session(id_, Account(row.account, row.person, row.temporary), actor, held, row.csrf)


def choose_office(engine: Engine, session: Session, office: str) -> bool:
    """Act in another of one's own offices from now on."""
    if office not in {str(held) for held in session.offices}:
        return False
    with engine.begin() as connection:
        connection.execute(sessions.update().where(sessions.c.id == session.id).values(office=office))
    return True


def end_session(engine: Engine, session: Session, address: str) -> None:
    """Log out; written down."""
    with engine.begin() as connection:
        connection.execute(sessions.delete().where(sessions.c.id == session.id))
        row = {
            "at": stamp(system_time()),
            "account": session.account.name,
            "address": address[:64],
            "outcome": "out",
        }
        connection.execute(logins.insert().values(row))  # fmt: skip


def end_others(engine: Engine, session: Session) -> None:
    """After a change of password every other session of the account ends."""
    with engine.begin() as connection:
        others = (sessions.c.account == session.account.name) & (sessions.c.id != session.id)
        connection.execute(sessions.delete().where(others))


def make_token(engine: Engine, label: str, office: str) -> str:
    """A token for another system that acts in this office. Raises ValueError when that is no office."""
    secret = f"hq_{secrets.token_urlsafe(32)}"
    row = {"digest": digest_of(secret), "label": label[:80], "office": str(parse_actor(office))}
    with engine.begin() as connection:
        connection.execute(tokens.insert().values(**row, made_at=stamp(system_time()), revoked_at=None))
    return secret


def revoke_token(engine: Engine, label: str) -> int:
    """Every token of this label is void; how many those were."""
    now = stamp(system_time())
    with engine.begin() as connection:
        live = (tokens.c.label == label) & tokens.c.revoked_at.is_(None)
        return connection.execute(tokens.update().where(live).values(revoked_at=now)).rowcount


def actor_of_token(engine: Engine, secret: str) -> Actor | None:
    """Whose token this is. Whether the office is still held, the gateway asks at each act."""
    query = select(tokens.c.office).where(tokens.c.digest == digest_of(secret), tokens.c.revoked_at.is_(None))
    with engine.connect().execution_options(reading=True) as connection:
        office = connection.execute(query).scalar()
    return parse_actor(office) if office else None


def keep(engine: Engine, account: str, key: str, body: Any) -> None:
    """Keep something for a person under a key of theirs; None forgets it."""
    with engine.begin() as connection:
        # A form keeps itself while somebody types: two of its requests may come at once, and the later one holds.
        connection.execute(select(accounts.c.name).where(accounts.c.name == account).with_for_update())
        mine = (jottings.c.account == account) & (jottings.c.key == key[:200])
        connection.execute(jottings.delete().where(mine))
        if body is not None:
            row = {"account": account, "key": key[:200], "body": json.dumps(body, ensure_ascii=False)}
            connection.execute(jottings.insert().values(**row, at=stamp(system_time())))


def kept(engine: Engine, account: str, prefix: str) -> dict[str, Any]:
    """What a person kept under keys that begin so."""
    query = select(jottings.c.key, jottings.c.body).where(
        jottings.c.account == account, jottings.c.key.startswith(prefix, autoescape=True)
    )
    with engine.connect().execution_options(reading=True) as connection:
        return {row.key: json.loads(row.body) for row in connection.execute(query.order_by(jottings.c.key))}
