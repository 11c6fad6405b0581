"""Whether a bundle's facts, acts and rules hold together by themselves: chains, receipts, folds, content hashes."""

import json
from collections.abc import Mapping

from audit.bundle_source import BundleSource
from audit.checks import Check, said
from audit.dossier import Row
from domain.chain import GENESIS
from domain.chain import digest as chained
from domain.events import UnknownEvent
from domain.kinds import KINDS
from domain.leaves import ACT, EVENT
from records.rows import chain_links, fact


def chains(source: BundleSource) -> Check:
    """Every stream from its first fact on, and the acts on the case's own record."""
    wrong = broken(str(source.bundle.manifest["case"]), source.streams, source.acts)
    facts = sum(map(len, source.streams.values()))
    zh = f"{len(source.streams)}个案卷流、{facts}条事实、{len(source.acts)}项行为逐条成链"
    return said(
        "chains",
        wrong,
        [],
        zh,
        f"{len(source.streams)} streams, {facts} facts and {len(source.acts)} acts are chained",
    )


def broken(case: str, streams: Mapping[str, list[Row]], acts: list[Row]) -> list[str]:
    """Where the chains of a case do not hold: its streams, the acts on its own record, and each other act by itself."""
    wrong: list[str] = []
    for id_, rows in streams.items():
        wrong += _chain(EVENT, id_, rows, "stream")
    wrong += _chain(ACT, case, [act for act in acts if act["subject"] == case], "subject")
    for act in acts:
        if not _is_its_digest(act):
            wrong.append(f"act {act['subject']}#{act['seq']}: 摘要不符 / does not match its digest")
    return wrong


def _chain(what: str, id_: str, rows: list[Row], key: str) -> list[str]:
    expected = GENESIS
    for n, row in enumerate(rows, 1):
        if row["seq"] != n or row[key] != id_:
            return [f"{what} {id_}#{n}: 缺失或错序 / missing or out of order"]
        if row["previous"] != expected or not _is_its_digest(row):
            return [f"{what} {id_}#{n}: 摘要不符 / does not match its digest"]
        expected = row["digest"]
    return []


def _is_its_digest(row: Row) -> bool:
    """Whether a row is what its digest says; one with a value that no record can have, such as bytes, is not."""
    try:
        ((previous, record, own),) = chain_links([row])
        return chained(previous, record) == own
    except (TypeError, ValueError):
        return False


def receipts(source: BundleSource) -> Check:
    """Acts and facts account for each other: every fact of the case has its act, every receipt its facts."""
    facts = {f"{row['stream']}#{row['seq']}": row for rows in source.streams.values() for row in rows}
    named: dict[str, str] = {}
    wrong: list[str] = []
    for act in source.acts:
        for id_ in json.loads(act["answer"]).get("events") or []:
            named[str(id_)] = act["command"]
            if (
                str(id_).rpartition("#")[0] in source.streams
                and facts.get(str(id_), {}).get("command") != act["command"]
            ):
                wrong.append(f"{id_}: 回执所列的事实不在 / a receipt names it and it is not there")
    case = str(source.bundle.manifest["case"])
    wrong += [
        f"{case}#{row['seq']}: 没有行为 / no act"
        for row in source.streams[case]
        if f"{case}#{row['seq']}" not in named
    ]
    refused = sum(act["outcome"] == "refused" for act in source.acts)
    return said(
        "receipts",
        wrong,
        [],
        f"行为与事实互相对应，其中拒绝{refused}项",
        f"acts and facts account for each other, {refused} refusals",
    )


def folds(source: BundleSource) -> Check:
    """Every stream gives a state."""
    wrong: list[str] = []
    for id_, rows in source.streams.items():
        try:
            case = KINDS[rows[0]["kind"]](id=id_)
            for row in rows:
                case.apply(*fact(row))
        except UnknownEvent as unknown:
            wrong.append(f"{id_}: 事实出自更新的版本 / a fact of a newer release: {unknown}")
        except (ValueError, KeyError, LookupError, TypeError, AttributeError) as error:
            wrong.append(f"{id_}: 不能重演 / does not fold: {type(error).__name__}")
    return said("folds", wrong, [], "全部事实可以重演", "every fact folds")


def rules(source: BundleSource) -> Check:
    """The packs are what their hashes say, and all of them are there."""
    wrong: list[str] = []
    held: set[str] = set()
    for row in source.bundle.rows("packs.jsonl"):
        held.add(str(row["hash"]))
        if source.pack(str(row["hash"])).hash != row["hash"]:
            wrong.append(f"pack {row['hash']}: 内容与摘要不符 / not what its hash says")
    wrong += [
        f"pack {h}: 缺失 / missing"
        for rows in source.streams.values()
        for h in {r["pack"] for r in rows} - held - {""}
    ]
    return said(
        "rules",
        sorted(set(wrong)),
        [],
        f"{len(held)}个规则包与摘要相符",
        f"{len(held)} packs are what their hashes say",
    )
