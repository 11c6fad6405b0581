"""How a program of ours ends: at once, with its status, for the native threads of temporalio may crash Python while it takes itself apart."""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

FAULT = 70
"""Exit status of a program that failed by a fault of its own; its traceback was printed."""

_last: list[Callable[[], object]] = []


def before_leaving(do: Callable[[], object]) -> None:
    """Do this before the program is gone; it must end by itself, soon."""
    _last.append(do)


def leave_after(main: Callable[[], int | None]) -> NoReturn:
    """Run it and leave with what it returns, or with what it gave to `sys.exit`."""
    code = FAULT
    try:
        code = main() or 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
    except BaseException:  # os._exit below would swallow it
        traceback.print_exc()
    finally:
        for do in _last:
            with suppress(Exception):
                do()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
