"""Options that many commands share, and the groups under which `--help` lists the commands."""

from typing import Annotated

import typer

WORK, RUN = "办理 Work", "运行 Run"
Json = Annotated[
    bool, typer.Option("--json", help="只输出 JSON，供程序读取 · nothing but JSON on standard output")
]
Preview = Annotated[bool, typer.Option("--preview", help="只看会怎样，不做 · only show what would be done")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="不再询问 · do not ask first")]
Id = Annotated[
    str | None,
    typer.Option(
        "--id",
        metavar="COMMAND_ID",
        help="命令编号；同一编号得到同一答复，可放心重试 · the same id gets the same answer",
    ),
]
