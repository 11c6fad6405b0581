"""`huiqian ops`: declares the operator's commands; what each does stands in `ops_board` and `ops_remedies`."""

from pathlib import Path
from typing import Annotated

import typer

from console.terminal.options import Id, Json, Preview, Yes

ops = typer.Typer(
    help="运维：什么卡住了，为什么，能怎么办。 What is stuck, why, and what may be done.",
    no_args_is_help=True,
)

By = Annotated[str, typer.Option("--by", metavar="OFFICE", help="以谁的名义 · who acts")]
Owner = Annotated[
    str | None,
    typer.Option(
        "--owner-url",
        metavar="URL",
        envvar="HUIQIAN_OWNER_URL",
        help="PostgreSQL 表的属主 · the tables' owner on PostgreSQL",
    ),
]
Passphrase = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="钥匙文件的口令 · what the keys are sealed under",
    ),
]
Without = Annotated[bool, typer.Option("--without-keys", help="不带钥匙 · without the keys")]
Case = Annotated[str, typer.Argument(metavar="CASE", help="案件编号 · the case's id")]


@ops.command()
def stuck(
    cause: Annotated[
        list[str] | None,
        typer.Option(
            "--cause", metavar="CAUSE", help="只看此原因，可多次 · only this cause, may be repeated"
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="每类最多列几件 · of each kind")] = 100,
    as_json: Json = False,
) -> None:
    """卡住的案件：何时起、原因、证据、该谁办、办法。 Stuck cases with cause, evidence, whose move it is, and remedies.

    退出码 1 表示有卡住的案件。 The exit code is 1 when anything is stuck.

    [bold]例 Examples[/]

      $ huiqian ops stuck
      $ huiqian ops stuck --cause overdue --json
    """
    from console.terminal.ops_board import stuck as run

    raise typer.Exit(run(cause or [], limit, as_json))


@ops.command()
def workers(as_json: Json = False) -> None:
    """各机构的工作进程是否在线。 Which agencies' workers are there.

    [bold]例 Example[/]

      $ huiqian ops workers
    """
    from console.terminal.ops_board import workers as run

    raise typer.Exit(run(as_json))


@ops.command()
def statistics(
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DAY", help="只算此日以来有变动的案件 · cases changed since"),
    ] = None,
    as_json: Json = False,
) -> None:
    """时间花在哪里：各环节、各期限用了几个工作日，对照承诺。 Where time goes: medians and tails against the promised days.

    [bold]例 Examples[/]

      $ huiqian ops statistics
      $ huiqian ops statistics --since 2026-03-01 --json
    """
    from console.terminal.ops_statistics import statistics as run

    raise typer.Exit(run(since, as_json))


@ops.command()
def nudge(
    by: By,
    case: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="只催这一件 · only this case")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """催办全部逾期事项；先列出，问过再发。 Remind everybody who is late; lists them and asks first.

    [bold]例 Examples[/]

      $ huiqian ops nudge --by approver@dept
      $ huiqian ops nudge --by ops@dept --case filing-7k2m9q4xza --yes
    """
    from console.terminal.ops_remedies import nudge as run

    raise typer.Exit(run(by, case, yes, as_json))


@ops.command()
def reassign(
    office: Annotated[
        str, typer.Argument(metavar="OFFICE", help="等办的岗位，如 clerk@tro · the awaited office")
    ],
    to: Annotated[str, typer.Argument(metavar="PERSON", help="改由该岗位的谁办 · which of its officers")],
    by: By,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="理由，记入账册 · why; it is recorded")
    ],
    case: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="只改派这一件 · only this case")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """改派：该岗位的待办都交给一人；先列出，问过再办。 Give what waits for an office to one of its officers; lists it and asks.

    [bold]例 Examples[/]

      $ huiqian ops reassign clerk@tro clerk/2@tro --by approver@tro --reason 请假
    """
    from console.terminal.ops_remedies import reassign as run

    raise typer.Exit(run(office, to, by, reason, case, yes, as_json))


