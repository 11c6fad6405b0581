"""Declares `huiqian web`, `huiqian accounts` and `huiqian token`."""

from pathlib import Path
from typing import Annotated

import typer

from console.terminal.options import RUN, Json

accounts = typer.Typer(
    no_args_is_help=True,
    help="账号：谁能登录页面。密码只显示一次。 Who may log in to the pages; passwords are shown once.",
)


def join(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(rich_help_panel=RUN)(web)
    app.command(rich_help_panel=RUN)(token)
    app.add_typer(accounts, name="accounts", rich_help_panel=RUN)


def web(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="监听地址 · address to listen on")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="端口 · port")] = 8080,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="看另一处的账册，如 var/demo · records elsewhere",
        ),
    ] = None,
    secure: Annotated[
        bool, typer.Option("--https", help="经由 HTTPS 代理访问 · people come by HTTPS, through a proxy")
    ] = False,
    at_rest: Annotated[
        bool,
        typer.Option(
            "--at-rest", help="法定时钟停在账册最后一刻 · the legal clock stands where the record ends"
        ),
    ] = False,
) -> None:
    """页面：供经办人、院校、专家、审计人员和公众使用。 Serve the pages.

    [bold]例 Examples[/]

      $ huiqian web
      $ huiqian web --folder var/demo --at-rest
    """
    from console.terminal.people import web as run

    raise typer.Exit(run(host, port, folder, secure, at_rest))


@accounts.command("add")
def accounts_add(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="账号，缺省同人员 · the account's name")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--person", metavar="PERSON", help="名册中的人员，如 clerk@tro、expert:zhao · who it is"
        ),
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="凡在岗而无账号的，各开一个 · one for all who have none")
    ] = False,
    subject: Annotated[
        str | None,
        typer.Option(
            "--subject",
            metavar="SUB",
            help="统一身份认证给此人的标识，不设密码 · vouched for by the provider; no password",
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="首次登录不强制改密，仅供演示 · need not be changed; for demonstrations"),
    ] = False,
    as_json: Json = False,
) -> None:
    """开设账号。 Make an account.

    [bold]例 Examples[/]

      $ huiqian accounts add clerk@tro
      $ huiqian accounts add wang --person clerk@tro
      $ huiqian accounts add wang --person clerk@tro --subject 248289761001
      $ huiqian accounts add --everybody
    """
    from console.terminal.people import add as run

    raise typer.Exit(run(name, person, subject, everybody, keep, as_json))


@accounts.command("list")
def accounts_list(as_json: Json = False) -> None:
    """有哪些账号。 Every account."""
    from console.terminal.people import listed as run

    raise typer.Exit(run(as_json))


@accounts.command("reset")
def accounts_reset(name: Annotated[str, typer.Argument(metavar="NAME")], as_json: Json = False) -> None:
    """重置密码。 A new password."""
    from console.terminal.people import reset as run

    raise typer.Exit(run(name, as_json))


@accounts.command("close")
def accounts_close(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """停用账号。 Close an account."""
    from console.terminal.people import close as run

    raise typer.Exit(run(name))


def token(
    label: Annotated[str, typer.Argument(metavar="LABEL", help="给哪个系统 · for which system")],
    office: Annotated[
        str | None, typer.Option("--office", metavar="OFFICE", help="以哪个岗位办理 · the office it acts in")
    ] = None,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="作废此系统的令牌 · end this system's tokens")
    ] = False,
    as_json: Json = False,
) -> None:
    """接口令牌：供其他系统经 API 办理。 A token for another system that acts by the API.

    [bold]例 Example[/]

      $ huiqian token oa-dg --office filer@dg
    """
    from console.terminal.people import token as run

    raise typer.Exit(run(label, office, revoke, as_json))
