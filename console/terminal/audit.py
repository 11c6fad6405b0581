"""`huiqian audit`: declares the commands of the auditor; what each does stands in `audit_*` beside this."""

from pathlib import Path
from typing import Annotated

import typer

from console.terminal.guard import OnTheRecord
from console.terminal.options import Json

audit = typer.Typer(
    cls=OnTheRecord,
    no_args_is_help=True,
    help="审计：经过、彼时、重放、重断、回避、查阅、证据包。 For the auditor: what happened, what was known, and proof of it.",
)
Case = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="案件编号，或轮次年度、公布文号 · a case's id, a round's year, or a document number",
    ),
]


@audit.command()
def timeline(
    case: Case,
    paper: Annotated[
        Path | None,
        typer.Option(
            "--docx", metavar="FILE.docx", help="写成入卷公文 · write it as a document for a court file"
        ),
    ] = None,
    personal: Annotated[
        bool,
        typer.Option(
            "--personal", help="开启个人信息；查阅记录在案 · open personal data; the reading goes on record"
        ),
    ] = False,
    by: Annotated[
        str | None, typer.Option("--by", metavar="OFFICE", help="谁查阅，如 auditor@dept · who reads")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="查阅用途 · what for")
    ] = None,
    as_json: Json = False,
) -> None:
    """一案的全部经过：办理、拒绝、期限及算法、通知、公文、关联案件。 Everything that happened to a case, in legal order.

    拒绝的行为、到期自动发生的事实和信件都列入；每项写明何人、哪个单位、依据哪一条。
    Refusals, lapses and letters stand beside the acts, each with who, which agency and which clause.

    [bold]例 Examples[/]

      $ huiqian audit timeline filing-7k2m9q4xza
      $ huiqian audit timeline filing-7k2m9q4xza --docx 经过.docx
      $ huiqian audit timeline 粤人社函〔2026〕88号 --json
      $ huiqian audit timeline objection-… --personal --by auditor@dept --reason 复核异议
    """
    from console.terminal.audit_timeline import timeline as run

    raise typer.Exit(run(case, paper, personal, by, reason, as_json))


@audit.command("as-of")
def as_of(
    case: Case,
    date: Annotated[
        str,
        typer.Argument(
            metavar="DATE",
            help="某日（以24:00为准）或某时刻 · a day, meaning its end, or an instant in China time",
        ),
    ],
    as_json: Json = False,
) -> None:
    """某一时刻所知的案件、待办和登记册；另列彼时实情和此后更正。 What was known at an instant; separately, what was true.

    所知：彼时已入账的事实。实情：法律上彼时已发生的事实，包括后来才入账的。更正不改原文，单独列出。
    Known: facts on record by then. True: facts that had legally happened by then, also those recorded later.

    [bold]例 Examples[/]

      $ huiqian audit as-of filing-7k2m9q4xza 2026-04-17
      $ huiqian audit as-of filing-7k2m9q4xza "2026-04-17 10:30" --json
    """
    from console.terminal.audit_as_of import show_as_of as run

    raise typer.Exit(run(case, date, as_json))


