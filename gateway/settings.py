"""Where this installation's parts are: read from the environment once, at start; nothing legal is configured here."""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel
from sqlalchemy import Engine

from gateway.clock import Environment, LegalClock, read_environment, system_time
from gateway.common_time import CommonTime
from gateway.gateway import Gateway
from records.engine import migrate, open_engine

if TYPE_CHECKING:
    from gateway.tracing import Traces


class Settings(BaseModel, frozen=True):
    """Addresses and folders. Every field is an environment variable `HUIQIAN_<NAME>`."""

    database_url: str = "sqlite:///var/up/records.db"
    files: str = "var/up/files"
    """Attachments and documents: a folder, or any fsspec URL such as s3://bucket/prefix."""
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    prefix: str = "huiqian"
    """Workflow ids and task queues begin with it, so that several environments may share a server."""
    smtp_url: str = ""
    """smtp://user:password@host:port; empty: mail is not sent and letters wait, visibly."""
    mail_from: str = "huiqian@huiqian.example"
    hooks: dict[str, str] = {}
    """Agency to webhook URL (DingTalk, WeCom, JSON), told when a letter of theirs goes out."""
    metrics: str = ""
    """host:port of this program's Prometheus endpoint; empty: none. Loopback unless a host is named. Each program has its own."""
    temporal_metrics: str = ""
    """host:port for the Temporal SDK's own metrics; empty: none."""
    agencies: str = "all"
    """Which agencies' queues this worker serves: `all`, `none`, or ids by comma."""
    parts: str = "all"
    """What this worker serves beside agencies: `all`, `none`, or of `relay` (wakes, schedule, archive) and `processes` by comma."""
    release: str = ""
    """Which release of the processes' code this worker is (gateway.releases); empty: releases are not told apart."""
    payload_keys: str = ""
    """Master keys of what Temporal holds (gateway.payload_keys): a file, `env:NAME` or `kms:module:factory`; empty: in clear."""
    temporal_ui: str = ""
    """Origin of Temporal's own pages (https://host:port), for which the codec endpoint opens payloads; empty: for none."""
    keys: str = ""
    """Folder of this machine's own keys and trust roots (gateway.custody); empty: no log is kept or witnessed here."""
    log_every: int = 60
    """Seconds between two rounds of the transparency log."""

    oidc_issuer: str = ""
    """URL of the OpenID Connect provider by which people log in to the pages; empty: only accounts with passwords."""
    oidc_client: str = ""
    """What the provider calls this installation (client id)."""
    oidc_secret: str = ""
    """The client's secret; empty for a public client, which PKCE protects."""
    oidc_name: str = "统一身份认证登录 · Single sign-on"
    """What the login page calls the provider."""

    archive_every: float = 5.0
    """Seconds between two looks for finished runs whose histories are to be kept; 0: this worker archives none."""

    wake_pause: float = 1.0
    """While many processes lag, each is woken once for all that happens in so many seconds (gateway.relay)."""

    def serves(self, part: str) -> bool:
        """Whether this worker serves `relay` or `processes`."""
        return self.parts == "all" or part in self.parts.split(",")

    @property
    def keys_folder(self) -> Path:
        """The folder of keys; one that does not exist when none is set."""
        return Path(self.keys or os.devnull)


def read_settings() -> Settings:
    """The settings of this process. Hooks are `HUIQIAN_HOOK_<AGENCY>`."""
    given = {k.removeprefix("HUIQIAN_").lower(): v for k, v in os.environ.items() if k.startswith("HUIQIAN_")}
    hooks = {k.removeprefix("hook_").replace("_", "-"): v for k, v in given.items() if k.startswith("hook_")}
    known = {k: v for k, v in given.items() if k in Settings.model_fields and k != "hooks"}
    return Settings.model_validate({**known, "hooks": hooks})


class NotSetUp(Exception):
    """The records database holds no environment yet."""


def open_records(settings: Settings) -> Engine:
    """The records database of these settings; an SQLite file gets its schema, PostgreSQL must have been migrated."""
    engine = open_engine(settings.database_url)
    if engine.dialect.name == "sqlite":
        migrate(engine)
    return engine


def open_gateway(settings: Settings, engine: Engine | None = None) -> tuple[Gateway, Environment]:
    """The gateway of a set-up environment. Raises NotSetUp when there is none."""
    engine = engine or open_records(settings)
    environment = read_environment(engine)
    if environment is None:
        raise NotSetUp(settings.database_url)
    real = CommonTime(engine) if engine.dialect.name == "postgresql" else system_time
    gateway = Gateway(engine, LegalClock(environment.clock, real))
    gateway.traces = open_traces(environment.id)
    return gateway, environment


@cache
def open_traces(environment: str) -> "Traces | None":
    """The traces of this process, where OpenTelemetry's own variables name a collector; else nothing is even imported."""
    if not (
        os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    ):
        return None
    from gateway.tracing import Traces

    return Traces(environment)
