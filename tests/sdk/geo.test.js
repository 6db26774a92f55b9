'use strict';
const { Parse, assert, test, differs, fresh, createAll, pluck, refused } = require('./setup');

const point = (latitude, longitude) => new Parse.GeoPoint(latitude, longitude);
const BERLIN = point(52.52, 13.405);
const CITIES = [
  ['Rome', point(41.9028, 12.4964)],
  ['Suva', point(-18.1248, 178.4501)],
  ['Oslo', point(59.9139, 10.7522)],
  ['Apia', point(-13.8507, -171.7514)],
];

/** Names of the cities found, in the order of the results; one row has no place at all. */
async function found(where) {
  const className = fresh('City');
  await createAll(className, [...CITIES.map(([name, place]) => ({ name, place })), { name: 'Nowhere' }]);
  const query = new Parse.Query(className);
  where(query);
  return pluck(await query.find());
}

test('near finds what has a place, the nearest first', async () => {
  assert.deepEqual(await found(it => it.near('place', BERLIN)), ['Oslo', 'Rome', 'Apia', 'Suva']);
});

differs('an order of its own wins over the distance', async () => {
  assert.deepEqual(await found(it => it.near('place', BERLIN).ascending('name')), ['Apia', 'Oslo', 'Rome', 'Suva']);
});

test('near goes with limit, skip and other conditions', async () => {
  assert.deepEqual(await found(it => it.near('place', BERLIN).limit(1).skip(1)), ['Rome']);
  assert.deepEqual(await found(it => it.near('place', BERLIN).notEqualTo('name', 'Oslo').limit(1)), ['Rome']);
});

test('distances are meant in kilometers, miles and radians', async () => {
  assert.deepEqual(await found(it => it.withinKilometers('place', BERLIN, 838)), []);
  assert.deepEqual(await found(it => it.withinKilometers('place', BERLIN, 839)), ['Oslo']);
  assert.deepEqual(await found(it => it.withinMiles('place', BERLIN, 520)), []);
  assert.deepEqual(await found(it => it.withinMiles('place', BERLIN, 522)), ['Oslo']);
  assert.deepEqual(await found(it => it.withinRadians('place', BERLIN, 0.19)), ['Oslo', 'Rome']);
});

test('a distance without sorting goes with any order', async () => {
  const byName = it => it.descending('name');
  assert.deepEqual(await found(it => byName(it.withinKilometers('place', BERLIN, 1500, false))), ['Rome', 'Oslo']);
  assert.deepEqual(await found(it => byName(it.withinRadians('place', BERLIN, 0.19, false))), ['Rome', 'Oslo']);
});

test('a distance reaches over the 180th meridian', async () => {
  assert.deepEqual(await found(it => it.withinKilometers('place', point(-15, 180), 1200)), ['Suva', 'Apia']);
});

test('count knows places too', async () => {
  const className = fresh('City');
  await createAll(className, CITIES.map(([name, place]) => ({ name, place })));
  assert.equal(await new Parse.Query(className).withinKilometers('place', BERLIN, 1500).count(), 2);
});

test('a box has its corners in any order', async () => {
  assert.deepEqual(await found(it => it.withinGeoBox('place', point(40, 10), point(60, 13)).ascending('name')), ['Oslo', 'Rome']);
  assert.deepEqual(await found(it => it.withinGeoBox('place', point(60, 13), point(40, 10)).ascending('name')), ['Oslo', 'Rome']);
});

test('a polygon is open or closed, and has its border', async () => {
  const corners = [point(40, 10), point(40, 15), point(59.9139, 10.7522)];
  assert.deepEqual(await found(it => it.withinPolygon('place', corners).ascending('name')), ['Oslo', 'Rome']);
  assert.deepEqual(await found(it => it.withinPolygon('place', [...corners, corners[0]]).ascending('name')), ['Oslo', 'Rome']);
});

test('a stored polygon is asked whether it contains a point', async () => {
  const className = fresh('Land');
  // 10 degrees high and 1 degree wide: whoever mixes up the axes is found out
  const area = new Parse.Polygon([[0, 0], [0, 1], [10, 1], [10, 0]]);
  await createAll(className, [{ name: 'tall', area }, { name: 'none' }]);
  const names = async place => pluck(await new Parse.Query(className).polygonContains('area', place).find());
  assert.deepEqual(await names(point(9, 0.5)), ['tall']);
  assert.deepEqual(await names(point(0.5, 9)), []);
  assert.deepEqual(await names(point(10, 1)), ['tall']);
  assert.deepEqual(pluck(await new Parse.Query(className).equalTo('area', area).find()), ['tall']);
});

differs('places are equal, unequal and listed', async () => {
  const rome = CITIES[0][1];
  assert.deepEqual(await found(it => it.equalTo('place', rome)), ['Rome']);
  assert.deepEqual(await found(it => it.notEqualTo('place', rome).ascending('name')), ['Apia', 'Nowhere', 'Oslo', 'Suva']);
  assert.deepEqual(await found(it => it.containedIn('place', [rome, point(0, 0)])), ['Rome']);
});

differs('a column that holds no places has none', async () => {
  assert.deepEqual(await found(it => it.near('name', BERLIN)), []);
  assert.deepEqual(await found(it => it.polygonContains('place', BERLIN)), []);
});

differs('malformed places are refused', async () => {
  const query = new Parse.Query(fresh('City'));
  await refused(query.withinKilometers('place', BERLIN, -1).find(), Parse.Error.INVALID_JSON);
  const outside = Parse.Query.fromJSON(fresh('City'), {
    where: { place: { $nearSphere: { __type: 'GeoPoint', latitude: 91, longitude: 0 } } },
  });
  await refused(outside.find(), 1);
});
