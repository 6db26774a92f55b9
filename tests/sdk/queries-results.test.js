'use strict';
const { Parse, assert, test, differs, fresh, refused, create, createAll, pluck } = require('./setup');

const numbered = count => Array.from({ length: count }, (_, n) => ({ n, name: `item ${n}` }));

/** A query on a new class with these rows. */
async function queryOn(rows) {
  const className = fresh();
  await createAll(className, rows, { batchSize: 100 });
  return () => new Parse.Query(className);
}

test('ascending and descending sort numbers', async () => {
  const query = await queryOn([{ n: 10 }, { n: 9 }, { n: -1 }, { n: 9.5 }]);
  assert.deepEqual(pluck(await query().ascending('n').find(), 'n'), [-1, 9, 9.5, 10]);
  assert.deepEqual(pluck(await query().descending('n').find(), 'n'), [10, 9.5, 9, -1]);
});

test('strings are sorted by their characters, capitals first', async () => {
  const query = await queryOn(['b', 'a', 'B', 'é', ''].map(name => ({ name })));
  assert.deepEqual(pluck(await query().ascending('name').find()), ['', 'B', 'a', 'b', 'é']);
});

test('dates are sorted by time', async () => {
  const dates = [2021, 1969, 2000].map(year => new Date(Date.UTC(year, 5, 1)));
  const query = await queryOn(dates.map(at => ({ at })));
  assert.deepEqual(pluck(await query().ascending('at').find(), 'at').map(it => it.getUTCFullYear()), [1969, 2000, 2021]);
});

test('a second key breaks ties of the first', async () => {
  const query = await queryOn([{ a: 1, name: 'x' }, { a: 2, name: 'y' }, { a: 1, name: 'z' }]);
  assert.deepEqual(pluck(await query().ascending('a').addDescending('name').find()), ['z', 'x', 'y']);
  assert.deepEqual(pluck(await query().descending('a').addAscending('name').find()), ['y', 'x', 'z']);
});

test('a nested key sorts', async () => {
  const query = await queryOn([{ o: { x: 3 } }, { o: { x: 1 } }, { o: { x: 2 } }]);
  assert.deepEqual(pluck(await query().ascending('o.x').find(), 'o').map(it => it.x), [1, 2, 3]);
});

differs('objects without the key come first ascending and last descending', async () => {
  const query = await queryOn([{ name: 'b', n: 1 }, { name: 'none' }]);
  assert.deepEqual(pluck(await query().ascending('n').find()), ['none', 'b']);
  assert.deepEqual(pluck(await query().descending('n').find()), ['b', 'none']);
});

test('the newest object is first when sorted by createdAt descending', async () => {
  const className = fresh();
  for (const name of ['old', 'new']) {
    await create(className, { name });
    await new Promise(resolve => setTimeout(resolve, 3));
  }
  assert.equal((await new Parse.Query(className).descending('createdAt').first()).get('name'), 'new');
});

test('limit and skip cut a page out of the results', async () => {
  const query = await queryOn(numbered(10));
  assert.deepEqual(pluck(await query().ascending('n').skip(3).limit(4).find(), 'n'), [3, 4, 5, 6]);
});

test('skip behind the end finds nothing', async () => {
  assert.deepEqual(await (await queryOn(numbered(3)))().skip(10).find(), []);
});

test('a find without a limit gives 100 objects', async () => {
  assert.equal((await (await queryOn(numbered(105)))().find()).length, 100);
});

test('a larger limit gives more than 100 objects', async () => {
  assert.equal((await (await queryOn(numbered(105)))().limit(1000).find()).length, 105);
});

test('count counts without fetching, and ignores limit and skip', async () => {
  const query = await queryOn(numbered(12));
  assert.equal(await query().count(), 12);
  assert.equal(await query().lessThan('n', 5).limit(2).skip(1).count(), 5);
});

test('withCount gives a page and the number of all', async () => {
  const query = await queryOn(numbered(12));
  const { results, count } = await query().greaterThan('n', 1).ascending('n').limit(3).withCount().find();
  assert.deepEqual(pluck(results, 'n'), [2, 3, 4]);
  assert.equal(count, 10);
});

