"""Webhooks against a real HTTP server on loopback, which answers as the services do."""

import base64
import hashlib
import hmac
import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot

from activities.delivery import DeliveryFailed, DeliveryRefused
from activities.hooks import GATEWAYS, Hook, post

SECRET = "SEC0123456789abcdef"


class Service(ThreadingHTTPServer):
    """Keeps what it is sent; answers with `status` and `answer`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status, self.answer, self.location = 200, b'{"errcode": 0, "errmsg": "ok"}', ""

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        service = cast(Service, self.server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service.requests.append((self.path, dict(self.headers.items()), json.loads(body)))
        self.send_response(service.status)
        if service.location:
            self.send_header("Location", service.location)
        self.send_header("Content-Length", str(len(service.answer)))
        self.end_headers()
        self.wfile.write(service.answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def hook(url: str, **fields: str) -> Hook:
    return Hook(**{"url": url, "title": "受理通知", "text": "F-2026-1 已受理。", "id": "事件-17", **fields})


def robot(service: Service, url: str, **fields: str) -> None:
    """Post to a robot whose service is the one on loopback, as for a 政务微信 of the agency's own."""
    post(hook(url, **fields), dict.fromkeys(GATEWAYS, f"http://{service.place}/robot"))


def test_a_plain_webhook_gets_title_text_and_the_id_by_which_to_recognise_a_repetition(
    service: Service,
) -> None:
    post(hook(f"json://{service.place}/notify/me"))
    [(path, headers, body)] = service.requests
    assert path == "/notify/me"
    assert (body["title"], body["message"], body["id"]) == ("受理通知", "F-2026-1 已受理。", "事件-17")
    assert headers["Idempotency-Key"] == "%E4%BA%8B%E4%BB%B6-17"


def test_a_message_that_is_all_title_arrives(service: Service) -> None:
    post(hook(f"json://{service.place}/", text=""))
    assert service.requests[0][2]["title"] == "受理通知"


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_webhook_that_fails_is_tried_again(service: Service, status: int) -> None:
    service.status = status
    with pytest.raises(DeliveryFailed, match="通知未送达，将再次尝试"):
        post(hook(f"json://{service.place}/"))


@pytest.mark.parametrize("url", ["json://{}/", "dingtalk://token1", "wecombot://key-1"])
def test_a_redirect_is_not_followed_since_it_would_hand_the_message_to_somebody_else(
    service: Service, url: str
) -> None:
    service.status, service.location = 307, f"http://{service.place}/elsewhere"
    with pytest.raises(DeliveryFailed):
        robot(service, url.format(service.place))
    assert len(service.requests) == 1


@pytest.mark.parametrize("url", ["json://127.0.0.1:{}/", "dingtalk://token1", "wecombot://key-1"])
def test_a_service_that_is_away_is_tried_again(url: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(DeliveryFailed):
        post(hook(url.format(port)), dict.fromkeys(GATEWAYS, f"http://127.0.0.1:{port}/"))


def test_dingtalk_gets_the_token_the_text_and_whom_to_mention(service: Service) -> None:
    robot(service, "dingtalk://token1/13800138000")
    [(path, _, body)] = service.requests
    assert parse_qs(urlsplit(path).query) == {"access_token": ["token1"]}
    assert body == {
        "msgtype": "text",
        "text": {"content": "受理通知\nF-2026-1 已受理。\n〔事件-17〕"},
        "at": {"atMobiles": ["13800138000"], "isAtAll": False},
    }


def test_dingtalk_can_verify_the_signature_when_the_robot_has_a_secret(service: Service) -> None:
    robot(service, f"dingtalk://{SECRET}@token1")
    query = parse_qs(urlsplit(service.requests[0][0]).query, strict_parsing=True)
    # as DingTalk's documentation computes it: HmacSHA256 over timestamp, line feed, secret
    told = f"{query['timestamp'][0]}\n{SECRET}".encode()
    wanted = base64.b64encode(hmac.digest(SECRET.encode(), told, hashlib.sha256)).decode()
    assert query["sign"] == [wanted]


def test_wecom_gets_the_key_and_the_text(service: Service) -> None:
    robot(service, "wecombot://key-1")
    [(path, _, body)] = service.requests
    assert parse_qs(urlsplit(path).query) == {"key": ["key-1"]}
    assert body == {"msgtype": "text", "text": {"content": "受理通知\nF-2026-1 已受理。\n〔事件-17〕"}}


def test_the_public_services_are_where_apprise_says_they_are() -> None:
    assert cast(Any, NotifyDingTalk).notify_url.partition("?")[0] == GATEWAYS["dingtalk"]
    assert cast(Any, NotifyWeComBot).notify_url.partition("?")[0] == GATEWAYS["wecombot"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (310000, DeliveryRefused),  # DingTalk: keyword or signature
        (400101, DeliveryRefused),  # DingTalk: no such robot
        (93000, DeliveryRefused),  # WeCom: the robot was removed
        (130101, DeliveryFailed),  # DingTalk: too fast
        (45009, DeliveryFailed),  # WeCom: too many today
        (-1, DeliveryFailed),  # both: busy
    ],
)
@pytest.mark.parametrize("url", ["dingtalk://token1", "wecombot://key-1"])
def test_a_refusal_that_a_robot_sends_with_status_200_is_no_success(
    service: Service, url: str, code: int, error: type[Exception]
) -> None:
    service.answer = json.dumps({"errcode": code, "errmsg": "keywords not in content"}).encode()
    with pytest.raises(error, match=rf"\({code}\)") as caught:
        robot(service, url)
    assert "keywords" not in str(caught.value)


