'use strict';
const { Parse, assert, test, differs, fresh, create, createAll, pluck } = require('./setup');

/** Names (sorted) of the objects in `rows` that the query built by `where` finds. */
async function matching(rows, where) {
  const className = fresh();
  await createAll(className, rows);
  const query = new Parse.Query(className);
  where(query);
  return pluck(await query.find()).sort();
}

const NUMBERS = [{ name: 'zero', n: 0 }, { name: 'one', n: 1 }, { name: 'two', n: 2 }, { name: 'three', n: 3 }];
const WITH_GAPS = [{ name: 'one', n: 1 }, { name: 'two', n: 2 }, { name: 'none' }];

test('equalTo finds a number', async () => {
  assert.deepEqual(await matching(NUMBERS, it => it.equalTo('n', 2)), ['two']);
});

test('equalTo finds zero, false and the empty string', async () => {
  const rows = [{ name: 'a', n: 0, b: false, s: '' }, { name: 'b', n: 1, b: true, s: 'x' }, { name: 'c' }];
  assert.deepEqual(await matching(rows, it => it.equalTo('n', 0)), ['a']);
  assert.deepEqual(await matching(rows, it => it.equalTo('b', false)), ['a']);
  assert.deepEqual(await matching(rows, it => it.equalTo('s', '')), ['a']);
});

test('equalTo is exact about upper and lower case', async () => {
  assert.deepEqual(await matching([{ name: 'Ann' }, { name: 'ann' }], it => it.equalTo('name', 'ann')), ['ann']);
});

test('two conditions on different fields must both hold', async () => {
  const rows = [{ name: 'a', n: 1, s: 'x' }, { name: 'b', n: 1, s: 'y' }];
  assert.deepEqual(await matching(rows, it => it.equalTo('n', 1).equalTo('s', 'y')), ['b']);
});

test('notEqualTo finds other values and objects without the field', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.notEqualTo('n', 1)), ['none', 'two']);
});

test('lessThan and greaterThan leave the bound out', async () => {
  assert.deepEqual(await matching(NUMBERS, it => it.lessThan('n', 2)), ['one', 'zero']);
  assert.deepEqual(await matching(NUMBERS, it => it.greaterThan('n', 1)), ['three', 'two']);
});

test('lessThanOrEqualTo and greaterThanOrEqualTo take the bound in', async () => {
  assert.deepEqual(await matching(NUMBERS, it => it.lessThanOrEqualTo('n', 1)), ['one', 'zero']);
  assert.deepEqual(await matching(NUMBERS, it => it.greaterThanOrEqualTo('n', 2)), ['three', 'two']);
});

test('a range is two conditions on one field', async () => {
  assert.deepEqual(await matching(NUMBERS, it => it.greaterThan('n', 0).lessThan('n', 3)), ['one', 'two']);
});

test('a range with an exception is three conditions on one field', async () => {
  const where = it => it.greaterThanOrEqualTo('n', 0).lessThan('n', 3).notEqualTo('n', 1);
  assert.deepEqual(await matching(NUMBERS, where), ['two', 'zero']);
});

test('comparisons leave out objects without the field', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.lessThan('n', 100)), ['one', 'two']);
});

test('numbers are compared as numbers', async () => {
  const rows = [{ name: 'nine', n: 9 }, { name: 'ten', n: 10 }, { name: 'minus', n: -20 }, { name: 'half', n: 9.5 }];
  assert.deepEqual(await matching(rows, it => it.greaterThan('n', 9)), ['half', 'ten']);
  assert.deepEqual(await matching(rows, it => it.lessThan('n', 0)), ['minus']);
});

test('strings are compared by their characters, capitals first', async () => {
  const rows = ['apple', 'Banana', 'cherry'].map(name => ({ name }));
  assert.deepEqual(await matching(rows, it => it.lessThan('name', 'b')), ['Banana', 'apple']);
});

