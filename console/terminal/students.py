"""`huiqian students`: declares the commands; what each does stands in `student_lists`."""

from pathlib import Path
from typing import Annotated

import typer

from console.terminal.options import Id, Json

students = typer.Typer(
    help="学生名单：模板、导入、导出。 The list of a cohort's students as a workbook.", no_args_is_help=True
)

By = Annotated[str, typer.Option("--by", metavar="OFFICE", help="以谁的名义，如 filer@dg · who acts")]
Case = Annotated[str, typer.Option("--case", metavar="COHORT", help="哪个班级 · which cohort")]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有文件 · write over a file that exists")]


@students.command()
def template(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="写到哪里 · where to write it")],
    force: Force = False,
) -> None:
    """写出空白学生名单。 Write the empty list.

    [bold]例 Example[/]

      $ huiqian students template 学生.xlsx
    """
    from console.terminal.student_lists import template as run

    raise typer.Exit(run(file, force))


@students.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.xlsx", exists=True, dir_okay=False, help="填好的名单 · the list")
    ],
    by: By,
    case: Case,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="收下无误的行，其余按行列出 · take the good rows, name the others"),
    ] = False,
    id_: Id = None,
    as_json: Json = False,
) -> None:
    """导入学生名单；有错则按行、列列出，什么也不登记。 Register the students of a list; errors by row and column.

    [bold]例 Examples[/]

      $ huiqian students import 学生.xlsx --by filer@dg --case cohort-7k2m9q4xza
      $ huiqian students import 学生.xlsx --by filer@dg --case cohort-7k2m9q4xza --partial
    """
    from console.terminal.student_lists import bring_in as run

    raise typer.Exit(run(file, by, case, partial, id_, as_json))


@students.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="写到哪里 · where to write it")],
    by: By,
    case: Case,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="用途，将记录在案 · what for; goes on record")
    ],
    force: Force = False,
    id_: Id = None,
    as_json: Json = False,
) -> None:
    """导出本院校一个班级的学生名单；查阅记录在案。 Write the list of a cohort; the reading is put on record.

    [bold]例 Example[/]

      $ huiqian students export 名单.xlsx --by filer@dg --case cohort-7k2m9q4xza --reason 核对学籍
    """
    from console.terminal.student_lists import take_out as run

    raise typer.Exit(run(file, by, case, reason, force, id_, as_json))
