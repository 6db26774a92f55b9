"""A fitness diary: workouts are checked and rated, totals kept per user, a leaderboard, a weekly job."""

from parse_cloud import ACL, Field, FunctionRequest, JobRequest, Object, Query, TriggerRequest, User, cloud

CALORIES = {"run": 11, "ride": 8, "swim": 10}  # a minute


@cloud.before_save(
    "Workout",
    require_user=True,
    fields={
        "kind": Field(str, required=True, options=list(CALORIES), error="Choose run, ride or swim"),
        "minutes": Field(float, required=True, options=lambda minutes: 0 < minutes <= 1440),
        "source": Field(str, default="app", constant=True),
    },
)
def rate(request: TriggerRequest) -> None:
    workout = request.object
    workout.set("calories", round(workout["minutes"] * CALORIES[workout["kind"]]))
    if workout.is_new():
        workout.set("user", request.user)
        workout.acl = ACL(request.user)


async def stats_of(user: User) -> Object:
    found = await Query("Stats").equal_to("user", user).afirst(use_master_key=True)
    if found is not None:
        return found
    acl = ACL()
    acl.set_public_read_access(True)
    return Object("Stats", user=user, name=user.get("username"), minutes=0, workouts=0, week=0, ACL=acl)


@cloud.after_save("Workout")
async def add_up(request: TriggerRequest) -> None:
    before = request.original["minutes"] if request.original else 0
    difference = request.object["minutes"] - before
    stats = await stats_of(request.user)
    stats.increment("minutes", difference).increment("week", difference)
    if request.original is None:
        stats.increment("workouts")
    await stats.asave(use_master_key=True)


@cloud.after_delete("Workout")
async def subtract(request: TriggerRequest) -> None:
    stats = await stats_of(request.user)
    minutes = request.object["minutes"]
    stats.decrement("minutes", minutes).decrement("week", minutes).decrement("workouts")
    await stats.asave(use_master_key=True)


@cloud.function(
    "leaderboard",
    require_user=True,
    fields={"top": Field(int, default=3, options=lambda top: 1 <= top <= 100, error="top is 1 to 100")},
)
async def leaderboard(request: FunctionRequest) -> list:
    best = await Query("Stats").descending("minutes").limit(request.params["top"]).afind()
    return [{"name": stats["name"], "minutes": stats["minutes"]} for stats in best]


@cloud.job("newWeek")
async def new_week(request: JobRequest) -> str:
    rows = await Query("Stats").not_equal_to("week", 0).afind(use_master_key=True)
    for stats in rows:
        stats.set("week", 0)
    await Object.asave_all(rows, use_master_key=True)
    return f"{len(rows)} begin again"
