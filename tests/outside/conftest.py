"""Fixtures of this folder: the mail servers."""

from .postbox import server, start

__all__ = ["server", "start"]
