"""A marketplace: listings that go from draft to sold, bids that must be higher, mails to who was outbid, moderators."""

from parse_cloud import ACL, Field, FunctionRequest, Object, ParseError, Query, TriggerRequest, User, cloud

NEXT = {"draft": ["draft", "active"], "active": ["active", "sold", "withdrawn"], "sold": ["sold"], "withdrawn": []}


@cloud.before_save(
    "Listing",
    require_user=True,
    fields={
        "title": Field(str, required=True),
        "price": Field(float, required=True, options=lambda price: price >= 0),
        "currency": Field(str, default="EUR", options=["EUR", "USD"]),
    },
)
def check_listing(request: TriggerRequest) -> None:
    listing, before = request.object, request.original
    if before is None:
        listing.set({"seller": request.user, "highest": 0})
        listing.set("status", listing.get("status", "draft"))
        listing.acl = ACL(request.user)
        listing.acl.set_public_read_access(True)
    state = before["status"] if before else "draft"
    if listing["status"] not in NEXT[state]:
        raise ParseError(ParseError.VALIDATION_ERROR, f"A listing that is {state} cannot become {listing['status']}")


@cloud.before_save("Bid", require_user=True, require_user_keys=["phone"])
def check_bid(request: TriggerRequest) -> None:
    bid, user = request.object, request.user
    if not bid.is_new():
        cloud.error("A bid stands")
    listing = bid["listing"].fetch(use_master_key=True)
    if listing["status"] != "active":
        cloud.error("Bids are for active listings")
    if listing["seller"] == user:
        cloud.error("Sellers do not bid")
    if bid.get("amount", 0) <= listing["highest"]:
        raise ParseError(ParseError.VALIDATION_ERROR, f"Bid more than {listing['highest']}")
    bid.set("bidder", user)
    bid.acl = ACL(user)
    request.context["outbid"] = listing["leader"].id if listing.get("leader") else None


@cloud.after_save("Bid")
def take_the_lead(request: TriggerRequest) -> None:
    bid = request.object
    listing = bid["listing"].fetch(use_master_key=True)
    listing.set({"highest": bid["amount"], "leader": bid["bidder"]}).save(use_master_key=True)
    outbid = request.context.get("outbid")
    if outbid:
        user = Query(User).get(outbid, use_master_key=True)
        cloud.send_email(to=user["email"], subject="You were outbid", text=f"{listing['title']}: {bid['amount']}")


@cloud.function("buyNow", require_user=True, fields=["listing"])
async def buy_now(request: FunctionRequest) -> Object:
    listing = await Query("Listing").aget(request.params["listing"], use_master_key=True)
    if listing["status"] != "active":
        cloud.error("It is gone")
    listing.set({"status": "sold", "buyer": request.user})
    return await listing.asave(use_master_key=True)


@cloud.function("ban", require_any_user_roles=["moderator"], fields={"user": Field(str, required=True)})
async def ban(request: FunctionRequest) -> bool:
    user = await Query(User).equal_to("username", request.params["user"]).afirst(use_master_key=True)
    if user is None:
        raise ParseError(ParseError.OBJECT_NOT_FOUND, "There is no such user")
    await user.set("banned", True).asave(use_master_key=True)
    return True


@cloud.before_login
def keep_out(request: TriggerRequest) -> None:
    if request.object.get("banned"):
        cloud.error("You are banned")
