"""A blog: posts with slugs and owners, comments that are counted, names that are kept beside them."""

import re

from parse_cloud import ACL, FunctionRequest, Object, ParseError, Query, TriggerRequest, User, cloud

SLUG = re.compile(r"[^a-z0-9]+")


def owned_by(user: User) -> ACL:
    """Everybody reads, the owner writes."""
    acl = ACL(user)
    acl.set_public_read_access(True)
    return acl


@cloud.before_save("Post", require_user=True)
def prepare_post(request: TriggerRequest) -> None:
    post, user = request.object, request.user
    title = str(post.get("title", "")).strip()
    if not title:
        raise ParseError(ParseError.VALIDATION_ERROR, "A post needs a title")
    post.set("title", title)
    post.set("slug", SLUG.sub("-", title.lower()).strip("-"))
    post.set("words", len(str(post.get("body", "")).split()))
    if post.is_new() and user is not None:
        post.set({"author": user, "authorName": user.username, "commentCount": 0})
        post.acl = owned_by(user)


@cloud.before_delete("Post")
def keep_discussed_posts(request: TriggerRequest) -> None:
    if request.object.get("commentCount", 0) > 0:
        raise ParseError(ParseError.OPERATION_FORBIDDEN, "A post with comments stays")


@cloud.before_save("Comment", validator={"requireUser": True, "fields": {"post": {"required": True}}})
def prepare_comment(request: TriggerRequest) -> None:
    comment, user = request.object, request.user
    if not 1 <= len(comment.get("text", "")) <= 500:
        cloud.error("A comment has 1 to 500 characters")
    if comment.is_new() and user is not None:
        comment.set({"author": user, "authorName": user.username})
        comment.acl = owned_by(user)


def count(post: Object, difference: int) -> None:
    post.increment("commentCount", difference)
    post.save(use_master_key=True)


@cloud.after_save("Comment")
def count_comment(request: TriggerRequest) -> None:
    if request.original is None:
        count(request.object.get("post"), 1)


@cloud.after_delete("Comment")
def count_deleted_comment(request: TriggerRequest) -> None:
    count(request.object.get("post"), -1)


@cloud.after_save(User)
async def rename_everywhere(request: TriggerRequest) -> None:
    """Names are kept beside posts, so that a list of posts needs no second query."""
    user, before = request.object, request.original
    if before is None or before.get("username") == user.get("username"):
        return
    async for post in Query("Post").equal_to("author", user).aeach(use_master_key=True):
        await post.set("authorName", user.get("username")).asave(use_master_key=True)


@cloud.function("popularPosts", fields={"limit": {"type": int, "default": 10}})
async def popular_posts(request: FunctionRequest) -> list:
    query = Query("Post").greater_than("commentCount", 0).descending("commentCount").limit(request.params["limit"])
    return [{"title": post["title"], "comments": post["commentCount"]} for post in await query.afind()]
