"""Receipts of the App Store: a verified one is answered with the product's download (`contract/cloud.md` §11).

A legacy of the protocol; the option `enableProductPurchaseLegacyApi` takes the route away.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson

from parse_core.errors import InvalidJson, ObjectNotFound
from parse_core.objects.find import find
from parse_core.objects.requests import FindRequest
from parse_core.rest.base import ParseView, UnknownRoute
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.values.scalars import Document, Json

log = logging.getLogger("parse_cloud.purchases")

# Apple's addresses; a verifier that is asked for a receipt of the sandbox says so (21007).
PRODUCTION: Final = "https://buy.itunes.apple.com/verifyReceipt"
SANDBOX: Final = "https://sandbox.itunes.apple.com/verifyReceipt"
FOR_SANDBOX: Final = 21007
SECONDS: Final = 20.0
TEXTS: Final = {
    21000: "The App Store could not read the JSON object you provided.",
    21002: "The data in the receipt-data property was malformed or missing.",
    21003: "The receipt could not be authenticated.",
    21004: "The shared secret you provided does not match the shared secret on file for your account.",
    21005: "The receipt server is not currently available.",
    21006: "This receipt is valid but the subscription has expired.",
    21007: "This receipt is from the test environment, but it was sent to the production environment for verification.",
    21008: "This receipt is from the production environment, but it was sent to the test environment for verification.",
}
UNKNOWN: Final = "unknown error."


class PurchaseView(ParseView):
    """`/validate_purchase`."""

    def post(self, call: Call) -> Answer:
        """The File of the product that was bought; `{"status", "error"}`, with 200, for a receipt that is none."""
        if not call.context.options.enable_product_purchase_legacy_api:
            raise UnknownRoute("POST", "/validate_purchase")
        receipt, product = _receipt(call.parameters.get("receipt")), call.parameters.get("productIdentifier")
        if not receipt or not isinstance(product, str) or not product:
            raise InvalidJson("missing receipt or productIdentifier")
        status = _status(receipt)
        if status != 0:
            return Answer({"status": status, "error": TEXTS.get(status or 0, UNKNOWN)})
        return Answer(_download(call.context, product))


def _receipt(value: Json) -> str | None:
    if isinstance(value, dict) and value.get("__type") == "Bytes":
        value = value.get("base64")
    return value if isinstance(value, str) else None


def _status(receipt: str) -> int | None:
    """What Apple says of a receipt: 0 is good; None when it could not be asked."""
    status = _asked(PRODUCTION, receipt)
    return _asked(SANDBOX, receipt) if status == FOR_SANDBOX else status


def _asked(url: str, receipt: str) -> int | None:
    try:
        content = orjson.dumps({"receipt-data": receipt})
        answer: Any = httpx.post(url, content=content, timeout=SECONDS, trust_env=False).json()
    except (httpx.HTTPError, ValueError) as error:
        log.warning("the App Store could not be asked: %s", type(error).__name__)
        return None
    status = answer.get("status") if isinstance(answer, dict) else None
    return status if isinstance(status, int) else None


def _download(context: RequestContext, identifier: str) -> Document:
    """The download of the one product with an identifier. Raises `ObjectNotFound` (101) for none, and for several."""
    found = find(context, FindRequest("_Product", where={"productIdentifier": identifier}, limit=2))
    products = orjson.loads(found.json)
    download = products[0].get("download") if len(products) == 1 else None
    if not isinstance(download, dict):
        raise ObjectNotFound
    return download


routes.add("validate_purchase", PurchaseView)
