"""Declares the commands of `huiqian records` about persons; what each does stands in `erasing`."""

from typing import Annotated

import typer

from console.terminal.options import Json


def join(records: typer.Typer) -> None:
    """Add these commands to `huiqian records`."""
    records.command("person")(person)
    records.command("erase")(erase)


def person(as_json: Json = False) -> None:
    """查化名：另行询问证件号（不回显），得到化名及所涉案件。 The pseudonym of a person, asked for without echo, and the cases.

    [bold]例 Examples[/]

      $ huiqian records person
      $ huiqian records person < id.txt
    """
    from console.terminal.erasing import look_up as run

    raise typer.Exit(run(as_json))


def erase(
    basis: Annotated[
        str, typer.Option("--basis", metavar="TEXT", help="依据，将记录在案 · on which basis; goes on record")
    ],
    person: Annotated[
        str | None,
        typer.Argument(
            metavar="[PERSON]",
            help="化名 p-…；不写则询问证件号，不回显 · a pseudonym; asked for when left out",
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="OFFICE", help="以谁的名义 · who acts")] = "ops@dept",
    id_: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="COMMAND_ID", help="命令编号，可放心重试 · the same id, the same answer"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """删除一人的个人信息：销毁其密钥，摘要链照样核验。 Erase a person: destroys the key; every chain still verifies.

    须所涉案件都已办结且保存期限已满，否则拒绝并写明到何日。 Refused until every case is over and its retention too.
    姓名和证件号不要写在命令行。 No name or number belongs on the command line.

    [bold]例 Examples[/]

      $ huiqian records erase --basis 保存期限届满
      $ huiqian records erase p-0123456789abcdef0123456789abcdef --basis 本人申请
    """
    from console.terminal.erasing import erase as run

    raise typer.Exit(run(person, basis, by, id_, as_json))
