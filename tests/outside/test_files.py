"""The file store: the same promises on a local folder, in memory and on S3."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.files import FileDamaged, FileMissing, FileStore

CONTENT = "受理通知".encode()
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PATH = f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"


class Bucket(ThreadingHTTPServer):
    """As much of S3's REST interface as objects need: put, get, head, and an empty listing."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Objects)
        self.objects: dict[str, bytes] = {}
        self.signed: list[str] = []


class Objects(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def bucket(self) -> Bucket:
        return cast(Bucket, self.server)

    def do_PUT(self) -> None:
        self.bucket.signed.append(self.headers.get("Authorization", ""))
        self.bucket.objects[urlsplit(self.path).path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(200, b"")

    def do_GET(self) -> None:
        found = self.bucket.objects.get(urlsplit(self.path).path)
        if found is not None:
            self.reply(200, found)
        elif "list-type=2" in self.path:
            self.reply(200, b"<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>")
        else:
            self.reply(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')
        self.send_header("Last-Modified", "Wed, 22 Apr 2026 01:30:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    running = Bucket()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def s3_url(bucket: Bucket, prefix: str) -> str:
    query = f"endpoint_url=http://127.0.0.1:{bucket.server_port}&key=k&secret=s3cret&region=cn-south-1"
    return f"s3://agency/{prefix}?{query}&addressing=path"


@pytest.fixture(params=["folder", "url", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    match request.param:
        case "folder":
            return FileStore(str(tmp_path / "文件 库"))
        case "url":
            return FileStore((tmp_path / "文件 库").as_uri())
        case "memory":
            return FileStore(f"memory://{tmp_path.name}")
        case _:
            pytest.importorskip("s3fs")
            return FileStore(s3_url(request.getfixturevalue("bucket"), tmp_path.name))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "文件 库"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_stored_comes_back_under_the_hash_of_its_content(store: FileStore) -> None:
    assert store.put(CONTENT) == DIGEST
    assert store.get(DIGEST) == CONTENT
    assert store.exists(DIGEST)


def test_what_was_not_stored_is_missing(store: FileStore) -> None:
    assert not store.exists(DIGEST)
    with pytest.raises(FileMissing) as caught:
        store.get(DIGEST)
    assert str(caught.value) == f"文件不存在 {DIGEST} / no file {DIGEST}"


def test_a_file_seen_as_missing_is_found_once_it_is_stored(store: FileStore) -> None:
    assert not store.exists(DIGEST)
    store.put(CONTENT)
    assert store.exists(DIGEST)


def test_an_empty_file_is_a_file(store: FileStore) -> None:
    assert store.get(store.put(b"")) == b""


@pytest.mark.parametrize(
    "digest", ["", "../../etc/passwd", DIGEST.upper(), DIGEST[:-1], DIGEST + "0", "g" * 64]
)
def test_what_is_no_digest_is_never_made_into_a_path(store: FileStore, digest: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        store.get(digest)
    with pytest.raises(ValueError, match="SHA-256"):
        store.exists(digest)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=5000))
def test_any_content_comes_back_as_it_was(tmp_path: Path, data: bytes) -> None:
    store = FileStore(str(tmp_path))
    assert store.get(store.put(data)) == data


def test_the_same_content_twice_is_one_file(folder: Path) -> None:
    store = FileStore(str(folder))
    store.put(CONTENT)
    written = (folder / PATH).stat().st_mtime_ns, (folder / PATH).stat().st_ino
    store.put(CONTENT)
    assert files(folder) == [PATH]
    assert written == ((folder / PATH).stat().st_mtime_ns, (folder / PATH).stat().st_ino)


def test_two_stores_on_one_folder_see_the_same_files(folder: Path) -> None:
    FileStore(str(folder)).put(CONTENT)
    assert FileStore(folder.as_uri()).get(DIGEST) == CONTENT


@pytest.mark.parametrize("found", [b"", CONTENT[:-1], CONTENT + b"x", b"another"])
def test_a_file_that_was_changed_is_damaged_and_the_next_put_heals_it(folder: Path, found: bytes) -> None:
    store = FileStore(str(folder))
    store.put(CONTENT)
    (folder / PATH).write_bytes(found)
    with pytest.raises(FileDamaged, match="文件已损坏"):
        store.get(DIGEST)
    store.put(CONTENT)
    assert store.get(DIGEST) == CONTENT


def test_many_threads_that_store_the_same_files_leave_each_once_and_whole(folder: Path) -> None:
    store = FileStore(str(folder))
    contents = [bytes([n]) * 200_000 for n in range(5)]
    with ThreadPoolExecutor(16) as pool:
        digests = list(pool.map(store.put, contents * 20))
    assert len(files(folder)) == 5
    assert [store.get(digest) for digest in digests[:5]] == contents


def test_a_reader_never_sees_half_of_a_file(folder: Path) -> None:
    store, data = FileStore(str(folder)), bytes(3_000_000)
    digest, seen = hashlib.sha256(data).hexdigest(), list[int]()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            try:
                seen.append(len(FileStore(str(folder)).get(digest)))  # FileDamaged would end the thread
            except FileMissing:
                seen.append(0)

    with ThreadPoolExecutor(4) as pool:
        watching = [pool.submit(watch) for _ in range(3)]
        for _ in range(5):
            (folder / digest[:2] / digest[2:4] / digest).unlink(missing_ok=True)
            store.put(data)
        done.set()
        for each in watching:
            each.result()
    assert set(seen) <= {0, len(data)}


def test_a_disk_that_is_full_leaves_no_half_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    store = FileStore(str(folder))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            store.put(bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert files(folder) == []


def test_s3_objects_lie_under_the_prefix_and_requests_are_signed(bucket: Bucket) -> None:
    pytest.importorskip("s3fs")
    FileStore(s3_url(bucket, "year/2026")).put(CONTENT)
    assert bucket.objects[f"/agency/year/2026/{PATH}"] == CONTENT
    assert "Credential=k/" in bucket.signed[-1]
    assert "/cn-south-1/s3/" in bucket.signed[-1]


def test_s3_takes_its_keys_from_the_environment(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "from-environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    url = f"s3://agency/env?endpoint_url=http://127.0.0.1:{bucket.server_port}&addressing=path&region=cn-south-1"
    FileStore(url).put(CONTENT)
    assert "Credential=from-environment/" in bucket.signed[-1]


def test_a_damaged_s3_object_is_noticed(bucket: Bucket) -> None:
    pytest.importorskip("s3fs")
    store = FileStore(s3_url(bucket, "damaged"))
    store.put(CONTENT)
    bucket.objects[f"/agency/damaged/{PATH}"] = b"another"
    with pytest.raises(FileDamaged):
        store.get(DIGEST)


def test_a_store_says_where_it_is_and_not_with_which_key(bucket: Bucket) -> None:
    assert repr(FileStore(s3_url(bucket, "a"))) == "FileStore(s3://agency/a)"


@pytest.mark.parametrize(
    "url",
    ["file://relative", "", "s3://key:s3cret@bucket/a", "s3://bucket/a?pasword=s3cret", "nonsense://s3cret"],
)
def test_a_url_that_is_not_understood_is_refused_without_repeating_its_secret(url: str) -> None:
    with pytest.raises(ValueError, match=" / ") as caught:
        FileStore(url).put(b"1")
    assert "s3cret" not in str(caught.value)
