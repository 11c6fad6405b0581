"""Several people acting at the same instant, each through a gateway process of their own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from domain.files import Command
from gateway.views import View
from tests.world import Office


def at_once(office: Office, commands: Sequence[Command], processes: int = 2) -> list[View]:
    """Do all of them at the same moment, spread over gateways that share nothing but the database."""
    gateways = [office.another_gateway() for _ in range(processes)]
    barrier = Barrier(len(commands))

    def press(n: int) -> View:
        barrier.wait()
        return gateways[n % processes].act(commands[n])

    with ThreadPoolExecutor(len(commands)) as crowd:
        return list(crowd.map(press, range(len(commands))))


def outcomes(answers: Sequence[View]) -> list[str]:
    """`accepted`, or the code of the refusal, in order."""
    return sorted(answer.get("code", answer["outcome"]) for answer in answers)
