"""Objects of a class, as user code reads, changes and stores them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, cast

from parse_cloud.author.sdk.decoding import decoders
from parse_cloud.author.sdk.encoding import WHOLE, Form, encode
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.pending import SetOp
from parse_cloud.author.sdk.state import State
from parse_cloud.author.sdk.stored import Stored
from parse_cloud.author.sdk.subclasses import class_for, register
from parse_core.values.scalars import Document, Json, pointer

_UNSAVED = "Cannot create a pointer to an unsaved ParseObject"


class Object(Stored):
    """An object: `Object("Post", title="x")`, or of a class of one's own: `class Post(Object): class_name = "Post"`.

    A subclass stands for its class wherever the application's code meets one: in results of queries, pointers and
    requests. It is equal to any other of the same class and id.
    """

    _named: ClassVar[bool] = False  # whether a subclass said which class it stands for

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "class_name" in vars(cls):
            cls._named = True
        elif not cls._named:
            cls.class_name = cls.__name__
        register(cls)

    def __init__(
        self, class_name: str | Mapping[str, Any] | None = None, values: Mapping[str, Any] | None = None, /, **more: Any
    ) -> None:
        """`class_name` is named unless the Python class does. Fields as a mapping, as keywords, or both."""
        if isinstance(class_name, Mapping):
            values = {**class_name, **(values or {})}
            class_name = None
        self._begin(class_name)
        self.set({**(values or {}), **more})

    def _begin(self, class_name: str | None) -> None:
        own = getattr(type(self), "class_name", None)
        own = own if isinstance(own, str) else None
        if own is None and not class_name:
            raise TypeError("An Object has a class: Object('Post')")
        if own is not None and class_name not in (None, own):
            raise TypeError(f"A {type(self).__name__} is of the class {own}, not {class_name}")
        if own is None:
            self.class_name = cast("str", class_name)
        self.state = State(self)
        self._hash: int | None = None

    # --- Where objects come from

    @classmethod
    def without_data(cls, class_name: str, object_id: str | None) -> Object:
        """An object of which nothing but its class and id is known, as what stands for the class."""
        kind = class_for(class_name) or Object
        made = kind.__new__(kind)
        made._begin(class_name)  # noqa: SLF001 (its own)
        made.id = object_id
        return made

    @classmethod
    def create_without_data(cls, object_id: str) -> Self:
        """An object of this class by id, to point to it or to fetch it: `Post.create_without_data("x1")`."""
        if not isinstance(getattr(cls, "class_name", None), str):
            raise TypeError("Of Object itself: Object.without_data('Post', 'x1')")
        made = cls.__new__(cls)
        made._begin(None)  # noqa: SLF001
        made.id = object_id
        return made

    @classmethod
    def from_json(cls, json: Mapping[str, Any], *, dirty: bool = False) -> Object:
        """The object that REST JSON with a `className` describes, as stored; `dirty`: as one that is to be saved."""
        class_name = json.get("className") or getattr(cls, "class_name", None)
        if not isinstance(class_name, str):
            raise ParseError(ParseError.INVALID_JSON, "Cannot create an object without a className")
        made = Object.without_data(class_name, None)
        fields = {key: value for key, value in json.items() if key not in ("className", "__type")}
        made.state.take(fields)
        made.state.existed = made.id is not None
        if dirty:
            made.set({key: made.state.values.get(key) for key in fields if key != "objectId"})
        return made

    def clone(self) -> Self:
        """A new object with the same fields, not saved."""
        made = self._another()
        made.set({key: value for key, value in self.items() if key not in self.read_only})
        return made

    def new_instance(self) -> Self:
        """The same object once more, with the same pending changes; what is done to one is not done to the other."""
        made = self._another()
        made.id, made.state.existed = self.id, self.state.existed
        made.state.values = self.state.values.copy()
        made.state.pending = [{}]
        for changes in self.state.pending:
            made.state.change({path: SetOp(op.value) if isinstance(op, SetOp) else op for path, op in changes.items()})
        return made

    def __copy__(self) -> Self:
        return self.new_instance()

    def __deepcopy__(self, _copied: dict[int, Any]) -> Self:
        return self.new_instance()

    def _another(self) -> Self:
        made = type(self).__new__(type(self))
        made._begin(self.class_name)  # noqa: SLF001
        return made

    # --- What is known of it

    def is_new(self) -> bool:
        """Whether the object has no id yet."""
        return self.id is None

    def existed(self) -> bool:
        """Whether the object was there before its last save."""
        return self.id is not None and self.state.existed

    def is_data_available(self) -> bool:
        """Whether more than class and id is known of the object."""
        return bool(self.state.values)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Object)
            and self.id is not None
            and (self.class_name, self.id) == (other.class_name, other.id)
        )

    def equals(self, other: object) -> bool:
        """Whether both are the same object of the same class: `==`."""
        return self == other

    def __hash__(self) -> int:
        """Of class and id; an object that is in a set or a dictionary before it is saved keeps the place it has."""
        if self._hash is None:
            self._hash = object.__hash__(self) if self.id is None else hash((self.class_name, self.id))
        return self._hash

    def __repr__(self) -> str:
        return f"<{self.class_name} {self.id or 'unsaved'}>"

    # --- As JSON

    def to_pointer(self) -> Document:
        """`{"__type": "Pointer", …}`. Raises `ParseError` 141 for an object without id."""
        if self.id is None:
            raise ParseError(ParseError.SCRIPT_FAILED, _UNSAVED)
        return pointer(self.class_name, self.id)

    def to_json(self) -> Document:
        """The fields in REST JSON; pending changes as what they do (`{"__op": …}`), set values as they will be."""
        return self._json(WHOLE.inside(self._identity))

    def encoded(self, form: Form) -> Json:
        """Whole if the form says so and it has data and no unsaved changes, else a pointer."""
        if not form.whole or self._identity in form.seen or self.dirty() or not self.is_data_available():
            return self.to_pointer()
        return {**self._json(form.inside(self._identity)), "__type": "Object", "className": self.class_name}

    def _json(self, form: Form) -> Document:
        written: Document = {}
        for key, value in self.items():
            if key in ("createdAt", "updatedAt"):
                written[key] = encode(value, form)["iso"]
            else:
                written[key] = encode(value, form)
        for key, op in self.state.pending[0].items():
            if "." not in key:
                written[key] = op.to_json()
        return written if self.id is None else {**written, "objectId": self.id}

    @property
    def _identity(self) -> object:
        return id(self) if self.id is None else (self.class_name, self.id)


def _decoded(value: Document) -> Any:
    return Object.from_json(value) if isinstance(value.get("className"), str) else dict(value)


decoders.add("Object", _decoded)
decoders.add("Pointer", _decoded)
