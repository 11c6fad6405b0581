"""`huiqian records`: where the record is, whether it is sound, its read models built anew, its schema brought up to date."""

from typing import Any

from rich.text import Text
from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError, ProgrammingError

from console.desk import without_secrets
from console.terminal.desk import exists, open_desk, open_store
from console.terminal.screen import DONE, REFUSED, USAGE, Trouble, emit, err, note, pairs, show
from domain.events import UnknownEvent
from domain.moments import spoken
from gateway.clock import read_environment
from gateway.settings import read_settings
from records.engine import in_byte_order, migrate, open_engine
from records.rebuild import rebuild


def where(as_json: bool) -> int:
    """The database, the file store and the environment in use; never a password."""
    settings = read_settings()
    found: dict[str, Any] = {
        "database": without_secrets(settings.database_url), "files": repr(open_store(settings))[10:-1],
        "temporal": settings.temporal_address, "namespace": settings.temporal_namespace, "prefix": settings.prefix,
        "environment": None, "reachable": True,
    }  # fmt: skip
    environment = None
    if exists(settings.database_url):
        try:
            environment = read_environment(open_engine(settings.database_url))
        except DatabaseError as error:  # a database without our tables is reachable, and not set up
            found["reachable"] = isinstance(error, ProgrammingError) or "no such table" in str(error.orig)
    if environment:
        clock = environment.clock
        found["environment"] = {
            "id": environment.id, "clock": {"rate": clock.rate, "legal": clock.legal, "real": clock.real},
        }  # fmt: skip
        desk = open_desk()
        found["pack"] = {"name": desk.policy.name, "hash": desk.policy.pack}
    if as_json:
        emit(found)
        return DONE
    desk_clock = environment.clock if environment else None
    real_time = desk_clock and desk_clock.rate == "1" and desk_clock.legal == desk_clock.real
    show(pairs([
        ("数据库 Database", found["database"]),
        ("文件 Files", found["files"]),
        ("流程 Temporal", f"{settings.temporal_address}  {settings.temporal_namespace}  {settings.prefix}"),
        ("环境 Environment", environment.id if environment else Text("尚未初始化 not set up", style="yellow")),
        ("时钟 Clock", ("真实时间 real time" if real_time else f"自 {spoken(desk_clock.legal)} 起，{desk_clock.rate} 倍速 a clock of its own") if desk_clock else None),
        ("规则 Rules", f"{found['pack']['name']} {found['pack']['hash'][:12]}" if "pack" in found else None),
    ]))  # fmt: skip
    if not found["reachable"]:
        note("数据库现在连不上", "the database cannot be reached now", "yellow")
    return DONE


def rebuild_all(as_json: bool) -> int:
    """Fold the whole ledger again and put every read model back."""
    desk = open_desk()
    try:
        with err().status(Text("正在重建 rebuilding …")) as status:
            done = rebuild(
                desk.engine,
                lambda cases, facts: status.update(Text(f"正在重建 rebuilding … {cases:,} / {facts:,}")),
            )
    except (UnknownEvent, ValueError, LookupError) as error:
        zh = f"账册不能重演，读取表未作改动；见 huiqian audit verify（{type(error).__name__}）"
        raise Trouble(
            REFUSED, zh, "the ledger does not fold; nothing was changed, see `huiqian audit verify`"
        ) from None
    if as_json:
        emit({"streams": done.streams, "events": done.events, "changed": done.changed})
        return DONE
    same = "与原来一致 identical" if not done.changed else f"{len(done.changed)} 件原来不符，已改正 put right"
    show(
        Text.assemble(("✓ ", "bold green"), ("已重建 Rebuilt", "bold")),
        pairs([
            ("案件 Cases", f"{done.streams:,}"), ("事实 Events", f"{done.events:,}"),
            ("结果 Result", Text(same, style="yellow" if done.changed else "green")),
            ("改正 Changed", "  ".join(done.changed[:20]) if done.changed else None),
        ]),
    )  # fmt: skip
    return DONE


def bring_up_to_date(owner_url: str | None, as_json: bool) -> int:
    """Run the migrations; on PostgreSQL as the tables' owner, for the role of HUIQIAN_DATABASE_URL."""
    url = read_settings().database_url
    migrate_at(url, owner_url)
    if as_json:
        emit({"database": without_secrets(url), "migrated": True})
    else:
        show(
            Text.assemble(
                ("✓ ", "bold green"),
                ("表结构已是最新 Schema up to date", "bold"),
                f"  {without_secrets(url)}",
            )
        )
    return DONE


def migrate_at(url: str, owner_url: str | None) -> None:
    """Bring the schema up to date. SQLite: whoever may write the file; PostgreSQL: the owner, the application's role granted."""
    if make_url(url).get_backend_name() == "sqlite":
        migrate(open_engine(url))
        return
    if owner_url is None:
        zh = "PostgreSQL 的表须由其属主建立：请给出 --owner-url（或环境变量 HUIQIAN_OWNER_URL）"
        raise Trouble(
            USAGE, zh, "on PostgreSQL the owner makes the tables: give --owner-url, or HUIQIAN_OWNER_URL"
        )
    app, owner = make_url(url), make_url(owner_url)
    if app.database != owner.database:
        raise Trouble(USAGE, "两个地址不是同一个数据库", "the two URLs are not of the same database")
    if app.username == owner.username:
        zh = "应用与属主须是不同角色，否则账册可被改写"
        raise Trouble(USAGE, zh, "the application needs a role of its own, or it could change the record")
    engine = open_engine(owner_url)
    if not in_byte_order(engine):
        zh = "数据库的排序规则不是 C，案卷与编号会排错、查找会变慢：请以 CREATE DATABASE … TEMPLATE template0 LOCALE 'C' 建库"
        en = "the database does not order text by its bytes: make it with CREATE DATABASE … TEMPLATE template0 LOCALE 'C'"
        raise Trouble(USAGE, zh, en)
    migrate(engine, app_role=app.username)
    engine.dispose()
