"""A directory (`contract/auth_providers.md` §12): against a real one, Debian's `slapd`.

Without it these tests are skipped; in CI that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parse_auth.providers.ldap import escaped_dn, escaped_filter
from tests.auth.conftest import Configure
from tests.auth.people import Person
from tests.auth.providers.conftest import SignIn
from tests.support.client import ApiClient
from tests.support.server import free_port

SLAPD = shutil.which("slapd") or "/usr/sbin/slapd"
SUFFIX = "dc=example,dc=com"
WRONG = (101, "LDAP: Wrong username or password")
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/certificate.pem
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
maxsize 10485760
suffix "dc=example,dc=com"
rootdn "cn=admin,dc=example,dc=com"
rootpw admin
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=closed,dc=example,dc=com" by * none
access to * by users read by anonymous auth
"""
ENTRIES = """
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: uid=ann,dc=example,dc=com
objectClass: inetOrgPerson
uid: ann
cn: Ann
sn: Ann
userPassword: s3cret

dn: uid=bob,dc=example,dc=com
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Bob
userPassword: s3cret

dn: cn=staff,dc=example,dc=com
objectClass: groupOfNames
cn: staff
member: uid=ann,dc=example,dc=com
"""

# The library's own use of its ASN.1 library
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@dataclass(frozen=True)
class Directory:
    """A running directory: two people, one of them in the group `staff`; its certificate is of `authority` (PEM)."""

    url: str
    secure_url: str
    authority: str


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    if not Path(SLAPD).exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("slapd is not installed")
    folder = tmp_path_factory.mktemp("slapd")
    (folder / "data").mkdir()
    (folder / "entries.ldif").write_text(ENTRIES.strip() + "\n")
    authority = _certificate_into(folder)
    configuration = folder / "slapd.conf"
    configuration.write_text(CONFIG.format(folder=folder))
    slapadd = [str(Path(SLAPD).with_name("slapadd")), "-f", str(configuration), "-l", str(folder / "entries.ldif")]
    subprocess.run(slapadd, check=True, capture_output=True)
    urls = f"ldap://127.0.0.1:{free_port()}", f"ldaps://127.0.0.1:{free_port()}"
    listening = f"{urls[0]}/ {urls[1]}/ ldapi://{quote(str(folder / 'socket'), safe='')}"
    process = subprocess.Popen(
        [SLAPD, "-d", "0", "-f", str(configuration), "-h", listening],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ,
    )
    try:
        _wait_for(folder / "socket")
        yield Directory(*urls, authority)
    finally:
        process.terminate()
        process.wait(10)


