"""Declares `huiqian payload-keys`: the master keys of what Temporal holds."""

from typing import Annotated

import typer

from console.terminal.options import Json

payload_keys = typer.Typer(
    no_args_is_help=True,
    help="流程服务中内容的主密钥：有哪些、换新。 Master keys of what Temporal holds: which, and rotating them.",
)


@payload_keys.command("list")
def list_(as_json: Json = False) -> None:
    """主密钥的编号、算法、日期和现用的一把；不显示密钥。 Ids, ciphers, dates, and which is in use; never a key."""
    from console.terminal.payload_keys import listed as run

    raise typer.Exit(run(as_json))


@payload_keys.command("rotate")
def rotate(
    cipher: Annotated[
        str, typer.Option("--cipher", metavar="NAME", help="AES-256-GCM 或 or SM4-GCM")
    ] = "AES-256-GCM",
    later: Annotated[
        bool,
        typer.Option(
            "--later",
            help="先加入，不启用；各机都有后再 use · add it only; `use` it once every machine has it",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """换新：加一把主密钥并启用。旧的仍可解开，进程不必重启。 Add a master key and use it; older ones go on opening, nothing restarts.

    多台机器时：rotate --later，把文件送到每台机器，再在各机 use。 On several machines: `rotate --later`, copy the file to each, then `use`.
    旧密钥不要删除：归档前的历史仍要用它。 Delete no old key: histories that are not archived yet need it.

    [bold]例 Examples[/]

      $ huiqian payload-keys rotate
      $ huiqian payload-keys rotate --cipher SM4-GCM --later
    """
    from console.terminal.payload_keys import rotate as run

    raise typer.Exit(run(cipher, later, as_json))


@payload_keys.command("use")
def use(
    id_: Annotated[str, typer.Argument(metavar="ID", help="list 所列的编号 · an id that `list` shows")],
    as_json: Json = False,
) -> None:
    """启用已加入的一把主密钥。 Use a master key that was added before."""
    from console.terminal.payload_keys import use as run

    raise typer.Exit(run(id_, as_json))
