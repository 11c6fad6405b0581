"""What people are answered: the receipt of what was done, with what it left out, or a refusal in words."""

from typing import Any

from domain.files import Files
from domain.policy import Pack
from domain.refusals import Refused

Answer = dict[str, Any]
"""A receipt or a refusal, as stored with the act."""


def left_out(files: Files) -> Answer:
    """What an act that was done in part left out, row by row."""
    return {"left_out": [r.model_dump(exclude_none=True) for r in files.left_out]} if files.left_out else {}


def refusal_answer(pack: Pack, refused: Refused, receipt: Answer, given: object = None) -> Answer:
    """A refusal for people: code, sentence, clause, next step, every reason, and the rest of the lines as a new act.

    `given`: the lines that the act named.
    """
    text = pack.refusals[refused.code]
    bad = {reason.line for reason in refused.reasons if reason.line}
    named: list[Any] = list(given) if isinstance(given, list) else []
    rest = [ref for ref in named if isinstance(ref, str) and ref not in bad]
    instrument = pack.instruments[text.source.instrument]
    return {
        **receipt,
        "outcome": "refused",
        "code": refused.code,
        "says": text.says.model_dump(),
        "next": text.next.model_dump(),
        "clause": f"{instrument.title} {text.source.clause}",
        "reasons": [reason.model_dump(exclude_none=True) for reason in refused.reasons],
        "rest": {"act": receipt["act"], "lines": rest} if bad and rest and rest != named else None,
    }
