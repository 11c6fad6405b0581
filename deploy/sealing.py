"""The master keys that `make up`, `make demo` and `make cluster` seal Temporal's contents under, made at the first start."""

import hashlib
import os
from pathlib import Path

from gateway.payload_keys import make_ring_file


def key_file(folder: Path) -> Path:
    """The key file of what runs in this folder: outside of the repository, for its owner only; made unless it is there."""
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    own = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:8]
    path = home / "huiqian" / f"{folder.name}-{own}" / "payload-keys.json"
    make_ring_file(path)
    return path