test('dates are compared as points in time', async () => {
  const rows = [2019, 2020, 2021].map(year => ({ name: `y${year}`, at: new Date(Date.UTC(year, 0, 1)) }));
  const start = new Date('2020-01-01T00:00:00.000Z');
  assert.deepEqual(await matching(rows, it => it.greaterThan('at', start)), ['y2021']);
  assert.deepEqual(await matching(rows, it => it.greaterThanOrEqualTo('at', start)), ['y2020', 'y2021']);
  assert.deepEqual(await matching(rows, it => it.equalTo('at', start)), ['y2020']);
});

test('objects are found by when they were created and updated', async () => {
  const object = await create(fresh(), { name: 'x' });
  const minutes = n => new Date(object.createdAt.getTime() + n * 60000);
  const query = () => new Parse.Query(object.className);
  assert.equal(await query().greaterThan('createdAt', minutes(-5)).count(), 1);
  assert.equal(await query().greaterThan('updatedAt', minutes(5)).count(), 0);
  assert.equal(await query().equalTo('createdAt', object.createdAt).count(), 1);
});

test('containedIn finds any of the values', async () => {
  assert.deepEqual(await matching(NUMBERS, it => it.containedIn('n', [0, 3, 99])), ['three', 'zero']);
});

differs('containedIn with no values finds nothing, missing fields included', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.containedIn('n', [])), []);
});

differs('notContainedIn finds other values and objects without the field', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.notContainedIn('n', [1, 5])), ['none', 'two']);
});

test('notContainedIn with no values finds everything', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.notContainedIn('n', [])), ['none', 'one', 'two']);
});

test('containedIn takes ids, and several hundred of them', async () => {
  const className = fresh();
  const objects = await createAll(className, Array.from({ length: 30 }, (_, n) => ({ n })), { batchSize: 30 });
  const ids = [...objects.map(it => it.id), ...Array.from({ length: 400 }, () => fresh())];
  assert.equal(await new Parse.Query(className).containedIn('objectId', ids).count(), 30);
});

test('exists and doesNotExist tell objects with and without a field apart', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.exists('n')), ['one', 'two']);
  assert.deepEqual(await matching(WITH_GAPS, it => it.doesNotExist('n')), ['none']);
});

test('doesNotExist finds an object whose field was unset', async () => {
  const object = await create(fresh(), { name: 'a', n: 1 });
  object.unset('n');
  await object.save();
  assert.equal(await new Parse.Query(object.className).doesNotExist('n').count(), 1);
});

test('equalTo null finds objects without the field', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.equalTo('n', null)), ['none']);
});

test('notEqualTo null finds objects with the field', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.notEqualTo('n', null)), ['one', 'two']);
});

differs('a field that no object has is missing from each', async () => {
  assert.deepEqual(await matching(WITH_GAPS, it => it.doesNotExist('nosuch').equalTo('nosuch', null)).then(it => it.length), 3);
  assert.deepEqual(await matching(WITH_GAPS, it => it.notEqualTo('nosuch', 1)).then(it => it.length), 3);
  assert.deepEqual(await matching(WITH_GAPS, it => it.equalTo('nosuch', 1)), []);
});

differs('values of another type never match and never fail', async () => {
  const rows = [{ name: 'a', n: 1, s: '5', b: true }];
  assert.deepEqual(await matching(rows, it => it.equalTo('n', '1')), []);
  assert.deepEqual(await matching(rows, it => it.equalTo('s', 5)), []);
  assert.deepEqual(await matching(rows, it => it.equalTo('b', 1)), []);
  assert.deepEqual(await matching(rows, it => it.greaterThan('n', '0')), []);
});

differs('equalTo on a list finds objects that contain the value', async () => {
  const rows = [{ name: 'ab', tags: ['a', 'b'] }, { name: 'b', tags: ['b'] }, { name: 'empty', tags: [] }];
  assert.deepEqual(await matching(rows, it => it.equalTo('tags', 'b')), ['ab', 'b']);
});

differs('equalTo on a list of numbers finds objects that contain the number', async () => {
  const rows = [{ name: 'a', list: [1, 2] }, { name: 'b', list: [2, 3] }];
  assert.deepEqual(await matching(rows, it => it.equalTo('list', 3)), ['b']);
});

