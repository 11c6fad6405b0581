"""What servers stand on: a PostgreSQL that carries on after a power cut, roles that keep to their own databases, a free port."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from deploy import devserver
from deploy.cluster import Installation
from deploy.postgres import APP, OWNER, Cluster
from deploy.process import DeployError, free_ports
from deploy.temporal_server import ROLE


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster in a folder that stays, killed once and started again."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        made = Cluster(Path(folder) / "postgres", roles=[ROLE], die_with_parent=True).start()
        made.create_database("temporal", owner=ROLE)
        with create_engine(made.owner_url).begin() as connection:
            connection.execute(text("CREATE TABLE kept (word text)"))
            connection.execute(text("INSERT INTO kept VALUES ('there')"))
        url, port = made.owner_url, made.port
        made.kill()
        made.stop()
        made.start()
        assert (made.owner_url, made.port) == (url, port)
        yield made
        made.stop()


def test_after_a_power_cut_everything_is_there_under_the_same_address_and_passwords(cluster: Cluster) -> None:
    with create_engine(cluster.owner_url).connect() as connection:
        assert connection.execute(text("SELECT word FROM kept")).scalars().all() == ["there"]
    assert cluster.has_database("temporal")


@pytest.mark.parametrize(("role", "database"), [(ROLE, "huiqian"), (APP, "temporal"), (OWNER, "temporal")])
def test_a_role_cannot_enter_a_database_that_is_not_its_own(
    cluster: Cluster, role: str, database: str
) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(cluster.url(role, database).replace("+psycopg", ""))


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "somebody's").touch()
    with pytest.raises(DeployError, match="not empty"):
        Cluster(tmp_path).start()


def test_parts_of_an_installation_get_nothing_of_the_persons_own_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIQIAN_SMTP_URL", "smtp://elsewhere")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "elsewhere")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    env = Installation(tmp_path / "cluster", settings={"HUIQIAN_MAIL_FROM": "a@b"}).environment()
    assert "elsewhere" not in env.values()
    assert env["HUIQIAN_MAIL_FROM"] == "a@b"
    keys = Path(env["HUIQIAN_PAYLOAD_KEYS"])
    assert (keys.stat().st_mode & 0o777, tmp_path / "cluster" in keys.parents) == (0o600, False)


def test_an_installation_whose_port_for_pages_is_taken_says_so_before_anything_is_started(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        installation = Installation(tmp_path, web_port=other.getsockname()[1])
        with pytest.raises(DeployError, match="set HUIQIAN_WEB_PORT"):
            installation.start()
    assert not any(tmp_path.iterdir())


def test_a_dev_server_whose_port_was_taken_meanwhile_is_started_on_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = int(other.getsockname()[1])
        offered = [[taken, *free_ports(1)]]

        def offer(many: int) -> list[int]:
            return offered.pop() if offered else free_ports(many)

        monkeypatch.setattr(devserver, "free_ports", offer)
        with devserver.DevServer(ui=False) as server:
            assert server.address != f"127.0.0.1:{taken}"
            assert not offered