@ops.command()
def retry(
    case: Annotated[
        str | None,
        typer.Argument(metavar="[CASE]", help="只这一件，缺省为全部 · only this case; all by default"),
    ] = None,
    by: By = "ops@dept",
    id_: Id = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """立即重投：失败的信重新排队，等待重试的不再等；全部重投时先列出，问过再办。 Try letters again, now; all: lists them and asks.

    [bold]例 Examples[/]

      $ huiqian ops retry filing-7k2m9q4xza
      $ huiqian ops retry --yes
    """
    from console.terminal.ops_remedies import retry as run

    raise typer.Exit(run(case, by, id_, yes, as_json))


@ops.command()
def restart(
    case: Case,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="理由，记入账册 · why; it is recorded")
    ],
    by: By = "ops@dept",
    id_: Id = None,
    as_json: Json = False,
) -> None:
    """按账册重启流程：原流程终止，新流程从案件现处步骤接着走。 End a case's process; a new one goes on from the ledger.

    [bold]例 Example[/]

      $ huiqian ops restart filing-7k2m9q4xza --reason 升级后任务反复失败
    """
    from console.terminal.ops_remedies import restart as run

    raise typer.Exit(run(case, reason, by, id_, as_json))


@ops.command()
def rebuild(
    preview: Preview = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Temporal 全失之后：按账册把每个在办案件的流程从现处步骤重新启动。 Temporal is lost: start every process again.

    缺的命名空间、检索属性、透明日志的日程一并补上；已寄出的信不会再寄。可重复运行。
    Makes namespace, search attributes and the log's schedule too; nobody is told twice. May be run again at any time.

    [bold]例 Examples[/]

      $ huiqian ops rebuild --preview
      $ huiqian ops rebuild --yes --json
    """
    from console.terminal.ops_rebuild import rebuild as run

    raise typer.Exit(run(preview, yes, as_json))


@ops.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="新建的文件夹 · a folder to be made")],
    keys_to: Annotated[
        Path | None,
        typer.Option(
            "--keys-to", metavar="FILE", help="钥匙另存之处，加密 · where the keys go, sealed, apart"
        ),
    ] = None,
    passphrase: Passphrase = None,
    without: Without = False,
    owner_url: Owner = None,
    as_json: Json = False,
) -> None:
    """备份：账册、文件、透明日志、留存簿，同一时刻，附清单与摘要；钥匙另存。 A consistent backup with a manifest.

    办理照常进行。 People go on acting meanwhile.

    [bold]例 Examples[/]

      $ huiqian ops backup /backup/2026-11-22 --keys-to /vault/2026-11-22.keys --passphrase-file /vault/passphrase
    """
    from console.terminal.ops_backup import backup as run

    raise typer.Exit(run(folder, keys_to, passphrase, without, owner_url, as_json))


@ops.command()
def restore(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="备份 · the backup")
    ],
    keys_from: Annotated[
        Path | None,
        typer.Option(
            "--keys-from", metavar="FILE", exists=True, dir_okay=False, help="钥匙文件 · the sealed keys"
        ),
    ] = None,
    passphrase: Passphrase = None,
    without: Without = False,
    owner_url: Owner = None,
    copy: Annotated[
        list[Path] | None,
        typer.Option(
            "--copy",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="别处留存的日志，可多次 · a copy of the log kept elsewhere",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """恢复到空处，由留存簿逐摘要补回此后的行为，核验，并报告缺什么。 Put back into an empty place; what came since; what is missing.

    绝不覆盖。缺失或不成立时退出码为 1。 Never writes over anything; exit code 1 when something is missing or does not hold.

    [bold]例 Examples[/]

      $ huiqian ops restore /backup/2026-11-22 --keys-from /vault/2026-11-22.keys --passphrase-file /vault/passphrase
    """
    from console.terminal.ops_backup import restore as run

    raise typer.Exit(run(folder, keys_from, passphrase, without, owner_url, copy or [], as_json))
