'use strict';
const { Parse, assert, test, differs, fresh, createAll, pluck, refused } = require('./setup');

const SUBJECTS = [
  'coffee', 'Coffee Shopping', 'Baking a cake', 'baking', 'Café Con Leche', 'Сырники', 'coffee and cream', 'Cafe con Leche',
];

/** Subjects found for a term; in alphabetical order unless `refine` says another. */
async function found(term, options, refine = query => query.ascending('text')) {
  const className = fresh('Subject');
  await createAll(className, SUBJECTS.map(text => ({ text })));
  const query = new Parse.Query(className).fullText('text', term, options);
  refine(query);
  return pluck(await query.find(), 'text');
}

test('a word is found in any case', async () => {
  assert.deepEqual(await found('coffee'), ['Coffee Shopping', 'coffee', 'coffee and cream']);
});

test('a word is found in its other forms', async () => {
  assert.deepEqual(await found('bakes'), ['Baking a cake', 'baking']);
  assert.deepEqual(await found('leche', { language: 'spanish' }), ['Cafe con Leche', 'Café Con Leche']);
});

differs('any of several words is enough', async () => {
  assert.deepEqual(await found('cream cake'), ['Baking a cake', 'coffee and cream']);
  assert.deepEqual(await found('сырник', { language: 'ru' }), ['Сырники']);
});

differs('a phrase has to be there and a word with a minus must not', async () => {
  assert.deepEqual(await found('"coffee and cream"'), ['coffee and cream']);
  assert.deepEqual(await found('coffee -shopping'), ['coffee', 'coffee and cream']);
});

differs('case counts when asked to', async () => {
  assert.deepEqual(await found('Coffee', { caseSensitive: true }), ['Coffee Shopping']);
});

differs('diacritics count when asked to', async () => {
  assert.deepEqual(await found('CAFÉ', { diacriticSensitive: true }), ['Café Con Leche']);
  assert.deepEqual(await found('CAFÉ', { diacriticSensitive: false }), ['Cafe con Leche', 'Café Con Leche']);
});

test('results are sorted by score, and show it', async () => {
  const className = fresh('Subject');
  await createAll(className, SUBJECTS.map(text => ({ text })));
  const query = new Parse.Query(className).fullText('text', 'coffee').select('$score', 'text').ascending('$score');
  const results = await query.find();
  const scores = pluck(results, 'score');
  assert.equal(scores.length, 3);
  assert.ok(scores.every(score => typeof score === 'number' && score > 0), `scores: ${scores}`);
  assert.deepEqual(scores, [...scores].sort((one, other) => other - one));
  assert.deepEqual(pluck(results, 'text').length, 3);
});

differs('scores sort without being selected', async () => {
  const best = await found('coffee cream', {}, query => query.ascending('$score'));
  assert.equal(best[0], 'coffee and cream');
  assert.equal(best.length, 3);
});

test('a search goes with other conditions, limit and count', async () => {
  assert.deepEqual(await found('coffee', {}, query => query.startsWith('text', 'C')), ['Coffee Shopping']);
  assert.equal((await found('coffee', {}, query => query.limit(2))).length, 2);
});

differs('operators of the database are only words', async () => {
  assert.deepEqual(await found("coffee & ! | <-> :* ('"), ['Coffee Shopping', 'coffee', 'coffee and cream']);
  assert.deepEqual(await found('&'), []);
});

differs('a language that nobody knows is refused', async () => {
  await refused(found('coffee', { language: 'klingon' }), Parse.Error.INVALID_JSON);
  await refused(found('coffee', { language: 5 }), Parse.Error.INVALID_JSON);
});

differs('a column that is no text has none', async () => {
  const className = fresh('Subject');
  await createAll(className, [{ text: 5 }]);
  assert.deepEqual(await new Parse.Query(className).fullText('text', 'coffee').find(), []);
});
