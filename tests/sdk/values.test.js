'use strict';
const { Parse, assert, test, differs, fresh, create, reload } = require('./setup');

/** Saves the value, reads it back through a second instance. */
async function roundTrip(value) {
  return (await reload(await create(fresh(), { value }))).get('value');
}

test('a string comes back', async () => {
  assert.equal(await roundTrip('hello'), 'hello');
});

test('an empty string is a value, not a missing one', async () => {
  const object = await reload(await create(fresh(), { value: '' }));
  assert.equal(object.get('value'), '');
  assert.ok(object.has('value'));
});

test('integers, fractions, zero and negative numbers come back as numbers', async () => {
  const numbers = { whole: 42, fraction: 0.1, zero: 0, negative: -7.25, tiny: 1e-7, big: 9007199254740991 };
  const object = await reload(await create(fresh(), numbers));
  for (const [key, number] of Object.entries(numbers)) {
    assert.strictEqual(object.get(key), number, key);
  }
});

test('true and false come back as booleans', async () => {
  const object = await reload(await create(fresh(), { yes: true, no: false }));
  assert.strictEqual(object.get('yes'), true);
  assert.strictEqual(object.get('no'), false);
});

test('a date comes back as a Date with its milliseconds', async () => {
  const when = new Date('2024-02-29T12:34:56.789Z');
  const found = await roundTrip(when);
  assert.ok(found instanceof Date);
  assert.equal(found.getTime(), when.getTime());
});

test('an object comes back with its nested structure', async () => {
  const value = { a: 1, b: { c: ['x', { d: null }], e: '' }, 'with space': true, '': 'empty key' };
  assert.deepEqual(await roundTrip(value), value);
});

test('an empty object and an empty array come back empty', async () => {
  assert.deepEqual(await roundTrip({}), {});
  assert.deepEqual(await roundTrip([]), []);
});

test('an array keeps the order, the kinds and the nulls of its elements', async () => {
  const value = [3, 'a', null, true, { k: 1 }, [1, [2]], 3];
  assert.deepEqual(await roundTrip(value), value);
});

test('a date inside an object and inside an array is a Date again', async () => {
  const when = new Date('2001-09-09T01:46:40.123Z');
  assert.deepEqual(await roundTrip({ at: when }), { at: when });
  assert.deepEqual(await roundTrip([when]), [when]);
});

test('a pointer comes back as an object of its class, without data', async () => {
  const author = await create(fresh('Author'), { name: 'Ann' });
  const book = await reload(await create(fresh('Book'), { author }));
  assert.equal(book.get('author').className, author.className);
  assert.equal(book.get('author').id, author.id);
  assert.equal(book.get('author').isDataAvailable(), false);
  await book.get('author').fetch();
  assert.equal(book.get('author').get('name'), 'Ann');
});

test('pointers inside arrays and objects come back as objects of their classes', async () => {
  const tag = await create(fresh('Tag'), { name: 'new' });
  const post = await reload(await create(fresh('Post'), { tags: [tag], extra: { main: tag } }));
  assert.equal(post.get('tags')[0].id, tag.id);
  assert.equal(post.get('tags')[0].className, tag.className);
  assert.equal(post.get('extra').main.id, tag.id);
});

test('a geo point comes back with latitude and longitude', async () => {
  const found = await roundTrip(new Parse.GeoPoint(48.2082, -16.3738));
  assert.ok(found instanceof Parse.GeoPoint);
  assert.equal(found.latitude, 48.2082);
  assert.equal(found.longitude, -16.3738);
});

test('a polygon comes back closed, with its corners in order', async () => {
  const found = await roundTrip(new Parse.Polygon([[0, 0], [0, 1], [1, 1], [1, 0]]));
  assert.ok(found instanceof Parse.Polygon);
  assert.deepEqual(found.coordinates, [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]);
});

test('bytes come back with the same base64 text', async () => {
  assert.deepEqual(await roundTrip({ __type: 'Bytes', base64: 'aGVsbG8=' }), { __type: 'Bytes', base64: 'aGVsbG8=' });
});

differs('null is kept as a value of a known field', async () => {
  const className = fresh();
  await create(className, { note: 'text' });
  const object = await reload(await create(className, { note: null }));
  assert.ok('note' in object.attributes);
  assert.strictEqual(object.get('note'), null);
});

test('a pointer set to null is gone', async () => {
  const other = await create(fresh('Other'));
  const object = await create(fresh(), { other });
  await object.save({ other: null });
  assert.ok(!(await reload(object)).get('other'));
});

test('objectId, createdAt and updatedAt are given by the server', async () => {
  const before = Date.now() - 60000;
  const object = await create(fresh());
  assert.match(object.id, /^[A-Za-z0-9]{10}$/);
  assert.ok(object.createdAt instanceof Date && object.createdAt.getTime() > before);
  assert.equal(object.updatedAt.getTime(), object.createdAt.getTime());
});

test('saving again moves updatedAt and leaves createdAt', async () => {
  const object = await create(fresh(), { n: 1 });
  const { createdAt } = object;
  await new Promise(resolve => setTimeout(resolve, 5));
  await object.save({ n: 2 });
  const again = await reload(object);
  assert.equal(again.createdAt.getTime(), createdAt.getTime());
  assert.ok(again.updatedAt > createdAt);
  assert.equal(again.updatedAt.getTime(), object.updatedAt.getTime());
});

test('a subclass registered with the SDK is what a query gives back', async () => {
  const className = fresh('Monster');
  class Monster extends Parse.Object {
    constructor(attributes) {
      super(className, attributes);
    }
    roar() {
      return `${this.get('name')}!`;
    }
  }
  Parse.Object.registerSubclass(className, Monster);
  await new Monster({ name: 'Grr' }).save();
  const found = await new Parse.Query(Monster).first();
  assert.ok(found instanceof Monster);
  assert.equal(found.roar(), 'Grr!');
});
