"""Whether a bundle's documents and histories fit its facts, and its facts follow from its rules."""

import hashlib
import json

from audit.bundle_format import Bundle
from audit.bundle_source import BundleSource
from audit.checks import Check, said
from audit.following import Carried, NotAHistory, carried, compare, unpacked
from audit.redecide import redecide
from domain.kinds import DRIVEN


def documents(bundle: Bundle, source: BundleSource) -> Check:
    """Documents and attachments, by content hash."""
    wrong = [
        f"files/{name}: 内容与摘要不符 / not what its digest says"
        for name, data in bundle.under("files").items()
        if hashlib.sha256(data).hexdigest() != name
    ]
    issued = {
        str(json.loads(r["data"])["sha256"])
        for rows in source.streams.values()
        for r in rows
        if r["type"] == "DocumentIssued"
    }
    wanted = issued | {str(row["sha256"]) for row in bundle.rows("attachments.jsonl")}
    lacking = [
        f"files/{d}: 不在包内 / not in the bundle" for d in sorted(wanted - bundle.under("files").keys())
    ]
    return said(
        "documents", wrong, lacking, f"公文和附件{len(wanted)}件", f"{len(wanted)} documents and attachments"
    )


def histories(bundle: Bundle, source: BundleSource) -> Check:
    """What each history carries is what the facts say; replaying code needs a full installation."""
    wrong: list[str] = []
    lacking: list[str] = []
    runs: dict[str, list[Carried]] = {}
    rows = bundle.rows("runs.jsonl")
    for row in rows:
        name = f"{row['run']}.json.gz"
        data = bundle.under("histories").get(name)
        if data is None:
            lacking.append(f"{row['stream']} {row['run']}: 历史不在包内 / its history is not in the bundle")
            continue
        try:
            run = carried(json.loads(unpacked(data)))
        except (NotAHistory, ValueError, OSError, EOFError) as error:
            wrong.append(f"{name}: 不可读 / cannot be read: {type(error).__name__}")
            continue
        if (
            hashlib.sha256(data).hexdigest() != row["history"]
            or run.run != row["run"]
            or run.stream != row["stream"]
        ):
            wrong.append(f"{name}: 他案的历史，或已改动 / another case's history, or changed")
            continue
        runs.setdefault(run.stream, []).append(run)
    for stream, carrying in sorted(runs.items()):
        whole = not any(stream in gone for gone in lacking)
        for finding in compare(source.streams[stream], carrying, whole=whole):
            wrong.append(f"{finding.fact or finding.run}: {finding.kind} {finding.field}".rstrip())
    n = sum(map(len, runs.values()))
    if not rows and bundle.manifest.get("kind") in DRIVEN:  # a register has no process
        lacking.append("没有流程历史 / no process has run, or none was archived")
    zh = f"{n}份历史与事实逐条相符；是否与今日代码一致，须用完整安装的 huiqian audit replay"
    return said(
        "histories",
        wrong,
        lacking,
        zh,
        f"{n} histories agree with the facts; replaying the code needs a full installation",
    )


def decided(source: BundleSource) -> Check:
    """The pinned rules give the recorded facts again."""
    elsewhere = {str(c) for c in source.bundle.manifest.get("elsewhere", [])}
    wrong: list[str] = []
    lacking: list[str] = []
    same = 0
    for row in redecide(source, [act for act in source.acts if act["command"] not in elsewhere]):
        if row.verdict == "differs":
            where = "; ".join(f"{d['event']} {d['field']}" for d in row.differences[:3])
            wrong.append(f"{row.act} {row.command}: {where or row.why}")
        elif row.verdict in ("sealed", "keyless", "elsewhere"):
            lacking.append(f"{row.act} {row.command}: {row.why}")
        same += row.verdict == "same"
    lacking += [f"{c}: 须另见他案 / rests on cases that are not in the bundle" for c in sorted(elsewhere)]
    return said(
        "decided",
        wrong,
        lacking,
        f"{same}项行为按所定规则重断一致",
        f"{same} acts decided again by the pinned rules, the same",
    )
