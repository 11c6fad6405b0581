"""`python -m bench [NAME...] [--quick]`: measure, show, keep. Exit status 1 when a target is missed."""

import argparse
import importlib
import sys
import time
from collections.abc import Sequence

from bench.report import Result, console, logs_as_in_production, machine, markdown, save, say, show

NAMES = (
    "acknowledged",
    "driven",
    "history",
    "big-round",
    "docket",
    "years",
    "verification",
    "audit",
    "load",
    "growth",
    "pages",
)


def measure(name: str, quick: bool) -> Result:
    """Run one benchmark."""
    module = importlib.import_module(f"bench.{name.replace('-', '_')}")
    begun = time.perf_counter()
    result: Result = module.measure(quick)
    result.seconds = time.perf_counter() - begun
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument(
        "--quick", action="store_true", help="small and short: shows that it runs, not how fast"
    )
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in NAMES]:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    logs_as_in_production()
    about = machine()
    console.print(about)
    results: list[Result] = []
    for name in given.names or NAMES:
        console.rule(name)
        results.append(measure(name, given.quick))
        say(f"{name}: {results[-1].seconds:.0f} s")
    show(results, about)
    console.print(markdown(results, about), soft_wrap=True)
    say(f"{save(results, about, given.quick)}")
    missed = [f.what for result in results for f in result.figures if f.holds is False]
    for what in missed:
        console.print(f"[red]missed: {what}[/]")
    return 1 if missed and not given.quick else 0


if __name__ == "__main__":
    sys.exit(main())
