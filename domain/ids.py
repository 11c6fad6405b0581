"""Ids are derived from the command that causes them: the same command gives the same ids, and none names a person."""

import base64
import hashlib


def derived(prefix: str, *parts: object) -> str:
    """An id such as `filing-7k2m9q4xza`, stable for the same parts; 50 bits, collisions are refused by the ledger."""
    digest = hashlib.sha256("\x1f".join(str(p) for p in parts).encode()).digest()
    return f"{prefix}-{base64.b32encode(digest)[:10].decode().lower()}"


def line_ref(filing: str, line: str) -> str:
    """How one line of a filing is named everywhere: `filing-7k2m9q4xza/1`."""
    return f"{filing}/{line}"


def split_line_ref(ref: str) -> tuple[str, str]:
    """Filing id and line id of a reference. Raises ValueError when it is not one."""
    filing, slash, line = ref.rpartition("/")
    if not (slash and filing and line):
        raise ValueError("应为 申报编号/专业序号 / expected FILING/LINE")
    return filing, line
