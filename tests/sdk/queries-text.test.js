'use strict';
const { Parse, assert, test, differs, fresh, createAll, pluck, refused } = require('./setup');

/** Texts (in their order) out of `texts` that the query built by `where` finds. */
async function matching(texts, where) {
  const className = fresh();
  await createAll(className, texts.map((text, n) => ({ text, n })));
  const query = new Parse.Query(className).ascending('n');
  where(query);
  return pluck(await query.find(), 'text');
}

test('startsWith finds texts that begin so', async () => {
  assert.deepEqual(await matching(['football', 'my foot', 'Foot'], it => it.startsWith('text', 'foot')), ['football']);
});

test('endsWith finds texts that end so', async () => {
  assert.deepEqual(await matching(['football', 'ball pen', 'ball'], it => it.endsWith('text', 'ball')), ['football', 'ball']);
});

test('contains finds texts with the words anywhere', async () => {
  assert.deepEqual(await matching(['a big cat', 'bigcat', 'a dog'], it => it.contains('text', 'big')), ['a big cat', 'bigcat']);
});

const SIGNS = '.*+?^${}()|[]/\\ "\'`~!@#%&=-_,;:<>';

test('signs of regular expressions are only text in startsWith, endsWith and contains', async () => {
  const texts = [SIGNS, `x${SIGNS}x`, 'nothing'];
  assert.deepEqual(await matching(texts, it => it.startsWith('text', SIGNS)), [SIGNS]);
  assert.deepEqual(await matching(texts, it => it.endsWith('text', SIGNS)), [SIGNS]);
  assert.deepEqual(await matching(texts, it => it.contains('text', SIGNS)), [SIGNS, `x${SIGNS}x`]);
});

differs('a text with the end-of-quote sign is found as it is', async () => {
  const texts = ['a\\Eb.c', 'a\\Ebxc', 'other'];
  assert.deepEqual(await matching(texts, it => it.contains('text', 'a\\Eb.c')), ['a\\Eb.c']);
});

test('matches takes a regular expression', async () => {
  assert.deepEqual(await matching(['cat', 'cut', 'coat'], it => it.matches('text', /^c[au]t$/)), ['cat', 'cut']);
});

test('matches ignores case when asked to', async () => {
  assert.deepEqual(await matching(['CAT', 'cat', 'dog'], it => it.matches('text', /cat/i)), ['CAT', 'cat']);
  assert.deepEqual(await matching(['CAT', 'cat', 'dog'], it => it.matches('text', 'cat', 'i')), ['CAT', 'cat']);
});

differs('matches looks at each line when asked to', async () => {
  const texts = ['first\nsecond', 'second'];
  assert.deepEqual(await matching(texts, it => it.matches('text', '^second', 'm')), texts);
  assert.deepEqual(await matching(texts, it => it.matches('text', '^second')), ['second']);
});

test('matches knows digits, words, alternatives and repetitions', async () => {
  const texts = ['call 555-1234', 'call me', 'mail x'];
  assert.deepEqual(await matching(texts, it => it.matches('text', '\\d{3}-\\d{4}')), ['call 555-1234']);
  assert.deepEqual(await matching(texts, it => it.matches('text', '^(call|mail) \\w+$')), ['call me', 'mail x']);
});

test('matches combines with other conditions on the same field', async () => {
  const where = it => it.matches('text', 'a').notEqualTo('text', 'banana');
  assert.deepEqual(await matching(['banana', 'apple', 'kiwi'], where), ['apple']);
});

differs('a pattern that is no regular expression is refused', async () => {
  await refused(matching(['x'], it => it.matches('text', '(unclosed')), Parse.Error.INVALID_QUERY);
});

test('an unknown option of a pattern is refused', async () => {
  await refused(matching(['x'], it => it.matches('text', 'x', 'q')), Parse.Error.INVALID_QUERY);
});

const SCRIPTS = ['Grüße', '日本語テキスト', 'Здравствуй мир', 'مرحبا', '👩‍👩‍👧 family', 'e\u0301 combining', 'ﬁ ligature', '𝔘nicode'];

test('texts of every script come back as they were saved', async () => {
  assert.deepEqual(await matching(SCRIPTS, () => {}), SCRIPTS);
});

test('texts of every script are found by equality', async () => {
  for (const text of SCRIPTS) {
    assert.deepEqual(await matching(SCRIPTS, it => it.equalTo('text', text)), [text]);
  }
});

test('texts of every script are found by a part of them', async () => {
  assert.deepEqual(await matching(SCRIPTS, it => it.contains('text', 'テキ')), ['日本語テキスト']);
  assert.deepEqual(await matching(SCRIPTS, it => it.matches('text', 'МИР', 'i')), ['Здравствуй мир']);
});

differs('a text that begins with an emoji is found by it', async () => {
  assert.deepEqual(await matching(SCRIPTS, it => it.startsWith('text', '👩')), ['👩‍👩‍👧 family']);
});

test('keys inside an object may be of any script', async () => {
  const className = fresh();
  const value = { 'größe': 1, '名前': { 'ключ': '値' }, '👍': [true] };
  await createAll(className, [{ value }]);
  assert.deepEqual((await new Parse.Query(className).first()).get('value'), value);
});

test('line breaks, tabs and control characters are kept', async () => {
  const text = 'line one\r\nline two\ttabbed \u0001\u001f\u007f\u2028 end';
  assert.deepEqual(await matching([text], it => it.equalTo('text', text)), [text]);
});

test('a text of 200,000 characters is kept', async () => {
  const text = 'Größe 日本 '.repeat(20000);
  assert.deepEqual(await matching([text], () => {}), [text]);
});
