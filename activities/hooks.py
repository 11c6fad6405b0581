"""Messages to a group's robot in DingTalk or WeCom, and to plain JSON webhooks, through apprise.

apprise reads the URLs, signs and delivers to webhooks. To the two robots the request is made here, because
apprise 2.2 takes every answer of theirs with status 200 for a success: DingTalk and WeCom say 200 to
everything and put a refusal (no such robot, keyword missing, too many messages) into the answer's `errcode`,
so that messages nobody saw would be recorded as delivered.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

import requests
from apprise import Apprise, AppriseAsset
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot
from pydantic import BaseModel, ConfigDict, Field

from activities.delivery import DeliveryFailed, DeliveryRefused

GATEWAYS: Mapping[str, str] = MappingProxyType(
    {
        "dingtalk": "https://oapi.dingtalk.com/robot/send",
        "wecombot": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
    }
)
"""Where the public services are. 政务微信 and 专有钉钉 are the same services in an agency's own house."""

_SCHEMES = {"json", "jsons", "dingtalk", "wecombot"}

# Bytes of UTF-8 in one message: WeCom's documentation says 2048, DingTalk's 20000 for the whole request.
# (apprise counts characters, of which a Chinese one is three bytes.)
_LIMITS = {"dingtalk": 18_000, "wecombot": 2048}

# The codes that ask for patience; every other one (310000 keyword or signature, 400101 and 93000 no such
# robot, 430102 unsuitable text) will be answered the same way tomorrow.
_BUSY = {-1, 130101, 410100, 90030, 45009}

_TIMEOUT = (5.0, 15.0)  # to connect, to read; in seconds

# apprise warns about a malformed token by quoting it, and urllib3's debug lines hold the URL with the key.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


class Hook(BaseModel):
    """A message and where it goes.

    `url` is apprise's: `dingtalk://token`, `dingtalk://secret@token/13800138000`, `wecombot://key`,
    `json://host:port/path` or `jsons://` (HTTPS). It is a secret. `id` names the event that the message is
    about; it goes along, so that a message sent twice is recognised as the same one.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    url: str = Field(repr=False)
    title: str
    text: str
    id: str


def post(hook: Hook, gateways: Mapping[str, str] = GATEWAYS) -> None:
    """Deliver the message. Blocks: from a coroutine, call it in a thread.

    `gateways` are the addresses of the robots, for agencies with services of their own. Raises
    DeliveryRefused when the URL is not understood or a robot turns the message down for good, and
    DeliveryFailed when it may work later; a plain webhook's every failure is of the second kind.
    """
    failure = _attempt(hook, gateways)
    # Raised outside any handler, so that no exception that quotes the URL travels along as the context.
    if failure:
        raise failure


def _attempt(hook: Hook, gateways: Mapping[str, str]) -> DeliveryFailed | DeliveryRefused | None:
    # Redirects are not followed: they would carry the message, and a token, to somebody else.
    asset = AppriseAsset(http_redirects=False, secure_logging=True)
    # apprise speaks to a hundred services, some of which run programs or write files: only these four.
    known = hook.url.partition(":")[0].lower() in _SCHEMES
    service = cast(Any, Apprise).instantiate(hook.url, asset=asset) if known else None
    if isinstance(service, NotifyJSON):
        return _webhook(service, hook)
    if isinstance(service, NotifyDingTalk):
        token = {"access_token": str(cast(Any, service).token)}
        at = {"atMobiles": cast(Any, service).targets, "isAtAll": False}
        return _ask(gateways["dingtalk"], token | _signature(service), _text(hook, "dingtalk") | {"at": at})
    if isinstance(service, NotifyWeComBot):
        return _ask(gateways["wecombot"], {"key": str(cast(Any, service).key)}, _text(hook, "wecombot"))
    return DeliveryRefused(
        "通知地址无法识别，应为 dingtalk://、wecombot://、json:// 或 jsons:// / "
        "webhook URL not understood; use dingtalk://, wecombot://, json:// or jsons://"
    )


def _webhook(service: NotifyJSON, hook: Hook) -> DeliveryFailed | None:
    untyped = cast(Any, service)
    untyped.payload_extras = {**untyped.payload_extras, "id": hook.id}
    # The header that receivers look at to drop repetitions (IETF draft-ietf-httpapi-idempotency-key-header);
    # percent-encoded, as headers are ASCII.
    untyped.headers = {**untyped.headers, "Idempotency-Key": quote(hook.id, safe="")}
    untyped.socket_connect_timeout, untyped.socket_read_timeout = _TIMEOUT
    # apprise wants a text; a message may be all in its title.
    if untyped.notify(body=hook.text or hook.title, title=hook.title):
        return None
    return _failed(urlsplit(hook.url).scheme)


def _signature(service: NotifyDingTalk) -> dict[str, str]:
    """DingTalk's 加签, when the URL has a secret."""
    untyped = cast(Any, service)
    if not untyped.secret:
        return {}
    timestamp, sign = untyped.get_signature()
    # apprise percent-encodes the signature, and requests encodes it again: DingTalk would answer 310000,
    # "sign not match". (The same mistake and its cure: github.com/wowiwj/ding-notice, issue 11.)
    return {"timestamp": str(timestamp), "sign": unquote(str(sign))}


def _text(hook: Hook, service: str) -> dict[str, Any]:
    """The message as both robots take it: a title line, the text, cut where it is too long, and the id."""
    body, tail = f"{hook.title}\n{hook.text}".encode("utf-8", "replace"), f"\n〔{hook.id}〕"
    limit = _LIMITS[service] - len(tail.encode("utf-8", "replace"))
    if len(body) > limit:
        body = body[: max(0, limit - 3)].decode("utf-8", "ignore").encode() + "…".encode()
    return {"msgtype": "text", "text": {"content": body.decode() + tail}}


def _ask(
    url: str, params: dict[str, str], payload: dict[str, Any]
) -> DeliveryFailed | DeliveryRefused | None:
    try:
        answer = requests.post(url, params=params, json=payload, timeout=_TIMEOUT, allow_redirects=False)
        if answer.status_code != 200:
            permanent = 400 <= answer.status_code < 500 and answer.status_code not in (408, 429)
            return _refused(answer.status_code) if permanent else _failed(answer.status_code)
        code = answer.json()["errcode"]
    except requests.RequestException as problem:
        return _failed(type(problem).__name__)
    except (ValueError, KeyError, TypeError):
        return _failed("errcode?")  # something else than the robot answered: a proxy, a login page
    if code == 0:
        return None
    return _failed(code) if code in _BUSY else _refused(code)


def _failed(detail: int | str) -> DeliveryFailed:
    return DeliveryFailed(
        f"通知未送达，将再次尝试 ({detail}) / not delivered, will be tried again ({detail})"
    )


def _refused(code: int) -> DeliveryRefused:
    return DeliveryRefused(f"通知被拒 ({code}) / the message was refused ({code})")
