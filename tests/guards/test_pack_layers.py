"""A pack that extends another holds only what differs; a draft says so and cites drafts, nothing else may."""

from pathlib import Path

import pytest

from policies import BadPack, load_pack, pack_names

PILOT = load_pack("guangdong/pilot")
HEAD = "name: test/other\nextends: guangdong/pilot\ntitle: {zh: 另一套, en: Another}\n"
RULE = """
- key: notice.working_days
  values: [{since: 2026-01-01, value: 7}]
  standing: assumption
  source: {instrument: INSTRUMENT, clause: 二}
  says: {zh: 公示, en: notice}
"""
DRAFT = "instruments: {plan: {title: 征求意见稿, status: draft}}\n"


def pack(folder: Path, **files: str) -> str:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return str(folder)


def test_only_what_differs_is_written_down(tmp_path: Path) -> None:
    letter = PILOT.letters[0]
    here = {
        "pack": HEAD + "agencies: {mz: {zh: 梅州市局, en: Meizhou}}\n",
        "rules": RULE.replace("INSTRUMENT", "product"),
        "authority": "duties:\n  - {acts: [accept, consent], standing: assumption, source: {instrument: product, clause: 分离}}\n",
        "letters": f"letters:\n  - {{id: {letter.id}, on: {letter.on}, sender: tro, to: [filer@applicant], subject: {{zh: 甲, en: a}}, body: {{zh: 乙, en: b}}, source: {{instrument: product, clause: 一}}}}\n",
    }
    other = load_pack(pack(tmp_path / "other", **here))
    assert other.name == "test/other"
    assert other.rules["notice.working_days"].values[0].value == 7
    assert other.rules["objection.working_days"] == PILOT.rules["objection.working_days"]
    assert [x.id for x in other.letters] == [x.id for x in PILOT.letters], "a letter is replaced in its place"
    assert other.letters[0].subject.zh == "甲"
    assert other.duties == [*PILOT.duties, other.duties[-1]]
    assert set(other.agencies) == {*PILOT.agencies, "mz"}
    assert (other.acts, other.refusals, other.papers) == (PILOT.acts, PILOT.refusals, PILOT.papers)
    assert other.hash != PILOT.hash


@pytest.mark.parametrize(
    ("files", "file", "line", "field"),
    [
        ({"pack": HEAD.replace("guangdong/pilot", "nowhere")}, "pack.yaml", 2, "extends"),
        ({"pack": HEAD + "status: maybe\n"}, "pack.yaml", 4, "status"),
        ({"pack": HEAD + "without: {rules: [no.such]}\n"}, "pack.yaml", 4, "without"),
        ({"pack": HEAD + "without: {laws: [x]}\n"}, "pack.yaml", 4, "without"),
        ({"pack": HEAD + "without: [rules]\n"}, "pack.yaml", 4, "without"),
        ({"pack": HEAD + "by_analogy: [hearsay]\n"}, "pack.yaml", 4, "by_analogy"),
        ({"pack": HEAD + "draft: true\n"}, "pack.yaml", 4, "draft"),
        ({"pack": HEAD.replace("guangdong/pilot", "../b")}, "pack.yaml", 2, "extends"),
        ({"pack": HEAD.replace("guangdong/pilot", "guangdong/pilot-2024-draft")}, "pack.yaml", 2, "status"),
        ({"pack": HEAD, "rules": RULE.replace("INSTRUMENT", "hearsay")}, "rules.yaml", 2, "source.instrument"),
        ({"pack": HEAD + DRAFT, "rules": RULE.replace("INSTRUMENT", "plan")}, "rules.yaml", 2, "instrument"),
        ({"pack": HEAD, "rules": RULE.replace("value: 7", "value: x")}, "rules.yaml", 3, "notice.working_days"),
        ({"pack": HEAD, "rules": RULE + "  setable: false"}, "rules.yaml", 7, "setable"),
        ({"pack": HEAD, "letters": "letters: [{id: accepted, on: 3}]"}, "letters.yaml", 1, "letters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_file_line_and_field(
    tmp_path: Path, files: dict[str, str], file: str, line: int, field: str
) -> None:
    pack(tmp_path / "b", pack=HEAD.replace("guangdong/pilot", "../a"))
    with pytest.raises(BadPack) as wrong:
        load_pack(pack(tmp_path / "a", **files))
    problem = wrong.value.problems[0]
    assert Path(problem.file).name == file
    assert field in problem.field
    assert problem.line == line


def test_a_draft_may_cite_a_draft(tmp_path: Path) -> None:
    made = pack(
        tmp_path / "a", pack=HEAD + "status: draft\n" + DRAFT, rules=RULE.replace("INSTRUMENT", "plan")
    )
    assert load_pack(made).draft


@pytest.mark.parametrize("name", pack_names())
def test_every_shipped_pack_is_sound_and_only_drafts_rest_on_drafts(name: str) -> None:
    shipped = load_pack(name)
    drafts = {id_ for id_, instrument in shipped.instruments.items() if instrument.status == "draft"}
    assert bool(drafts) == shipped.draft


def test_what_is_left_out_is_gone_and_what_is_borrowed_is_an_analogy(tmp_path: Path) -> None:
    head = (
        HEAD
        + 'without: {rules: [survey.*], acts: [visit], papers: [refusal], letters: ["*"], duties: [accept+score]}\nby_analogy: [pilot-notice]\n'
    )
    other = load_pack(pack(tmp_path / "other", pack=head))
    assert (other.letters, "refusal" in other.papers, "visit" in other.acts) == ([], False, False)
    assert PILOT.rules.keys() - other.rules.keys() == {"survey.months"}
    assert {duty.acts for duty in PILOT.duties} - {duty.acts for duty in other.duties} == {
        ("accept", "score")
    }
    borrowed = other.rules["panel.both_sides"]
    assert (PILOT.rules["panel.both_sides"].standing, borrowed.standing) == ("text", "analogy")
    assert other.rules["reconsideration.shift"].standing == "text", "the law itself stays what it is"
