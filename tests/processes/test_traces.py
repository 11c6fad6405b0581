"""One act's trace, seen whole by a collector: from the gateway that took it to the letter that told of it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer

from deploy.process import ROOT, spawn, stop
from gateway.tracing import Traces
from tests.processes.house import House
from worker import PROCESSES, sandbox

PLANTED = "植入的张三丰"


class Collector(ThreadingHTTPServer):
    """Takes OTLP over HTTP, as a real collector does, and keeps the spans."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        super().__init__(("127.0.0.1", 0), Taking)

    def named(self, name: str, trace: bytes | None = None) -> list[Span]:
        """The spans of a name, of one trace or of all."""
        return [span for span in self.spans if span.name == name and trace in (None, span.trace_id)]


class Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that OpenTelemetry's own variable names."""
    with Collector() as made:
        Thread(target=made.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{made.server_port}")
        yield made
        made.shutdown()


@pytest.mark.slow
async def test_one_acts_trace_is_whole_across_programs(
    house: House, collector: Collector, tmp_path: Path
) -> None:
    env = os.environ | {
        "HUIQIAN_DATABASE_URL": str(house.engine.url), "HUIQIAN_FILES": house.settings.files,
        "HUIQIAN_TEMPORAL_ADDRESS": house.client.service_client.config.target_host, "HUIQIAN_PREFIX": house.name,
    }  # fmt: skip
    house.gateway.traces = Traces(
        house.environment.id
    )  # as that of the pages: its acts are found by the worker's relay
    worker = spawn([sys.executable, "worker.py"], tmp_path / "log", env=env, cwd=ROOT, die_with_parent=True)
    try:
        await house.becomes(house.round, "open")
        filing = house.filed("dg", "DEMO-0101")
        await house.at_rest()
        house.done("clerk@tro", "accept", filing)
        await house.at_rest()
    finally:
        stop(worker, grace=20.0)
    house.gateway.traces.flush()
    (act,) = collector.named("act accept")
    mine = [span for span in collector.spans if span.trace_id == act.trace_id]
    ids = {span.span_id for span in mine}
    assert [span.name for span in mine if not span.parent_span_id] == ["act accept"], "it has one root"
    assert {span.parent_span_id for span in mine} <= {*ids, b""}, "nothing hangs in the air"
    (wake,) = collector.named("SignalWithStartWorkflow:filing", act.trace_id)
    follow = collector.named("RunActivity:follow", act.trace_id)
    assert wake.span_id in {span.parent_span_id for span in follow}
    (seq,) = [n for n, e in enumerate(house.view(filing)["events"], 1) if e["type"] == "FilingAccepted"]
    told = {row["letter"] for row in house.letters(filing) if row["seq"] == seq}
    assert told
    assert {f"letter {letter}" for letter in told} <= {span.name for span in mine}
    for letter in (span for span in mine if span.name.startswith("letter ")):
        assert letter.parent_span_id == act.span_id
        deliver = {span.span_id for span in collector.named("RunActivity:deliver")}
        assert letter.links[0].span_id in deliver
    # What a process does is a trace of its own, linked to its activity (its spans leave with the worker, if it has time).
    for lapse in collector.named("act lapse"):
        assert lapse.links[0].span_id in {span.span_id for span in collector.named("RunActivity:act")}
        assert lapse.trace_id != act.trace_id


@activity.defn(name="deliver")
def failing(self: object, ask: object) -> int:
    """In the place of the post: what it says may be a letter's text."""
    raise ApplicationError(PLANTED)


async def test_spans_say_nothing_personal_and_a_traced_process_replays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = InMemorySpanExporter()
    traces = house.gateway.traces = Traces(house.environment.id, kept)
    config = house.client.config()
    config["interceptors"] = traces.interceptors
    house.client = Client(**config)
    monkeypatch.setattr("activities.post.Post.deliver", failing)
    async with house.served():  # in the sandbox
        await house.becomes(house.round, "open")
        filing = house.filed("dg", "DEMO-0101")
        house.act("clerk@tro", PLANTED, PLANTED, name=PLANTED)
        failed, spans = list[ReadableSpan](), tuple[ReadableSpan, ...]()
        for _ in range(300):
            traces.flush()
            spans = kept.get_finished_spans()
            failed = [s for s in spans if s.status.status_code is StatusCode.ERROR]
            if failed and any(s.name == "RunActivity:follow" for s in spans):
                break
            await asyncio.sleep(0.1)
        await house.at_rest(but="@")
    assert {span.name for span in failed} == {"RunActivity:deliver"}
    assert "act unknown" in {span.name for span in spans}
    assert PLANTED not in "".join(span.to_json() for span in spans)
    history = await house.process(filing).fetch_history()
    assert any("_tracer-data" in str(event) for event in history.events)
    await Replayer(workflows=PROCESSES, workflow_runner=sandbox()).replay_workflow(history)


def test_where_no_collector_is_named_nothing_of_it_is_loaded() -> None:
    asked = (
        "import sys, worker, cli; from gateway.settings import open_traces; assert open_traces('x') is None; "
    )
    asked += "assert not [m for m in sys.modules if m.startswith(('opentelemetry', 'gateway.tracing'))]"
    env = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=env, check=True)
