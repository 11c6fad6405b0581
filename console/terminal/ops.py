"""`huiqian ops`: declares the operator's commands; what each does stands in `ops_board` and `ops_remedies`."""

from typing import Annotated

import typer

from console.terminal.options import Id, Json

ops = typer.Typer(
    help="运维：什么卡住了，为什么，能怎么办。 What is stuck, why, and what may be done.",
    no_args_is_help=True,
)

By = Annotated[str, typer.Option("--by", metavar="OFFICE", help="以谁的名义 · who acts")]
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
def nudge(
    by: By,
    case: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="只催这一件 · only this case")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问 · do not ask first")] = False,
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
def retry(case: Case, by: By = "ops@dept", id_: Id = None, as_json: Json = False) -> None:
    """立即重投：失败的信重新排队，等待重试的不再等。 Try a case's post again, now.

    [bold]例 Example[/]

      $ huiqian ops retry filing-7k2m9q4xza
    """
    from console.terminal.ops_remedies import retry as run

    raise typer.Exit(run(case, by, id_, as_json))


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
    preview: Annotated[
        bool, typer.Option("--preview", help="只看会怎样，不做 · only show what would be done")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问 · do not ask first")] = False,
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
