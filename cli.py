"""`huiqian`: the command line. Declares the commands; what each does stands in `console/terminal/`.

The modules that do the work are imported inside the commands, so that `--help` does not load the whole product.
"""

import io
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from console.terminal import ops_releases_commands, people_commands, upkeep
from console.terminal.guard import Guarded
from console.terminal.ops import ops
from console.terminal.options import RUN, WORK, Id, Json
from console.terminal.students import students
from gateway.leaving import leave_after

CODES = """退出码 exit codes

  0 已办理 done
  1 被拒绝或不成立 refused, or an expectation failed
  2 用法或文件有误 usage, or a bad file
  3 未初始化或连不上 not set up, or not reachable
  4 未见不符，但有不能证实的部分 nothing is wrong, but not everything could be shown"""
HELP = """[bold]会签 Huiqian[/]：跨单位会签办理，账册在先，流程随行。 Approvals that cross agencies: the ledger decides, the processes follow.

[bold]一轮申报 A round, from the terminal[/]

  $ huiqian init --demo-register demo/colleges.yaml
  $ huiqian act issue-call --by catalog-officer@dept --with @call.yaml
  $ huiqian template form.xlsx --round 2026
  $ huiqian import form.xlsx --by filer@dg --round 2026
  $ huiqian docket --as clerk@tro
  $ huiqian act accept --by clerk@tro --case filing-…
  $ huiqian show filing-…

有哪些行为、各填什么，见 huiqian acts。 `huiqian acts` lists what may be done and what each act asks for.
数据库由 HUIQIAN_DATABASE_URL 指定。 The database is named by HUIQIAN_DATABASE_URL."""

app = typer.Typer(
    name="huiqian", cls=Guarded, help=HELP, epilog=CODES, rich_markup_mode="rich", no_args_is_help=True,
    pretty_exceptions_enable=False, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

By = Annotated[
    str,
    typer.Option(
        "--by", metavar="OFFICE", help="以谁的名义：clerk@tro、filer@dg、expert:zhao、public · who acts"
    ),
]
RoundOption = Annotated[
    str | None,
    typer.Option(
        "--round",
        metavar="ROUND",
        help="轮次编号或年度，缺省为最近一轮 · the round's id or year; by default the newest",
    ),
]


@app.command(rich_help_panel=WORK)
def docket(
    as_: Annotated[
        str | None,
        typer.Option("--as", metavar="OFFICE", help="我的岗位，如 clerk@tro、expert:zhao · my office"),
    ] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", metavar="AGENCY", help="整个机构，如 tro · a whole agency")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1000, help="最多列几件 · how many to list")
    ] = 30,
    as_json: Json = False,
) -> None:
    """待办：等我办的事，按期限先后。 What waits for me, soonest first; overdue in red.

    [bold]例 Examples[/]

      $ huiqian docket --as clerk@tro
      $ huiqian docket --agency dept --json
    """
    from console.terminal.docket import docket as run

    raise typer.Exit(run(as_, agency, limit, as_json))


@app.command(rich_help_panel=WORK)
def show(
    case: Annotated[
        str,
        typer.Argument(
            metavar="CASE",
            help="案件编号；轮次可写年度，公布可写文号 · a case's id, a round's year, or a document number",
        ),
    ],
    as_json: Json = False,
    all_events: Annotated[
        bool, typer.Option("--all-events", help="列出全部经过 · the whole timeline")
    ] = False,
) -> None:
    """看一个案件：阶段、专业线、期限及算法、等谁、经过、公文、信件。 One case on one page.

    [bold]例 Examples[/]

      $ huiqian show filing-7k2m9q4xza
      $ huiqian show 2026
      $ huiqian show 粤人社函〔2026〕88号 --json
    """
    from console.terminal.page import case as run

    raise typer.Exit(run(case, as_json, all_events))


