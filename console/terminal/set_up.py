"""`huiqian init`: schema, rules, calendar, clock and the first officer, once; on request a register to try things with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.text import Text
from sqlalchemy.exc import DatabaseError, IntegrityError

from console.desk import STANDARD_PACK, Desk, without_secrets
from console.terminal.books import migrate_at
from console.terminal.desk import exists, open_store
from console.terminal.given import read_yaml, setting
from console.terminal.law import checked, load
from console.terminal.people import missing_accounts, print_accounts
from console.terminal.screen import (
    DONE,
    REFUSED,
    USAGE,
    Trouble,
    code_line,
    complain,
    emit,
    note,
    pairs,
    show,
)
from domain.actors import parse_actor
from domain.chain import canonical, digest
from domain.files import Command
from domain.moments import local_day, spoken
from domain.policy import Pack
from gateway.clock import Environment, LegalClock, read_environment, system_time
from gateway.founding import found, from_now, published_schedules
from gateway.gateway import Gateway
from gateway.settings import Settings, read_settings
from records.engine import open_engine
from records.journal import FOLDER

FIRST_YEAR = 2018
"""The oldest year whose holiday schedule is entered: older periods no case counts."""
OFFICES = {
    "dept": ("catalog-officer", "approver", "publisher", "inspector", "inspector/2", "sanctions-approver", "supervisor", "auditor"),
    "tro": ("notice-officer", "clerk", "organiser"),
    "gz": ("clerk", "organiser"), "sz": ("clerk", "organiser"),
}  # fmt: skip
"""Who is appointed with a register to try things with; a filer at each college beside."""


def init(
    pack: str | None, settings: Sequence[str], database_url: str | None, owner_url: str | None, register: Path | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Set the environment up, or say that it is; what asks for something else than what stands is refused."""
    config = read_settings()
    if database_url:
        config = config.model_copy(update={"database_url": database_url})
    wanted = dict(setting(text) for text in settings)
    given = _register(register) if register else None
    rules = checked(load(pack or STANDARD_PACK), wanted)
    if rules.draft:
        refusal = rules.refusals["draft-rules"]
        raise Trouble(
            REFUSED, f"{rules.name}：{refusal.says.zh}{refusal.next.zh}", f"{rules.name}: {refusal.says.en}"
        )
    desk, fresh = _found(config, owner_url, rules, wanted)
    told: dict[str, Any] = {
        "environment": desk.environment.id, "database": without_secrets(config.database_url), "new": fresh,
        "pack": {"name": desk.policy.name, "hash": desk.policy.pack, "settings": desk.policy.settings},
    }  # fmt: skip
    differs = not fresh and (
        (pack and rules.name != desk.policy.name) or (wanted and wanted != desk.policy.settings)
    )
    counts = _enter(desk, given) if given and not differs else None
    if counts:
        told["register"] = counts
    made = missing_accounts(desk.engine) if fresh or counts else []
    if made:
        told["accounts"] = made
    if as_json:
        emit(told)
    elif not differs:
        _print(desk, told, fresh, bool(database_url))
        if made:
            show(Text("\n页面的账号 · accounts for the pages (huiqian web):", style="dim"))
            print_accounts(made)
    if differs:
        now = f"{desk.policy.name} {desk.policy.settings or ''}".strip()
        complain(
            f"此前已初始化，规则为 {now}；所给的未采用，什么也没有改动",
            f"set up before with {now}; nothing was changed",
        )
        return REFUSED
    return REFUSED if counts and counts["refused"] else DONE


def _found(config: Settings, owner_url: str | None, rules: Pack, wanted: dict[str, Any]) -> tuple[Desk, bool]:
    if not _founded(config):
        _no_other_record(config)
    if owner_url or config.database_url.startswith("sqlite"):
        migrate_at(config.database_url, owner_url)
    engine = open_engine(config.database_url)
    try:
        environment = read_environment(engine)
    except DatabaseError as error:
        if "environment" not in str(error.orig):
            raise
        zh = "数据库里还没有表：请加 --owner-url，由属主建表"
        raise Trouble(
            USAGE, zh, "the database has no tables yet: give --owner-url, so that its owner makes them"
        ) from None
    fresh = environment is None
    if environment is None:
        now = system_time()
        schedules = published_schedules(range(FIRST_YEAR, local_day(now).year + 2))
        try:
            environment = found(
                engine, id_=config.prefix, pack=rules, settings=wanted, face=from_now(now),
                schedules=schedules,
            )  # fmt: skip
        except IntegrityError:  # somebody else did, at the same moment
            environment, fresh = _again(engine), False
    gateway = Gateway(engine, LegalClock(environment.clock))
    return Desk(config, gateway, environment), fresh


def _founded(config: Settings) -> bool:
    """Whether a record is there; looks only, so that an empty database stays one that may be restored into."""
    if not exists(config.database_url):
        return False
    engine = open_engine(config.database_url)
    try:
        return read_environment(engine) is not None
    except DatabaseError as error:
        if "environment" not in str(error.orig):
            raise
        return False
    finally:
        engine.dispose()


