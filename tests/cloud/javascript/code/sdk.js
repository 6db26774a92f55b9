// What the SDK offers, used inside the server.
const MASTER = { useMasterKey: true };
const cases = {
  async saving() {
    const one = await new Parse.Object('Thing', { n: 1 }).save();
    await one.save({ n: 2, list: ['a'] });
    await one.increment('n').addUnique('list', 'b').save();
    const again = await new Parse.Query('Thing').get(one.id);
    await again.fetch();
    return [again.get('n'), again.get('list'), again.createdAt instanceof Date, again.existed()];
  },
  async together() {
    const saved = await Parse.Object.saveAll([1, 2, 3].map(n => new Parse.Object('Row', { n })));
    const cascade = await new Parse.Object('Parent', { child: new Parse.Object('Row', { n: 4 }) }).save();
    const found = await new Parse.Query('Row').ascending('n').find();
    const first = await new Parse.Query('Parent').include('child').first();
    await Parse.Object.destroyAll([...saved, cascade.get('child')]);
    return [found.map(row => row.get('n')), first.get('child').get('n'), await new Parse.Query('Row').count()];
  },
  async transaction() {
    await new Parse.Object('Unique', { n: 0 }).save();
    const rows = [new Parse.Object('Unique', { n: 1 }), new Parse.Object('Unique', { n: 'not a number' })];
    try {
      await Parse.Object.saveAll(rows, { transaction: true });
    } catch (error) {
      return [(Array.isArray(error) ? error[0] : error).code, await new Parse.Query('Unique').count()];
    }
    return 'stored';
  },
  async queries() {
    await Parse.Object.saveAll([1, 2, 3, 4].map(n => new Parse.Object('Number', { n, odd: n % 2 === 1 })));
    const query = new Parse.Query('Number');
    const seen = [];
    await new Parse.Query('Number').eachBatch(batch => seen.push(...batch.map(each => each.get('n'))), { batchSize: 3 });
    return [
      (await query.distinct('odd', MASTER)).sort(),
      (await new Parse.Query('Number').aggregate([{ $group: { _id: null, sum: { $sum: '$n' } } }]))[0].sum,
      (await Parse.Query.or(new Parse.Query('Number').equalTo('n', 1), new Parse.Query('Number').equalTo('n', 4)).ascending('n').find()).length,
      (await new Parse.Query('Number').withCount().limit(1).find()).count,
      seen.sort(),
    ];
  },
  async relations() {
    const leaf = await new Parse.Object('Leaf', { n: 1 }).save();
    const tree = new Parse.Object('Tree');
    tree.relation('leaves').add(leaf);
    await tree.save();
    return (await tree.relation('leaves').query().find()).map(each => each.get('n'));
  },
  async users() {
    const user = await new Parse.User({ username: 'inside', password: 'secret' }).signUp();
    const loggedIn = await Parse.User.logIn('inside', 'secret');
    const me = await Parse.User.me(loggedIn.getSessionToken());
    const own = new Parse.Object('Own', { n: 1 });
    own.setACL(new Parse.ACL(user));
    await own.save(null, { sessionToken: loggedIn.getSessionToken() });
    const role = new Parse.Role('Insiders', new Parse.ACL());
    role.getUsers().add(user);
    await role.save(null, MASTER);
    const sessions = await new Parse.Query(Parse.Session).equalTo('user', user).find(MASTER);
    return [
      me.id === user.id, Parse.User.current(), sessions.length, await new Parse.Query('Own').count(),
      await new Parse.Query('Own').count({ sessionToken: loggedIn.getSessionToken() }),
    ];
  },
  async refusals() {
    const codes = [];
    for (const ask of [
      () => new Parse.Query('Nothing').get('nobody'),
      () => Parse.User.logIn('nobody', 'x'),
      () => new Parse.Object('Thing', { length: 1 }).save(),
      () => new Parse.Query('Thing').find({ sessionToken: 'r:nobody' }),
      () => new Parse.Object('Thing', { n: 'text' }).save(),
    ]) {
      codes.push(await ask().then(() => 'fine', error => (error instanceof Parse.Error ? error.code : error.message)));
    }
    return codes;
  },
  async config() {
    await Parse.Config.save({ a: 1, secret: 2 }, { secret: true });
    const [open, all] = [await Parse.Config.get(), await Parse.Config.get(MASTER)];
    return [open.get('a'), open.get('secret') ?? null, all.get('secret')];
  },
  async schemas() {
    await new Parse.Schema('Described').addString('name').save();
    return (await new Parse.Schema('Described').get()).fields.name.type;
  },
  async side() {
    await Parse.Analytics.track('event', { a: 'b' });
    return 'tracked';
  },
};
Parse.Cloud.define('health', () => Parse.getServerHealth());
Parse.Cloud.define('sdk', ({ params }) => cases[params.name]());
