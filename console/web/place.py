"""What a request works with: the environment, who is asking, in which language; and how a page is made of it."""

from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, select_autoescape

from console.clean import clean
from console.desk import Desk, Register
from console.web.jobs import Jobs
from console.web.throttle import Throttle
from console.web.voice import Voice
from domain.moments import spoken, stamp
from gateway.clock import Environment
from gateway.gateway import Gateway
from gateway.sessions import Session
from gateway.settings import Settings
from gateway.sight import Sight
from records.files import FileStore

HERE = Path(__file__).parent
TEMPLATES = Templates(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(default=True, default_for_string=True),
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
TEMPLATES.filters["clean"] = clean


@dataclass
class Place:
    """One running console."""

    settings: Settings
    gateway: Gateway
    environment: Environment
    store: FileStore
    signing: bytes
    """Signs cookies; derived from the environment's own secret."""
    secure: bool = False
    """Whether people come by HTTPS: then cookies travel by nothing else."""
    throttle: Throttle = field(default_factory=Throttle)
    register: Register = field(default_factory=Register)
    ended: deque[str] = field(default_factory=lambda: deque(maxlen=1_000))
    """Ids of the forms last done or given up: what their pages send while they leave is not kept again."""

    @cached_property
    def jobs(self) -> Jobs:
        """Long work begun on pages."""
        return Jobs(self.gateway.engine)

    def desk(self) -> Desk:
        """The environment as it is now: names and rules are read anew for each request."""
        return Desk(self.settings, self.gateway, self.environment, self.register)


class Elsewhere(Exception):
    """The request is answered by going to another page."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class NotForYou(Exception):
    """This page is not for the office that asks; nothing is said of what stands there."""


class Visit:
    """One request."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.place: Place = request.app.state.place
        self.session: Session | None = getattr(request.state, "session", None)

    @cached_property
    def desk(self) -> Desk:
        """The environment."""
        return self.place.desk()

    @cached_property
    def voice(self) -> Voice:
        """The reader's language: as chosen, else as the browser asks, else Chinese."""
        chosen = self.request.cookies.get("lang")
        asked = self.request.headers.get("accept-language", "zh").lower()
        return Voice(chosen or ("en" if asked.startswith("en") else "zh"), self.desk)

    @property
    def me(self) -> Session:
        """Who is logged in. Raises Elsewhere to the login."""
        if self.session is None:
            raise Elsewhere(f"/login?next={quote(self.here, safe='')}")
        if self.session.account.temporary and self.request.url.path != "/password":
            raise Elsewhere("/password")
        return self.session

    @property
    def here(self) -> str:
        """The page that the reader has before them, to come back to: of a part of a page, the page that asked for it."""
        shown = self.request.headers.get("hx-current-url", "") if self.swap else ""
        if not shown and self.request.method != "GET":
            return "/desk"
        parts = urlsplit(shown or str(self.request.url))
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @cached_property
    def sight(self) -> Sight:
        """What this person may see."""
        return Sight(self.desk.engine, self.me.actor, once=self.request.method == "GET")

    def may_try(self, act: str) -> bool:
        """Whether this act is for the person's role at all; the gateway says whether for this case, and now."""
        roles = {o.role for pack in self.desk.packs if act in pack.acts for o in pack.acts[act].by}
        return bool(roles & {self.me.actor.role, "anyone"})

    @property
    def now(self) -> str:
        """Legal time, as a form remembers when it was drawn."""
        return stamp(self.desk.gateway.clock.now())

    @property
    def swap(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    def page(self, template: str, status: int = 200, **more: Any) -> HTMLResponse:
        """A page, or a part of one."""
        v = self.voice
        text = TEMPLATES.get_template(template).render(
            v=v, t=v.t, me=self.session, path=self.request.url.path, here=more.pop("here", self.here), now=spoken(self.desk.gateway.clock.now()),
            csrf=self.session.csrf if self.session else "", clock=self.place.environment.clock, **more,
        )  # fmt: skip
        return HTMLResponse(text, status)

    def go(self, path: str) -> Response:
        """See another page; never one elsewhere in the world."""
        parts = urlsplit(path)
        safe = (
            path if path.startswith("/") and not parts.netloc and not path.startswith(("//", "/\\")) else "/"
        )
        return RedirectResponse(safe, 303)
