"""Several people acting at the same instant, each through a gateway process of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from domain.files import Command
from gateway.views import View
from tests.world import Office


def together(presses: Sequence[Callable[[], View]]) -> list[View]:
    """Press all the buttons at the same moment."""
    barrier = Barrier(len(presses))

    def press(button: Callable[[], View]) -> View:
        barrier.wait()
        return button()

    with ThreadPoolExecutor(len(presses)) as crowd:
        return list(crowd.map(press, presses))


def at_once(office: Office, commands: Sequence[Command], processes: int = 2) -> list[View]:
    """Do all of them at the same moment, spread over gateways that share nothing but the database."""
    gateways = [office.another_gateway() for _ in range(processes)]
    return together([partial(gateways[n % processes].act, wish) for n, wish in enumerate(commands)])


def outcomes(answers: Sequence[View]) -> list[str]:
    """`accepted`, or the code of the refusal, in order."""
    return sorted(answer.get("code", answer["outcome"]) for answer in answers)
