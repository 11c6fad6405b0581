"""Putting a backup back into an empty place; nothing that is there is written over (what came since: records.recover)."""

import base64
import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import URL, Engine, inspect, make_url, text

from records.backup import (
    FILES,
    MANIFEST,
    PRIVATE,
    RECORDS,
    BackupRefused,
    Manifest,
    Progress,
    open_keys,
    postgres_tool,
)
from records.engine import migrate, open_engine
from records.files import FileStore
from records.schema import person_keys
from records.statements import insert


def check(folder: Path, progress: Progress = lambda what, count: None) -> Manifest:
    """The manifest of a backup whose every file is what it says. Raises BackupRefused naming what is not."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_text())
    except (OSError, ValidationError):
        raise BackupRefused(
            f"{folder} 不是完整的备份", f"{folder} is no whole backup: its manifest is not there"
        ) from None
    for count, (path, said) in enumerate(manifest.contents.items(), 1):
        try:
            with (folder / path).open("rb") as file:
                own = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            own = ""
        if own != said.sha256:
            raise BackupRefused(
                f"备份已损坏：{path}", f"the backup is damaged: {path} is not what its manifest says"
            )
        progress(path, count)
    return manifest


def must_be_empty(url: str, owner: URL | None, store: FileStore) -> None:
    """Refuses a place where a record is, or may be. Raises BackupRefused. Stored files may be there: they name themselves."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        taken = Path(str(parsed.database)).exists()
    else:
        if owner is None:
            raise BackupRefused("PostgreSQL 须给出 --owner-url", "on PostgreSQL give --owner-url")
        engine = open_engine(owner.render_as_string(hide_password=False))
        taken = bool(inspect(engine).get_table_names())
        engine.dispose()
    if taken:
        raise BackupRefused("数据库不是空的，不覆盖", "the database is not empty; nothing is written over")


def put_back(
    folder: Path,
    manifest: Manifest,
    url: str,
    owner: URL | None,
    store: FileStore,
    keys: tuple[bytes, bytes] | None,
    progress: Progress = lambda what, count: None,
) -> tuple[Engine, str]:
    """Put database, files and keys back; gives an engine that may insert, and the log's key as text (empty: none).

    `keys`: the sealed file and its passphrase. Raises BackupRefused; a database that was begun is then removed again.
    """
    if make_url(url).get_backend_name() != manifest.database:
        raise BackupRefused(f"备份是 {manifest.database} 的", f"the backup is of {manifest.database}")
    opened = _opened(manifest, keys)
    for count, path in enumerate(manifest.contents, 1):
        if path.startswith(f"{FILES}/"):
            goal = path.removeprefix(f"{FILES}/")
            if not store.filesystem.exists(f"{store.root}/{goal}"):  # what survived is never replaced
                store.write(f"{store.root}/{goal}", (folder / path).read_bytes())
        progress(path, count)
    engine = _database(folder / RECORDS, url, owner)
    with engine.begin() as connection:
        for table in PRIVATE:
            connection.execute(text(f"DELETE FROM {table}"))
        rows = [{"person": p, "key": base64.b64decode(k)} for p, k in opened.get("persons", {}).items()]
        insert(connection, person_keys, rows)
    return engine, str(opened.get("log", ""))


def _opened(manifest: Manifest, keys: tuple[bytes, bytes] | None) -> dict[str, Any]:
    if keys is None:
        return {}
    data, passphrase = keys
    if hashlib.sha256(data).hexdigest() != manifest.keys:
        raise BackupRefused("钥匙文件不是随此备份所作", "the file of keys was not made with this backup")
    return open_keys(data, passphrase)


def _database(source: Path, url: str, owner: URL | None) -> Engine:
    parsed = make_url(url)
    if owner is None:
        goal = Path(str(parsed.database))
        goal.parent.mkdir(parents=True, exist_ok=True)
        half = goal.with_name(f".{goal.name}.part")
        half.unlink(missing_ok=True)
        with closing(sqlite3.connect(source)) as kept, closing(sqlite3.connect(half)) as copy:
            kept.backup(copy)
        os.link(half, goal)  # fails when somebody made one meanwhile
        half.unlink()
        engine = open_engine(url)
        migrate(engine)
        return engine
    words = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source))
    postgres_tool("pg_restore", owner, *words)
    engine = open_engine(owner.render_as_string(hide_password=False))
    migrate(engine, app_role=parsed.username)
    return engine
