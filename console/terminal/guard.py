"""Turns what can go wrong into exit codes and sentences, for every command alike; and keeps the screen free of logs."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from console.terminal.screen import DONE, REFUSED, UNREACHABLE, USAGE, Trouble, clean, complain


class Guarded(TyperGroup):
    """The command line's root: whatever a command raises ends here."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; trouble becomes a sentence on standard error and an exit code."""
        quiet_logs()
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # who reads our output has read enough: `huiqian docket | head`
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - it is what is left to write to
            raise typer.Exit(DONE) from None
        except Exception as error:
            trouble = error if isinstance(error, Trouble) else _trouble(error)
            if trouble is None:
                raise
            complain(trouble.zh, trouble.en)
            raise typer.Exit(trouble.code) from None


class OnTheRecord(TyperGroup):
    """Commands that read the record as it is stored. What they stumble over is a fault of the record, or of the program:
    when the record does not hold, that is the answer, and never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; where it cannot go on, verify the record and say what does not hold."""
        try:
            return super().invoke(ctx)
        except (Trouble, TyperException, typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            trouble = _trouble(error) or _unsound()
            if trouble is None:
                raise
            raise trouble from error


def _unsound() -> Trouble | None:
    """What does not hold in the record, None when it holds."""
    from gateway.settings import read_settings
    from records.engine import open_engine
    from records.verify import verify

    problems = verify(open_engine(read_settings().database_url)).problems
    if not problems:
        return None
    more = f"（共 {len(problems)} 处 in all）" if len(problems) > 1 else ""
    zh = f"账册不符，无法据以作答，见 huiqian audit verify：{clean(problems[0])}{more}"
    return Trouble(
        REFUSED,
        zh,
        "the record does not hold, so it cannot answer this: huiqian audit verify names each place",
    )


def quiet_logs() -> None:
    """Only warnings, as JSON on standard error: standard output belongs to the result."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _trouble(error: Exception) -> Trouble | None:
    """What a person is told of an exception; None when it is a fault of the program. Never quotes a URL."""
    from pydantic import ValidationError
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, ProgrammingError
    from temporalio.service import RPCError

    from deploy.process import DeployError
    from gateway.gateway import Busy
    from gateway.metrics import CannotShow
    from gateway.payload_keys import SealRefused
    from gateway.settings import NotSetUp
    from gateway.views import NoSuchCase
    from policies import BadPack
    from proof.keys import KeyRefused

    match error:
        case NotSetUp():
            return not_set_up()
        case NoSuchCase():
            return Trouble(USAGE, f"没有这个案件：{error}", f"no such case: {error}")
        case BadPack():
            first = error.problems[0]
            more = len(error.problems) - 1
            tail = f"（另有{more}处，见 huiqian policy check）" if more else ""
            return Trouble(USAGE, f"规则包有误{tail}", str(first))
        case Busy():
            zh = "同一案件此刻办理过于集中，未办理；可用同一编号重试"
            return Trouble(
                UNREACHABLE,
                zh,
                f"too many acts on the same cases; nothing was done, repeat with --id {error}",
            )
        case CannotShow():
            return Trouble(USAGE, f"指标地址不可用：{error}", f"figures cannot be shown there: {error}")
        case DeployError():
            zh, _, en = str(error).partition("\n")
            return Trouble(UNREACHABLE, zh, en)
        case ArgumentError() | NoSuchModuleError():
            return Trouble(USAGE, "数据库地址无法识别", "the database URL is not understood")
        case ProgrammingError():
            return not_set_up()
        case ValidationError() if error.title == "Settings":
            names = "、".join(f"HUIQIAN_{str(one['loc'][0]).upper()}" for one in error.errors())
            return Trouble(USAGE, f"环境变量不合要求：{names}", f"not what is expected: {names}")
        case SealRefused():
            zh, _, en = str(error).partition(" / ")
            return Trouble(UNREACHABLE, f"流程载荷的主密钥：{zh}", f"the payloads' master key: {en or zh}")
        case KeyRefused():
            return Trouble(USAGE, "钥匙有误，见 HUIQIAN_KEYS", f"a key in HUIQIAN_KEYS: {error}")
        case RPCError():
            return Trouble(UNREACHABLE, f"流程服务：{error.status.name}", f"Temporal: {error.status.name}")
        case OSError():
            why = error.strerror or type(error).__name__
            return Trouble(
                UNREACHABLE, f"文件或网络不可用：{why}", f"a file or the network cannot be used: {why}"
            )
        case DBAPIError():
            why = str(error.orig).strip().partition("\n")[0]
            return Trouble(UNREACHABLE, f"数据库不可用：{why}", "the database cannot be used")
        case _:
            return None


def not_set_up() -> Trouble:
    """There is no environment in this database."""
    zh = "尚未初始化：请先运行 huiqian init；已初始化的，请核对 HUIQIAN_DATABASE_URL"
    return Trouble(UNREACHABLE, zh, "not set up: run `huiqian init` first, or check HUIQIAN_DATABASE_URL")
