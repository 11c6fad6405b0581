"""A consistent backup of the record: database, stored files, log, journal; the keys apart, sealed, or left out.

The log is copied first, then the database at one instant, then the files: what a database names is in the files, and
no checkpoint is newer than the database. Nothing waits meanwhile. What is not in it, and why, stands in its manifest.
"""

import base64
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel
from sqlalchemy import URL, Connection, Engine, func, select, text

from records.files import FileStore
from records.schema import acts, checkpoints, environment, events, leaves, person_keys

MANIFEST, RECORDS, FILES = "manifest.json", "records", "files"
PRIVATE = ("person_keys", "sessions", "workers")
"""Tables whose rows no backup of the record holds: keys stand apart, sessions and signs of life are of the moment."""
LEFT_OUT = {
    "person_keys": "persons' keys: apart, sealed (--keys-to), so that destroying a key can be carried through",
    "log.key": "the log's signing key: apart, sealed (--keys-to): with it alone somebody could sign another log",
    "witness": "each agency's key and memory: only that agency backs them up; an older memory would let it cosign a fork",
    "sessions": "who is logged in: everybody logs in again",
    "temporal": "processes: `huiqian ops rebuild` starts them from the record",
}
Progress = Callable[[str, int], None]


class BackupRefused(Exception):
    """A backup cannot be made or put back like this; why, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


class Content(BaseModel, frozen=True):
    """One file of a backup."""

    sha256: str
    size: int


class Manifest(BaseModel):
    """What a backup is of, and every file in it."""

    format: int = 1
    environment: str
    database: str
    schema_version: str
    made_at: str
    events: int
    acts: int
    leaves: int
    checkpoint: str
    """The newest checkpoint that the log had signed, as on record; empty when there is none."""
    keys: str = ""
    """SHA-256 of the sealed file of keys; empty: none was made."""
    left_out: dict[str, str] = LEFT_OUT
    damaged: list[str] = []
    """Stored files that were not what their name says; they are not in the backup."""
    contents: dict[str, Content] = {}


def back_up(
    engine: Engine,
    store: FileStore,
    folder: Path,
    made_at: str,
    *,
    keys_to: Path | None = None,
    passphrase: bytes = b"",
    log_key: str = "",
    owner: URL | None = None,
    progress: Progress = lambda what, count: None,
) -> Manifest:
    """Make a backup in a new folder. `owner`: the tables' owner on PostgreSQL. `log_key`: the log's signing key, as text.

    Raises BackupRefused, and OSError when there is no room; then the folder is removed.
    """
    if folder.exists():
        raise BackupRefused(f"{folder} 已存在，不覆盖", f"{folder} exists; nothing is written over")
    if keys_to and (keys_to.exists() or folder.absolute() in keys_to.absolute().parents):
        raise BackupRefused(
            "钥匙文件须另放他处，且不覆盖", "the file of keys must be a new one, outside of the backup"
        )
    folder.mkdir(mode=0o700, parents=True)
    try:
        made = _Backup(store, folder, progress)
        made.files(log=True)
        with _snapshot(engine, folder / RECORDS, owner) as connection:
            manifest = _about(connection, engine.dialect.name, made_at)
            kept = {
                r.person: base64.b64encode(bytes(r.key)).decode()
                for r in connection.execute(select(person_keys))
            }
        made.add(RECORDS)
        made.files(log=False)
        if keys_to:
            sealed = seal_keys({"persons": kept, "log": log_key}, passphrase)
            _write_private(keys_to, sealed)
            manifest.keys = hashlib.sha256(sealed).hexdigest()
        manifest.contents, manifest.damaged = made.contents, made.damaged
        (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return manifest


class _Backup:
    def __init__(self, store: FileStore, folder: Path, progress: Progress) -> None:
        self._store, self._folder, self._progress = store, folder, progress
        self.contents: dict[str, Content] = {}
        self.damaged: list[str] = []

    def add(self, path: str) -> None:
        with (self._folder / path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.contents[path] = Content(sha256=digest, size=(self._folder / path).stat().st_size)
        self._progress(path, len(self.contents))

    def files(self, *, log: bool) -> None:
        """Copy the published log (checkpoints first: tiles only grow), or everything else."""
        found = [path for path in stored(self._store) if path.startswith("log/") == log]
        for path in sorted(found, key=lambda path: (not path.startswith("log/checkpoint"), path)):
            try:
                data = self._store.filesystem.cat_file(f"{self._store.root}/{path}")
            except FileNotFoundError:
                continue  # a partial tile that a whole one has replaced
            name = path.rpartition("/")[2]
            if not log and not path.startswith("journal/") and hashlib.sha256(data).hexdigest() != name:
                self.damaged.append(name)
                continue
            goal = self._folder / FILES / path
            goal.parent.mkdir(parents=True, exist_ok=True)
            goal.write_bytes(data)
            self.add(f"{FILES}/{path}")


def stored(store: FileStore) -> list[str]:
    """Every file of a store, by its path under the root; what is half written is left out."""
    found: list[str] = store.filesystem.find(store.root)
    paths = [path.removeprefix(store.root).lstrip("/") for path in map(str, found)]
    return sorted(path for path in paths if not path.rpartition("/")[2].startswith("."))


@contextmanager
def _snapshot(engine: Engine, goal: Path, owner: URL | None) -> Generator[Connection]:
    """The database at one instant, written to `goal`, and a connection that sees the very same instant."""
    if engine.dialect.name == "sqlite":
        half = goal.with_name("records.part")
        with (
            closing(sqlite3.connect(str(engine.url.database))) as source,
            closing(sqlite3.connect(half)) as copy,
        ):
            source.backup(copy)
        from records.engine import open_engine  # here: the copy is a database of its own

        own = open_engine(f"sqlite:///{half}")
        with own.connect().execution_options(reading=True) as connection:
            yield connection
        own.dispose()
        with closing(sqlite3.connect(half, isolation_level=None)) as copy:
            for table in PRIVATE:
                copy.execute(f"DELETE FROM {table}")
            copy.execute("PRAGMA journal_mode=DELETE")
            copy.execute("VACUUM")  # what was deleted must not lie in free pages
        half.replace(goal)
        return
    if owner is None:
        raise BackupRefused(
            "PostgreSQL 须给出 --owner-url", "on PostgreSQL give --owner-url: pg_dump reads sequences too"
        )
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        without = [f"--exclude-table-data={table}" for table in PRIVATE]
        postgres_tool(
            "pg_dump", owner, "--format=custom", f"--snapshot={snapshot}", *without, f"--file={goal}"
        )
        yield connection


def postgres_tool(name: str, owner: URL, *words: str) -> None:
    """Run one of PostgreSQL's own programs on a database; its password goes by the environment. Raises BackupRefused."""
    given = os.environ.get("HUIQIAN_POSTGRES")
    program = (str(Path(given) / name) if given else None) or shutil.which(name)
    if program is None:
        raise BackupRefused(
            f"没有找到 {name}", f"{name} was not found; it comes with PostgreSQL's client programs"
        )
    where = {"PGHOST": owner.host, "PGPORT": str(owner.port or 5432), "PGUSER": owner.username, "PGPASSWORD": owner.password, "PGDATABASE": owner.database}  # fmt: skip
    env = os.environ | {key: str(value) for key, value in where.items() if value}
    target = ["--dbname", str(owner.database)] if name == "pg_restore" else []
    done = subprocess.run([program, *target, *words], env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = (done.stderr.strip().splitlines() or ["?"])[-1][:300]
        raise BackupRefused(f"{name} 失败：{told}", f"{name} failed: {told}")


def _about(connection: Connection, database: str, made_at: str) -> Manifest:
    def count(column: Any) -> int:
        return connection.execute(select(func.count(column))).scalar_one()

    newest = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    return Manifest(
        environment=connection.execute(select(environment.c.id)).scalar_one(),
        database=database,
        schema_version=connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(),
        made_at=made_at,
        events=count(events.c.position),
        acts=count(acts.c.position),
        leaves=count(leaves.c.leaf),
        checkpoint=connection.execute(newest).scalar() or "",
    )


def seal_keys(keys: Mapping[str, Any], passphrase: bytes) -> bytes:
    """Keys under a passphrase: scrypt (RFC 7914) and AES-256-GCM. Raises BackupRefused for none to speak of."""
    if len(passphrase) < 16:
        raise BackupRefused("口令文件至少 16 字节", "the passphrase file must hold 16 bytes at least")
    salt, nonce = os.urandom(16), os.urandom(12)
    return (
        salt
        + nonce
        + AESGCM(_stretched(passphrase, salt)).encrypt(nonce, json.dumps(keys).encode(), b"huiqian keys 1")
    )


def open_keys(data: bytes, passphrase: bytes) -> dict[str, Any]:
    """Raises BackupRefused when it does not open."""
    try:
        opened = AESGCM(_stretched(passphrase, data[:16])).decrypt(data[16:28], data[28:], b"huiqian keys 1")
    except (InvalidTag, ValueError):
        raise BackupRefused("钥匙文件打不开：口令不符或文件已改动", "the file of keys does not open: another passphrase, or it was changed") from None  # fmt: skip
    return json.loads(opened)


def _stretched(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase)


def _write_private(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
