"""A chat: rooms with members, messages that only they read, unread counters, edits and deletions that show."""

from parse_cloud import (
    ACL,
    AfterFindRequest,
    BeforeFindRequest,
    FunctionRequest,
    Object,
    ParseError,
    Query,
    SubscribeRequest,
    TriggerRequest,
    User,
    cloud,
)


def readable_by(members: list) -> ACL:
    acl = ACL()
    for member in members:
        acl.set_read_access(member, True)
    return acl


@cloud.function("createRoom", validator={"requireUser": True, "fields": {"name": {"type": str, "required": True}}})
async def create_room(request: FunctionRequest) -> Object:
    names = [request.user.username, *request.params.get("members", [])]
    members = await Query(User).contained_in("username", names).ascending("username").afind(use_master_key=True)
    room = Object("Room", name=request.params["name"], members=members, messages=0, unread={})
    room.acl = readable_by([member.id for member in members])
    return await room.asave(use_master_key=True)


@cloud.before_save("Message", require_user=True, skip_with_master_key=True)
async def check_message(request: TriggerRequest) -> None:
    message, user = request.object, request.user
    if not message.is_new():
        message.revert("room", "sender")
        message.set("edited", True)
        return
    text = str(message.get("text", "")).strip()
    if not text or len(text) > 1000:
        raise ParseError(ParseError.VALIDATION_ERROR, "A message has 1 to 1000 characters")
    room = await message["room"].afetch(use_master_key=True)
    members = [member.id for member in room["members"]]
    if user.id not in members:
        raise ParseError(ParseError.OPERATION_FORBIDDEN, "You are not in this room")
    message.set({"text": text, "sender": user})
    acl = readable_by(members)
    acl.set_write_access(user.id, True)
    message.acl = acl
    request.context["members"] = members


@cloud.after_save("Message")
async def count_unread(request: TriggerRequest) -> None:
    if request.original is not None:
        return
    room = Object.without_data("Room", request.object["room"].id)
    room.increment("messages")
    room.set("lastText", request.object["text"])
    for member in request.context.get("members", []):
        if member != request.user.id:
            room.increment(f"unread.{member}")
    await room.asave(use_master_key=True)


@cloud.function("markRead", require_user=True, fields=["room"])
def mark_read(request: FunctionRequest) -> int:
    room = Query("Room").get(request.params["room"], **request.as_user())
    before = room.get("unread", {}).get(request.user.id, 0)
    room.set(f"unread.{request.user.id}", 0)
    room.save(use_master_key=True)
    return before


@cloud.before_find("Message")
def newest_first(request: BeforeFindRequest) -> None:
    if not request.query.to_json().get("order"):
        request.query.descending("createdAt")


@cloud.after_find("Message")
def hide_deleted(request: AfterFindRequest) -> None:
    for message in request.objects:
        if message.get("deleted"):
            message.set("text", "(deleted)")


@cloud.before_subscribe("Message", require_user=True)
def without_deleted(request: SubscribeRequest) -> None:
    request.query.not_equal_to("deleted", True)
