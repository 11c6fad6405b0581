"""The environment that people work in: its gateway, its rules, its names. Terminal and pages share it."""

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, func, make_url, select

from console.clean import clean
from domain.cases.environment import POLICY, PolicyInForce
from domain.cases.register import College
from domain.cases.round import Round, call_claim, newest
from domain.identifiers import document_no
from domain.moments import local_day
from domain.policy import Authority, Instrument, Pack, Rule
from gateway.clock import Environment
from gateway.gateway import Gateway
from gateway.settings import NotSetUp, Settings
from gateway.views import NoSuchCase
from records.schema import streams
from records.world import LedgerWorld

STANDARD_PACK = "guangdong/pilot"
DRAWN_ID = re.compile(r"[a-z2-7]{26}")
"""What `draw_id` draws."""


class Register:
    """Names of colleges as last read: parsing thousands of records for each page would cost more than the page."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[date, int, int] | None, dict[str, str]] = (None, {})

    def names(self, engine: Engine, today: date) -> dict[str, str]:
        """College id to its Chinese name on a day; read anew when the day is another or anything was added to a record."""
        of_colleges = streams.c.kind == College.kind
        with engine.connect().execution_options(reading=True) as connection:
            many, facts = connection.execute(
                select(func.count(), func.coalesce(func.sum(streams.c.head), 0)).where(of_colleges)
            ).one()
            version = today, int(many), int(facts)
            if self._kept[0] == version:
                return self._kept[1]
            states = connection.execute(select(streams.c.state).where(of_colleges)).scalars()
            colleges = [College.model_validate_json(state) for state in states]
        names = {c.id.removeprefix("college/"): clean(c.at(today).name) for c in colleges if c.records}
        self._kept = version, names
        return names


@dataclass
class Desk:
    """A set-up environment, and what a screen needs to know of it."""

    settings: Settings
    gateway: Gateway
    environment: Environment
    register: Register = field(default_factory=Register)
    """Shared by the desks of one process."""

    @property
    def engine(self) -> Engine:
        """The records database."""
        return self.gateway.engine

    @property
    def today(self) -> date:
        """The legal day in China."""
        return local_day(self.gateway.clock.now())

    @cached_property
    def policy(self) -> PolicyInForce:
        """Which pack new cases pin, with this environment's settings."""
        with self.engine.connect().execution_options(reading=True) as connection:
            found = LedgerWorld(connection, self.gateway.cache).load([POLICY]).get(POLICY)
        if not isinstance(found, PolicyInForce):
            raise NotSetUp(self.settings.database_url)
        return found

    @cached_property
    def pack(self) -> Pack:
        """The rules in force, settings included."""
        return self.pack_of(self.policy.pack)

    @cached_property
    def packs(self) -> list[Pack]:
        """The rules in force for every procedure here, the environment's own first."""
        return [self.pack, *(self.pack_of(hash_) for hash_ in self.policy.beside.values())]

    def authority(self, act: str) -> Authority | None:
        """Who may do an act, by the first procedure here that has it."""
        return next((pack.acts[act] for pack in self.packs if act in pack.acts), None)

    def pack_of(self, hash_: str) -> Pack:
        """The rules that a case pinned."""
        with self.engine.connect().execution_options(reading=True) as connection:
            return self.gateway.shelf.get(connection, hash_)

    def pinned(self, view: Mapping[str, Any] | None) -> Pack:
        """The rules that a case pinned; those in force for what pins none, such as a college's record."""
        return self.pack_of(view["pack"]) if view and view.get("pack") else self.pack

    @cached_property
    def names(self) -> dict[str, str]:
        """Agency or college id to its Chinese name today."""
        agencies = {id_: words.zh for id_, words in self.pack.agencies.items()}
        return {**agencies, **self.register.names(self.engine, self.today)}

    def find(self, text: str) -> str:
        """The id of a case: itself, a round's year (`2026`, `guangdong/key-majors/2026`), or a document number.

        Raises NoSuchCase.
        """
        procedure, _, year = text.rpartition("/")
        keys = [call_claim(procedure, year), f"document/{document_no(text) or text}"]
        with self.engine.connect().execution_options(reading=True) as connection:
            held = LedgerWorld(connection, self.gateway.cache).holders(keys)
            found = next((held[key] for key in keys if key in held), text)
            if connection.execute(select(streams.c.id).where(streams.c.id == found)).first() is None:
                raise NoSuchCase(text)
        return found

    def newest_round(self) -> str | None:
        """The round of the latest year."""
        with self.engine.connect().execution_options(reading=True) as connection:
            return newest(LedgerWorld(connection, self.gateway.cache).claimed(call_claim("")))

    def settled_by_silence(self, case: str) -> set[str]:
        """Ends of a case's periods by which nobody is late."""
        with self.engine.connect().execution_options(reading=True) as connection:
            return LedgerWorld(connection, self.gateway.cache).load([case])[case].settled_by_silence()

    def majors_open(self, round_: str) -> dict[str, str]:
        """Code to name of what may be filed to a round now: a later year's call replaces the catalog of one still open, too."""
        with self.engine.connect().execution_options(reading=True) as connection:
            world = LedgerWorld(connection, self.gateway.cache)
            own = world.load([round_]).get(round_)
            if not isinstance(own, Round):
                return {}
            latest = newest(world.claimed(call_claim(own.beside))) or round_
            call = world.load([latest])[latest]
            assert isinstance(call, Round)
            return {major.code: major.name for major in call.majors}


def draw_id(*wish: str) -> str:
    """An id that nobody else's command has: the same for the same wish in words, a fresh one for none."""
    drawn = hashlib.sha256(" ".join(wish).encode()).digest()[:16] if wish else os.urandom(16)
    return base64.b32encode(drawn).decode().rstrip("=").lower()


def without_secrets(url: str) -> str:
    """A database URL to show: no password, and no query, which may hold one as well."""
    return make_url(url).set(query={}).render_as_string(hide_password=True)


def rule_of(pack: Pack, basis: str) -> Rule | None:
    """The rule that a basis such as `notice.working_days` or `routing.by_affiliation.2` names."""
    return pack.rules.get(basis) or pack.rules.get(re.sub(r"\.\d+$", "", basis))


def cited(instrument: Instrument | None, clause: str) -> str:
    """`《…通知》二(一)`."""
    return f"《{instrument.title}》{clause}" if instrument else clause
