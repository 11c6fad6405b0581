"""What an audit command says before its answer when the record that it reads was changed."""

from collections.abc import Sequence

from audit.check_record import broken
from audit.dossier import Dossier
from console.terminal.screen import DONE, REFUSED, note


def altered(problems: Sequence[str]) -> int:
    """Says where the chains of what is told do not hold; the exit code. Whether all of it was rewritten, only the log shows."""
    for problem in problems[:20]:
        note(f"以下内容已被改动或不全：{problem}；见 huiqian audit verify", "what follows was changed, or is not all there", "bold red")  # fmt: skip
    return REFUSED if problems else DONE


def unchained(dossier: Dossier) -> int:
    """The same of the chains of one case."""
    return altered(broken(dossier.case, dossier.events, dossier.acts))
