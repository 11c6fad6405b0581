"""Declares the commands of `huiqian audit` that prove the record; what each does stands in `audit_log` and `audit_keys`."""

from pathlib import Path
from typing import Annotated

import typer

from console.terminal.options import Json

TrustOption = Annotated[
    Path | None,
    typer.Option(
        "--trust", metavar="FILE", exists=True, dir_okay=False,
        help="核验者自己保管的信任文件，缺省为 HUIQIAN_KEYS 下的 trust.policy · the verifier's own trust roots",
    ),
]  # fmt: skip


def join(audit: typer.Typer) -> None:
    """Add these commands to `huiqian audit`."""
    audit.command("verify")(verify)
    audit.command("prove")(prove)
    audit.command("check-receipt")(check_receipt)
    audit.command("integrate")(integrate)
    audit.command("keys")(keys)
    audit.command("trust")(trust)


def verify(
    trust: TrustOption = None,
    copies: Annotated[
        list[Path] | None,
        typer.Option(
            "--copy", metavar="FOLDER", exists=True, file_okay=False,
            help="他人保管的日志副本，可多次：指明哪一行被改 · a copy of the log that others keep: names what was changed",
        ),
    ] = None,
    seen: Annotated[
        list[Path] | None,
        typer.Option(
            "--seen", metavar="FILE", exists=True, dir_okay=False,
            help="见过的检查点，可多次 · a checkpoint that somebody has seen",
        ),
    ] = None,
    remember: Annotated[
        bool, typer.Option(help="记住已核实的检查点（写在信任文件旁）· remember the checkpoint that held")
    ] = True,
    as_json: Json = False,
) -> None:  # fmt: skip
    """核验账册：摘要链、快照、读取表，以及透明日志和各单位联署。 Chains, snapshots, and the log with its cosignatures.

    退出码 exit codes: 0 完好 it holds · 1 有不符之处，逐处列明 something does not, each named · 2 文件有误 a bad file.
    联署检查点之后的部分只有回执能证明。 What lies behind the last cosigned checkpoint only receipts can prove.

    [bold]例 Examples[/]

      $ huiqian audit verify --trust trust.policy
      $ huiqian audit verify --trust trust.policy --copy /mnt/tro/log --json
    """
    from console.terminal.audit_log import verify_all as run

    raise typer.Exit(run(trust, copies or [], seen or [], remember, as_json))


def prove(
    which: Annotated[
        str,
        typer.Argument(
            metavar="RECEIPT", help="回执文件、命令编号或摘要 · a receipt's file, command id or digest"
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="写到哪里 · where to write it")
    ] = None,
    as_json: Json = False,
) -> None:
    """把回执变成可离线核对的证明（C2SP tlog-proof）。 Turn a receipt, of an act or a refusal, into a proof.

    [bold]例 Examples[/]

      $ huiqian audit prove 7f1c… --out 受理.tlog-proof
      $ huiqian audit prove receipt.json
    """
    from console.terminal.audit_log import prove as run

    raise typer.Exit(run(which, out, as_json))


def check_receipt(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.tlog-proof", exists=True, dir_okay=False, help="证明 · the proof")
    ],
    trust: TrustOption = None,
    receipt: Annotated[
        Path | None,
        typer.Option(
            "--receipt", metavar="FILE.json", exists=True, dir_okay=False,
            help="手中的回执，须是同一份 · the receipt in hand: it must be the one that is proved",
        ),
    ] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """核对回执证明；不需要数据库、服务器和网络。 Check a receipt's proof: no database, no server, no network.

    [bold]例 Example[/]

      $ huiqian audit check-receipt 受理.tlog-proof --trust trust.policy
    """
    from console.terminal.audit_log import check as run

    raise typer.Exit(run(file, trust, receipt, as_json))


def integrate(
    whole: Annotated[
        bool,
        typer.Option("--all", help="查遍全部行，不只最新的 · look through all rows, not only the newest"),
    ] = False,
    as_json: Json = False,
) -> None:
    """手工把新行列入透明日志并请本机各单位联署；平时由定时任务完成。 A round of the log by hand; a schedule does it otherwise.

    [bold]例 Example[/]

      $ HUIQIAN_KEYS=var/up/keys huiqian audit integrate
    """
    from console.terminal.audit_log import integrate as run

    raise typer.Exit(run(whole, as_json))


def keys(
    who: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WHO]...", help="log 或机构代码；不写则全部 · log, or agencies; by default everybody"
        ),
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option("--origin", metavar="NAME", help="日志名，如 log.example.gov/huiqian · the log's name"),
    ] = None,
    signer: Annotated[
        str | None,
        typer.Option(
            "--signer", metavar="COMMAND",
            help="由此命令签名（密码机、智能密码钥匙）：{message} 代表待签文件，{signature} 代表签名文件，缺省为标准输入输出 · "
            "this command signs (a module that keeps its key): {message} and {signature} are files, else standard input and output",
        ),
    ] = None,
    public: Annotated[
        Path | None,
        typer.Option(
            "--public", metavar="FILE.pem", exists=True, dir_okay=False,
            help="该命令所用钥匙的公钥，Ed25519 或 SM2 · the public key that the command signs with",
        ),
    ] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """生成本机缺少的钥匙，显示公钥；已有的不动。 Make the keys that are missing here and show their public halves.

    各单位在自己的机器上各生成各的；私钥不离开 HUIQIAN_KEYS。 Each agency makes its own, on its own machine.
    用密码机或国密 SM2 的，以 --signer 指明签名命令，私钥不进入本系统。 With --signer a key in a module signs, SM2 too.

    [bold]例 Examples[/]

      $ HUIQIAN_KEYS=/etc/huiqian/keys huiqian audit keys tro --origin log.example.gov/huiqian
      $ HUIQIAN_KEYS=var/up/keys huiqian audit keys
      $ huiqian audit keys tro --origin … --public tro.pem --signer 'openssl pkeyutl -sign -rawin -digest sm3
          -pkeyopt distid:1234567812345678 -inkey /etc/huiqian/tro-sm2.pem'
    """
    from console.terminal.audit_keys import keys as run

    raise typer.Exit(run(who or [], origin, signer, public, as_json))


def trust(
    log: Annotated[str, typer.Option("--log", metavar="VKEY", help="日志的公钥 · the log's public key")],
    witnesses: Annotated[
        list[str], typer.Option("--witness", metavar="AGENCY=VKEY", help="见证单位的公钥，可多次 · a witness")
    ],
    need: Annotated[
        int | None,
        typer.Option(
            "--need", min=0, help="须几家联署，缺省依规则包 · how many; by default what the pack says"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """由公钥写出信任文件（C2SP tlog-policy）。 Write trust roots from public keys that you were given by hand.

    [bold]例 Example[/]

      $ huiqian audit trust --log … --witness tro=… --witness gz=… > trust.policy
    """
    from console.terminal.audit_keys import trust as run

    raise typer.Exit(run(log, witnesses, need, as_json))
