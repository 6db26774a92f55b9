'use strict';
const { Parse, assert, test, differs, fresh, create, createAll, reload, pluck } = require('./setup');

const storedAs = async at => (await reload(await create(fresh(), { at }))).get('at');

test('dates before 1970 and far in the future are kept', async () => {
  for (const iso of ['0099-05-05T05:05:05.005Z', '1901-01-01T00:00:00.001Z', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z']) {
    assert.equal((await storedAs(new Date(iso))).toISOString(), iso);
  }
});

test('a date with an offset is the same point in time', async () => {
  const { className, id } = await create(fresh(), { at: new Date('2024-06-01T12:00:00+02:00') });
  assert.equal((await new Parse.Query(className).get(id)).get('at').toISOString(), '2024-06-01T10:00:00.000Z');
});

test('the last second before a leap day and after a change of clocks is kept', async () => {
  for (const iso of ['2024-02-28T23:59:59.999Z', '2024-02-29T00:00:00.000Z', '2024-03-31T01:00:00.000Z']) {
    assert.equal((await storedAs(new Date(iso))).toISOString(), iso);
  }
});

test('dates are found within a day', async () => {
  const className = fresh();
  const hours = [0, 6, 12, 18, 24];
  await createAll(className, hours.map(hour => ({ hour, at: new Date(Date.UTC(2024, 0, 1, hour)) })));
  const day = new Parse.Query(className)
    .greaterThanOrEqualTo('at', new Date('2024-01-01T00:00:00Z'))
    .lessThan('at', new Date('2024-01-02T00:00:00Z'))
    .ascending('at');
  assert.deepEqual(pluck(await day.find(), 'hour'), [0, 6, 12, 18]);
});

differs('notEqualTo takes a date', async () => {
  const className = fresh();
  const at = new Date('2024-01-01T00:00:00Z');
  await createAll(className, [{ name: 'then', at }, { name: 'later', at: new Date('2025-01-01T00:00:00Z') }]);
  assert.deepEqual(pluck(await new Parse.Query(className).notEqualTo('at', at).find()), ['later']);
});

differs('containedIn takes dates', async () => {
  const className = fresh();
  const dates = [2020, 2021, 2022].map(year => new Date(Date.UTC(year, 1, 2)));
  await createAll(className, dates.map((at, n) => ({ n, at })));
  const query = new Parse.Query(className).containedIn('at', [dates[0], dates[2]]).ascending('n');
  assert.deepEqual(pluck(await query.find(), 'n'), [0, 2]);
});

differs('dates nested in an object are found', async () => {
  const className = fresh();
  const at = new Date('2024-05-05T05:05:05.555Z');
  await create(className, { o: { at } });
  assert.equal((await new Parse.Query(className).equalTo('o.at', at).first()).get('o').at.getTime(), at.getTime());
});

test('objects made one after the other sort by createdAt', async () => {
  const className = fresh();
  for (let n = 0; n < 4; n += 1) {
    await create(className, { n });
    await new Promise(resolve => setTimeout(resolve, 3));
  }
  assert.deepEqual(pluck(await new Parse.Query(className).ascending('createdAt').find(), 'n'), [0, 1, 2, 3]);
});
