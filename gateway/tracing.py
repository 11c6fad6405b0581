"""OpenTelemetry traces: what one act caused, from the gateway to the letter, where a collector is named.

Every act is a trace of its own, whose ids follow from the environment's and the command's (as all ids here do). So whoever
comes later (the relay that wakes the process, in another program; the agency's worker that sends the letter) knows
the trace from the ledger alone: nothing is stored for it, and nothing of it is under a digest. An act that a process
does is linked to what caused it.

Spans hold ids and codes only. What failed says that it did, never how: messages may quote a letter.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Thread
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.client import OutboundInterceptor as ClientOutbound
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteWorkflowInput,
    HandleSignalInput,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.worker import Interceptor as WorkerInterceptor

from domain.acts.base import ACTS
from domain.files import Command
from gateway.leaving import before_leaving

HOLDS = timedelta(minutes=1)
"""How long what a process does counts as caused by its last wake; a deadline that falls later is a cause of its own."""
LAST = 3.0
"""Seconds that the last spans of a program may take on their way."""
HEADER = "_tracer-data"
"""Under which header Temporal's own interceptor sends a trace on."""


class Traces:
    """The traces of one environment. Threads may share it."""

    def __init__(self, environment: str, exporter: SpanExporter | None = None) -> None:
        """`exporter`: where spans go; by default to the collector that the OTEL_EXPORTER_OTLP_* variables name."""
        self._environment = environment
        about = Resource.create({"huiqian.environment": environment})
        if about.attributes[SERVICE_NAME] == "unknown_service":
            about = about.merge(Resource({SERVICE_NAME: "huiqian"}))
        # Sampled as OTEL_TRACES_SAMPLER says.
        self._provider = TracerProvider(resource=about, shutdown_on_exit=False)
        before_leaving(self._end)
        self._processor: SpanProcessor = BatchSpanProcessor(Discreet(exporter or OTLPSpanExporter()))
        self._provider.add_span_processor(self._processor)
        self.interceptors = [Onward(self._provider.get_tracer("huiqian"))]
        """For the client of Temporal, and every worker made with it."""

    def flush(self) -> None:
        """Send what is finished now."""
        self._provider.force_flush()

    def _end(self) -> None:
        """Send what is left, but let nobody wait for a collector that is away."""
        sending = Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(LAST)

    def act(self, command: Command, case: str | None, outcome: str, code: str | None, begun: int) -> None:
        """An act that was decided, or refused. `case` is one that exists; `begun`: nanoseconds since 1970."""
        around = trace.get_current_span().get_span_context()
        self._finished(
            f"act {command.act if command.act in ACTS else 'unknown'}", self._own(command.id), None, SpanKind.SERVER, begun,
            Link(around), {
                "huiqian.agency": command.by.agency, "huiqian.role": command.by.role, "huiqian.case": case,
                "huiqian.outcome": outcome, "huiqian.code": code,
            },
        )  # fmt: skip

    def letter(self, command: str, row: Any, status: str, begun: int) -> None:
        """An attempt at a letter that this command caused, within `deliver`."""
        own, parent = trace.get_current_span().get_span_context(), self._own(command)
        id_ = int.from_bytes(sha256(f"{row.id}/{row.attempts}".encode()).digest()[:8])
        self._finished(
            f"letter {row.letter}", SpanContext(parent.trace_id, id_, False, parent.trace_flags), parent,
            SpanKind.PRODUCER, begun, Link(own), {
                "huiqian.agency": row.sender, "huiqian.case": row.stream, "huiqian.status": status,
                "huiqian.attempt": row.attempts + 1,
            }, ok=status in ("sent", "by-hand"),
        )  # fmt: skip

    @contextmanager
    def caused_by(self, commands: Sequence[str]) -> Generator[None]:
        """Within it, what is asked of Temporal belongs to the trace of the first of these commands.

        A process reads at once what several acts brought: the others' traces say in which one it is seen.
        """
        first = self._own(commands[0]) if commands else None
        for command in commands[1:]:
            assert first is not None
            joined, own = self._own(command), sha256(f"joined/{command}".encode()).digest()
            self._finished(
                "wake joined", SpanContext(joined.trace_id, int.from_bytes(own[:8]), False, joined.trace_flags), joined,
                SpanKind.PRODUCER, time.time_ns(), Link(first), {},
            )  # fmt: skip
        token = attach(trace.set_span_in_context(NonRecordingSpan(first), Context()) if first else Context())
        try:
            yield
        finally:
            detach(token)

    def _own(self, command: str) -> SpanContext:
        """The span of an act: known before it ends, and to everybody who knows the command."""
        ids = sha256(f"{self._environment}\0{command}".encode()).digest()
        trace_id = int.from_bytes(ids[:16])
        sampled = self._provider.sampler.should_sample(None, trace_id, "act").decision
        flags = TraceFlags.SAMPLED if sampled is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT
        return SpanContext(trace_id, int.from_bytes(ids[16:24]), True, TraceFlags(flags))

    def _finished(
        self, name: str, own: SpanContext, parent: SpanContext | None, kind: SpanKind, begun: int,
        link: Link, about: Mapping[str, str | int | None], *, ok: bool = True,
    ) -> None:  # fmt: skip
        self._processor.on_end(ReadableSpan(
            name=name, context=own, parent=parent, resource=self._provider.resource, kind=kind,
            attributes={key: value for key, value in about.items() if value is not None},
            links=[link] if link.context.is_valid else [],
            status=Status(StatusCode.UNSET if ok else StatusCode.ERROR), start_time=begun, end_time=time.time_ns(),
        ))  # fmt: skip


