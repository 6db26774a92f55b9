"""The backend of a small app: people review movies, and see what others think of them."""

from parse_cloud import ACL, Field, FunctionRequest, JobRequest, Object, ParseError, Query, TriggerRequest, cloud


@cloud.before_save("Review", require_user=True, fields={"movie": Field(required=True), "stars": Field(int)})
def check_review(request: TriggerRequest) -> None:
    review = request.object
    if not 1 <= review.get("stars", 0) <= 5:
        raise ParseError(ParseError.VALIDATION_ERROR, "Give one to five stars")
    if review.is_new():
        review.set({"author": request.user, "authorName": request.user.username})
        review.acl = ACL(request.user)
        review.acl.set_public_read_access(True)
    else:
        review.revert("movie")


async def rate(movie: Object) -> None:
    reviews = await Query("Review").equal_to("movie", movie).afind(use_master_key=True)
    stars = [review["stars"] for review in reviews]
    movie.set({"reviews": len(stars), "stars": sum(stars) / len(stars) if stars else 0})
    await movie.asave(use_master_key=True)


@cloud.after_save("Review")
@cloud.after_delete("Review")
async def keep_rating(request: TriggerRequest) -> None:
    await rate(request.object["movie"])


@cloud.function("bestMovies", fields={"limit": Field(int, default=10)})
def best_movies(request: FunctionRequest) -> list:
    query = Query("Movie").greater_than("reviews", 0).descending("stars").limit(request.params["limit"])
    return [{"title": movie["title"], "stars": movie["stars"]} for movie in query.find()]


@cloud.function("recommend", require_user=True, fields=["movie", "to"])
async def recommend(request: FunctionRequest) -> None:
    movie = await Query("Movie").aget(request.params["movie"])
    friend = await Query("_User").equal_to("username", request.params["to"]).afirst(use_master_key=True)
    if friend is None or not friend.get("email"):
        raise ParseError(ParseError.OBJECT_NOT_FOUND, "This friend has no address")
    name = request.user.username
    await cloud.asend_email(to=friend["email"], subject=f"{name} recommends a movie", text=movie["title"])


@cloud.job("removeEmptyReviews")
def remove_empty_reviews(request: JobRequest) -> str:
    empty = Query("Review").does_not_exist("text").find_all(use_master_key=True)
    request.message(f"removing {len(empty)}")
    Object.destroy_all(empty, use_master_key=True)
    return f"{len(empty)} removed"
