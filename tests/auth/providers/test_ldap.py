"""A directory (`contract/auth_providers.md` §12): against a real one, Debian's `slapd`, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from parse_auth.providers.ldap import escaped_dn, escaped_filter
from tests.auth.conftest import Configure
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

pytest.importorskip("ldap3", reason="the package ldap3 is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a directory with two people, one of them in the group `staff`."""
    if not Path(SLAPD).exists():
        pytest.skip("slapd is not installed")
    folder = tmp_path_factory.mktemp("slapd")
    (folder / "data").mkdir()
    (folder / "slapd.conf").write_text(CONFIG.format(folder=folder))
    (folder / "entries.ldif").write_text(ENTRIES.strip() + "\n")
    configuration = str(folder / "slapd.conf")
    slapadd = str(Path(SLAPD).with_name("slapadd"))
    subprocess.run([slapadd, "-f", configuration, "-l", str(folder / "entries.ldif")], check=True, capture_output=True)
    url = f"ldap://127.0.0.1:{free_port()}"
    arguments = [
        SLAPD,
        "-d",
        "0",
        "-f",
        configuration,
        "-h",
        f"{url}/ ldapi://{quote(str(folder / 'socket'), safe='')}",
    ]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        _wait_for(folder / "socket")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(path: Path) -> None:
    for _ in range(100):
        if path.exists():
            return
        time.sleep(0.05)
    pytest.fail("slapd did not start")


@pytest.fixture
def use_directory(configure: Configure, api: ApiClient, directory: str) -> Callable[..., None]:
    def apply(**options: Any) -> None:
        configure(auth={"ldap": {"url": directory, "suffix": SUFFIX, **options}})

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
    ],
)
def test_what_does_not_bind(sign_in: SignIn, data: Any) -> None:
    assert sign_in("ldap", data).error == WRONG


def test_members_of_a_group(use_directory: Callable[..., None], sign_in: SignIn) -> None:
    use_directory(groupCn="staff", groupFilter="(&(cn=staff)(member=uid={{id}},dc=example,dc=com))")
    assert sign_in("ldap", {"id": "bob", "password": "s3cret"}).error == (1, "LDAP: User not in group")
    assert sign_in("ldap", {"id": "ann", "password": "s3cret"}).status == 201
    use_directory(groupCn="staff", groupFilter="((broken")
    assert sign_in("ldap", {"id": "ann", "password": "s3cret"}).error == (1, "LDAP group search failed")


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
