"""Apple Game Center: players signed for by a certificate of Apple's, which chains to one the operator trusts."""

from __future__ import annotations

import base64
import binascii
import re
import struct
import threading
import time
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from parse_auth.exchange import Exchange, Reply
from parse_auth.providers.base import AuthFailed, Misconfigured, NotProved, Provider, Settings, register
from parse_core.values.scalars import Document, Json

ROOT: Final = "https://cacerts.digicert.com/DigiCertTrustedG4CodeSigningRSA4096SHA3842021CA1.crt.pem"
KEY_URL: Final = re.compile(r"https://(?:[-_A-Za-z0-9]+\.)*apple\.com/[^\s?#@\\]*\.cer")
FIELDS: Final = ("id", "publicKeyUrl", "timestamp", "signature", "salt")
MAX_CERTIFICATES: Final = 20


@register
class GameCenter(Provider):
    """`{"id", "publicKeyUrl", "timestamp", "signature", "salt"}`; options `bundleId`, `rootCertificateUrl`,
    `maxAgeSeconds`. The one provider whose client names an address, which has to be Apple's.
    """

    name = "gcenter"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        if not self.options:
            raise Misconfigured("Game center auth options are required.")
        if not self.options.get("bundleId") and not settings.allows_insecure:
            raise Misconfigured("bundleId is required for secure auth.")
        self.exchange = Exchange("Game Center", self.options.get("baseUrls"))
        self._lock = threading.Lock()
        self._root: x509.Certificate | None = None
        self._certificates: dict[str, tuple[float, x509.Certificate]] = {}

    def verify(self, data: Document) -> Document:
        insecure = self.settings.allows_insecure and not self.options.get("bundleId")
        for name in (*FIELDS, *(("bundleId",) if insecure else ())):
            if not data.get(name):
                raise NotProved(f"AuthData {name} is missing.")
        url = data["publicKeyUrl"]
        if not isinstance(url, str) or not _is_apples(url):
            raise NotProved(f"Invalid publicKeyUrl: {url}")
        certificate = self._certificate(url)
        bundle = str(data["bundleId"] if insecure else self.options["bundleId"])
        _check_signature(certificate, _signed(data, bundle), data["signature"])
        self._check_age(data["timestamp"])
        return data

    def _certificate(self, url: str) -> x509.Certificate:
        with self._lock:
            until, certificate = self._certificates.get(url, (0.0, None))
        if certificate is not None and until > time.monotonic():
            return certificate
        reply = self.exchange.get(url)
        fetched = _loaded(reply.content) if reply.ok else None
        if fetched is None or not _is_issued_by(fetched, self._root_certificate()):
            raise NotProved(f"Invalid publicKeyUrl: {url}")
        with self._lock:
            if len(self._certificates) >= MAX_CERTIFICATES:
                self._certificates.clear()
            self._certificates[url] = (time.monotonic() + _max_age(reply), fetched)
        return fetched

    def _root_certificate(self) -> x509.Certificate:
        """The root, loaded once; when it cannot be loaded, the next use tries again."""
        if self._root is not None:
            return self._root
        try:
            reply = self.exchange.get(str(self.options.get("rootCertificateUrl") or ROOT))
        except AuthFailed:
            raise NotProved("Root certificate is invalid or missing.") from None
        kind = reply.headers.get("content-type", "").partition(";")[0]
        if not reply.ok or kind != "application/x-pem-file" or len(reply.content) > 10_000:
            raise NotProved("Invalid rootCertificateURL.")
        self._root = _loaded(reply.content)
        if self._root is None:
            raise NotProved("Root certificate is invalid or missing.")
        return self._root

    def _check_age(self, timestamp: Json) -> None:
        limit = self.options.get("maxAgeSeconds")
        if isinstance(limit, int | float) and limit and time.time() - int(timestamp) / 1000 > limit:
            raise NotProved("Invalid signature.")


def _is_apples(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_apple = host == "apple.com" or host.endswith(".apple.com")
    return KEY_URL.fullmatch(url) is not None and is_apple and port is None and parts.username is None


def _loaded(content: bytes) -> x509.Certificate | None:
    """A certificate in either form."""
    load: Any = (
        x509.load_pem_x509_certificate if content.lstrip().startswith(b"-----") else x509.load_der_x509_certificate
    )
    try:
        certificate: x509.Certificate = load(content)
    except ValueError:
        return None
    return certificate


def _is_issued_by(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    moment = datetime.now(UTC)
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        return False
    try:
        certificate.verify_directly_issued_by(root)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _signed(data: Document, bundle: str) -> bytes:
    """What Apple signs: player, application, moment and salt."""
    try:
        moment = struct.pack(">Q", int(data["timestamp"]))
        salt = base64.b64decode(data["salt"], validate=True)
    except (TypeError, ValueError, struct.error, binascii.Error):
        raise NotProved("Invalid signature.") from None
    return str(data["id"]).encode() + bundle.encode() + moment + salt


def _check_signature(certificate: x509.Certificate, signed: bytes, signature: Json) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise NotProved("Invalid signature.")
    try:
        key.verify(base64.b64decode(signature, validate=True), signed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, TypeError, ValueError):
        raise NotProved("Invalid signature.") from None


def _max_age(reply: Reply) -> float:
    found = re.search(r"max-age=(\d{1,9})", reply.headers.get("cache-control", ""))
    return float(found[1]) if found else 0.0
