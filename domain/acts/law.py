"""Which rules are in force: a pack is adopted, whole, for the cases opened from then on (RF-10; design.md, decision 6)."""

from typing import Any

from pydantic import Field

from domain.acts.base import Form, act
from domain.case import Case
from domain.cases.environment import POLICY, PackAdopted, PolicyInForce, ProcedureAdopted
from domain.cases.register import Agency
from domain.files import Files
from domain.policy import Pack


class AdoptPack(Form):
    """A pack that was laid before the gateway, by its content hash, with the values its owner sets."""

    pack: str = Field(pattern=r"^[0-9a-f]{64}$")
    settings: dict[str, Any] = Field(default={}, max_length=500)


@act("adopt-pack", AdoptPack)
def adopt_pack(files: Files, form: AdoptPack, _: None) -> None:
    """Open cases keep the rules they pinned. A draft is nobody's rule yet and is never adopted.

    A pack of another name is another procedure: it stands beside the environment's own.
    """
    policy = files.need(POLICY, PolicyInForce)
    base = files.pack_of(form.pack)
    if base is None:
        files.refuse("invalid", "没有这个规则包", "no such pack was laid before", field="pack")
    elif base.draft:
        refuse_draft(files, base)
    files.check()
    assert base is not None
    effective = _set(files, base, form.settings)
    if files.pack_of(effective.hash) is None:
        zh, en = "按此设定的规则包未提交", "the pack with these settings was not laid before"
        files.refuse("invalid", zh, en, field="settings")
    if effective.hash == policy.version_of(effective.name):
        files.refuse("invalid", "已是现行规则", "these rules are in force already", field="pack")
    files.fetch(f"agency/{id_}" for id_ in effective.agencies)
    for id_ in effective.agencies:
        if files.find(f"agency/{id_}", Agency) is None:
            files.refuse("invalid", f"机构{id_}尚未设立", f"agency {id_} is not founded", field="pack")
    adopted = PackAdopted if effective.name == policy.name else ProcedureAdopted
    files.append(policy, adopted(name=effective.name, pack=effective.hash, settings=form.settings))
    files.opened = policy.id


def _set(files: Files, base: Pack, settings: dict[str, Any]) -> Pack:
    for key, value in settings.items():
        try:
            base.with_settings({key: value})
        except KeyError:
            files.refuse(
                "invalid",
                f"没有这个可设定项：{key}",
                f"not a configurable key: {key}",
                field=f"settings.{key}",
            )
        except ValueError as error:
            zh, _, en = str(error).partition(" / ")
            files.refuse("invalid", zh, en or zh, field=f"settings.{key}")
    files.check()
    return base.with_settings(settings)


def must_be_law(files: Files, cases: list[Case]) -> None:
    """Note `draft-rules` when a draft would decide: in force by whatever mistake, or pinned by a case."""
    pinned = {case.pack for case in cases if case.pack}
    packs = [files.pack, *(found for hash_ in sorted(pinned) if (found := files.pack_of(hash_)))]
    for pack in {pack.hash: pack for pack in packs if pack.draft}.values():
        refuse_draft(files, pack)


def refuse_draft(files: Files, pack: Pack) -> None:
    """征求意见稿不是依据: what is put out for comment binds nobody."""
    zh, en = f"{pack.name}是征求意见稿，不得施行", f"{pack.name} is a draft and may not be put in force"
    files.refuse("draft-rules", zh, en, field="pack")
