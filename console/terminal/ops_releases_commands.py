"""Declares `huiqian ops versions` and `ops upgrade`; what they do stands in `ops_releases`."""

from typing import Annotated

import typer

from console.terminal.options import Json, Preview, Yes


def join(ops: typer.Typer) -> None:
    """Add them to the operator's commands."""
    ops.command()(versions)
    ops.command()(upgrade)


def versions(as_json: Json = False) -> None:
    """流程代码的各版本：现行的、试行的，各有多少流程在其上。 Releases of the processes' code, and how many processes run on each.

    有流程在其上而工作进程不在线时退出码为 1。 The exit code is 1 when processes run on a release without a worker.

    [bold]例 Example[/]

      $ huiqian ops versions
    """
    from console.terminal.ops_releases import versions as run

    raise typer.Exit(run(as_json))


def upgrade(
    release: Annotated[
        str, typer.Argument(metavar="RELEASE", help="工作进程的 HUIQIAN_RELEASE · as its workers are named")
    ],
    ramp: Annotated[
        float | None,
        typer.Option(
            "--ramp", metavar="PERCENT", min=0, max=100, help="只有这么多先试行 · only so many of a hundred"
        ),
    ] = None,
    preview: Preview = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """改用另一版本，或退回上一版本：新流程归它，在办案件的流程移交给它。 Use another release, also the one before; cases move to it.

    移交时流程在新版上从案件现处步骤接着走；移不动的按账册重新启动，不丢任何行为。可重复运行。
    A process goes on there at the step where its case stands; one that cannot is begun anew from the ledger. May be run again.

    [bold]例 Examples[/]

      $ huiqian ops upgrade 2026.12.1 --ramp 5
      $ huiqian ops upgrade 2026.12.1 --preview
      $ huiqian ops upgrade 2026.12.1 --yes --json
    """
    from console.terminal.ops_releases import upgrade as run

    raise typer.Exit(run(release, ramp, preview, yes, as_json))