test('notEqualTo on a list finds objects that do not contain the value', async () => {
  const rows = [{ name: 'ab', tags: ['a', 'b'] }, { name: 'c', tags: ['c'] }];
  assert.deepEqual(await matching(rows, it => it.notEqualTo('tags', 'a')), ['c']);
});

test('containedIn on a list finds objects that contain any of the values', async () => {
  const rows = [{ name: 'ab', tags: ['a', 'b'] }, { name: 'c', tags: ['c'] }, { name: 'd', tags: ['d'] }];
  assert.deepEqual(await matching(rows, it => it.containedIn('tags', ['b', 'c'])), ['ab', 'c']);
});

test('containsAll finds lists with every one of the values', async () => {
  const rows = [{ name: 'abc', tags: ['a', 'b', 'c'] }, { name: 'ab', tags: ['b', 'a'] }, { name: 'a', tags: ['a'] }];
  assert.deepEqual(await matching(rows, it => it.containsAll('tags', ['a', 'b'])), ['ab', 'abc']);
});

test('containsAll takes numbers, dates and objects', async () => {
  const at = new Date('2020-01-01T00:00:00.000Z');
  const rows = [{ name: 'all', list: [1, at, { k: 'v' }] }, { name: 'some', list: [1, at] }];
  assert.deepEqual(await matching(rows, it => it.containsAll('list', [1, at, { k: 'v' }])), ['all']);
});

test('containsAllStartingWith finds lists with an element for each beginning', async () => {
  const rows = [{ name: 'both', tags: ['the sun', 'a moon'] }, { name: 'one', tags: ['the sun'] }];
  assert.deepEqual(await matching(rows, it => it.containsAllStartingWith('tags', ['the', 'a '])), ['both']);
});

test('equalTo with a pointer finds the objects that point there', async () => {
  const [ann, bob] = await createAll(fresh('Author'), [{ n: 1 }, { n: 2 }]);
  const rows = [{ name: 'of Ann', by: ann }, { name: 'of Bob', by: bob }, { name: 'of nobody' }];
  assert.deepEqual(await matching(rows, it => it.equalTo('by', ann)), ['of Ann']);
  assert.deepEqual(await matching(rows, it => it.notEqualTo('by', ann)), ['of Bob', 'of nobody']);
  assert.deepEqual(await matching(rows, it => it.containedIn('by', [ann, bob])), ['of Ann', 'of Bob']);
  assert.deepEqual(await matching(rows, it => it.doesNotExist('by')), ['of nobody']);
});

test('a list of pointers is searched by its elements', async () => {
  const [red, green] = await createAll(fresh('Tag'), [{ n: 1 }, { n: 2 }]);
  const rows = [{ name: 'both', tags: [red, green] }, { name: 'green', tags: [green] }];
  assert.deepEqual(await matching(rows, it => it.equalTo('tags', red)), ['both']);
  assert.deepEqual(await matching(rows, it => it.containedIn('tags', [green])), ['both', 'green']);
  assert.deepEqual(await matching(rows, it => it.containsAll('tags', [green, red])), ['both']);
});

test('a dotted key looks into an object', async () => {
  const rows = [{ name: 'a', o: { x: 1, in: { y: 's' } } }, { name: 'b', o: { x: 2, in: { y: 't' } } }, { name: 'c' }];
  assert.deepEqual(await matching(rows, it => it.equalTo('o.x', 1)), ['a']);
  assert.deepEqual(await matching(rows, it => it.equalTo('o.in.y', 't')), ['b']);
  assert.deepEqual(await matching(rows, it => it.greaterThan('o.x', 1)), ['b']);
  assert.deepEqual(await matching(rows, it => it.notEqualTo('o.in.y', 's')), ['b', 'c']);
});

