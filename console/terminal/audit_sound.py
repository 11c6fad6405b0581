"""What an audit command says before its answer when the record that it reads was changed."""

from collections.abc import Sequence

from audit.check_record import broken
from audit.dossier import Dossier
from console.terminal.screen import DONE, REFUSED, note


def altered(problems: Sequence[str]) -> int:
    """Says what of the record does not hold; the exit code. Whether all of it was rewritten, only the log shows."""
    for problem in problems[:20]:
        note(f"账册不符，以下内容未必可信：{problem}；见 huiqian audit verify", "the record does not hold, so what follows may not be trusted", "bold red")  # fmt: skip
    return REFUSED if problems else DONE


def unchained(dossier: Dossier) -> int:
    """The same of the chains of one case."""
    return altered(broken(dossier.case, dossier.events, dossier.acts))