@app.command(rich_help_panel=WORK)
def act(
    act: Annotated[str, typer.Argument(metavar="ACT", help="行为，如 accept；见 huiqian acts · what to do")],
    by: By,
    case: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="针对哪个案件 · on which case")
    ] = None,
    with_: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="JSON|@FILE",
            help="填写内容：JSON、@文件.json、@文件.yaml，或 @- 读标准输入 · the form",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="填一项，可多次；下级用点，如 window.opens= · one field, may be repeated",
        ),
    ] = None,
    read: Annotated[
        str | None,
        typer.Option(
            "--read", metavar="TIME", help="看到案件的时间；此后有变动则拒绝 · refuse if the case moved since"
        ),
    ] = None,
    id_: Id = None,
    as_json: Json = False,
) -> None:
    """办理一项行为，打印回执或拒绝理由。 Do one act; prints the receipt, or why it was refused and what to do next.

    [bold]例 Examples[/]

      $ huiqian act accept --by clerk@tro --case filing-7k2m9q4xza
      $ huiqian act decline --by clerk@tro --case filing-… --set reason=缺少培养方案
      $ huiqian act consent --by approver@dept --set lines=filing-…/1,filing-…/2
      $ huiqian act issue-call --by catalog-officer@dept --with @call.yaml
      $ huiqian act score --by expert:zhao --case filing-… --set line=1 --set marks.overall=86
    """
    from console.terminal.acting import do as run

    raise typer.Exit(run(act, by, case, with_, settings or [], read, id_, as_json))


@app.command(rich_help_panel=WORK)
def acts(
    act: Annotated[
        str | None, typer.Argument(metavar="[ACT]", help="哪一项；不写则全列 · which one; all by default")
    ] = None,
    as_json: Json = False,
) -> None:
    """有哪些行为，由谁办，填什么，依据哪一条。 What may be done, by whom, on which form, by which clause.

    [bold]例 Examples[/]

      $ huiqian acts submit-filing
      $ huiqian acts score --json
    """
    from console.terminal.acting import list_acts as run

    raise typer.Exit(run(act, as_json))


@app.command(rich_help_panel=WORK)
def attach(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="要上传的文件 · the files"),
    ],
    by: By,
    about: Annotated[
        bool, typer.Option("--about", help="事关个人，密封；另问何人 · about a person, asked for: sealed")
    ] = False,
    as_json: Json = False,
) -> None:
    """上传附件；申报材料用打印出的摘要引用。 Take files in; a filing's materials name the digest that is printed.

    宏、加密、超限或名实不符的文件会被拒绝。 Files with macros, locked, too large or not what they say are refused.

    [bold]例 Examples[/]

      $ huiqian attach 培养方案.pdf 校企合作协议.pdf --by filer@dg
      $ huiqian attach 异议来信.pdf --by notice-officer@tro --about
    """
    from console.terminal.acting import attach as run

    raise typer.Exit(run(files, by, about, as_json))


@app.command(rich_help_panel=WORK)
def template(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="写到哪里 · where to write it")],
    round_: RoundOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="覆盖已有文件 · write over a file that exists")
    ] = False,
) -> None:
    """写出空白申报表，内含该轮的专业目录。 Write the empty Excel form, with the round's majors to choose from.

    [bold]例 Example[/]

      $ huiqian template 申报表.xlsx --round 2026
    """
    from console.terminal.sheets import template as run

    raise typer.Exit(run(file, round_, force))


@app.command("import", rich_help_panel=WORK)
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.xlsx", exists=True, dir_okay=False, help="填好的申报表 · the form, filled in"
        ),
    ],
    by: By,
    round_: RoundOption = None,
    case: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="接着哪份草稿 · over which draft")
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="只存草稿，不提交 · keep it as a draft")] = False,
    confirm: Annotated[
        list[str] | None,
        typer.Option(
            "--confirm", metavar="CODE", help="确认专业的新代码，可多次 · confirm a major's new code"
        ),
    ] = None,
    materials: Annotated[
        Path | None,
        typer.Option(
            "--materials",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="附件所在文件夹，一并上传 · where the files named in the form lie; attaches them",
        ),
    ] = None,
    id_: Id = None,
    as_json: Json = False,
) -> None:
    """导入申报表并提交；有问题则按表、行、列列出，什么也不提交。 File from the Excel form; errors by sheet, row and column.

    [bold]例 Examples[/]

      $ huiqian import dg.xlsx --by filer@dg --round 2026 --materials 附件/
      $ huiqian import dg.xlsx --by filer@dg --draft
      $ huiqian import dg.xlsx --by filer@dg --case filing-7k2m9q4xza
    """
    from console.terminal.sheets import bring_in as run

    raise typer.Exit(run(file, by, round_, case, draft, confirm or [], materials, id_, as_json))


app.add_typer(students, name="students", rich_help_panel=WORK)
upkeep.join(app)
ops_releases_commands.join(ops)
app.add_typer(ops, name="ops", rich_help_panel=RUN)
people_commands.join(app)


def main() -> NoReturn:
    """The command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese still shows something
    leave_after(app)


if __name__ == "__main__":  # the pages play rehearsals in a process of their own
    main()
