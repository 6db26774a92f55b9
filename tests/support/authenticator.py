"""A device that keeps passkeys, in software: it makes keys and signs challenges as WebAuthn says (§5, §6)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT: Final = 0x01
VERIFIED: Final = 0x04
ATTESTED: Final = 0x40


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "===")


@dataclass
class Passkey:
    """One key pair and whom it is for."""

    id: bytes
    rp_id: str
    handle: str
    key: ec.EllipticCurvePrivateKey


@dataclass
class Authenticator:
    """`create` and `get` take what a browser's functions of these names are given, and give what they give as JSON.

    `counts`: the counter grows with each signature, as on a security key; else it stays 0, as with synchronised keys.
    """

    origin: str
    counts: bool = True
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    passkeys: list[Passkey] = field(default_factory=list)

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        key = ec.generate_private_key(ec.SECP256R1())
        passkey = Passkey(os.urandom(32), options["rp"]["id"], options["user"]["id"], key)
        self.passkeys.append(passkey)
        numbers = key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(passkey.id).to_bytes(2, "big") + passkey.id + cbor2.dumps(public)
        data = self._data(passkey.rp_id, ATTESTED) + attested
        return self._credential(
            passkey,
            clientDataJSON=encoded(self._client_data("webauthn.create", options)),
            attestationObject=encoded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            transports=["internal"],
        )

    def get(self, options: Mapping[str, Any]) -> dict[str, Any]:
        passkey = next(each for each in self.passkeys if each.rp_id == options["rpId"])
        client_data, data = self._client_data("webauthn.get", options), self._data(passkey.rp_id)
        signed = data + hashlib.sha256(client_data).digest()
        return self._credential(
            passkey,
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(passkey.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            userHandle=passkey.handle,
        )

    def _client_data(self, kind: str, options: Mapping[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        self.counter += self.counts
        rp = hashlib.sha256(rp_id.encode()).digest()
        return rp + bytes([self.flags | flags]) + self.counter.to_bytes(4, "big")

    def _credential(self, passkey: Passkey, **response: Any) -> dict[str, Any]:
        name = encoded(passkey.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
