"""`huiqian payload-keys`: list, rotate, use."""

from pathlib import Path

from rich.text import Text

from console.terminal.screen import DONE, USAGE, Trouble, clean, emit, heading, show
from gateway.payload_keys import Ring, SealRefused, read_ring_file, write_ring_file
from gateway.settings import read_settings


def listed(as_json: bool) -> int:
    """Which keys there are."""
    file = _file()
    try:
        return _show(file, read_ring_file(file), as_json)
    except SealRefused as refused:
        raise _trouble(refused) from None


def rotate(cipher: str, later: bool, as_json: bool) -> int:
    """Add a key, and use it unless `later`. The first one makes the file."""
    file = _file()
    try:
        ring = (read_ring_file(file) if file.exists() else Ring("", ())).added(cipher)
        ring = ring if later else ring.using(ring.keys[-1].id)
        write_ring_file(file, ring)
    except SealRefused as refused:
        raise _trouble(refused) from None
    return _show(file, ring, as_json)


def use(id_: str, as_json: bool) -> int:
    """Use a key that is there."""
    file = _file()
    try:
        ring = read_ring_file(file).using(id_)
        write_ring_file(file, ring)
    except SealRefused as refused:
        raise _trouble(refused) from None
    return _show(file, ring, as_json)


def _file() -> Path:
    where = read_settings().payload_keys
    if not where:
        zh, en = (
            "请设 HUIQIAN_PAYLOAD_KEYS：主密钥文件在哪里",
            "set HUIQIAN_PAYLOAD_KEYS: where the key file is",
        )
        raise Trouble(USAGE, zh, en)
    if where.startswith(("env:", "kms:")):
        zh, en = f"{where} 的密钥由其保管者更换", f"the keys of {where} are rotated by whoever keeps them"
        raise Trouble(USAGE, zh, en)
    return Path(where)


def _trouble(refused: SealRefused) -> Trouble:
    zh, _, en = str(refused).partition(" / ")
    return Trouble(USAGE, clean(zh), clean(en))


def _show(file: Path, ring: Ring, as_json: bool) -> int:
    if as_json:
        keys = [{"id": k.id, "cipher": k.cipher, "made": k.made} for k in ring.keys]
        emit({"file": str(file), "current": ring.current, "keys": keys})
        return DONE
    show(heading("主密钥", f"Master keys in {file}"))
    for key in ring.keys:
        used = "现用 in use" if key.id == ring.current else "只供解开 opens only"
        show(
            Text(
                f"  {key.id}  {key.cipher:12} {key.made}  {used}",
                style="bold" if key.id == ring.current else "",
            )
        )
    return DONE