def _no_other_record(config: Settings) -> None:
    """A new record beside another's journal would write over what its restore needs, and contradict its log."""
    if open_store(config).folder(FOLDER).names("."):
        raise Trouble(
            REFUSED,
            f"{config.files} 里有另一账册的留存簿，而数据库是空的。数据库丢失的，请 huiqian ops restore；要另建账册，请换 HUIQIAN_FILES",
            f"{config.files} holds another record's journal, and the database is empty. If that was lost: `huiqian ops restore`; for a new record give another HUIQIAN_FILES",
        )


def _again(engine: Any) -> Environment:
    environment = read_environment(engine)
    assert environment is not None
    return environment


def _register(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The colleges and experts of a file. Raises Trouble naming what is wrong with it."""
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise Trouble(USAGE, f"{path}：应有 colleges 和 experts", f"{path}: expected colleges and experts")
    tables: dict[str, list[dict[str, Any]]] = {}
    for name in data:
        if name not in ("colleges", "experts"):
            raise Trouble(USAGE, f"{path}：{name}：没有这一项", f"{path}: {name}: unknown field")
    for name in ("colleges", "experts"):
        rows = data.get(name) or []
        if not isinstance(rows, list):
            raise Trouble(USAGE, f"{path}：{name}：应为列表", f"{path}: {name}: expected a list")
        for n, row in enumerate(rows):
            if not isinstance(row, dict):
                raise Trouble(
                    USAGE, f"{path}：{name}[{n}]：应为映射", f"{path}: {name}[{n}]: expected a mapping"
                )
        tables[name] = rows
    return tables


def _enter(desk: Desk, given: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Register and appoint by acts. Each has an id of its own content: entering the same file again changes nothing."""
    counts: dict[str, Any] = {"colleges": 0, "experts": 0, "officers": 0, "refused": []}

    def act(by: str, name: str, with_: dict[str, Any], counted: str, place: str) -> None:
        id_ = f"register/{digest(name, canonical(with_))[:40]}"
        answer = desk.gateway.act(Command(id=id_, act=name, by=parse_actor(by), with_=with_))
        if answer["outcome"] == "accepted":
            counts[counted] += 1
        else:
            why = "；".join(f"{r.get('field', '')} {r['zh']} / {r['en']}".strip() for r in answer["reasons"])
            counts["refused"].append(f"{place}: {why}")

    for agency, roles in OFFICES.items():
        for role in roles:
            held = role.partition("/")[0]
            with_ = {"agency": agency, "role": held, "person": f"{role}@{agency}"}
            act("ops@dept", "appoint", with_, "officers", f"{role}@{agency}")
    for n, college in enumerate(given["colleges"]):
        act(
            "approver@dept", "register-college", college, "colleges", f"colleges[{n}] {college.get('id', '')}"
        )
        id_ = str(college.get("id"))
        act(
            "ops@dept",
            "appoint",
            {"agency": id_, "role": "filer", "person": f"filer@{id_}"},
            "officers",
            f"filer@{id_}",
        )
    for n, expert in enumerate(given["experts"]):
        act("approver@dept", "register-expert", expert, "experts", f"experts[{n}] {expert.get('id', '')}")
    return counts


def _print(desk: Desk, told: dict[str, Any], fresh: bool, elsewhere: bool) -> None:
    head = "已初始化 Set up" if fresh else "此前已初始化 Set up before"
    pack = told["pack"]
    show(
        Text.assemble(("✓ ", "bold green"), (head, "bold")),
        pairs([
            ("环境 Environment", told["environment"]),
            ("数据库 Database", told["database"]),
            ("规则 Rules", f"{pack['name']} {pack['hash'][:12]}"),
            ("设定 Settings", "  ".join(f"{k}={v}" for k, v in pack["settings"].items()) or None),
            ("时钟 Clock", f"{spoken(desk.gateway.clock.now())} 北京时间 China time"),
        ]),
    )  # fmt: skip
    if counts := told.get("register"):
        said = f"{counts['colleges']} 所院校 colleges，{counts['experts']} 名专家 experts，{counts['officers']} 个岗位 offices"
        show(pairs([("名册 Register", said)]))
        for refused in counts["refused"]:
            note("未登记", f"not entered: {refused}", "red")
    if elsewhere:
        show(Text("\n此后的命令请带上 · for the commands to come:", style="dim"))
        hidden = "***" in told["database"]
        show(code_line([f"export HUIQIAN_DATABASE_URL={'…' if hidden else told['database']}"]))
    if fresh and "register" not in told:
        show(Text("\n接下来任命人员 · next, appoint people:", style="dim"))
        show(
            code_line(
                ["huiqian act appoint --by ops@dept --set agency=tro --set role=clerk --set person=clerk@tro"]
            )
        )
    elif fresh:
        show(Text("\n接下来发布年度申报通知 · next, issue the yearly call:", style="dim"))
        show(code_line(["huiqian acts issue-call"]))
