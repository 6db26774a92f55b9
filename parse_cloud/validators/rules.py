"""The rules of a validator in the order they are held against a call (`contract/cloud.md` §3, 1 to 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from parse_cloud.invocations import BeforeSaveCall, Invocation
from parse_cloud.kinds import Failure
from parse_cloud.validators.fields import check_fields, check_options
from parse_core.context import ROLE_PREFIX
from parse_core.values.scalars import Document


def check(rules: Mapping[str, Any], invocation: Invocation) -> None:
    """Raises `Failure` for the first rule that is not kept; the master key keeps all, unless it has to as well."""
    if invocation.master and not rules.get("validateMasterKey"):
        return
    any_role, all_roles = rules.get("requireAnyUserRoles"), rules.get("requireAllUserRoles")
    if (rules.get("requireUser") or any_role or all_roles) and not _has_user(invocation):
        raise Failure("Validation failed. Please login to continue.")
    if rules.get("requireMaster") and not invocation.master:
        raise Failure("Validation failed. Master key is required to complete this request.")
    check_fields(rules.get("fields") or (), invocation)
    roles = invocation.context.principal.roles
    if any_role and roles.isdisjoint(_roles(any_role)):
        raise Failure("Validation failed. User does not match the required roles.")
    if all_roles and not roles.issuperset(_roles(all_roles)):
        raise Failure("Validation failed. User does not match all the required roles.")
    if keys := rules.get("requireUserKeys"):
        _check_user_keys(keys, invocation)


def _has_user(invocation: Invocation) -> bool:
    return invocation.context.principal.user_id is not None or _is_new_user(invocation)


def _is_new_user(invocation: Invocation) -> bool:
    return isinstance(invocation, BeforeSaveCall) and invocation.name == "_User" and invocation.is_new


def _user(invocation: Invocation) -> Document | None:
    """The caller; who signs up is his own."""
    if invocation.user is None and isinstance(invocation, BeforeSaveCall) and _is_new_user(invocation):
        return invocation.object
    return invocation.user


def _roles(required: Any) -> Iterable[str]:
    names = required() if callable(required) else required
    return [f"{ROLE_PREFIX}{name}" for name in names] if isinstance(names, (list, tuple, set, frozenset)) else []


def _check_user_keys(keys: Any, invocation: Invocation) -> None:
    user = _user(invocation)
    if user is None:
        raise Failure("Please login to make this request.")
    if isinstance(keys, Mapping):
        for key, options in keys.items():
            if isinstance(options, Mapping) and options.get("options"):
                check_options(options, key, user.get(key))
        return
    for key in keys:
        if user.get(key) is None:
            raise Failure(f"Validation failed. Please set data for {key} on your account.")
