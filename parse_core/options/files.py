"""Who may upload and download which files, and where they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from parse_core.options.errors import Refused
from parse_core.options.fields import Group, option
from parse_core.options.kinds import ADAPTER, ARRAY, BOOLEAN, group, pattern

# Everything but what a browser would run as a page or a script when it opens the file.
SAFE_EXTENSIONS = re.compile(
    r"^(?!([xXsS]?[hH][tT][mM][lL]?(\+[xX][mM][lL])?|[xX][hH][tT]|[sS][vV][gG]([zZ]|\+[xX][mM][lL])?|[xX][mM][lL]"
    r"|[xX][sS][lL][tT]?(\+[xX][mM][lL])?|[xX][sS][dD]|[rR][nN][gG]|[rR][dD][fF](\+[xX][mM][lL])?|[oO][wW][lL]"
    r"|[mM][aA][tT][hH][mM][lL](\+[xX][mM][lL])?)$)"
)
FLAG = BOOLEAN.but(refusal="{path} must be a boolean value.")


def _check_extensions(value: Any) -> tuple[re.Pattern[str], ...]:
    if not isinstance(value, list | tuple):
        raise Refused
    return tuple(pattern(".*" if extension == "*" else extension) for extension in value)


def _check_domains(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Refused
    if not all(isinstance(domain, str) and domain for domain in value):
        message = "{path} must contain only non-empty strings."
        raise Refused(message)
    return tuple(value)


EXTENSIONS = ARRAY.but(label="array of patterns", refusal="{path} must be an array.", check=_check_extensions)
DOMAINS = ARRAY.but(label="array of host names", refusal="{path} must be an array.", check=_check_domains)


@dataclass(frozen=True, kw_only=True, eq=False)
class FileUpload(Group):
    """`fileUpload`: who may upload what."""

    env_prefix = "PARSE_SERVER_FILE_UPLOAD_"

    enable_for_public: bool = option(False, FLAG, "Anybody.")
    enable_for_anonymous_user: bool = option(False, FLAG, "Users that have no password yet.")
    enable_for_authenticated_user: bool = option(True, FLAG, "Users.")
    file_extensions: tuple[re.Pattern[str], ...] = option(
        (SAFE_EXTENSIONS,),
        EXTENSIONS,
        "Names or patterns of allowed extensions, `*` for all. By default everything but what browsers run: HTML, SVG "
        "and XML.",
    )
    allowed_file_url_domains: tuple[str, ...] | None = option(
        None,
        DOMAINS,
        "Hosts that the URLs of saved files may have: names, `*.example.com`, `*`. By default the server's own.",
        since="The reference allows every host.",
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class FileDownload(Group):
    """`fileDownload`: who may download files."""

    env_prefix = "PARSE_SERVER_FILE_DOWNLOAD_"

    enable_for_public: bool = option(True, FLAG, "Anybody.")
    enable_for_anonymous_user: bool = option(True, FLAG, "Users that have no password yet.")
    enable_for_authenticated_user: bool = option(True, FLAG, "Users.")


@dataclass(frozen=True, kw_only=True, eq=False)
class FileOptions(Group):
    """Files."""

    env_prefix = "PARSE_SERVER_"

    files_adapter: Any = option(None, ADAPTER, "Where files are kept. By default in the database.")
    preserve_file_name: bool = option(False, BOOLEAN, "Keep the names of files as they are, without a random prefix.")
    file_upload: FileUpload = option(
        FileUpload(),
        group(FileUpload, refusal="{path} must be an object value.", nullable=False),
        "Who may upload what.",
        env="PARSE_SERVER_FILE_UPLOAD_OPTIONS",
    )
    file_download: FileDownload = option(
        FileDownload(),
        group(FileDownload, refusal="{path} must be an object value."),
        "Who may download files.",
        env="PARSE_SERVER_FILE_DOWNLOAD_OPTIONS",
    )
