"""Which catalog counts: a later year's call replaces it from the day it is issued (CA-15; 000 二(二))."""

from domain.cases.round import Round, call_claim, newest
from domain.files import Files


def call_in_force(files: Files) -> Round | None:
    """The newest call of the act's procedure; there is none before the first."""
    return files.find(newest(files.world.claimed(call_claim(files.beside))), Round)


def call_of(files: Files, year: int) -> Round | None:
    """The call whose catalog a filing was bound to when it was submitted."""
    claim = call_claim(files.beside, year)
    return files.find(files.world.holders([claim]).get(claim), Round)
