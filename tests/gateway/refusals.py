"""How a table of refusals is written: a row prepares a case and gives the act that must be refused, with its code."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from gateway.views import View
from records.schema import acts
from tests.chinese import untranslated
from tests.world import Office

Press = Callable[[], View]
Story = Callable[[Office], Press]


@dataclass(frozen=True)
class Row:
    """One refusal: what it shows, the code it must have, how to come to it."""

    name: str
    code: str
    story: Story


class Table:
    """Rows collected by decorated functions."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def row(self, name: str, code: str) -> Callable[[Story], Story]:
        """Add a row."""

        def add(story: Story) -> Story:
            self.rows.append(Row(name, code, story))
            return story

        return add

    def parameters(self) -> list[object]:
        """The rows for `pytest.mark.parametrize`."""
        return [pytest.param(row, id=f"{row.code}: {row.name}") for row in self.rows]


def hold(office: Office, row: Row) -> View:
    """The act is refused so, says why and what next, is written down, and leaves every case as it was."""
    press = row.story(office)
    before, written = office.views(), len(office.rows(acts))
    answer = press()
    assert answer["outcome"] == "refused", f"accepted: {answer}"
    assert answer["code"] == row.code, answer["reasons"]
    assert answer["reasons"]
    assert all(reason["zh"] and reason["en"] for reason in answer["reasons"])
    said = json.loads(office.rows(acts)[-1]["body"])
    assert [untranslated(reason["zh"], said) for reason in answer["reasons"]] == [[]] * len(answer["reasons"])
    assert answer["says"]["zh"]
    assert answer["says"]["en"]
    assert answer["next"]["zh"]
    assert answer["clause"].strip()
    recorded = office.rows(acts)[-1]
    assert (len(office.rows(acts)), recorded["outcome"], recorded["code"]) == (
        written + 1,
        "refused",
        row.code,
    )
    if answer["events"]:  # what had lapsed by then is settled all the same
        office.check()
    else:
        assert office.views() == before
    return answer
