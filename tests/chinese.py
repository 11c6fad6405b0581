"""Whether a Chinese sentence for officers holds English that should have been translated."""

import re
from typing import Any

from domain import vocabulary
from domain.acts.base import ACTS

PUBLISHED = {
    word
    for table in (
        vocabulary.KINDS, vocabulary.STAGES, vocabulary.LINE_STATES, vocabulary.ROLES, vocabulary.ENTRIES,
        vocabulary.MEASURES, vocabulary.FILINGS, vocabulary.ASSESSMENTS, vocabulary.MENTORS, vocabulary.DAYS,
    )
    for word in table
} | set(ACTS)  # fmt: skip
"""Words of the published language, each of which has its Chinese."""
WORD = re.compile(r"(?<![\w@./:#-])[A-Za-z][A-Za-z-]*(?![\w@./:#-])")
SENTENCE = re.compile(r"[A-Za-z]+ [a-z]+ [a-z]+")


def untranslated(sentence: str, given: Any = "") -> list[str]:
    """English words and phrases in a Chinese sentence that are no ids or codes; what the actor wrote is left alone."""
    said = str(given)
    words = [word for word in WORD.findall(sentence) if word in PUBLISHED and word not in said]
    return words + [phrase for phrase in SENTENCE.findall(sentence) if phrase not in said]
