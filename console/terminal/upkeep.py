"""The commands for those who run the product and keep its rules and registers: init, rehearse, policy, records, register, call."""

from pathlib import Path
from typing import Annotated

import typer

from console.terminal import audit_log_commands, personal_commands
from console.terminal.audit import audit, verify_bundle
from console.terminal.guard import OnTheRecord
from console.terminal.options import RUN, Json
from console.terminal.payload_keys_commands import payload_keys

Owner = Annotated[
    str | None,
    typer.Option(
        "--owner-url",
        metavar="URL",
        envvar="HUIQIAN_OWNER_URL",
        help="PostgreSQL 表的属主，只在建表时用 · the tables' owner, for migrations only",
    ),
]
PackOption = Annotated[
    str | None,
    typer.Option(
        "--pack",
        metavar="PACK",
        help="规则包名或文件夹，缺省为本环境所用 · a pack's name or folder; by default the one in force",
    ),
]

policy = typer.Typer(
    no_args_is_help=True,
    help="规则：有哪些、是否合格、怎么说、依据哪一条。 The rules: which, whether sound, what they say and why.",
)
records = typer.Typer(
    cls=OnTheRecord,
    no_args_is_help=True,
    help="账册：在哪里、是否完好、重建、升级。 The record: where it is, whether it holds, rebuild, migrate.",
)

audit_log_commands.join(audit)
personal_commands.join(records)

call = typer.Typer(
    no_args_is_help=True, help="年度通知：发布之前先看会怎样。 The yearly call: look before it is issued."
)


def join(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(rich_help_panel=RUN)(init)
    app.command(rich_help_panel=RUN)(rehearse)
    app.command(rich_help_panel=RUN)(register)
    app.add_typer(policy, name="policy", rich_help_panel=RUN)
    app.add_typer(records, name="records", rich_help_panel=RUN)
    app.add_typer(call, name="call", rich_help_panel=RUN)
    app.add_typer(payload_keys, name="payload-keys", rich_help_panel=RUN)
    app.add_typer(audit, name="audit", rich_help_panel="审计 Audit")
    app.command("verify-bundle", rich_help_panel="审计 Audit")(verify_bundle)


def register(
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="哪一天，缺省今天 · which day; today by default"),
    ] = None,
    as_json: Json = False,
) -> None:
    """登记册：某日有效的试点专业；此后的更正另列，不改原文。 Programmes on a day; later corrections stand beside.

    [bold]例 Examples[/]

      $ huiqian register --on 2026-12-31
      $ huiqian register --json
    """
    from console.terminal.outlook import register as run

    raise typer.Exit(run(on, as_json))


def init(
    pack: PackOption = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="另设一项规则的值，可多次 · set a rule's value here"),
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            "--database-url", metavar="URL", help="代替 HUIQIAN_DATABASE_URL · instead of that variable"
        ),
    ] = None,
    owner_url: Owner = None,
    register: Annotated[
        Path | None,
        typer.Option(
            "--demo-register",
            metavar="FILE.yaml",
            exists=True,
            dir_okay=False,
            help="登记院校、专家并各任命一人，供试用 · enter colleges and experts and appoint one officer a role",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """初始化：建表、启用规则、录入放假安排、任命 ops@dept。 Set up: tables, rules, calendar, the first officer. Once; again is harmless.

    [bold]例 Examples[/]

      $ huiqian init --demo-register demo/colleges.yaml
      $ huiqian init --set notice.cut_off=17:30 --set panel.min_members=7
      $ HUIQIAN_DATABASE_URL=postgresql+psycopg://huiqian_app:…@db/huiqian \\
        huiqian init --owner-url postgresql+psycopg://huiqian_owner:…@db/huiqian
    """
    from console.terminal.set_up import init as run

    raise typer.Exit(run(pack, settings or [], database_url, owner_url, register, as_json))


def rehearse(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="剧本，或放剧本的文件夹 · stories, or folders of them"),
    ],
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="逐条讲述行为 · tell every act")] = False,
    as_json: Json = False,
) -> None:
    """排演：照日期把剧本演一遍，核对结果。 Play stories with dates against the real processes and check what must hold.

    退出码 exit codes: 0 全部成立 all hold · 1 有不成立 an expectation failed · 2 有文件写错 a file is wrong (其余照演 the others still run).

    [bold]例 Examples[/]

      $ huiqian rehearse ../shared/rehearsals/01-straight-run.yaml -v
      $ huiqian rehearse ../shared/rehearsals/ --json
    """
    from console.terminal.stories import rehearse as run

    raise typer.Exit(run(files, verbose, as_json))


@policy.command("list")
def policy_list(as_json: Json = False) -> None:
    """有哪些规则包，本环境用哪一个。 The packs, and which one is in force here."""
    from console.terminal.law import list_packs as run

    raise typer.Exit(run(as_json))


