"""What `/schemas` refuses, as rows: why, the request, the code, the text (`contract/objects.md` §15.4, §18, §19)."""

from __future__ import annotations

from typing import Any, NamedTuple

Json = Any


class Case(NamedTuple):
    """One refused body for a class `Game` (see `PRESENT` for a PUT, an unknown class for a POST)."""

    why: str
    body: Json
    code: int
    error: str


PRESENT: Json = {
    "fields": {
        "title": {"type": "String", "required": True},
        "owner": {"type": "Pointer", "targetClass": "_User"},
        "team": {"type": "Pointer", "targetClass": "Team"},
        "editors": {"type": "Array"},
        "place": {"type": "GeoPoint"},
        "players": {"type": "Relation", "targetClass": "_User"},
    },
    "indexes": {"byTitle": {"title": 1}},
}


def _field(declaration: Json) -> Json:
    return {"fields": {"f": declaration}}


def _clp(permissions: Json) -> Json:
    return {"classLevelPermissions": permissions}


def _find(entry: Json) -> Json:
    return _clp({"find": entry})


NAMES = [
    Case("a digit first", {"fields": {"1a": {"type": "String"}}}, 105, "invalid field name: 1a"),
    Case("a dash", {"fields": {"a-b": {"type": "String"}}}, 105, "invalid field name: a-b"),
    Case("empty", {"fields": {"": {"type": "String"}}}, 105, "invalid field name: "),
    Case("an underscore first", {"fields": {"_x": {"type": "String"}}}, 105, "invalid field name: _x"),
    Case("a letter beyond ASCII", {"fields": {"é": {"type": "String"}}}, 105, "invalid field name: é"),
    Case("a trailing line feed", {"fields": {"a\n": {"type": "String"}}}, 105, "invalid field name: a\n"),
    Case("reserved: length", {"fields": {"length": {"type": "String"}}}, 105, "invalid field name: length"),
    Case("reserved: className", {"fields": {"className": {"type": "String"}}}, 105, "invalid field name: className"),
]

TYPES = [
    Case("no type", _field({}), 107, "invalid JSON"),
    Case("a type that is no text", _field({"type": 5}), 107, "invalid JSON"),
    Case("a declaration that is no object", _field("String"), 107, "invalid JSON"),
    Case("fields that are no object", {"fields": ["a"]}, 107, "invalid JSON"),
    Case("an unknown type", _field({"type": "Text"}), 111, "invalid field type: Text"),
    Case("ACL is no type for a field", _field({"type": "ACL"}), 111, "invalid field type: ACL"),
    Case("Pointer to nothing", _field({"type": "Pointer"}), 135, "type Pointer needs a class name"),
    Case(
        "Relation to nothing", _field({"type": "Relation", "targetClass": ""}), 135, "type Relation needs a class name"
    ),
    Case("a target that is no text", _field({"type": "Pointer", "targetClass": 5}), 107, "invalid JSON"),
    Case(
        "a target that is no class name",
        _field({"type": "Pointer", "targetClass": "_Foo"}),
        103,
        "Invalid classname: _Foo, classnames can only have alphanumeric characters and _, "
        "and must start with an alpha character ",
    ),
    Case(
        "a default of another type",
        _field({"type": "String", "defaultValue": 5}),
        111,
        "schema mismatch for Game.f default value; expected String but got Number",
    ),
    Case(
        "a default pointer to another class",
        _field(
            {
                "type": "Pointer",
                "targetClass": "A",
                "defaultValue": {"__type": "Pointer", "className": "B", "objectId": "x"},
            }
        ),
        111,
        "schema mismatch for Game.f default value; expected Pointer<A> but got Pointer<B>",
    ),
    Case(
        "a malformed default",
        _field({"type": "Date", "defaultValue": {"__type": "Date", "iso": "soon"}}),
        111,
        "This is not a valid Date",
    ),
    Case(
        "a default for a relation",
        _field({"type": "Relation", "targetClass": "A", "defaultValue": {"__type": "Relation", "className": "A"}}),
        111,
        "The 'default value' option is not applicable for Relation<A>",
    ),
    Case(
        "a required relation",
        _field({"type": "Relation", "targetClass": "A", "required": True}),
        111,
        "The 'required' option is not applicable for Relation<A>",
    ),
]

CREATIONS = [
    Case(
        "two GeoPoints",
        {"fields": {"g1": {"type": "GeoPoint"}, "g2": {"type": "GeoPoint"}}},
        111,
        "currently, only one GeoPoint field may exist in an object. Adding g2 when g1 already exists.",
    ),
    Case("a default column", {"fields": {"objectId": {"type": "String"}}}, 136, "field objectId cannot be added"),
    Case("the ACL column", {"fields": {"ACL": {"type": "ACL"}}}, 136, "field ACL cannot be added"),
    Case("deleting from nothing", _field({"__op": "Delete"}), 107, "invalid JSON"),
]