@audit.command()
def redecide(
    case: Case,
    pack: Annotated[
        str | None,
        typer.Option(
            "--pack",
            metavar="PACK",
            help="另以哪个规则包对照，缺省为现行 · compare with which pack; today's by default",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """按当时规则、当时时刻重断每一项行为，应得同样的事实；并说明现行规则会怎么断。 Decide every recorded act again.

    密钥已销毁的个人信息无法重断，逐项写明；密钥无故不在，即为不成立。 What a destroyed key seals cannot be decided again and
    is named; a key that is gone without an act is a fault.
    退出码 exit codes: 0 全部一致 all the same · 4 无不一致但有不能重断 nothing otherwise, not all decided again · 1 不成立 does not hold.

    [bold]例 Examples[/]

      $ huiqian audit redecide filing-7k2m9q4xza
      $ huiqian audit redecide filing-7k2m9q4xza --pack ./draft-pack --json
    """
    from console.terminal.audit_redecide import again as run

    raise typer.Exit(run(case, pack, as_json))


@audit.command()
def duties(
    case: Annotated[
        str | None,
        typer.Argument(metavar="[CASE]", help="只看一件申报，缺省全部 · one filing; all by default"),
    ] = None,
    as_json: Json = False,
) -> None:
    """回避与分离：同一人办理了应当分离的两项事务，或应回避而未回避。 Where one person held two roles that may not meet.

    不同账号、不同岗位、受托代办，只要是同一人都查；任命时登记身份（appoint 的 who）才认得出不同账号是同一人。
    Several accounts, posts and acts on behalf count as one person's; `appoint` with `who` tells which accounts are.
    退出码 exit codes: 0 未发现 none · 1 有发现 found.

    [bold]例 Examples[/]

      $ huiqian audit duties
      $ huiqian audit duties filing-7k2m9q4xza --json
    """
    from console.terminal.audit_duties import duties as run

    raise typer.Exit(run(case, as_json))


@audit.command()
def replay(
    case: Annotated[str | None, typer.Argument(metavar="[CASE]", help="案件编号 · a case's id")] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="导出的历史（JSON，可压缩），可多次 · an exported history, may be repeated",
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部案件 · every case that has run")] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="只看归档，不连流程服务 · read the archive only")
    ] = False,
    as_json: Json = False,
) -> None:
    """用今日代码重放流程历史，并与账册逐条核对。 Replay the histories with today's code and compare with the ledger.

    结论 verdicts: 一致 same · 今日代码不一致 non-deterministic at event N · 账册所缺 ledger lacks · 历史所缺 history lacks ·
    某项不同 differs at field · 他案历史 another case's · 历史不在 lost。已结束的运行取自归档，未结束的取自流程服务。
    退出码 exit codes: 0 一致 the same · 1 不一致 not the same.

    [bold]例 Examples[/]

      $ huiqian audit replay filing-7k2m9q4xza
      $ huiqian audit replay filing-7k2m9q4xza --from history.json.gz
      $ huiqian audit replay --all --offline --json
    """
    from console.terminal.audit_replay import again as run

    raise typer.Exit(run(case, files or [], everything, offline, as_json))


@audit.command()
def archive(as_json: Json = False) -> None:
    """立即归档已结束流程的历史；服务进程平时自动归档。 Keep the histories of finished runs now; the worker does so by itself.

    退出码 exit codes: 0 没有丢失 none was ever lost · 1 有历史在归档前已被清除 some were gone before they could be kept.

    [bold]例 Example[/]

      $ huiqian audit archive
    """
    from console.terminal.audit_replay import archive as run

    raise typer.Exit(run(as_json))


@audit.command()
def readings(
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help="只看一案，缺省全部 · one case; all by default")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="OFFICE", help="只看何人 · only this officer's")
    ] = None,
    as_json: Json = False,
) -> None:
    """谁在何时为何查阅了哪些个人信息，被拒绝的也列出。 Who opened which personal data, when and why; refusals too.

    [bold]例 Examples[/]

      $ huiqian audit readings
      $ huiqian audit readings cohort-7k2m9q4xza
      $ huiqian audit readings --by auditor@dept --json
    """
    from console.terminal.audit_readings import shown as run

    raise typer.Exit(run(case, by, as_json))


@audit.command()
def bundle(
    case: Case,
    file: Annotated[Path, typer.Option("--out", metavar="FILE.zip", help="写到哪里 · where to write it")],
    force: Annotated[
        bool, typer.Option("--force", help="覆盖已有文件 · write over a file that exists")
    ] = False,
    with_keys: Annotated[
        bool,
        typer.Option(
            "--with-keys", help="带个人信息密钥；查阅记录在案 · with the keys of persons; goes on record"
        ),
    ] = False,
    by: Annotated[
        str | None, typer.Option("--by", metavar="OFFICE", help="谁取走，如 auditor@dept · who takes it")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="用途 · what for")] = None,
    as_json: Json = False,
) -> None:
    """一案的证据包：事实、拒绝、历史、公文、规则、日历、包含证明，一个文件，可离线核验。 One file that proves a case offline.

    同一记录得到同样的字节；密钥缺省不带，个人信息保持密封。 Keys are left out by default: personal data stays sealed.
    退出码 exit codes: 0 齐全 all there · 4 有缺（未归档的历史、不在的文件或密钥），逐项写明 something is lacking, each named.

    [bold]例 Examples[/]

      $ huiqian audit bundle filing-7k2m9q4xza --out 证据.zip
      $ huiqian audit bundle filing-7k2m9q4xza --out 证据.zip --with-keys --by auditor@dept --reason 法院调取
      $ huiqian verify-bundle 证据.zip --trust trust.policy
    """
    from console.terminal.audit_bundle import make as run

    raise typer.Exit(run(case, file, force, with_keys, by, reason, as_json))


def verify_bundle(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.zip", exists=True, dir_okay=False, help="证据包 · the bundle")
    ],
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="信任文件，须向可信之人另行取得 · trust roots, from somebody you trust and never from the bundle",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """离线核验证据包，逐项说明证实了什么、什么没有证实。 Verify a bundle offline: what was proved, and what was not.

    不需数据库、流程服务和网络；单文件版由 make verifier 制作。 Needs no database, Temporal or network.
    退出码 exit codes: 0 全部证实 all proved · 4 无不符但有未证实 nothing wrong, not all proved · 1 不成立 does not hold.

    [bold]例 Examples[/]

      $ huiqian verify-bundle 证据.zip --trust trust.policy
      $ huiqian verify-bundle 证据.zip --json
    """
    from console.terminal.audit_bundle import verify as run

    raise typer.Exit(run(file, trust, as_json))
