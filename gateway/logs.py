"""Structured logs: one JSON object a line, with case, act and agency ids; never names, numbers or free text."""

import logging
import sys
from typing import TextIO

import structlog


def configure_logs(level: int = logging.INFO, to: TextIO | None = None) -> None:
    """Send structlog to a file, standard error by default, as JSON; log time is real time, in UTC."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(to or sys.stderr),
        cache_logger_on_first_use=True,
    )
