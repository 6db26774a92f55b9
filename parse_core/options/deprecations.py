"""Options that the reference server is about to remove, and what to do about them.

Its announced changes of defaults are no matter here: they are our defaults already, or, where that would break client
SDKs, will not be (`contract/config.md` §7).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parse_core.options import Options

# option → (attribute, the value that needs no warning, hint)
_REMOVALS = {
    "mountPlayground": ("mount_playground", False, "It is not served. Use an external GraphQL client."),
    "playgroundPath": ("playground_path", "/playground", "It is not served. Use an external GraphQL client."),
    "enableProductPurchaseLegacyApi": (
        "enable_product_purchase_legacy_api",
        False,
        "Validate receipts in a cloud function, and set it to false.",
    ),
    "allowExpiredAuthDataToken": (
        "allow_expired_auth_data_token",
        False,
        "Sign-in providers are asked at each log-in regardless. Leave the option out.",
    ),
    "enableInsecureAuthAdapters": (
        "enable_insecure_auth_adapters",
        False,
        "Configure sign-in providers that prove the identity to the server.",
    ),
    "userSensitiveFields": ("user_sensitive_fields", (), "Use 'protectedFields'."),
    "enableExpressErrorHandler": ("enable_express_error_handler", False, "There is no Express application here."),
}


def deprecations(options: Options) -> Iterator[str]:
    """A line for each deprecated option that is set to something else than its safe value."""
    for name, (attribute, safe, hint) in _REMOVALS.items():
        if getattr(options, attribute) != safe:
            yield (
                f"DeprecationWarning: The Parse Server option '{name}' is deprecated and will be removed in a future "
                f"version. {hint}"
            )
