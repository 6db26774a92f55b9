'use strict';
const { Parse, assert, test, differs, fresh, refused, createAll, newUser, as } = require('./setup');

const ROWS = [
  { score: 10, name: 'foo', sender: { group: 'A' }, views: 900, size: ['S', 'M'], on: new Date(Date.UTC(2020, 0, 15)) },
  { score: 10, name: 'foo', sender: { group: 'A' }, views: 800, size: ['M', 'L'], on: new Date(Date.UTC(2020, 1, 15)) },
  { score: 10, name: 'bar', sender: { group: 'B' }, views: 700, size: ['S'], on: new Date(Date.UTC(2021, 0, 15)) },
  { score: 20, name: 'dpl', sender: { group: 'B' }, views: 700, size: ['S'] },
];

/** A query on a new class with the rows. */
async function queryOn(rows = ROWS) {
  const className = fresh();
  await createAll(className, rows);
  return () => new Parse.Query(className);
}

const by = key => (one, other) => (one[key] < other[key] ? -1 : 1);

test('group counts and sums by a key', async () => {
  const query = await queryOn();
  const results = await query().aggregate([{ $group: { _id: '$name', n: { $sum: 1 }, views: { $sum: '$views' } } }]);
  assert.deepEqual(results.sort(by('objectId')), [
    { objectId: 'bar', n: 1, views: 700 },
    { objectId: 'dpl', n: 1, views: 700 },
    { objectId: 'foo', n: 2, views: 1700 },
  ]);
});

differs('group computes what it adds up', async () => {
  const query = await queryOn([{ quantity: 2, price: 10 }, { quantity: 5, price: 5 }]);
  const total = { $sum: { $multiply: ['$quantity', '$price'] } };
  assert.deepEqual(await query().aggregate([{ $group: { _id: null, total } }]), [{ objectId: null, total: 45 }]);
});

differs('stages run in order, and may come again', async () => {
  const query = await queryOn();
  const results = await query().aggregate([
    { $match: { score: 10 } },
    { $sort: { views: -1 } },
    { $limit: 2 },
    { $match: { views: { $lt: 900 } } },
    { $project: { _id: 0, views: 1 } },
  ]);
  assert.deepEqual(results, [{ views: 800 }]);
});

differs('the conditions of the query come first', async () => {
  const query = await queryOn();
  const results = await query().greaterThan('score', 15).aggregate([{ $group: { _id: null, n: { $sum: 1 } } }]);
  assert.deepEqual(results, [{ objectId: null, n: 1 }]);
});

test('dates in a pipeline are dates', async () => {
  const query = await queryOn();
  const results = await query().aggregate([{ $match: { on: { $lt: new Date(Date.UTC(2020, 1, 1)) } } }]);
  assert.deepEqual(results.map(it => it.views), [900]);
  assert.deepEqual(await query().aggregate([{ $match: { createdAt: { $lt: new Date(Date.UTC(2020, 1, 1)) } } }]), []);
});

differs('group by parts of a date', async () => {
  const query = await queryOn();
  const results = await query().aggregate([
    { $match: { on: { $exists: true } } },
    { $group: { _id: { year: { $year: '$on' } }, n: { $sum: 1 } } },
    { $sort: { '_id.year': 1 } },
  ]);
  assert.deepEqual(results, [{ objectId: { year: 2020 }, n: 2 }, { objectId: { year: 2021 }, n: 1 }]);
});

test('group by a pointer gives the ids it leads to', async () => {
  const [one, two] = await createAll(fresh(), [{}, {}]);
  const query = await queryOn([{ to: one }, { to: two }, { to: one }]);
  const results = await query().aggregate([{ $group: { _id: '$to' } }]);
  assert.deepEqual(results.map(it => it.objectId).sort(), [one.id, two.id].sort());
});

differs('look up, unwind, and match what was found', async () => {
  const target = fresh();
  const [one, two] = await createAll(target, [{ value: 1 }, { value: 2 }]);
  const query = await queryOn([{ to: one, name: 'first' }, { to: two, name: 'second' }]);
  const results = await query().aggregate([
    { $lookup: { from: target, localField: 'to', foreignField: '_id', as: 'found' } },
    { $unwind: '$found' },
    { $match: { 'found.value': 2 } },
  ]);
  assert.deepEqual(results.map(it => [it.name, it.found.objectId]), [['second', two.id]]);
});

differs('near a point, nearest first', async () => {
  const query = await queryOn([3, 1, 2].map(n => ({ n, at: new Parse.GeoPoint(n, 1) })));
  const near = { type: 'Point', coordinates: [1, 1] };
  const results = await query().aggregate([{ $geoNear: { near, key: 'at', spherical: true, distanceField: 'dist' } }]);
  assert.deepEqual(results.map(it => it.n), [1, 2, 3]);
  assert.ok(Math.abs(results[1].dist - 111319) < 1);
});

test('a pipeline may be an object', async () => {
  const query = await queryOn();
  const results = await query().aggregate({ group: undefined, $group: { _id: '$score' } });
  assert.deepEqual(results.map(it => it.objectId).sort(), [10, 20]);
});

differs('raw names and values go both ways', async () => {
  const query = await queryOn();
  const raw = { rawFieldNames: true, rawValues: true };
  const [found] = await query().aggregate([{ $match: { on: { $date: '2020-01-15T00:00:00.000Z' } } }], raw);
  assert.ok(found._id && found._created_at && !found.objectId);
  assert.deepEqual(found.on, { $date: '2020-01-15T00:00:00Z' });
});

differs('a stage that does not exist is refused by name', async () => {
  const query = await queryOn();
  const error = await refused(query().aggregate([{ $nope: {} }]), Parse.Error.INVALID_QUERY);
  assert.match(error.message, /\$nope/);
});

test('without the master key there is no aggregation', async () => {
  const query = await queryOn();
  const user = await newUser();
  await assert.rejects(query().aggregate([{ $limit: 1 }], { useMasterKey: false, ...as(user) }));
});

test('distinct values of keys, lists and nested keys', async () => {
  const query = await queryOn();
  assert.deepEqual((await query().distinct('score')).sort(), [10, 20]);
  assert.deepEqual((await query().distinct('size')).sort(), ['L', 'M', 'S']);
  assert.deepEqual((await query().distinct('sender.group')).sort(), ['A', 'B']);
  assert.equal((await query().distinct('objectId')).length, 4);
  assert.deepEqual(await query().distinct('nope'), []);
});

test('distinct takes the conditions of the query', async () => {
  const query = await queryOn();
  assert.deepEqual(await query().equalTo('name', 'bar').distinct('score'), [10]);
});

test('distinct pointers are pointers', async () => {
  const [one, two] = await createAll(fresh(), [{}, {}]);
  const query = await queryOn([{ to: one }, { to: two }, { to: one }]);
  const results = await query().distinct('to');
  assert.deepEqual(results.map(it => it.objectId).sort(), [one.id, two.id].sort());
});

differs('distinct dates are dates', async () => {
  const query = await queryOn();
  const results = await query().equalTo('views', 900).distinct('on');
  assert.deepEqual(results, [{ __type: 'Date', iso: '2020-01-15T00:00:00.000Z' }]);
});
