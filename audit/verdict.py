"""Checks a bundle where there is no database, no Temporal and no network, and says what was proved and what was not.

Pure but for the cryptography of signatures and seals. Every check stands by itself: one that cannot be made says so.
"""

from collections.abc import Callable

from pydantic import BaseModel

from audit.bundle_format import BadBundle, read
from audit.bundle_source import BundleSource
from audit.check_evidence import decided, documents, histories
from audit.check_log import issued, log
from audit.check_record import chains, folds, receipts, rules
from audit.checks import Check
from proof.trust import Trust


class Verdict(BaseModel):
    """What a bundle proves. It holds when nothing failed; it is complete when nothing was left unproved either."""

    case: str = ""
    kind: str = ""
    as_of: str = ""
    digest: str = ""
    checks: list[Check] = []

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return bool(self.checks) and all(check.state != "failed" for check in self.checks)

    @property
    def complete(self) -> bool:
        """Whether everything was proved."""
        return bool(self.checks) and all(check.state == "proved" for check in self.checks)


NAMES = {
    "file": ("文件", "file"), "issued": ("签发", "issued"), "chains": ("摘要链", "chains"), "receipts": ("回执", "receipts"),
    "folds": ("重演", "folds"), "rules": ("规则", "rules"), "documents": ("公文附件", "documents"), "histories": ("流程历史", "histories"),
    "decided": ("重断", "decided again"), "log": ("透明日志", "log"),
}  # fmt: skip


def verify_bundle(data: bytes, trust: Trust | None) -> Verdict:
    """Check a bundle by these trust roots; None: signatures and the log cannot be checked. Never raises."""
    try:
        bundle = read(data)
        source = BundleSource(bundle)
        dossier = source.dossier()
    except BadBundle as bad:
        return Verdict(checks=[Check(name="file", state="failed", zh=bad.zh, en=bad.en)])
    except Exception as error:
        return Verdict(checks=[_cannot("file", error)])
    about = bundle.manifest
    found = Verdict(
        case=dossier.case, kind=dossier.kind, as_of=str(about.get("as_of", "")), digest=bundle.digest
    )
    n = len(bundle.files)
    found.checks.append(
        Check(
            name="file",
            state="proved",
            zh=f"{n}个文件与目录相符，未重新打包",
            en=f"{n} files agree with the manifest",
        )
    )
    checks: list[tuple[str, Callable[[], Check]]] = [
        ("issued", lambda: issued(bundle, trust)), ("chains", lambda: chains(source)), ("receipts", lambda: receipts(source)),
        ("folds", lambda: folds(source)), ("rules", lambda: rules(source)), ("documents", lambda: documents(bundle, source)),
        ("histories", lambda: histories(bundle, source)), ("decided", lambda: decided(source)), ("log", lambda: log(bundle, source, trust)),
    ]  # fmt: skip
    for name, check in checks:
        try:
            found.checks.append(check())
        except BadBundle as bad:
            found.checks.append(Check(name=name, state="failed", zh=bad.zh, en=bad.en))
        except Exception as error:  # whatever a hostile file brings about: a clear verdict, never a traceback
            found.checks.append(_cannot(name, error))
    return found


def _cannot(name: str, error: Exception) -> Check:
    kind = type(error).__name__
    return Check(
        name=name,
        state="failed",
        zh=f"内容不合格式，无法核验（{kind}）",
        en=f"not of the form that a bundle has ({kind})",
    )


def told(verdict: Verdict) -> list[str]:
    """A verdict in words, a line each; the first says whether it holds."""
    states = {
        "proved": ("✓", "已证实 proved"),
        "failed": ("✗", "不成立 DOES NOT HOLD"),
        "not-proved": ("–", "未证实 not proved"),
    }
    if not verdict.holds:
        head = "✗ 证据包不成立 The bundle does not hold"
    elif verdict.complete:
        head = "✓ 证据包成立，全部证实 The bundle holds, all of it proved"
    else:
        head = "– 未发现不符，但有未证实的部分 Nothing is wrong, but not all of it was proved"
    lines = [head]
    if verdict.case:
        lines += [
            f"  案件 case {verdict.case}  截至 as of {verdict.as_of}",
            f"  目录摘要 manifest {verdict.digest}",
        ]
    for check in verdict.checks:
        mark, state = states[check.state]
        zh, en = NAMES.get(check.name, (check.name, check.name))
        lines += [f"{mark} {zh} {en}: {state}", f"    {check.zh} · {check.en}"]
        lines += [f"      {detail}" for detail in check.details[:20]]
        if len(check.details) > 20:
            lines.append(f"      … 共 {len(check.details)} 项 in all")
    return lines
