"""Files stored by the hash of their content: a local folder by default, S3 or what else fsspec reaches.

The name of a file is the SHA-256 of what is in it. So a file cannot be changed unnoticed, the ledger can hold
the digest instead of the file, and storing the same content twice stores it once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import threading
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

import fsspec


class FileMissing(Exception):
    """There is no file with this digest."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest

    def __str__(self) -> str:
        return f"文件不存在 {self.digest} / no file {self.digest}"


class FileDamaged(Exception):
    """The stored file is not what its digest says: a disk fault, or somebody changed it."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest

    def __str__(self) -> str:
        return f"文件已损坏，与摘要不符 {self.digest} / damaged, not what its digest says: {self.digest}"


class FileStore:
    """Files by digest, in `ab/cd/<digest>` under the root that `url` names.

    `/path` and `file:///path` are a local folder, which is made when the first file comes; `memory://name` is
    for tests; `s3://bucket/prefix` is S3 or compatible. Options of the URL's query: `endpoint_url`, `region`,
    `addressing` (path or virtual), `key`, `secret`, `anon`; without `key`, credentials come from the
    environment as usual (AWS_ACCESS_KEY_ID and so on). `options` go to fsspec as they are.

    One store may be used by many threads, and one folder or bucket by many stores. Raises ValueError for a
    URL or an option that it does not understand; the message repeats neither, since both may hold a secret.
    """

    def __init__(self, url: str, **options: Any) -> None:
        scheme, separator, rest = url.partition("://")
        self._scheme = scheme if separator and scheme != "local" else "file"
        if self._scheme == "file":
            folder = unquote(rest) if separator else url  # Path.as_uri() percent-encodes Chinese names
            if not folder or (separator and not folder.startswith("/")):
                raise ValueError(
                    "文件库须写绝对路径，如 file:///var/lib/huiqian / "
                    "the file store needs an absolute path, such as file:///var/lib/huiqian"
                )
            self._root = str(Path(folder).absolute())
        else:
            place, _, query = rest.partition("?")
            if "@" in place:
                raise ValueError("密钥请写入参数或环境变量 / give keys by options or by the environment")
            self._root = place.rstrip("/")
            options = {**_s3_options(query), **options} if self._scheme == "s3" else options
        self._options = options
        self._lock = threading.Lock()
        self._filesystem: Any = None

    def __repr__(self) -> str:
        return f"FileStore({self._scheme}://{self._root})"

    def put(self, data: bytes) -> str:
        """Store the content and answer its digest. A damaged copy of the same content is replaced.

        When this returns, the whole file is there under its digest; nobody ever sees half of it.
        """
        digest = hashlib.sha256(data).hexdigest()
        with contextlib.suppress(FileMissing, FileDamaged):
            self.get(digest)
            return digest
        self.write(self._path(digest), data)
        return digest

    def write(self, path: str, data: bytes) -> None:
        """Write a whole file at a full path; nobody ever sees half of it."""
        if self._scheme == "file":
            self._put_local(data, Path(path))
        else:
            # An upload to an object store becomes visible when it is complete; moving would be a copy.
            self.filesystem.pipe_file(path, data)

    def get(self, digest: str) -> bytes:
        """The content. Raises FileMissing, FileDamaged, and ValueError when `digest` is not a SHA-256."""
        try:
            data = cast(bytes, self.filesystem.cat_file(self._path(digest)))
        except FileNotFoundError:
            raise FileMissing(digest) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise FileDamaged(digest)
        return data

    def folder(self, name: str) -> PlainFolder:
        """A folder of files under their own names beside the stored ones, for what others copy as it is."""
        return PlainFolder(self, name)

    def exists(self, digest: str) -> bool:
        """Whether there is a file with this digest, sound or not. Raises ValueError as `get` does."""
        return bool(self.filesystem.exists(self._path(digest)))

    @property
    def root(self) -> str:
        """Where the files lie."""
        return self._root

    @property
    def filesystem(self) -> Any:
        """The fsspec file system behind this store."""
        # Made when first needed: S3 asks for credentials then, and one object per process is shared.
        with self._lock:
            if self._filesystem is None:
                try:
                    self._filesystem = cast(Any, fsspec).filesystem(self._scheme, **self._options)
                except (ImportError, ValueError):
                    raise ValueError(
                        f"文件库类型 {self._scheme} 不可用 (S3 需安装 huiqian[s3]) / "
                        f"no support for {self._scheme} stores (S3 needs huiqian[s3])"
                    ) from None
            return self._filesystem

    def _path(self, digest: str) -> str:
        # Checked, since a digest may come from outside and becomes a path here.
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError("不是 SHA-256 摘要 / not a SHA-256 digest")
        return f"{self._root}/{digest[:2]}/{digest[2:4]}/{digest}"

    def _put_local(self, data: bytes, path: Path) -> None:
        """Write beside the goal and rename: on one disk a rename is all or nothing (POSIX rename(2))."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name[:8]}.{secrets.token_hex(8)}.part")
        try:
            with half.open("xb") as file:
                file.write(data)
                # The ledger will say that this file exists, so it has to survive a power cut like the ledger.
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class PlainFolder:
    """Files under their own names, written whole: the published log. Paths are ours, never from outside."""

    def __init__(self, store: FileStore, name: str) -> None:
        self._store, self._root = store, f"{store.root}/{name}"

    def beside(self, name: str) -> PlainFolder:
        """Another folder of the same store."""
        return PlainFolder(self._store, name)

    def get(self, path: str) -> bytes:
        """The content. Raises FileNotFoundError."""
        return cast(bytes, self._store.filesystem.cat_file(f"{self._root}/{path}"))

    def put(self, path: str, data: bytes) -> None:
        """Write a file, or leave it when it holds this already."""
        with contextlib.suppress(FileNotFoundError):
            if self.get(path) == data:
                return
        self._store.write(f"{self._root}/{path}", data)

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder below, sorted; none when there is no such folder."""
        try:
            found = self._store.filesystem.ls(f"{self._root}/{folder}", detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(path).rstrip("/").rpartition("/")[2] for path in found)


def _s3_options(query: str) -> dict[str, Any]:
    """The URL's query as s3fs wants it."""
    given = dict(parse_qsl(query))
    # fsspec shares its objects within the process: with a listing that somebody made a minute ago it would
    # deny a file that another worker has just stored.
    options: dict[str, Any] = {"use_listings_cache": False}
    for name in ("endpoint_url", "key", "secret", "token"):
        if name in given:
            options[name] = given.pop(name)
    if "region" in given:
        options["client_kwargs"] = {"region_name": given.pop("region")}
    if "addressing" in given:
        options["config_kwargs"] = {"s3": {"addressing_style": given.pop("addressing")}}
    if "anon" in given:
        options["anon"] = given.pop("anon").lower() in ("1", "true", "yes")
    if given:
        known = "endpoint_url, region, addressing, key, secret, token, anon"
        raise ValueError(
            f"文件库地址的参数无法识别，可用 / file store option not understood, known are: {known}"
        )
    return options
