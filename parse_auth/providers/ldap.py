"""LDAP: users of a directory, who prove themselves by binding with their password. Needs the package `ldap3`."""

from __future__ import annotations

import re
import ssl
from typing import Any
from urllib.parse import urlsplit

from parse_auth.providers.base import Misconfigured, NotProved, Provider, Settings, register
from parse_core.values.scalars import Document

SECONDS = 10
PLACEHOLDER = re.compile(r"\{\{id\}\}", re.IGNORECASE)
WRONG = "LDAP: Wrong username or password"


@register
class Ldap(Provider):
    """`{"id": …, "password": …}`, of which the password is never stored; options `url`, `suffix`, `dn` with `{{id}}`,
    `groupCn` with `groupFilter`, `tlsOptions` (`rejectUnauthorized`, `ca`).
    """

    name = "ldap"
    answers_unconfigured = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        url, suffix = self.options.get("url"), self.options.get("suffix")
        tls = self.options.get("tlsOptions")
        scheme = urlsplit(url).scheme if isinstance(url, str) else ""
        if scheme not in ("ldap", "ldaps") or not isinstance(suffix, str) or not suffix:
            raise Misconfigured("LDAP auth configuration missing")
        if tls is not None and not isinstance(tls, dict):
            raise Misconfigured("LDAP auth configuration missing")
        try:
            import ldap3
        except ImportError:
            raise Misconfigured("LDAP sign-in needs the package ldap3, which is not installed.") from None
        self._ldap: Any = ldap3
        self._server: Any = ldap3.Server(
            url, connect_timeout=SECONDS, get_info=ldap3.NONE, tls=self._tls(tls or {}) if scheme == "ldaps" else None
        )
        self._suffix = suffix
        self._dn = str(self.options.get("dn") or f"uid={{{{id}}}},{suffix}")

    def verify(self, data: Document) -> Document:
        identity, password = data.get("id"), data.get("password")
        if not isinstance(identity, str) or not identity or not isinstance(password, str) or not password:
            raise NotProved(WRONG)  # a bind without a password is an anonymous one, and succeeds
        connection = self._bound(PLACEHOLDER.sub(lambda _: escaped_dn(identity), self._dn), password)
        try:
            if self.options.get("groupCn") and self.options.get("groupFilter"):
                self._check_group(connection, identity)
        finally:
            connection.unbind()
            _close(connection)
        return {key: value for key, value in data.items() if key != "password"}

    def _bound(self, dn: str, password: str) -> Any:
        """A connection in the name of a user. Raises `NotProved` (101)."""
        from ldap3.core.exceptions import LDAPException

        connection = self._ldap.Connection(
            self._server, user=dn, password=password, receive_timeout=SECONDS, auto_referrals=False
        )
        try:
            if connection.bind():
                return connection
            code = connection.result["result"]
        except LDAPException as error:
            _close(connection)
            if "certificate" in str(error).lower():
                raise NotProved("LDAPS: Certificate mismatch") from None
            raise NotProved(f"LDAP: Somthing went wrong ({type(error).__name__})") from None
        _close(connection)
        # 49 is the directory's word for wrong credentials
        raise NotProved(WRONG if code == 49 else f"LDAP: Somthing went wrong ({code})")

    def _check_group(self, connection: Any, identity: str) -> None:
        from ldap3.core.exceptions import LDAPException

        search = PLACEHOLDER.sub(lambda _: escaped_filter(identity), str(self.options["groupFilter"]))
        try:
            found = connection.search(self._suffix, search, self._ldap.SUBTREE, attributes=["cn"])
            refused = not found and connection.result["result"] != 0
        except LDAPException:
            refused = True
        if refused:
            raise Misconfigured("LDAP group search failed")
        if not any(
            self.options["groupCn"] in entry.entry_attributes_as_dict.get("cn", ()) for entry in connection.entries
        ):
            raise Misconfigured("LDAP: User not in group")

    def _tls(self, options: dict[str, Any]) -> Any:
        trusts_anything = options.get("rejectUnauthorized") is False
        authorities = options.get("ca")
        return self._ldap.Tls(
            validate=ssl.CERT_NONE if trusts_anything else ssl.CERT_REQUIRED,
            ca_certs_data="\n".join(authorities) if isinstance(authorities, list) else authorities,
        )


def _close(connection: Any) -> None:
    """Gives the socket back, which the library keeps after a failure."""
    if connection.socket is not None:
        connection.socket.close()


def escaped_dn(value: str) -> str:
    """A value inside a distinguished name (RFC 4514)."""
    escaped = re.sub(r'([\\,=+<>#;"])', r"\\\1", value).replace("\0", r"\00")
    if escaped.startswith(" "):
        escaped = "\\" + escaped
    return escaped[:-1] + "\\ " if escaped.endswith(" ") and len(value) > 1 else escaped


def escaped_filter(value: str) -> str:
    """A value inside a search filter (RFC 4515)."""
    return re.sub(r"[\\*()\0]", lambda found: f"\\{ord(found[0]):02x}", value)
