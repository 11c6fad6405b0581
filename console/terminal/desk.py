"""Opening the environment that a command works in. Opening one never makes a database."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from console.desk import Desk
from console.terminal.guard import not_set_up
from console.terminal.screen import USAGE, Trouble, note
from gateway.settings import NotSetUp, Settings, open_gateway, read_settings
from records.files import FileStore


def open_desk() -> Desk:
    """The environment named by HUIQIAN_DATABASE_URL. Raises Trouble, NotSetUp, or what the database says."""
    settings = read_settings()
    if not exists(settings.database_url):
        raise not_set_up()
    gateway, environment = open_gateway(settings)
    return Desk(settings, gateway, environment)


def desk_if_any() -> Desk | None:
    """The environment here if there is one that answers; what needs none goes on without it."""
    try:
        desk = open_desk()
        return desk if desk.policy else None
    except (Trouble, NotSetUp):
        return None
    except DBAPIError:
        note(
            "数据库不可用，以产品自带的规则作答",
            "the database cannot be used; the product's own rules answer",
            "yellow",
        )
        return None


def open_store(settings: Settings) -> FileStore:
    """The file store of these settings. Raises Trouble when its address is not understood."""
    try:
        return FileStore(settings.files)
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        raise Trouble(USAGE, f"HUIQIAN_FILES：{zh}", f"HUIQIAN_FILES: {en or zh}") from None


def exists(url: str) -> bool:
    """Whether there may be a database at this URL: SQLite would make an empty file of a misspelt path."""
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or bool(parsed.database and Path(parsed.database).is_file())
