"""Which catalog is in force: a later year's call replaces the one before from its day on (000 二(二); CA-15)."""

from domain.cases.filing import Filing
from domain.cases.round import Round, call_claim, newest
from domain.files import Files


def newest_call(files: Files) -> Round | None:
    """The round of the latest year that was called in the act's procedure."""
    return files.find(newest(files.world.claimed(call_claim(files.beside))), Round)


def catalog_for(files: Files, round_: Round) -> Round:
    """Whose catalog holds for what is filed to a round now: a later call's, though the older window is still open."""
    call = newest_call(files)
    return call if call and call.year > round_.year else round_


def catalog_of(files: Files, filing: Filing) -> Round | None:
    """The call whose catalog a filing keeps from its submission on."""
    claim = call_claim(files.beside, filing.catalog or 0)
    return files.find(files.world.holders([claim]).get(claim), Round)
