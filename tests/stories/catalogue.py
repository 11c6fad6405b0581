"""Which stories there are: the published ones, our copies of them, and our own; and which are still to come."""

from functools import cache, lru_cache
from pathlib import Path

from rehearsal.story import Story, is_story, read_story

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "rehearsals"
COPIES = OWN / "shared"
PUBLISHED = ROOT.parent / "shared" / "rehearsals"
"""Where the published stories stand beside the repository; in somebody's clone they may not, and the copies must do."""

STILL_OPEN: dict[str, str] = {}
"""Stories whose issue is open: they fail until it is done, and then must hold."""


@lru_cache(maxsize=1)
def story_files() -> dict[str, Path]:
    """Every story by name: the published ones first, then our own."""
    published = PUBLISHED if PUBLISHED.is_dir() else COPIES
    files = [*sorted(published.glob("*.yaml")), *sorted(OWN.glob("*.yaml"))]
    return {file.stem: file for file in files if is_story(file)}


@cache
def story(name: str) -> Story:
    """A story by the name of its file."""
    return read_story(story_files()[name])


@cache
def of_every_day() -> frozenset[str]:
    """The published stories, and as few of ours as it takes for every act of any story to be done: `make test` plays these on
    the processes, `make slow` all; the others are played on the ledger alone, under other names (test_metamorphosis).
    """
    done = {
        name: {step.do for step in story(name).steps if step.do and not step.refused}
        for name in closed_stories()
    }
    chosen = [name for name in done if story_files()[name].parent != OWN]
    missing = set().union(*done.values()).difference(*(done[name] for name in chosen))
    while missing:
        best = max(done, key=lambda name: (len(done[name] & missing), -len(story(name).steps)))
        chosen.append(best)
        missing -= done[best]
    return frozenset(chosen)


def closed_stories() -> list[str]:
    """The stories that hold today."""
    return [name for name in story_files() if name not in STILL_OPEN]
