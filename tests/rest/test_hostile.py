"""Long and crooked texts in every place that is read before a request is known: answered at once, never with 5xx."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.support.client import ApiClient

LONG = 100_000
TEXTS = {
    "digits": "1" * LONG,
    "dots": "1." * (LONG // 2),
    "letters and bang": "a" * LONG + "!",
    "brackets": "[" * LONG,
    "quotes": '"' * LONG,
    "semicolons": "; a=" * (LONG // 4),
    "commas": "," * LONG,
    "percent": "%" * LONG,
    "colons": ":" * LONG,
    "not ASCII": "ÿ" * LONG,
}
HEADERS = [
    "Authorization",
    "Cache-Control",
    "Content-Encoding",
    "Host",
    "If-None-Match",
    "Origin",
    "X-Forwarded-For",
    "X-Parse-Application-Id",
    "X-Parse-Client-Version",
    "X-Parse-Cloud-Context",
    "X-Parse-Installation-Id",
    "X-Parse-Master-Key",
    "X-Parse-Session-Token",
]


def answered(api: ApiClient, method: str, path: str, body: Any = None, **how: Any) -> None:
    began = time.perf_counter()
    reply = api.request(method, path, body, **how)
    assert reply.status < 500, reply.body
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("header", HEADERS)
def test_headers(api: ApiClient, header: str, text: str) -> None:
    for value in (text, "Basic " + text):
        answered(api, "POST", "/batch", {"requests": []}, headers={header: value})
        answered(api, "GET", "/classes/Crooked", headers={header: value})


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_everything_else(api: ApiClient, text: str) -> None:
    answered(api, "POST", "/classes/Crooked", {"_method": text})
    answered(api, "POST", "/classes/Crooked", {"_method": "GET"}, content_type=text)
    answered(api, "POST", "/classes/Crooked", raw=b"{}", content_type="text/plain; charset=" + text)
    answered(api, "GET", "/classes/Crooked", query=text)
    answered(api, "GET", "/classes/Crooked", query="a" + text + "=1")
    answered(api, "GET", "/" + text)
    answered(api, "GET", "/classes/" + text)
    answered(api, "POST", "/batch", {"requests": [{"method": text, "path": "/parse/classes/Crooked"}]})
    answered(api, "POST", "/batch", {"requests": [{"method": "GET", "path": "/parse/" + text}]})
    answered(api, "POST", "/batch", {"requests": [{"method": "GET", "path": text}]})
    answered(api, "POST", "/classes/Crooked", raw=text.encode())
    answered(api, "POST", "/x", {"_ApplicationId": text}, headers={"X-Parse-Application-Id": None})
    answered(api, "POST", "/x", {"_ApplicationId": "rest", "_context": text}, headers={"X-Parse-Application-Id": None})
