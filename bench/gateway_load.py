"""One gateway process under load: files and evaluates cases on a settled town, several at once, and tells how long each act took.

`python -m bench.gateway_load TAG FIRST CASES MAJOR`: says `ready`, waits for a line, works, prints one line of JSON.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from bench.report import logs_as_in_production
from bench.town import Town, college, evaluation, major, submission
from domain.cases.round import Round
from gateway.clock import read_environment
from gateway.settings import open_records, read_settings
from records.schema import streams

AT_ONCE = 8
"""Officers who act at the same moment through one gateway."""


def main(arguments: list[str]) -> int:
    """Do the acts of so many cases."""
    tag, first, cases, of = arguments[0], int(arguments[1]), int(arguments[2]), int(arguments[3])
    engine = open_records(read_settings())
    environment = read_environment(engine)
    assert environment is not None
    town = Town(engine, environment)
    with engine.connect().execution_options(reading=True) as connection:
        town.round = connection.execute(select(streams.c.id).where(streams.c.kind == Round.kind)).scalar_one()
    took: list[float] = []

    def case(n: int) -> None:
        wishes = [submission(f"{tag}/{n}", college(n), town.round, [major(of)])]
        filing = ""
        while wishes:
            begun = time.perf_counter()
            answer = town.do(wishes.pop(0))
            took.append(time.perf_counter() - begun)
            if not filing:
                filing = str(answer["case"])
                wishes = evaluation(f"{tag}/{n}", filing, 1)

    def greet(_: int) -> None:
        engine.connect().close()

    logs_as_in_production()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in threads.map(greet, range(AT_ONCE)):
            pass
        print("ready", flush=True)
        sys.stdin.readline()
        begun, cpu = time.time(), time.process_time()
        for _ in threads.map(case, range(first, first + cases)):
            pass
        told = {"begun": begun, "ended": time.time(), "cpu": time.process_time() - cpu, "took": took}
    print(json.dumps(told), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
