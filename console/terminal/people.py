"""`huiqian accounts`, `huiqian tokens` and `huiqian web`: who may log in to the pages, other systems, and serving them."""

from pathlib import Path
from typing import Any

from rich.text import Text
from sqlalchemy import Engine

from console.terminal.desk import open_desk
from console.terminal.screen import DONE, USAGE, Trouble, emit, note, pairs, show, table
from gateway.accounts import (
    AccountProblem,
    add_account,
    close_account,
    everybody,
    list_accounts,
    reset_password,
    subject_of,
)
from gateway.sessions import make_token, revoke_token
from gateway.settings import read_settings


def add(
    name: str | None, person: str | None, subject: str | None, everyone: bool, keep: bool, as_json: bool
) -> int:
    """Make one account, or one for everybody who has none yet; the passwords are shown this once."""
    engine = open_desk().engine
    if everyone == bool(name):
        raise Trouble(USAGE, "请给出账号，或用 --everybody", "name an account, or say --everybody")
    try:
        if name and subject:
            return _vouched(engine, name, person or name, subject, as_json)
        made = missing_accounts(engine, keep) if everyone else [_one(engine, str(name), person, keep)]
    except AccountProblem as problem:
        raise Trouble(USAGE, problem.zh, problem.en) from None
    return _hand_out(made, as_json)


def _vouched(engine: Engine, name: str, person: str, subject: str, as_json: bool) -> int:
    """An account without a password: who it is, the identity provider says."""
    issuer = read_settings().oidc_issuer
    if not issuer:
        raise Trouble(
            USAGE,
            "没有设置统一身份认证（HUIQIAN_OIDC_ISSUER）",
            "no identity provider is set (HUIQIAN_OIDC_ISSUER)",
        )
    add_account(engine, name, person, subject=subject_of(issuer, subject))
    if as_json:
        emit([{"account": name, "person": person, "issuer": issuer, "subject": subject}])
    else:
        show(
            Text(
                f"✓ {name}（{person}）由 {issuer} 认证，无密码 · vouched for by the provider, no password",
                style="green",
            )
        )
    return DONE


def missing_accounts(engine: Engine, keep: bool = False) -> list[dict[str, str]]:
    """An account for every person in office who has none; gives what to hand out."""
    known = {str(row["person"]) for row in list_accounts(engine)}
    return [_one(engine, person.lower(), person, keep) for person in everybody(engine) if person not in known]


def _one(engine: Engine, name: str, person: str | None, keep: bool) -> dict[str, str]:
    password = add_account(engine, name, person or name, temporary=not keep)
    return {"account": name, "person": person or name, "password": password}


def reset(name: str, as_json: bool) -> int:
    """A new password for somebody who lost theirs."""
    try:
        password = reset_password(open_desk().engine, name)
    except AccountProblem as problem:
        raise Trouble(USAGE, problem.zh, problem.en) from None
    return _hand_out([{"account": name, "person": "", "password": password}], as_json)


def _hand_out(made: list[dict[str, str]], as_json: bool) -> int:
    if as_json:
        emit(made)
    elif made:
        print_accounts(made)
    else:
        note("人人都已有账号", "everybody has an account", "green")
    return DONE


def print_accounts(made: list[dict[str, str]]) -> None:
    """Accounts with their passwords, which nobody will see again."""
    shown = table("账号 Account", "密码 Password", "人员 Person")
    for row in made:
        shown.add_row(row["account"], Text(row["password"], style="bold"), row["person"])
    show(
        shown,
        Text("密码只显示这一次，首次登录须修改 · shown this once; changed at the first login", style="dim"),
    )


def listed(as_json: bool) -> int:
    """Every account."""
    rows = list_accounts(open_desk().engine)
    if as_json:
        emit(rows)
        return DONE
    shown = table("账号 Account", "人员 Person", "登录 Log in", "状态 State")
    for row in rows:
        state = "已停用 closed" if row["closed"] else "未首次登录 new" if row["temporary"] else "在用 in use"
        how = "统一身份 provider" if row["subject"] else "密码 password"
        shown.add_row(str(row["name"]), str(row["person"]), how, state)
    show(shown)
    return DONE


def close(name: str) -> int:
    """Nobody logs in by this account any more."""
    try:
        close_account(open_desk().engine, name)
    except AccountProblem as problem:
        raise Trouble(USAGE, problem.zh, problem.en) from None
    show(Text(f"✓ 已停用 closed: {name}", style="green"))
    return DONE


def token(label: str, office: str | None, revoke: bool, as_json: bool) -> int:
    """A token for another system, shown this once; or the end of those of a label."""
    engine = open_desk().engine
    if revoke:
        told: dict[str, Any] = {"label": label, "revoked": revoke_token(engine, label)}
    elif office is None:
        raise Trouble(USAGE, "请用 --office 指明岗位", "say for which office: --office clerk@tro")
    else:
        try:
            told = {"label": label, "office": office, "token": make_token(engine, label, office)}
        except ValueError as error:
            raise Trouble(USAGE, *str(error).split(" / ")[:2]) from None
    if as_json:
        emit(told)
    else:
        show(pairs([(key, Text(str(value), style="bold")) for key, value in told.items()]))
    return DONE


def web(host: str, port: int, folder: Path | None, secure: bool, at_rest: bool) -> int:
    """Serve the pages until Ctrl-C."""
    from console.web.serve import serve

    settings = read_settings()
    if folder is not None:
        given = {"database_url": f"sqlite:///{folder / 'records.db'}", "files": str(folder / "files")}
        settings = settings.model_copy(update=given)
        if not (folder / "records.db").is_file():
            raise Trouble(USAGE, f"{folder} 里没有账册", f"there is no records.db in {folder}")
    else:
        open_desk()
    note(f"页面 http://{host}:{port}/ ，按 Ctrl-C 停止", "the pages; Ctrl-C stops them", "green")
    try:
        serve(settings, host, port, secure=secure, at_rest=at_rest)
    except ValueError:
        raise Trouble(USAGE, f"--host {host}：不是 IP 地址", f"--host {host}: not an IP address") from None
    return DONE
