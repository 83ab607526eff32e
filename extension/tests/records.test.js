// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { addressOf, conceal, documentOf, readRecord, siteOf, WHY } from '../records.js';

const document = '01234567-89ab-4def-8123-456789abcdef';
const now = '2026-01-02T03:04:05.000Z';
const time = '2026-01-01T00:00:00.000Z';

/** @param {object} [more] as relay.js writes it */
const json = (more) => JSON.stringify({
  v: 1, kind: 'call', id: `${document}/7`, seq: 7, time, document, url: 'https://shop.example/', args: ['chat_started', {}, {}], ...more,
});

test('a record is read without the members that only the background and the host may set', () => {
  assert.deepEqual(readRecord(json(), document, now), JSON.parse(json()));
  const forged = { tab: 1, frame: 2, browser: { name: 'x' }, received: time, findings: [], redacted: [] };
  assert.deepEqual(readRecord(json(forged), document, now), JSON.parse(json()));
});

/** @type {[string, string][]} */
const bad = [
  ['no JSON', json().slice(0, -1)],
  ['too deep', json({ args: 0 }).replace('"args":0', `"args":${'['.repeat(10_001)}${']'.repeat(10_001)}`)],
  ['no time', json({ time: 'yesterday' })],
  ['a time that is no text', json({ time: { toString: 1 } })],
  ['another number inside', json({ seq: 8 })],
  ['another kind of kind', json({ kind: 'finding' })],
  ['another document inside', json({ document: '11111111-89ab-4def-8123-456789abcdef' })],
];
for (const [name, text] of bad) {
  test(`a record that cannot be read becomes a gap of the same number: ${name}`, () => {
    const gap = readRecord(text, document, now);
    const lost = name === 'another kind of kind' ? 0 : 1;
    assert.deepEqual(gap, { v: 1, kind: 'gap', id: `${document}/7`, seq: 7, time: now, document, lost, why: WHY.unreadable });
  });
}

test('a text that is no record of the document is refused', () => {
  for (const text of [7, null, {}, '', '{}', json({ id: 'x'.repeat(1000) }), json({ id: `${document}/-1` }), json({ id: `${document}/1e9` })]) {
    assert.equal(readRecord(text, document, now), null, JSON.stringify(text));
  }
  assert.equal(readRecord(json(), '11111111-89ab-4def-8123-456789abcdef', now), null);
  assert.equal(documentOf(json()), document);
  assert.equal(documentOf('{}'), '');
  assert.equal(documentOf(undefined), '');
});

test('addresses and titles are texts of a bounded length', () => {
  const read = readRecord(json({ url: { toString: 1 }, title: 'x'.repeat(10_000), top_url: 'y'.repeat(10_000) }), document, now);
  assert.deepEqual([read?.url, read?.title.length, read?.top_url.length], ['', 300, 4096]);
});

test('a document\'s own word counts for addresses of its origin, otherwise the browser\'s', () => {
  const sender = { tab: 1, frame: 0, url: 'https://shop.example/a', origin: 'https://shop.example' };
  for (const [said, want] of [
    ['https://shop.example/b#c', 'https://shop.example/b#c'],
    ['https://bank.example/', sender.url],
    ['http://shop.example/', sender.url],
    ['file:///etc/passwd', sender.url],
    ['about:blank', 'about:blank'],
    ['', sender.url],
    [7, sender.url],
    [undefined, sender.url],
  ]) assert.equal(addressOf(said, sender), want, String(said));
  const blank = { ...sender, url: 'about:blank' };
  assert.equal(addressOf('https://shop.example/written', blank), 'https://shop.example/written', 'document.open() gives a frame its opener\'s address');
  assert.equal(addressOf('https://bank.example/', blank), 'about:blank');
});

test('a concealed record names the page\'s site at most', () => {
  const record = /** @type {any} */ ({
    v: 1, kind: 'call', id: `${document}/7`, seq: 7, time, tab: 1, frame: 0, document,
    url: 'https://shop.example/secret?a', top_url: 'https://top.example/secret', title: 'secret',
    args: ['secret'], notes: [{ text: 'secret' }], handler: { threw: 'secret' },
  });
  const kept = { v: 1, kind: 'gap', id: record.id, seq: 7, time, tab: 1, frame: 0, document, lost: 1, why: WHY.paused };
  const clean = (/** @type {object} */ r) => JSON.parse(JSON.stringify(r));
  assert.deepEqual(clean(conceal(record, WHY.paused)), { ...kept, url: 'https://shop.example', top_url: 'https://top.example' });
  assert.deepEqual(clean(conceal(record, WHY.excluded, false)), { ...kept, why: WHY.excluded });
  const left = { ...record, kind: 'page', event: 'closed', hooked_from_start: true, args: undefined };
  assert.deepEqual(clean(conceal(left, WHY.excluded, false)), {
    v: 1, kind: 'page', event: 'closed', hooked_from_start: true, id: record.id, seq: 7, time, tab: 1, frame: 0, document,
  });
  assert.deepEqual(['https://a.example:8/b?c', 'file:///home/a', 'about:blank', 'chrome://settings', ''].map(siteOf),
    ['https://a.example:8', 'file://', '', '', '']);
});