def _certificate_into(folder: Path) -> str:
    """The PEM of a certificate for 127.0.0.1 that vouches for itself; it and its key are files of the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, clear = serialization.Encoding.PEM, serialization.NoEncryption()
    text = certificate.public_bytes(pem)
    (folder / "certificate.pem").write_bytes(text)
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, clear))
    return text.decode()


def _wait_for(path: Path) -> None:
    for _ in range(100):
        if path.exists():
            return
        time.sleep(0.05)
    pytest.fail("slapd did not start")


@pytest.fixture
def use_directory(configure: Configure, api: ApiClient, directory: Directory) -> Callable[..., None]:
    def apply(**options: Any) -> None:
        configure(auth={"ldap": {"url": directory.url, "suffix": SUFFIX, **options}})

    apply()
    return apply


@pytest.mark.usefixtures("use_directory")
def test_a_password_binds_and_is_not_stored(api: ApiClient, sign_in: SignIn) -> None:
    user = sign_in("ldap", {"id": "ann", "password": "s3cret"})
    assert user.status == 201, user.body
    assert sign_in("ldap", {"id": "ann", "password": "s3cret"}).json["objectId"] == user.json["objectId"]
    assert api.get(f"/users/{user.json['objectId']}", master=True).json["authData"] == {"ldap": {"id": "ann"}}


@pytest.mark.usefixtures("use_directory")
@pytest.mark.parametrize(
    "data",
    [
        {"id": "ann", "password": "wrong"},
        {"id": "nobody", "password": "s3cret"},
        {"id": "ann", "password": ""},
        {"id": "ann"},
        {"id": "ann", "password": {"$ne": ""}},
        {"id": "ann,dc=example,dc=com", "password": "s3cret"},
        {"id": "*", "password": "s3cret"},
        {"id": "ann)(uid=*", "password": "s3cret"},
        {"id": " ann", "password": "wrong"},
    ],
)
def test_what_does_not_bind(sign_in: SignIn, data: Any) -> None:
    assert sign_in("ldap", data).error == WRONG


def test_members_of_a_group(use_directory: Callable[..., None], sign_in: SignIn) -> None:
    use_directory(groupCn="staff", groupFilter="(&(cn=staff)(member=uid={{id}},dc=example,dc=com))")
    assert sign_in("ldap", {"id": "bob", "password": "s3cret"}).error == (1, "LDAP: User not in group")
    assert sign_in("ldap", {"id": "ann", "password": "s3cret"}).status == 201
    assert sign_in("ldap", {"id": "ann", "password": "s3cret"}).status == 200
    use_directory(groupCn="owners", groupFilter="(&(cn=staff)(member=uid={{id}},dc=example,dc=com))")
    assert sign_in("ldap", {"id": "ann", "password": "s3cret"}).error == (1, "LDAP: User not in group")


def test_a_group_search_that_the_directory_refuses(use_directory: Callable[..., None], sign_in: SignIn) -> None:
    staff = "(&(cn=staff)(member=uid={{ID}},dc=example,dc=com))"
    for options in (
        {"groupFilter": "((broken"},
        {"groupFilter": staff, "suffix": "ou=closed,dc=example,dc=com", "dn": "uid={{id}},dc=example,dc=com"},
        {"groupFilter": staff, "suffix": "dc=nowhere", "dn": "uid={{id}},dc=example,dc=com"},
    ):
        use_directory(groupCn="staff", **options)
        assert sign_in("ldap", {"id": "ann", "password": "s3cret"}).error == (1, "LDAP group search failed"), options


def test_an_id_is_no_part_of_the_filter(use_directory: Callable[..., None], sign_in: SignIn) -> None:
    use_directory(
        dn="uid=bob,dc=example,dc=com",  # whoever says who he is: what the filter finds decides
        groupCn="staff",
        groupFilter="(&(cn=staff)(member=uid={{id}},dc=example,dc=com))",
    )
    outside = (1, "LDAP: User not in group")
    for identity in ("*", "a*", "bob)(member=*", "x)(|(cn=*"):
        assert sign_in("ldap", {"id": identity, "password": "s3cret"}).error == outside, identity


def test_a_password_over_tls_goes_to_the_directory_that_is_trusted_alone(
    use_directory: Callable[..., None], sign_in: SignIn, directory: Directory
) -> None:
    ann, mismatch = {"id": "ann", "password": "s3cret"}, (101, "LDAPS: Certificate mismatch")
    use_directory(url=directory.secure_url)
    assert sign_in("ldap", ann).error == mismatch
    use_directory(url=directory.secure_url, tlsOptions={"ca": [_certificate_of_another()]})
    assert sign_in("ldap", ann).error == mismatch
    for options in ({"ca": [directory.authority]}, {"ca": directory.authority}, {"rejectUnauthorized": False}):
        use_directory(url=directory.secure_url, tlsOptions=options)
        assert sign_in("ldap", ann).status in (200, 201), options
        assert sign_in("ldap", {**ann, "password": "wrong"}).error == WRONG


def _certificate_of_another() -> str:
    with TemporaryDirectory() as folder:
        return _certificate_into(Path(folder))


def test_a_link_takes_a_password_too(
    use_directory: Callable[..., None], api: ApiClient, ann: Person, sign_in: SignIn
) -> None:
    link = {"authData": {"ldap": {"id": "bob", "password": "wrong"}}}
    assert api.put(ann.path, link, as_user=ann.token).error == WRONG
    link["authData"]["ldap"]["password"] = "s3cret"
    assert api.put(ann.path, link, as_user=ann.token).status == 200
    assert sign_in("ldap", {"id": "bob", "password": "s3cret"}).json["objectId"] == ann.id
    assert sign_in("ldap", {"id": "bob"}).error == WRONG


def test_a_directory_that_is_not_there(use_directory: Callable[..., None], sign_in: SignIn) -> None:
    use_directory(url="ldap://127.0.0.1:9")
    code, text = sign_in("ldap", {"id": "ann", "password": "s3cret"}).error
    assert (code, text.startswith("LDAP: Somthing went wrong")) == (101, True)


@pytest.mark.parametrize("options", [{}, {"url": "http://x", "suffix": "o=x"}, {"url": "ldap://x"}, {"tlsOptions": 5}])
def test_options_that_do_not_do(configure: Configure, api: ApiClient, sign_in: SignIn, options: Any) -> None:
    configure(auth={"ldap": options})
    assert sign_in("ldap", {"id": "ann", "password": "x"}).error == (1, "LDAP auth configuration missing")


def test_names_cannot_leave_their_place() -> None:
    assert escaped_dn('a,b=c+d<e>f#g;h"i\\j') == r"a\,b\=c\+d\<e\>f\#g\;h\"i\\j"
    assert escaped_dn(" a ") == "\\ a\\ "
    assert escaped_filter("a*(b)\\\0") == r"a\2a\28b\29\5c\00"