@policy.command("check")
def policy_check(
    packs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PACK]...", help="包名或文件夹，缺省全部 · names or folders; all by default"),
    ] = None,
    as_json: Json = False,
) -> None:
    """检查规则包；问题写明文件:行: 字段: 原因。 Validate packs; problems name file:line: field: why.

    [bold]例 Examples[/]

      $ huiqian policy check
      $ huiqian policy check ./my-pack
    """
    from console.terminal.law import check as run

    raise typer.Exit(run(packs or [], as_json))


@policy.command("show")
def policy_show(
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]", help="哪一条，如 notice.working_days；不写则全列 · which rule; all by default"
        ),
    ] = None,
    pack: PackOption = None,
    as_json: Json = False,
) -> None:
    """一条规则：今日值、各时期的值、条文原文、效力。 A rule in words: value, clause, quote, standing.

    [bold]依据 Standing[/]

      明文 text         文件写明 the document says so
      类推 analogy      借用他法 another law, borrowed
      未经核实 unverified  无人写明，待主管单位确认 nobody says so

    [bold]例 Examples[/]

      $ huiqian policy show
      $ huiqian policy show completeness.working_days
    """
    from console.terminal.law import show_rules as run

    raise typer.Exit(run(key, pack, as_json))


@policy.command("matrix")
def policy_matrix(
    name: Annotated[str, typer.Argument(metavar="PACK")] = "guangdong/pilot",
    page: Annotated[bool, typer.Option("--page", help="印成 Markdown · as a page")] = False,
    as_json: Json = False,
) -> None:
    """权限表：每一行为由谁、在哪里、依据哪一条办理。 Who may do what, where, by which clause."""
    from console.terminal.matrix import matrix as run

    raise typer.Exit(run(name, as_json, page))


@policy.command("preview")
def policy_preview(
    pack: Annotated[
        str,
        typer.Argument(
            metavar="PACK", help="包名或文件夹 · a pack by name or folder; it need not be in force"
        ),
    ],
    as_json: Json = False,
) -> None:
    """换用另一规则包会怎样：逐案重算期限和结果，不改动任何案件。 What would stand otherwise; nothing is touched.

    [bold]例 Examples[/]

      $ huiqian policy preview ./my-pack
    """
    from console.terminal.outlook import policy as run

    raise typer.Exit(run(pack, as_json))


@policy.command("adopt")
def policy_adopt(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="包名或文件夹 · a pack by name or folder")],
    by: Annotated[
        str, typer.Option("--by", metavar="OFFICE", help="以谁的名义 · who adopts it")
    ] = "approver@dept",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="本环境的设定，可多次 · values of this environment"),
    ] = None,
    as_json: Json = False,
) -> None:
    """启用规则包：此后新开的案件照此办理，已开的照旧；草案不得启用。 Put a pack in force for new cases; never a draft.

    [bold]例 Examples[/]

      $ huiqian policy preview ./my-pack
      $ huiqian policy adopt ./my-pack --by approver@dept
    """
    from console.terminal.law import adopt as run

    raise typer.Exit(run(pack, by, settings or [], as_json))


@call.command("preview")
def call_preview(
    with_: Annotated[
        str,
        typer.Option("--with", metavar="JSON|@FILE", help="与 issue-call 相同 · the same as for issue-call"),
    ],
    by: Annotated[
        str, typer.Option("--by", metavar="OFFICE", help="以谁的名义 · who would issue it")
    ] = "catalog-officer@dept",
    as_json: Json = False,
) -> None:
    """发布前预览年度通知：哪些项目收尾、哪些改代码、哪些草稿受影响。 What the call would do, before it is issued.

    [bold]例 Examples[/]

      $ huiqian call preview --with @call-2027.yaml
    """
    from console.terminal.outlook import call as run

    raise typer.Exit(run(by, with_, as_json))


@records.command("where")
def records_where(as_json: Json = False) -> None:
    """所用的数据库、文件库和环境，不含密码。 The database, file store and environment in use; secrets left out."""
    from console.terminal.books import where as run

    raise typer.Exit(run(as_json))


@records.command("rebuild")
def records_rebuild(as_json: Json = False) -> None:
    """由账册重建全部读取表，结果应与原来一致。 Rebuild every read model from the ledger; the result is identical."""
    from console.terminal.books import rebuild_all as run

    raise typer.Exit(run(as_json))


@records.command("migrate")
def records_migrate(owner_url: Owner = None, as_json: Json = False) -> None:
    """升级表结构；PostgreSQL 须用属主角色。 Bring the schema up to date; on PostgreSQL as the owner."""
    from console.terminal.books import bring_up_to_date as run

    raise typer.Exit(run(owner_url, as_json))
