// Triggers of finds and logins (`contract/cloud.md` §4.7–4.9).
let seen = [];
const note = what => seen.push(what);
Parse.Cloud.define('seen', () => {
  const all = seen;
  seen = [];
  return all;
});

Parse.Cloud.beforeFind('Watched', ({ query, count, isGet, triggerName, context }) => {
  note({ triggerName, count, isGet, ...query.toJSON(), context });
});
Parse.Cloud.beforeFind('Visible', ({ query }) => {
  query.notEqualTo('hidden', true);
});
Parse.Cloud.beforeFind('Another', () => new Parse.Query('Whatever').equalTo('n', 2));
Parse.Cloud.beforeFind('Narrow', ({ query }) => query.select('a').descending('a').limit(2));
Parse.Cloud.beforeFind('Excluding', ({ query }) => {
  query.exclude('secret');
});
Parse.Cloud.beforeFind('Zero', ({ query }) => {
  query.limit(0);
});
Parse.Cloud.beforeFind('Refusing', () => Promise.reject('not today'));
Parse.Cloud.beforeFind('Supplied', ({ query }) => {
  const what = query.toJSON().where.what;
  if (what === 'none') return [];
  if (what === 'unsaved') return [new Parse.Object('Supplied', { made: 'up' })];
  if (what === 'stored') return new Parse.Query('Supplied').notEqualTo('what', 'stored').find({ useMasterKey: true });
  if (what === 'text') return 'text';
  return undefined;
});

Parse.Cloud.afterFind('Dressed', ({ objects }) => {
  for (const object of objects) object.set('at', new Date(0)).unset('secret');
});
Parse.Cloud.afterFind('Filtered', ({ objects }) => objects.filter(object => object.get('n') > 1));
Parse.Cloud.afterFind('Emptied', async () => []);
Parse.Cloud.afterFind('Same', () => null);
Parse.Cloud.afterFind('Fetching', async ({ objects }) => {
  for (const object of objects) await object.get('other').fetch({ useMasterKey: true });
});
Parse.Cloud.afterFind('Replacing', () => [new Parse.Object('Stranger', { n: 1 })]);
Parse.Cloud.afterFind('Plain', () => [{ plain: true }]);
Parse.Cloud.afterFind('Wrong', ({ objects }) => objects[0]);
Parse.Cloud.afterFind('Raising', () => {
  throw new Parse.Error(55, 'no reading');
});
Parse.Cloud.beforeFind('Context', ({ context }) => {
  context.from = 'beforeFind';
});
Parse.Cloud.afterFind('Context', ({ objects, context, query, isGet }) => {
  objects.forEach(object => object.set('context', { ...context, isGet, where: query.toJSON().where }));
});

Parse.Cloud.beforeLogin(({ object, user }) => {
  note({ beforeLogin: object.get('username'), user: user ?? null, isUser: object instanceof Parse.User });
  if (object.get('banned')) throw new Parse.Error(211, 'banned');
});
Parse.Cloud.afterLogin(({ object, user }) => {
  note({ afterLogin: object.id === user.id, token: Boolean(user.getSessionToken()) });
  if (object.get('noisy')) throw 'noise';
});
Parse.Cloud.afterLogout(({ object }) => {
  note({ afterLogout: object.className, user: object.get('user').id, token: Boolean(object.get('sessionToken')) });
});
