"""Python's garbage collector, set for a process that serves for days."""

import gc

YOUNG = 10_000
"""New objects between two looks at the youngest of them. Python's own 700 is for programs that hold little."""


def settle() -> None:
    """Leave out of every later collection what is there now: the modules, schemas and pages a process lives with.

    Call it once, when all of that is made. A full collection walks all it may free, and until then stopped a process
    of ours for 0.2 seconds in the middle of somebody's page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
