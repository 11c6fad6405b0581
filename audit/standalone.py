"""The verifier as a program of its own: `python huiqian-verify.pyz BUNDLE --trust trust.policy`. Needs nothing installed.

Exit codes: 0 all of it proved · 4 nothing is wrong, not all was proved · 1 it does not hold · 2 usage.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from audit.verdict import Verdict, told, verify_bundle
from proof.trust import Trust, TrustRefused, parse_trust

ALL, WRONG, USAGE, PARTLY = 0, 1, 2, 4
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class BadTrust(Exception):
    """The trust roots cannot be read; says why in both languages."""


def read_trust(path: Path | None) -> Trust | None:
    """The trust roots of whoever verifies. Raises BadTrust."""
    if path is None:
        return None
    try:
        return parse_trust(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TrustRefused) as error:
        raise BadTrust(f"信任文件不可用 / the trust roots cannot be used: {error}") from None


def exit_code(verdict: Verdict) -> int:
    """What a program should take from a verdict."""
    return ALL if verdict.complete else PARTLY if verdict.holds else WRONG


def as_json(verdict: Verdict) -> str:
    """The verdict as one JSON document."""
    said = {"holds": verdict.holds, "complete": verdict.complete, **verdict.model_dump()}
    return json.dumps(said, ensure_ascii=False, indent=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one bundle."""
    parser = argparse.ArgumentParser(
        prog="huiqian-verify", description="核验会签证据包 · verify a Huiqian bundle", epilog=__doc__
    )
    parser.add_argument("bundle", type=Path, help="证据包 · the bundle")
    parser.add_argument(
        "--trust",
        type=Path,
        help="信任文件（tlog-policy），须另行取得 · trust roots, from somebody you trust",
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON · print JSON")
    given = parser.parse_args(arguments)
    try:
        data, trust = given.bundle.read_bytes(), read_trust(given.trust)
    except (OSError, BadTrust) as error:
        print(f"✗ {error}", file=sys.stderr)
        return USAGE
    verdict = verify_bundle(data, trust)
    text = as_json(verdict) if given.json else "\n".join(_CONTROL.sub("�", line) for line in told(verdict))
    sys.stdout.buffer.write(f"{text}\n".encode())
    return exit_code(verdict)


if __name__ == "__main__":
    sys.exit(main())
