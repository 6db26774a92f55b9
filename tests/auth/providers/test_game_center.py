"""Game Center (`contract/auth_providers.md` §12): signatures, and the certificate that makes them worth something."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from tests.auth.conftest import Configure
from tests.auth.providers.conftest import SignIn
from tests.auth.providers.fake import Services

Use = Callable[..., None]
KEY_URL = "https://static.gc.apple.com/public-key/gc-prod-9.cer"
KEY_PATH = "static.gc.apple.com/public-key/gc-prod-9.cer"
ROOT_PATH = "cacerts.digicert.com/DigiCertTrustedG4CodeSigningRSA4096SHA3842021CA1.crt.pem"
PEM = {"Content-Type": "application/x-pem-file"}


class Authority:
    """A certificate authority and what it issued for one key."""

    def __init__(self, *, days: int = 1) -> None:
        self.root_key, self.key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        self.root = self._certificate("root", self.root_key, 1)
        self.leaf = self._certificate("leaf", self.key, days)

    def _certificate(self, name: str, key: rsa.RSAPrivateKey, days: int) -> x509.Certificate:
        end = datetime.now(UTC) + timedelta(days=days)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - timedelta(days=3))
            .not_valid_after(end)
            .sign(self.root_key, hashes.SHA256())
        )

    def publish(self, services: Services) -> None:
        der, pem = serialization.Encoding.DER, serialization.Encoding.PEM
        services.answers[KEY_PATH] = (200, self.leaf.public_bytes(der), {"Cache-Control": "max-age=60"})
        services.answers[ROOT_PATH] = (200, self.root.public_bytes(pem), PEM)

    def signed(self, bundle: str = "com.example.game", **changes: Any) -> dict[str, Any]:
        moment, salt = 1_700_000_000_000, b"salt"
        signed = b"player" + bundle.encode() + struct.pack(">Q", moment) + salt
        signature = self.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        data = {
            "id": "player",
            "publicKeyUrl": KEY_URL,
            "timestamp": moment,
            "signature": base64.b64encode(signature).decode(),
            "salt": base64.b64encode(salt).decode(),
        }
        return {key: value for key, value in {**data, **changes}.items() if value is not None}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(autouse=True)
def _configured(use: Use, services: Services, authority: Authority) -> None:
    use("gcenter", bundleId="com.example.game")
    authority.publish(services)


def test_a_good_signature(sign_in: SignIn, authority: Authority, services: Services) -> None:
    assert sign_in("gcenter", authority.signed()).status == 201
    assert sign_in("gcenter", authority.signed()).status == 200
    assert len(services.asked(KEY_PATH)) == len(services.asked(ROOT_PATH)) == 1


@pytest.mark.parametrize("name", ["publicKeyUrl", "timestamp", "signature", "salt", "id"])
def test_every_part_is_needed(sign_in: SignIn, authority: Authority, name: str) -> None:
    data = authority.signed()
    del data[name]
    assert sign_in("gcenter", data).error == (101, f"AuthData {name} is missing.")


@pytest.mark.parametrize(
    "url",
    [
        "http://static.gc.apple.com/key.cer",
        "https://evil.example/key.cer",
        "https://apple.com.evil.example/key.cer",
        "https://notapple.com/key.cer",
        "https://apple.com@evil.example/apple.com/key.cer",
        "https://evil.example/ apple.com/key.cer",
        "https://evil.example#.apple.com/key.cer",
        "https://evil.example\\.apple.com/key.cer",
        "https://apple.com:8443/key.cer",
        "https://apple.com/key.cer?x",
        "https://apple.com/key.pem",
    ],
)
def test_keys_are_fetched_from_apple_alone(sign_in: SignIn, authority: Authority, services: Services, url: str) -> None:
    reply = sign_in("gcenter", authority.signed(publicKeyUrl=url))
    assert reply.error == (101, f"Invalid publicKeyUrl: {url}")
    assert services.seen == []


def test_what_is_signed_badly(sign_in: SignIn, authority: Authority) -> None:
    wrong = (101, "Invalid signature.")
    changes: list[dict[str, Any]] = [
        {"id": "other"},
        {"timestamp": 5},
        {"timestamp": "x"},
        {"timestamp": -1},
        {"salt": "?"},
        {"signature": "AAAA"},
        {"signature": 5},
    ]
    for change in changes:
        assert sign_in("gcenter", authority.signed(**change)).error == wrong, change
    assert sign_in("gcenter", authority.signed("com.other.game")).error == wrong


def test_a_certificate_of_another_authority(sign_in: SignIn, authority: Authority, services: Services) -> None:
    other = Authority()
    services.answers[KEY_PATH] = other.leaf.public_bytes(serialization.Encoding.DER)
    assert sign_in("gcenter", other.signed()).error == (101, f"Invalid publicKeyUrl: {KEY_URL}")


def test_a_certificate_that_is_over(sign_in: SignIn, services: Services) -> None:
    old = Authority(days=-1)
    old.publish(services)
    assert sign_in("gcenter", old.signed()).error == (101, f"Invalid publicKeyUrl: {KEY_URL}")


def test_a_root_that_cannot_be_loaded_is_asked_for_again(
    sign_in: SignIn, authority: Authority, services: Services
) -> None:
    root = services.answers[ROOT_PATH]
    for answer in ((404, b"", PEM), (200, root[1], {"Content-Type": "text/html"}), (200, root[1] + b" " * 10_000, PEM)):
        services.answers[ROOT_PATH] = answer
        assert sign_in("gcenter", authority.signed()).error == (101, "Invalid rootCertificateURL.")
    services.answers[ROOT_PATH] = (200, b"rubbish", PEM)
    assert sign_in("gcenter", authority.signed()).error == (101, "Root certificate is invalid or missing.")
    services.answers[ROOT_PATH] = root
    assert sign_in("gcenter", authority.signed()).status == 201


def test_old_signatures_are_refused_where_the_operator_says_so(use: Use, sign_in: SignIn, authority: Authority) -> None:
    use("gcenter", bundleId="com.example.game", maxAgeSeconds=300)
    assert sign_in("gcenter", authority.signed()).error == (101, "Invalid signature.")


def test_the_client_names_the_application_only_in_insecure_mode(
    use: Use, configure: Configure, sign_in: SignIn, authority: Authority
) -> None:
    assert sign_in("gcenter", authority.signed("com.other", bundleId="com.other")).error[0] == 101
    use("gcenter", enableInsecureAuth=True)
    assert sign_in("gcenter", authority.signed()).error == (101, "AuthData bundleId is missing.")
    assert sign_in("gcenter", authority.signed("com.other", bundleId="com.other")).status == 201
    configure(auth={"gcenter": {"x": 1}})
    assert sign_in("gcenter", authority.signed()).error == (1, "bundleId is required for secure auth.")