MODIFICATIONS = [
    Case("another type", {"fields": {"title": {"type": "Number"}}}, 255, "Field title exists, cannot update."),
    Case(
        "another pointer class",
        {"fields": {"team": {"type": "Pointer", "targetClass": "Club"}}},
        111,
        "schema mismatch for Game.team; expected Pointer<Team> but got Pointer<Club>",
    ),
    Case("deleting an unknown field", _field({"__op": "Delete"}), 255, "Field f does not exist, cannot delete."),
    Case(
        "deleting a default column",
        {"fields": {"createdAt": {"__op": "Delete"}}},
        136,
        "field createdAt cannot be changed",
    ),
    Case(
        "a second GeoPoint",
        {"fields": {"g2": {"type": "GeoPoint"}}},
        111,
        "currently, only one GeoPoint field may exist in an object. Adding g2 when place already exists.",
    ),
    Case(
        "an invalid addition beside a deletion",
        {"fields": {"title": {"__op": "Delete"}, "f": {"type": "Text"}}},
        111,
        "invalid field type: Text",
    ),
    Case(
        "an invalid permission beside a deletion",
        {"fields": {"title": {"__op": "Delete"}}, **_clp({"grab": {}})},
        107,
        "grab is not a valid operation for class level permissions",
    ),
    Case("an index that exists", {"indexes": {"byTitle": {"title": 1}}}, 102, "Index byTitle exists, cannot update."),
    Case(
        "deleting an unknown index",
        {"indexes": {"other": {"__op": "Delete"}}},
        102,
        "Index other does not exist, cannot delete.",
    ),
    Case(
        "an index on a deleted field",
        {"fields": {"title": {"__op": "Delete"}}, "indexes": {"i": {"title": 1}}},
        102,
        "Field title does not exist, cannot add index.",
    ),
]

INDEXES = [
    Case("an unknown field", {"indexes": {"i": {"nope": 1}}}, 102, "Field nope does not exist, cannot add index."),
    Case("the primary key", {"indexes": {"_id_": {"objectId": 1}}}, 102, "Index _id_ exists, cannot update."),
    Case("no object", {"indexes": {"i": 1}}, 107, "invalid JSON"),
]

PERMISSIONS = [
    Case("no object", _clp("x"), 107, "'x' is not a valid value for class level permissions - must be an object"),
    Case("an unknown operation", _clp({"grab": {}}), 107, "grab is not a valid operation for class level permissions"),
    Case(
        "an operation that is no object",
        _find("x"),
        107,
        "'x' is not a valid value for class level permissions find - must be an object",
    ),
    Case(
        "a null operation",
        _find(None),
        107,
        "'null' is not a valid value for class level permissions find - must be an object",
    ),
    Case(
        "columns of a group that are no array",
        _clp({"readUserFields": {}}),
        107,
        "'[object Object]' is not a valid value for class level permissions readUserFields - must be an array",
    ),
    Case("a key that is nobody", _find({"a b": True}), 107, "'a b' is not a valid key for class level permissions"),
    Case("`authenticated*`", _find({"*x": True}), 107, "'*x' is not a valid key for class level permissions"),
    Case(
        "a flag that is not true",
        _find({"*": "yes"}),
        107,
        "'yes' is not a valid value for class level permissions acl find:*",
    ),
    Case(
        "a false flag", _find({"*": False}), 107, "'false' is not a valid value for class level permissions acl find:*"
    ),
    Case(
        "pointer fields that are no array",
        _find({"pointerFields": "owner"}),
        107,
        "'owner' is not a valid value for find[pointerFields] - expected an array.",
    ),
    Case(
        "an unknown pointer column",
        _find({"pointerFields": ["nope"]}),
        107,
        "'nope' is not a valid column for class level pointer permissions find",
    ),
    Case(
        "a column that is no text",
        _clp({"writeUserFields": [{}]}),
        107,
        "'[object Object]' is not a valid column for class level pointer permissions writeUserFields",
    ),
    Case(
        "protected fields that are no array",
        _clp({"protectedFields": {"*": "a"}}),
        107,
        "'a' is not a valid value for protectedFields[*] - expected an array.",
    ),
    Case(
        "a protected default column",
        _clp({"protectedFields": {"*": ["objectId"]}}),
        107,
        "Default field 'objectId' can not be protected",
    ),
    Case(
        "a protected unknown column",
        _clp({"protectedFields": {"role:A": ["nope"]}}),
        107,
        "Field 'nope' in protectedFields:role:A does not exist",
    ),
    Case(
        "a protected column that is no text",
        _clp({"protectedFields": {"*": [["a"]]}}),
        107,
        "Field 'a' in protectedFields:* does not exist",
    ),
    Case(
        "a protected key that is nobody",
        _clp({"protectedFields": {"a b": []}}),
        107,
        "'a b' is not a valid key for class level permissions",
    ),
    Case(
        "an ACL entry that is no object",
        _clp({"ACL": {"*": True}}),
        107,
        "'true' is not a valid value for class level permissions acl",
    ),
    Case(
        "an ACL entry with other keys",
        _clp({"ACL": {"*": {"read": True, "own": True}}}),
        107,
        "'own' is not a valid key for class level permissions acl",
    ),
    Case(
        "an ACL flag that is no boolean",
        _clp({"ACL": {"*": {"read": "yes"}}}),
        107,
        "'yes' is not a valid value for class level permissions acl",
    ),
]

ON_CREATE = [*NAMES, *TYPES, *CREATIONS, *INDEXES, *PERMISSIONS]
ON_MODIFY = [*NAMES, *TYPES, *MODIFICATIONS, *INDEXES, *PERMISSIONS]