differs('a dotted key takes every kind of condition', async () => {
  const rows = [{ name: 'a', o: { x: 1, s: 'one' } }, { name: 'b', o: { x: 2 } }, { name: 'c' }];
  assert.deepEqual(await matching(rows, it => it.containedIn('o.x', [1, 5])), ['a']);
  assert.deepEqual(await matching(rows, it => it.notContainedIn('o.x', [1])), ['b', 'c']);
  assert.deepEqual(await matching(rows, it => it.exists('o.s')), ['a']);
  assert.deepEqual(await matching(rows, it => it.doesNotExist('o.s')), ['b', 'c']);
  assert.deepEqual(await matching(rows, it => it.startsWith('o.s', 'on')), ['a']);
});

differs('a dotted key looks into the objects of a list', async () => {
  const rows = [{ name: 'a', list: [{ k: 1 }, { k: 2 }] }, { name: 'b', list: [{ k: 3 }] }];
  assert.deepEqual(await matching(rows, it => it.equalTo('list.k', 2)), ['a']);
  assert.deepEqual(await matching(rows, it => it.equalTo('list.0.k', 3)), ['b']);
});

test('an object is found by its whole content, in any order of keys', async () => {
  const rows = [{ name: 'a', list: [{ x: 1, y: 2 }] }, { name: 'b', list: [{ x: 1 }] }];
  assert.deepEqual(await matching(rows, it => it.containsAll('list', [{ y: 2, x: 1 }])), ['a']);
});

test('quotes, backslashes and percent signs in a value are only text', async () => {
  const odd = [`it's`, 'say "hi"', 'back\\slash', '50%', 'under_score', `'; drop table x; --`, '$1 {0} :name'];
  const className = fresh();
  await createAll(className, odd.map(name => ({ name })));
  for (const name of odd) {
    assert.deepEqual(pluck(await new Parse.Query(className).equalTo('name', name).find()), [name]);
  }
});

test('Query.or finds what any of its queries finds', async () => {
  const className = fresh();
  await createAll(className, NUMBERS);
  const where = () => new Parse.Query(className);
  const either = Parse.Query.or(where().lessThan('n', 1), where().greaterThan('n', 2));
  assert.deepEqual(pluck(await either.ascending('n').find()), ['zero', 'three']);
});

test('Query.or takes a condition for all of its branches', async () => {
  const className = fresh();
  await createAll(className, NUMBERS);
  const where = () => new Parse.Query(className);
  const either = Parse.Query.or(where().equalTo('n', 1), where().equalTo('n', 2)).notEqualTo('name', 'two');
  assert.deepEqual(pluck(await either.find()), ['one']);
});

test('Query.and finds what all of its queries find', async () => {
  const className = fresh();
  await createAll(className, NUMBERS);
  const where = () => new Parse.Query(className);
  const both = Parse.Query.and(where().greaterThan('n', 0), where().lessThan('n', 2));
  assert.deepEqual(pluck(await both.find()), ['one']);
});

test('Query.nor finds what none of its queries finds', async () => {
  const className = fresh();
  await createAll(className, NUMBERS);
  const where = () => new Parse.Query(className);
  const neither = Parse.Query.nor(where().equalTo('n', 0), where().greaterThan('n', 1));
  assert.deepEqual(pluck(await neither.find()), ['one']);
});

differs('Query.nor finds objects without the field', async () => {
  const className = fresh();
  await createAll(className, WITH_GAPS);
  const where = () => new Parse.Query(className);
  const neither = Parse.Query.nor(where().equalTo('n', 1), where().equalTo('n', 77));
  assert.deepEqual(pluck(await neither.find()).sort(), ['none', 'two']);
});

test('or, and and nor may be nested', async () => {
  const className = fresh();
  await createAll(className, NUMBERS);
  const where = () => new Parse.Query(className);
  const small = Parse.Query.and(where().greaterThan('n', 0), where().lessThan('n', 2));
  const deep = Parse.Query.or(small, Parse.Query.nor(where().lessThan('n', 3), where().equalTo('n', 77)));
  assert.deepEqual(pluck(await deep.ascending('n').find()), ['one', 'three']);
});
