/* A fitness diary: workouts are checked and rated, totals kept per user, a leaderboard, a weekly job. */

const MASTER = { useMasterKey: true };
const CALORIES = { run: 11, ride: 8, swim: 10 }; // a minute

Parse.Cloud.beforeSave(
  'Workout',
  ({ object: workout, user }) => {
    workout.set('calories', Math.round(workout.get('minutes') * CALORIES[workout.get('kind')]));
    if (workout.isNew()) {
      workout.set('user', user);
      workout.setACL(new Parse.ACL(user));
    }
  },
  {
    requireUser: true,
    fields: {
      kind: { type: String, required: true, options: Object.keys(CALORIES), error: 'Choose run, ride or swim' },
      minutes: { type: Number, required: true, options: minutes => minutes > 0 && minutes <= 1440 },
      source: { type: String, default: 'app', constant: true },
    },
  },
);

async function statsOf(user) {
  const found = await new Parse.Query('Stats').equalTo('user', user).first(MASTER);
  if (found) {
    return found;
  }
  const stats = new Parse.Object('Stats', { user, name: user.get('username'), minutes: 0, workouts: 0, week: 0 });
  const acl = new Parse.ACL();
  acl.setPublicReadAccess(true);
  stats.setACL(acl);
  return stats;
}

Parse.Cloud.afterSave('Workout', async ({ object, original, user }) => {
  const difference = object.get('minutes') - (original?.get('minutes') ?? 0);
  const stats = await statsOf(user);
  stats.increment('minutes', difference).increment('week', difference);
  if (!original) {
    stats.increment('workouts');
  }
  await stats.save(null, MASTER);
});

Parse.Cloud.afterDelete('Workout', async ({ object, user }) => {
  const minutes = object.get('minutes');
  const stats = await statsOf(user);
  await stats.decrement('minutes', minutes).decrement('week', minutes).decrement('workouts').save(null, MASTER);
});

Parse.Cloud.define(
  'leaderboard',
  async ({ params }) => {
    const best = await new Parse.Query('Stats').descending('minutes').limit(params.top).find();
    return best.map(stats => ({ name: stats.get('name'), minutes: stats.get('minutes') }));
  },
  {
    requireUser: true,
    fields: { top: { type: Number, default: 3, options: top => top >= 1 && top <= 100, error: 'top is 1 to 100' } },
  },
);

Parse.Cloud.job('newWeek', async ({ message }) => {
  const rows = await new Parse.Query('Stats').notEqualTo('week', 0).findAll(MASTER);
  await message(`${rows.length} to go`);
  await Parse.Object.saveAll(rows.map(stats => stats.set('week', 0)), MASTER);
  return `${rows.length} begin again`;
});