class Discreet(SpanExporter):
    """Hands spans on without what exceptions said."""

    def __init__(self, to: SpanExporter) -> None:
        self._to = to

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Without events (exceptions and their messages) and without the words of a status."""
        return self._to.export([
            ReadableSpan(
                name=span.name, context=span.get_span_context(), parent=span.parent, resource=span.resource,
                attributes=span.attributes, links=span.links, kind=span.kind, status=Status(span.status.status_code),
                start_time=span.start_time, end_time=span.end_time, instrumentation_scope=span.instrumentation_scope,
            )
            for span in spans
        ])  # fmt: skip

    def shutdown(self) -> None:
        """Send no more."""
        self._to.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is held back."""
        return self._to.force_flush(timeout_millis)


class Onward(ClientInterceptor, WorkerInterceptor):
    """Temporal's own interceptor for clients and activities. A process makes no spans, it only hands the trace on.

    Spans inside a process would all belong to the act that started it years ago, and replays would have to be kept from
    making them again. A header is no command, so histories replay the same with and without it.
    """

    def __init__(self, tracer: trace.Tracer) -> None:
        self._sdk = TracingInterceptor(tracer)

    def intercept_client(self, next: ClientOutbound) -> ClientOutbound:
        """A span for each wake."""
        return self._sdk.intercept_client(next)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """A span for each activity."""
        return self._sdk.intercept_activity(next)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """What runs inside a process."""
        return _Woken


class _Woken(WorkflowInboundInterceptor):
    """Remembers by which trace its process was woken last."""

    cause: Payload | None = None
    since: datetime

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Asking(outbound, self))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        self._note(input.headers)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        self._note(input.headers)
        await super().handle_signal(input)

    def _note(self, headers: Mapping[str, Payload]) -> None:
        self.cause, self.since = headers.get(HEADER), workflow.now()

    def on(self, headers: Mapping[str, Payload]) -> Mapping[str, Payload]:
        """The headers with the trace, if the wake was just now."""
        if self.cause is None or workflow.now() - self.since > HOLDS:
            return headers
        return {**headers, HEADER: self.cause}


class _Asking(WorkflowOutboundInterceptor):
    """Gives the trace to the activities that the process asks for."""

    def __init__(self, next: WorkflowOutboundInterceptor, woken: _Woken) -> None:
        super().__init__(next)
        self._woken = woken

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        input.headers = self._woken.on(input.headers)
        return super().start_activity(input)

    def start_local_activity(self, input: StartLocalActivityInput) -> workflow.ActivityHandle[Any]:
        input.headers = self._woken.on(input.headers)
        return super().start_local_activity(input)