@pytest.mark.parametrize("answer", [b"<html>login</html>", b"{}", b"[]", b"", b'{"errcode": "x"'])
def test_an_answer_that_is_not_the_robots_is_no_success(service: Service, answer: bytes) -> None:
    service.answer = answer
    with pytest.raises(DeliveryFailed):
        robot(service, "wecombot://key-1")


@pytest.mark.parametrize(
    ("status", "error"), [(403, DeliveryRefused), (429, DeliveryFailed), (502, DeliveryFailed)]
)
def test_a_robots_gateway_that_refuses_is_believed_and_one_that_is_busy_is_tried_again(
    service: Service, status: int, error: type[Exception]
) -> None:
    service.status = status
    with pytest.raises(error, match=str(status)):
        robot(service, "wecombot://key-1")


@pytest.mark.parametrize(("url", "limit"), [("wecombot://key-1", 2048), ("dingtalk://token1", 18_000)])
@pytest.mark.parametrize("part", ["title", "text"])
def test_a_long_message_is_cut_to_the_bytes_the_service_takes_and_keeps_its_id(
    service: Service, url: str, limit: int, part: str
) -> None:
    robot(service, url, **{part: "会签" * 10_000})
    content = service.requests[0][2]["text"]["content"]
    assert limit - 4 < len(content.encode()) <= limit
    assert content.endswith(("会签…\n〔事件-17〕", "会…\n〔事件-17〕"))


def test_a_message_that_just_fits_is_not_cut(service: Service) -> None:
    room = 2048 - len("受理通知\n\n〔事件-17〕".encode())
    robot(service, "wecombot://key-1", text="a" * room)
    assert "…" not in service.requests[0][2]["text"]["content"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "json://",
        "syslog://",
        "mailto://u:s3cret@example.com",
        "https://oapi.dingtalk.com/robot/send?access_token=s3cret",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=s3cret",
        "wecombot://s3cret key",
        "dingtalk://s3cret-with-dashes",
    ],
)
def test_a_url_that_is_none_or_of_another_service_is_refused_without_repeating_it(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(DeliveryRefused, match="通知地址无法识别") as caught:
        post(hook(url))
    assert "s3cret" not in str(caught.value) + caplog.text


@pytest.mark.parametrize(
    "url", ["dingtalk://s3cret", "wecombot://s3cret", "json://u:s3cret@{}/?-token=s3cret"]
)
def test_neither_error_nor_log_holds_the_token_or_the_text(
    service: Service, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        robot(service, url.format(service.place))
        service.status = 500
        with pytest.raises(DeliveryFailed) as caught:
            robot(service, url.format(service.place))
    assert len(service.requests) == 2
    assert caught.value.__context__ is None
    for said in ("".join(traceback.format_exception_only(caught.value)), caplog.text):
        assert "s3cret" not in said
        assert "已受理" not in said


def test_a_hook_does_not_show_its_url() -> None:
    assert "s3cret" not in repr(hook("wecombot://s3cret"))
