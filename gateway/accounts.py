"""Who may log in: accounts with passwords, each a person of the registers; every attempt is written down.

An account is not an office. Which offices its person holds is asked of the agencies each time, so that somebody who
was dismissed has lost the office at once, also in a session that is open.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Engine, false, func, literal, select, union_all

from domain.actors import Actor, parse_actor
from domain.cases.register import Agency, Expert
from domain.moments import stamp
from gateway.clock import system_time
from records.people import accounts, logins
from records.schema import officers, streams

HASHER = PasswordHasher()
"""argon2id with the parameters of RFC 9106 for machines with little memory."""
NAME = re.compile(r"[a-z0-9][a-z0-9@./_:-]{1,63}", re.ASCII)
LEAST_PASSWORD = 12
WINDOW = timedelta(minutes=15)
"""How long failures count."""
MOST_FAILURES = 5
"""Failures of one account within the window after which it waits."""
MOST_FROM_ADDRESS = 30
"""Failures from one address within the window after which the address waits."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class AccountProblem(Exception):
    """An account cannot be made or changed so; why, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Account:
    """Somebody who may log in."""

    name: str
    person: str
    temporary: bool


@dataclass(frozen=True)
class Attempt:
    """What became of an attempt: `in`, `wrong`, `closed`, `wait`, or `unknown` to us although a provider vouches."""

    outcome: str
    account: Account | None = None


def new_password() -> str:
    """A password to hand out: four groups of five letters and digits that nobody confuses, 98 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def add_account(
    engine: Engine, name: str, person: str, *, temporary: bool = True, subject: str | None = None
) -> str:
    """Make an account and give its password, which is kept nowhere. Raises AccountProblem.

    With a `subject` (see `subject_of`) an identity provider vouches for them: there is no password to give or to try.
    """
    if not NAME.fullmatch(name):
        raise AccountProblem(
            "账号须为2至64个小写字母、数字或 @ . / : _ -",
            "an account takes 2 to 64 lower-case letters, digits or @ . / : _ -",
        )
    if not offices_of(engine, person):
        raise AccountProblem(
            f"{person}未任任何岗位，也不是专家", f"{person} holds no office and is no expert"
        )
    password = "" if subject else new_password()
    with engine.begin() as connection:
        same = (accounts.c.name == name) | (accounts.c.subject == subject if subject else false())
        if taken := connection.execute(select(accounts.c.name).where(same)).scalar():
            raise AccountProblem(
                f"账号 {taken} 已存在" if taken == name else f"账号 {taken} 已是此人的统一身份",
                f"there is an account {taken} already" + ("" if taken == name else " for this identity"),
            )
        connection.execute(
            accounts.insert().values(
                name=name, person=person, secret=HASHER.hash(password) if password else "", closed=False,
                temporary=temporary and not subject, made_at=stamp(system_time()), subject=subject,
            )
        )  # fmt: skip
    return password


def subject_of(issuer: str, subject: str) -> str:
    """How somebody whom a provider vouches for is known: the pair that no provider gives to two people."""
    return f"{issuer.rstrip('/')}#{subject}"[:400]


def reset_password(engine: Engine, name: str) -> str:
    """A new password that must be changed at the next login; no provider vouches any more. Raises AccountProblem."""
    password = new_password()
    _change(engine, name, secret=HASHER.hash(password), temporary=True, closed=False, subject=None)
    return password


def close_account(engine: Engine, name: str) -> None:
    """Nobody logs in by it any more; open sessions end. Raises AccountProblem."""
    _change(engine, name, closed=True)


def _change(engine: Engine, name: str, **values: object) -> None:
    with engine.begin() as connection:
        done = connection.execute(accounts.update().where(accounts.c.name == name).values(**values))
    if not done.rowcount:
        raise AccountProblem(f"没有账号 {name}", f"there is no account {name}")


def change_password(engine: Engine, name: str, old: str, new: str) -> None:
    """A person's own change. Raises AccountProblem naming what is wrong with it."""
    with engine.connect().execution_options(reading=True) as connection:
        secret = connection.execute(select(accounts.c.secret).where(accounts.c.name == name)).scalar()
    if secret == "":
        raise AccountProblem(
            "此账号用统一身份登录，没有密码", "this account logs in by the identity provider: no password"
        )
    if secret is None or not _fits(secret, old):
        raise AccountProblem("原密码不对", "the old password is wrong")
    if len(new) < LEAST_PASSWORD or len(new) > 200 or len(set(new)) < 5:
        raise AccountProblem(
            f"新密码应为{LEAST_PASSWORD}至200个字符，且不过于单一",
            f"a new password takes {LEAST_PASSWORD} to 200 characters, not all alike",
        )
    if new == old:
        raise AccountProblem("新密码与原密码相同", "the new password is the old one")
    _change(engine, name, secret=HASHER.hash(new), temporary=False)


