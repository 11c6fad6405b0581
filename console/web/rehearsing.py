"""Rehearsals from a page: a story on the real processes in an environment that is thrown away; the record is not touched.

Played by the command line in a process of its own, so that a server that serves people never holds a test server.
"""

import json
import os
import re
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from console.web.guard import token_fits
from console.web.jobs import Task
from console.web.place import NotForYou, Visit

router = APIRouter(include_in_schema=False)
ROOT = Path(__file__).resolve().parents[2]
STORIES = ROOT / "rehearsals"
TITLE = re.compile(r"^title:(.+)$", re.M)
TASK = Task("rehearsal", TypeAdapter(dict[str, Any]))
LONGEST = 600
"""Seconds that a story may take."""


@cache
def _stories() -> dict[str, str]:
    """The stories that ship with the product: file name and title. A name that is not among them is not played.

    Their titles alone are read, once: to read whole stories with what they include takes seconds.
    """
    found: dict[str, str] = {}
    for file in sorted(STORIES.glob("*.yaml")):
        title = TITLE.search(file.read_text(encoding="utf-8"))
        if title:
            found[file.name] = title[1].strip()
    return found


def _operator(request: Request) -> Visit:
    visit = Visit(request)
    if visit.me.actor.role != "ops":
        raise NotForYou
    return visit


@router.get("/ops/rehearsals")
def rehearsals(request: Request) -> Response:
    """What can be played, and what came of the last one."""
    visit = _operator(request)
    return visit.page("rehearsals.html", stories=_stories(), job=visit.place.jobs.get(TASK))


@router.get("/ops/rehearsals/progress")
def progress(request: Request) -> Response:
    """How the last one goes."""
    visit = _operator(request)
    return visit.page("rehearsal_job.html", job=visit.place.jobs.get(TASK))


@router.post("/ops/rehearsals")
def play(
    request: Request,
    story: Annotated[str, Form(max_length=80)],
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Play one; one at a time."""
    visit = _operator(request)
    if not token_fits(request, csrf) or story not in _stories():
        raise NotForYou
    visit.place.jobs.start(TASK, str(visit.me.actor), lambda: _played(story))
    return visit.go("/ops/rehearsals")


def _played(story: str) -> dict[str, Any]:
    """What the command line tells of it; when it tells nothing, what it complained of."""
    command = [sys.executable, "-m", "cli", "rehearse", str(STORIES / story), "--verbose", "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, start_new_session=True) as running:
        try:
            out, err = running.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # the test server that it started as well
            raise
    if not out:
        said = err.decode(errors="replace").strip().splitlines()[-5:]
        return {
            "title": _stories()[story],
            "file": story,
            "outcome": "unplayed",
            "failures": said,
            "steps": 0,
            "seconds": 0,
        }
    told: dict[str, Any] = json.loads(out)["stories"][0]
    return {**told, "file": story}