test('first gives one object, or nothing', async () => {
  const query = await queryOn(numbered(3));
  assert.equal((await query().descending('n').first()).get('n'), 2);
  assert.equal(await query().equalTo('n', 99).first(), undefined);
});

test('get gives the object with the id', async () => {
  const object = await create(fresh(), { name: 'x' });
  assert.equal((await new Parse.Query(object.className).get(object.id)).get('name'), 'x');
});

test('get of an unknown id is refused', async () => {
  const object = await create(fresh());
  await refused(new Parse.Query(object.className).get('nosuchid00'), Parse.Error.OBJECT_NOT_FOUND);
});

test('a class that nobody has written to is empty', async () => {
  const className = fresh();
  assert.deepEqual(await new Parse.Query(className).find(), []);
  assert.equal(await new Parse.Query(className).count(), 0);
  await refused(new Parse.Query(className).get('nosuchid00'), Parse.Error.OBJECT_NOT_FOUND);
});

test('select gives only the fields named, and what every object has', async () => {
  const query = await queryOn([{ a: 1, b: 2, c: 3 }]);
  const object = await query().select('a', 'c').first();
  assert.deepEqual(Object.keys(object.attributes).sort(), ['a', 'c', 'createdAt', 'updatedAt']);
  assert.ok(object.id && object.createdAt);
});

test('a field left out by select is fetched later', async () => {
  const query = await queryOn([{ a: 1, b: 2 }]);
  const object = await query().select('a').first();
  await object.fetch();
  assert.equal(object.get('b'), 2);
});

test('exclude gives all fields but those named', async () => {
  const query = await queryOn([{ a: 1, b: 2, c: 3 }]);
  const object = await query().exclude('b').first();
  assert.deepEqual([object.get('a'), object.get('b'), object.get('c')], [1, undefined, 3]);
});

test('select with a field that no object has gives the others', async () => {
  const object = await (await queryOn([{ a: 1, b: 2 }]))().select('a', 'nosuch').first();
  assert.equal(object.get('a'), 1);
});

/** country ← city ← person (home: city, places: [city, city]) */
async function world() {
  const country = await create(fresh('Country'), { name: 'Austria', size: 84 });
  const [wien, graz] = await createAll(fresh('City'), [{ name: 'Wien', country }, { name: 'Graz', country }]);
  const person = await create(fresh('Person'), { name: 'Ann', home: wien, places: [graz, wien], n: 1 });
  return { country, wien, graz, person, query: () => new Parse.Query(person.className) };
}

test('include brings the object pointed to', async () => {
  const { query } = await world();
  const home = (await query().include('home').first()).get('home');
  assert.equal(home.get('name'), 'Wien');
  assert.ok(home.createdAt instanceof Date);
});

test('without include a pointer has no data', async () => {
  const { query } = await world();
  assert.equal((await query().first()).get('home').isDataAvailable(), false);
});

test('include goes as deep as asked, and brings what is on the way', async () => {
  const { query } = await world();
  const home = (await query().include('home.country').first()).get('home');
  assert.equal(home.get('name'), 'Wien');
  assert.equal(home.get('country').get('name'), 'Austria');
});

test('include brings the elements of a list of pointers, in their order', async () => {
  const { query } = await world();
  assert.deepEqual(pluck((await query().include('places').first()).get('places')), ['Graz', 'Wien']);
});

test('include goes through a list of pointers', async () => {
  const { query } = await world();
  const places = (await query().include('places.country').first()).get('places');
  assert.deepEqual(places.map(it => it.get('country').get('name')), ['Austria', 'Austria']);
});

test('several includes work together', async () => {
  const { query } = await world();
  const person = await query().include('home', 'places').first();
  assert.equal(person.get('home').get('name'), 'Wien');
  assert.equal(person.get('places')[0].get('name'), 'Graz');
});

test('includeAll brings every pointer of one level', async () => {
  const { query } = await world();
  const person = await query().includeAll().first();
  assert.equal(person.get('home').get('name'), 'Wien');
  assert.equal(person.get('places')[1].get('name'), 'Wien');
  assert.equal(person.get('home').get('country').isDataAvailable(), false);
});

test('include brings pointers inside an object', async () => {
  const { wien } = await world();
  const object = await create(fresh(), { data: { city: wien } });
  const found = await new Parse.Query(object.className).include('data.city').first();
  assert.equal(found.get('data').city.get('name'), 'Wien');
});

