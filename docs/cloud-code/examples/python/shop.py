"""A shop: orders are priced by the server, stock never falls below zero, buyers get mails, a job reports."""

from parse_cloud import (
    ACL,
    Field,
    FunctionRequest,
    JobRequest,
    Object,
    ParseError,
    Query,
    Response,
    TriggerRequest,
    cloud,
)


@cloud.before_save("Product", require_master=True)
def check_product(request: TriggerRequest) -> None:
    product = request.object
    if product.get("price", 0) < 0 or (product.is_new() and product.get("stock", 0) < 0):
        raise ParseError(ParseError.VALIDATION_ERROR, "Price and stock are not negative")


@cloud.function("checkout", require_user=True, fields={"items": Field(list, required=True)})
def checkout(request: FunctionRequest) -> Response:
    """Makes an order of `[{"product": id, "quantity": n}]`: the whole of it, or nothing."""
    items = request.params["items"]
    if not items or any(item.get("quantity", 0) < 1 for item in items):
        cloud.error("The cart is empty")
    with cloud.transaction():
        for item in items:
            product = Query("Product").get(item["product"], use_master_key=True)
            product.decrement("stock", item["quantity"]).save(use_master_key=True)
            if product["stock"] < 0:  # as the database says, whoever else buys at this moment
                cloud.error(f"Not enough of {product['name']}")
        order = Object("Order", lines=items).save(**request.as_user())
    return Response({"order": order.id, "total": order["total"]}, status=201)


@cloud.before_save("Order", require_user=True)
def price_order(request: TriggerRequest) -> None:
    """What an order costs is not for clients to say; nor is it changed later."""
    order = request.object
    if not order.is_new():
        order.revert("lines", "total", "buyer")
        return
    lines = []
    for line in order.get("lines", []):
        product = Query("Product").get(line["product"])
        lines.append({"product": product.id, "quantity": line["quantity"], "price": product["price"]})
    order.set({"lines": lines, "buyer": request.user, "status": "new"})
    order.set("total", sum(line["price"] * line["quantity"] for line in lines))
    order.acl = ACL(request.user)


@cloud.after_save("Order")
def confirm(request: TriggerRequest) -> None:
    order, user = request.object, request.user
    if request.original is None and user is not None and user.get("email"):
        cloud.send_email(to=user["email"], subject="Your order", text=f"Thank you! It costs {order['total']}.")


@cloud.job("salesReport")
def sales_report(request: JobRequest) -> str:
    orders = Query("Order").find_all(use_master_key=True)
    total = sum(order["total"] for order in orders)
    Object("Report", orders=len(orders), total=total, ACL={}).save(use_master_key=True)
    return f"{len(orders)} orders, {total} in all"
