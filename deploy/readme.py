"""Keeps README.zh.md in step with README.md: the same sections in the same order, the same commands; comments in its own language.

`python deploy/readme.py` copies commands that differ; a section that is missing, a person has to write.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
HEADING = re.compile(r"^#{1,3} .*$", re.M)


def blocks(text: str) -> list[str]:
    """Everything between fences, in order."""
    return FENCE.findall(text)


def command(line: str) -> str:
    """A line of a block without its comment; of a list of folders, the first folder."""
    if folder := re.match(r"[a-z_]+(?:/|\.py)(?=\s{2,})", line):
        return folder[0]
    return re.split(r"\s+(?:#|←)\s", line)[0].rstrip()


def sections(text: str) -> list[str]:
    """The headings, in order; of a Chinese one the English name that it ends with."""
    outside = FENCE.sub("", text)
    return [heading.rpartition(" · ")[2].lstrip("# ") for heading in HEADING.findall(outside)]


def in_step(english: str, chinese: str) -> str:
    """The Chinese text with the English one's commands; a line whose command is the same keeps its own comment."""
    theirs = blocks(chinese)
    own = {command(line): line for block in theirs for line in block.splitlines()}
    fresh = [
        "\n".join(own.get(command(line), line) for line in block.splitlines()) for block in blocks(english)
    ]
    several = iter([*fresh, *theirs[len(fresh) :]])
    return FENCE.sub(lambda _: next(several), chinese)


def main() -> None:
    """Bring the file in step."""
    english, chinese = ROOT / "README.md", ROOT / "README.zh.md"
    chinese.write_text(in_step(english.read_text("utf-8"), chinese.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
