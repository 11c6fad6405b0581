"""A bundle of a round that was played, logged and cosigned; and what somebody may do to it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from audit.bundle import Made, make_bundle
from audit.bundle_format import MANIFEST, pack, read, write_manifest
from gateway.clock import LegalClock, read_environment
from gateway.custody import LOG
from gateway.gateway import Gateway
from proof.trust import Trust
from records.schema import streams
from tests.audit.played import Played
from tests.log.agencies import Agencies


@dataclass(frozen=True)
class Issued:
    """The bundle, of which case, and the trust roots by which it is checked."""

    case: str
    made: Made
    plain: Made
    """The same without keys."""
    trust: Trust

    def files(self) -> dict[str, bytes]:
        """Its files, to change."""
        return dict(read(self.made.data).files)

    def edited(self, files: dict[str, bytes]) -> bytes:
        """A bundle as a forger packs it."""
        return repacked(files)


def repacked(files: dict[str, bytes]) -> bytes:
    """Changed files under a manifest that fits them, and the old signature if there was one."""
    about: dict[str, Any] = json.loads(files[MANIFEST])
    kept = {name: data for name, data in files.items() if name not in (MANIFEST, "manifest.note")}
    about = {key: value for key, value in about.items() if key not in ("files", "format")}
    return pack({**files, MANIFEST: write_manifest(about, kept)})


def issue(played: Played, folder: Path) -> Issued:
    """Log and cosign everything, then make the bundle of the filing that went furthest."""
    engine = played.engine()
    agencies = Agencies(played.folder, engine)
    agencies.round()
    environment = read_environment(engine)
    assert environment is not None
    gateway = Gateway(engine, LegalClock(environment.clock, lambda: environment.clock.real))
    with engine.connect().execution_options(reading=True) as connection:
        query = (
            select(streams.c.id)
            .where(streams.c.kind == "filing")
            .order_by(streams.c.head.desc(), streams.c.id)
        )
        case = str(connection.execute(query).scalars().first())
    made = [
        make_bundle(
            gateway, played.files, agencies.custody(LOG), case, environment=environment.id, with_keys=keys
        )
        for keys in (True, False)
    ]
    return Issued(case, made[0], made[1], agencies.trust)
