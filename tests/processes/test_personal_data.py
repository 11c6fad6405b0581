"""No history that Temporal keeps names a person: not an objector, a mentor, a visitor or an expert (issue 3, item 11)."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.story import Story
from tests.stories.catalogue import story
from tests.stories.theatre import Theatre

TOLD = ("objection-upheld", "recusal", "14-supplement-visit-return", "bad-input")
"""Stories that name objectors, mentors, visitors and experts, with numbers and phones."""
PERSONAL = {"name", "id_no", "phone", "email", "statement", "visitors", "opinion"}


def personal(value: Any, field: str = "") -> Iterator[str]:
    """Whatever a form says about a person."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from personal(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from personal(item, field)
    elif field in PERSONAL and isinstance(value, str):
        yield value


def people_of(told: Story) -> set[str]:
    """Everything a story says about people: in its pool of experts and in its acts."""
    named = {str(expert["name"]) for expert in told.experts}
    for step in told.steps:
        if step.do in ("object", "visit", "score", "submit-filing", "register-expert"):
            with_ = {key: value for key, value in step.with_.items() if key != "partners"}
            named |= set(personal(with_))
    return {text for text in named if len(text) > 1}


def in_clear(history: str) -> str:
    """A history with its payloads decoded."""
    found = [history]

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(data := value.get("data"), str):
                found.append(base64.b64decode(data).decode(errors="replace"))
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)

    look(json.loads(history))
    return "\n".join(found)


@pytest.mark.parametrize("name", TOLD)
async def test_no_history_names_a_person(theatre: Theatre, name: str) -> None:
    people = people_of(story(name))
    assert people
    performance = await theatre.seen(story(name))
    kept = {case: in_clear(history.to_json()) for case, history in performance.histories.items()}
    assert kept
    assert any(case in text for case, text in kept.items()), "payloads were decoded"
    for case, text in kept.items():
        assert [person for person in people if person in text] == [], case
