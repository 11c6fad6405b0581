"""Serving the console: one process, uvicorn, the gateway's clock."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from ipaddress import ip_address

import uvicorn
from sqlalchemy import func, select

from console.web.app import make_app, make_place
from console.web.place import TEMPLATES
from domain.moments import instant
from gateway.clock import ClockFace, LegalClock
from gateway.garbage import settle
from gateway.gateway import Gateway
from gateway.logs import configure_logs
from gateway.metrics import endpoint, registry
from gateway.settings import Settings, open_gateway
from records.schema import events


def serve(settings: Settings, host: str, port: int, *, secure: bool = False, at_rest: bool = False) -> None:
    """Serve until stopped. `at_rest`: the legal clock stands where the record ends, to look at what is over.

    Raises NotSetUp when there is no environment, ValueError for a host that is no address.
    """
    ip_address(host)
    configure_logs()
    gateway, environment = open_gateway(settings)
    if at_rest:
        end = _end(gateway)
        face = ClockFace(real=end, legal=end)
        still: Callable[[], datetime] = lambda: end  # noqa: E731
        gateway.clock = LegalClock(face, still)
    app = make_app(make_place(settings, gateway, environment, secure=secure))
    for name in TEMPLATES.list_templates():  # compiled now, not while somebody waits for the first page
        TEMPLATES.get_template(name)
    settle()
    trusted = os.environ.get("HUIQIAN_PROXIES", "")
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, server_header=False, proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted or None, h11_max_incomplete_event_size=32_768,
    )  # fmt: skip
    with endpoint(settings.metrics, registry(gateway)) if settings.metrics else nullcontext():
        uvicorn.Server(config).run()


def _end(gateway: Gateway) -> datetime:
    with gateway.engine.connect().execution_options(reading=True) as connection:
        last = connection.execute(select(func.max(events.c.recorded_at))).scalar()
    return instant(last) if last else gateway.clock.now()
