"""The product's worker as a process of its own. Without `--papers` documents are not rendered: that is reported apart."""

import asyncio
import sys

import activities.drafts
import worker
from activities.paper import OfficialDocument

_MADE = b"PK\x03\x04" + bytes(36_000)
"""Stands for a document of about the usual size; it is stored, put on record and attached like any other."""


def main() -> int:
    """Serve until told to stop."""
    if "--papers" not in sys.argv:

        def ready(_: OfficialDocument) -> bytes:
            return _MADE

        activities.drafts.render = ready
    return asyncio.run(worker.main())


if __name__ == "__main__":
    sys.exit(main())