def list_accounts(engine: Engine) -> list[dict[str, object]]:
    """Every account, without its secret."""
    query = select(accounts).order_by(accounts.c.name)
    with engine.connect().execution_options(reading=True) as connection:
        return [
            {
                "name": r.name,
                "person": r.person,
                "temporary": r.temporary,
                "closed": r.closed,
                "subject": r.subject,
            }
            for r in connection.execute(query)
        ]


def log_in(engine: Engine, name: str, password: str, address: str) -> Attempt:
    """Check a password; written down whatever comes of it. After too many failures even the right one waits."""
    name, now = name.strip().lower()[:64], system_time()
    since = stamp(now - WINDOW)
    with engine.begin() as connection:
        row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
        last = select(func.max(logins.c.at)).where(logins.c.account == name, logins.c.outcome == "in")
        begun = max(since, connection.execute(last).scalar() or "")
        failed = select(func.count()).where(logins.c.outcome == "wrong")
        by_name = connection.execute(failed.where(logins.c.account == name, logins.c.at > begun)).scalar_one()
        by_place = connection.execute(
            failed.where(logins.c.address == address, logins.c.at > since)
        ).scalar_one()
        if by_name >= MOST_FAILURES or by_place >= MOST_FROM_ADDRESS:
            outcome = "wait"
        elif not _fits((row.secret if row else "") or _NOBODY, password) or row is None:
            outcome = "wrong"
        else:
            outcome = "closed" if row.closed else "in"
        connection.execute(
            logins.insert().values(at=stamp(now), account=name, address=address[:64], outcome=outcome)
        )
    if outcome != "in" or row is None:
        return Attempt(outcome)
    return Attempt(outcome, Account(row.name, row.person, row.temporary))


def known_by(engine: Engine, issuer: str, subject: str, address: str) -> Attempt:
    """The account of somebody whom an identity provider vouches for; written down like any attempt."""
    query = select(accounts).where(accounts.c.subject == subject_of(issuer, subject))
    with engine.begin() as connection:
        row = connection.execute(query).first()
        outcome = "unknown" if row is None else "closed" if row.closed else "in"
        given = {"account": row.name if row else "", "address": address[:64], "outcome": outcome}
        connection.execute(logins.insert().values(at=stamp(system_time()), **given))
    if row is None or row.closed:
        return Attempt(outcome)
    return Attempt(outcome, Account(row.name, row.person, False))


_NOBODY = HASHER.hash(new_password())
"""Checked when there is no such account, or no password to it, so that the time taken does not tell."""


def _fits(secret: str, password: str) -> bool:
    try:
        return HASHER.verify(secret, password[:200])
    except VerificationError:
        return False


def offices_of(engine: Engine, person: str, today: date | None = None) -> list[Actor]:
    """Every office this person holds, in a settled order; an expert is one of their own.

    `today` (the legal day): those that were delegated to them for that day too.
    """
    with engine.connect().execution_options(reading=True) as connection:
        # Only agencies that name the person: parsing the records of thousands would cost more than any page.
        named = select(officers.c.agency).where(officers.c.person == person)
        ids = union_all(named, select(literal(f"expert/{person.removeprefix('expert:')}")))
        query = select(streams.c.id, streams.c.kind, streams.c.state).where(streams.c.id.in_(ids))
        rows = connection.execute(query).all()
    found: list[Actor] = []
    for row in rows:
        if row.kind == Expert.kind and person.startswith("expert:"):
            found.append(parse_actor(person))
        elif row.kind == Agency.kind:
            case = Agency.model_validate_json(row.state)
            held = case.offices
            agency = row.id.removeprefix("agency/")
            found += [
                Actor(role=d.role, agency=agency, person=person, on_behalf_of=d.principal)
                for d in case.delegations.values()
                if today and d.delegate == person and d.covers(today) and case.holds(d.role, d.principal)
            ]
            found += [
                Actor(role=role, agency=agency, person=person)
                for role, people in held.items()
                if person in people
            ]
    return sorted(found, key=lambda actor: (actor.agency, actor.role, actor.on_behalf_of or ""))


def everybody(engine: Engine) -> list[str]:
    """Every person who holds an office or is an expert."""
    with engine.connect().execution_options(reading=True) as connection:
        query = select(streams.c.id, streams.c.kind, streams.c.state).where(
            streams.c.kind.in_((Agency.kind, Expert.kind))
        )
        rows = connection.execute(query).all()
    people: set[str] = set()
    for row in rows:
        if row.kind == Expert.kind:
            people.add(f"expert:{row.id.removeprefix('expert/')}")
        else:
            held = Agency.model_validate_json(row.state).offices
            people |= {person for persons in held.values() for person in persons}
    return sorted(people)