test('the same object is included wherever it is pointed to', async () => {
  const { wien } = await world();
  const className = fresh();
  await createAll(className, numbered(5).map(row => ({ ...row, city: wien })));
  const found = await new Parse.Query(className).include('city').find();
  assert.deepEqual(found.map(it => it.get('city').get('name')), Array(5).fill('Wien'));
});

test('select with a dotted key brings only that field of the included object', async () => {
  const { query } = await world();
  const person = await query().include('home').select('home.name').first();
  assert.equal(person.get('home').get('name'), 'Wien');
  assert.equal(person.get('home').get('country'), undefined);
  assert.equal(person.get('n'), undefined);
});

test('exclude with a dotted key leaves that field of the included object out', async () => {
  const { query } = await world();
  const person = await query().include('home').exclude('home.name').first();
  assert.equal(person.get('home').get('name'), undefined);
  assert.ok(person.get('home').get('country'));
  assert.equal(person.get('n'), 1);
});

test('an include of a destroyed object leaves the field out', async () => {
  const { wien, query } = await world();
  await wien.destroy();
  const person = await query().include('home').first();
  assert.equal(person.get('home'), undefined);
  assert.equal(person.get('name'), 'Ann');
});

test('a destroyed object leaves a list of included pointers', async () => {
  const { graz, query } = await world();
  await graz.destroy();
  assert.deepEqual(pluck((await query().include('places').first()).get('places')), ['Wien']);
});

test('an include of something that is no pointer is ignored', async () => {
  const { query } = await world();
  assert.equal((await query().include('name', 'nosuch').first()).get('name'), 'Ann');
});

test('an include brings the author with a user as the SDK knows them', async () => {
  const user = await new Parse.User({ username: fresh('ann'), password: 'x' }).signUp();
  const acl = new Parse.ACL(user);
  acl.setPublicReadAccess(true);
  user.setACL(acl);
  await user.save(null, { sessionToken: user.getSessionToken() });
  const post = await create(fresh('Post'), { author: user });
  const found = await new Parse.Query(post.className).include('author').first();
  assert.ok(found.get('author') instanceof Parse.User);
  assert.equal(found.get('author').getUsername(), user.getUsername());
});

test('each visits every object once', async () => {
  const query = await queryOn(numbered(45));
  const seen = [];
  await query().each(object => {
    seen.push(object.get('n'));
  }, { batchSize: 10 });
  assert.deepEqual(seen.sort((a, b) => a - b), numbered(45).map(it => it.n));
});

test('each keeps to the conditions of the query', async () => {
  const query = await queryOn(numbered(20));
  let count = 0;
  await query().lessThan('n', 7).each(() => {
    count += 1;
  });
  assert.equal(count, 7);
});

test('eachBatch gives the objects in batches', async () => {
  const query = await queryOn(numbered(25));
  const sizes = [];
  await query().eachBatch(objects => {
    sizes.push(objects.length);
  }, { batchSize: 10 });
  assert.deepEqual(sizes, [10, 10, 5]);
});

test('findAll gives more than a thousand objects', async () => {
  const query = await queryOn(numbered(1050));
  assert.equal((await query().findAll({ batchSize: 500 })).length, 1050);
});

test('map and filter walk over the whole class', async () => {
  const query = await queryOn(numbered(8));
  assert.equal((await query().map(object => object.get('n') * 2)).length, 8);
  assert.equal((await query().filter(object => object.get('n') % 2)).length, 4);
});

test('reduce adds up over the whole class', async () => {
  const query = await queryOn(numbered(8));
  assert.equal(await query().reduce((sum, object) => sum + object.get('n'), 0), 28);
});

test('a query is the same after a trip through JSON', async () => {
  const query = await queryOn(numbered(8));
  const { className } = query();
  const again = Parse.Query.fromJSON(className, query().greaterThan('n', 4).descending('n').limit(2).toJSON());
  assert.deepEqual(pluck(await again.find(), 'n'), [7, 6]);
});

test('results are plain JSON when asked for', async () => {
  const [row] = await (await queryOn([{ name: 'x' }]))().find({ json: true });
  assert.equal(row.name, 'x');
  assert.match(row.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});
