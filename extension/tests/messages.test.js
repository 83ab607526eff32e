// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import '../messages.js';

const { readSaid, readCall, readPushed, readRelay, readRecord, write, conceal, PAUSED } = /** @type {Messages} */ (
  /** @type {any} */ (globalThis).userlikeInspectorMessages
);
const { $defs: defs, properties } = JSON.parse(readFileSync(new URL('../../schema/record.schema.json', import.meta.url), 'utf8'));

const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';

test('each message of hook.js is read', () => {
  /** @type {[string, HookSaid][]} */
  const cases = [
    ['call\n7\nassigned\n["a\\nb"]\n[]', { kind: 'call', n: 7, state: 'assigned', args: '["a\\nb"]', notes: '[]' }],
    ['threw\n7\nTypeError: a\nb', { kind: 'threw', n: 7, text: 'TypeError: a\nb' }],
    ['done\n7\n', { kind: 'done', n: 7, passed: undefined, pushed: [], dropped: 0 }],
    ['done\n7\nyes', { kind: 'done', n: 7, passed: true, pushed: [], dropped: 0 }],
    ['done\n7\nno', { kind: 'done', n: 7, passed: false, pushed: [], dropped: 0 }],
    ['done\n7\n\ndataLayer\n[1]\n[]\nfbq.queue\n[]\n[]', {
      kind: 'done', n: 7, passed: undefined, pushed: [{ to: 'dataLayer', data: '[1]', notes: '[]' }, { to: 'fbq.queue', data: '[]', notes: '[]' }], dropped: 0,
    }],
    ['queued\ndataLayer\n[1]\n[]', { kind: 'queued', queued: { to: 'dataLayer', data: '[1]', notes: '[]' } }],
    ['unqueued\n12', { kind: 'unqueued', count: 12 }],
    ['passed\n7', { kind: 'passed', n: 7 }],
    ['handler\nappeared\nassigned', { kind: 'handler', state: 'appeared', text: 'assigned' }],
    ['handler\nremoved\n', { kind: 'handler', state: 'removed', text: '' }],
    ['gap\n3\nthe page called when its stack was almost exhausted', { kind: 'gap', lost: 3, why: 'the page called when its stack was almost exhausted' }],
  ];
  for (const [detail, message] of cases) assert.deepEqual(readSaid(detail), message, detail);
});

test('messages that hook.js never sends are refused', () => {
  const cases = [
    undefined, null, 7, {}, ['call'], '', 'call', 'call\n', 'call\n1\nassigned\n[]', 'Call\n1\nassigned\n[]\n[]', 'toString\n1', '__proto__\n1',
    'call\n1\nappeared\n[]\n[]', 'call\n-1\nassigned\n[]\n[]', 'call\n1e3\nassigned\n[]\n[]', 'call\n\nassigned\n[]\n[]',
    'call\n9999999999999999\nassigned\n[]\n[]',
    'threw\nx\ntext', 'threw\n1', 'done\n1\nperhaps', 'done\n1', 'passed\n', 'passed\n0x1',
    'unqueued\nmany',
    'handler\nassigned\n', 'handler\nappeared', 'handler\nappeared","url":"https://bank.example/\n',
    'gap\n1\nbecause', 'gap\nInfinity\nthe page called when its stack was almost exhausted',
    'gap\n1000001\nthe page called when its stack was almost exhausted',
    `call\n1\nassigned\n["${'x'.repeat(13_000_000)}"]\n[]`,
  ];
  for (const detail of cases) assert.equal(readSaid(detail), null, String(detail).slice(0, 80));
});

test('finds in queues that cannot be read are counted, and the call\'s end is heard', () => {
  for (const finds of ['dataLayer', 'dataLayer\n[]', 'data layer\n[]\n[]', '","url":"\n[]\n[]', '.x\n[]\n[]', `dataLayer\n["${'x'.repeat(1_600_000)}"]\n[]`]) {
    assert.deepEqual(readSaid(`done\n1\nyes\n${finds}`), { kind: 'done', n: 1, passed: true, pushed: [], dropped: 1 }, finds.slice(0, 80));
    assert.deepEqual(readSaid(`queued\n${finds}`), { kind: 'unqueued', count: 1 }, finds.slice(0, 80));
  }
  assert.deepEqual(readSaid('done\n1\n\ndataLayer\n[]\n[]\n.x\n[]\n[]'), { kind: 'done', n: 1, passed: undefined, pushed: [], dropped: 2 });
  assert.deepEqual(readSaid('queued\na\n[]\n[]\nb\n[]\n[]'), { kind: 'unqueued', count: 2 });
});

test('texts of the page are cut and made well-formed', () => {
  assert.deepEqual(readSaid(`threw\n1\n\ud800${'x'.repeat(5000)}`), { kind: 'threw', n: 1, text: `\ufffd${'x'.repeat(999)}` });
});

test('a call has arguments and notes, and nothing else is read', () => {
  const note = { at: '/1/a~1b~0c/', is: 'undefined' };
  assert.deepEqual(readCall('["a",{"b":[]}]', '[]'), { args: ['a', { b: [] }], notes: [] });
  assert.deepEqual(readCall('[]', JSON.stringify([note, { ...note, is: 'bigint', text: '12' }])), {
    args: [], notes: [note, { ...note, is: 'bigint', text: '12' }],
  });
  assert.deepEqual(readCall('[]', JSON.stringify([{ ...note, url: 'https://bank.example/' }])), { args: [], notes: [note] });
});

test('what was pushed is put together for each queue, in order', () => {
  const hole = JSON.stringify([{ at: '/0', is: 'hole' }, { at: '/1/a', is: 'undefined' }]);
  assert.deepEqual(readPushed([
    { to: 'dataLayer', data: '[1]', notes: '[]' }, { to: '_paq', data: '[["a"]]', notes: '[]' }, { to: 'dataLayer', data: '[null,{}]', notes: hole },
    { to: 'dataLayer', data: '[', notes: '[]' }, { to: 'x', data: '[]},"url":"y"', notes: '[]' }, { to: 'x', data: '[1]', notes: '[{"at":7}]' },
  ]), [
    { to: 'dataLayer', data: [1, null, {}], notes: [{ at: '/1', is: 'hole' }, { at: '/2/a', is: 'undefined' }] }, { to: '_paq', data: [['a']] },
  ]);
  const truncated = { at: '', is: 'truncated', text: '9' };
  assert.deepEqual(readPushed([{ to: 'a', data: '[1]', notes: '[]' }, { to: 'a', data: '[]', notes: JSON.stringify([truncated]) }])[0]?.notes, [truncated]);
  assert.equal(readPushed(Array.from({ length: 1000 }, (_, i) => ({ to: `q${i}`, data: '[]', notes: '[]' }))).length, 50);
});

test('a call whose JSON would end early or is malformed is refused', () => {
  const nested = (/** @type {number} */ levels) => '['.repeat(levels) + ']'.repeat(levels);
  /** @type {[string, string][]} */
  const cases = [
    ['[]},"url":"https://bank.example/","x":{"y":[]', '[]'],
    ['[],"url":"https://bank.example/"', '[]'],
    ['["a"]}', '[]'], ['["a"', '[]'], ['', '[]'], ['{}', '[]'], ['null', '[]'], ['"a"', '[]'], ['7', '[]'],
    ['[]', ''], ['[]', '{}'], ['[]', 'null'], ['[]', '[],"url":"https://bank.example/"'], ['[]', '[null]'], ['[]', '["undefined"]'],
    ['[]', '[{"at":"1","is":"undefined"}]'], ['[]', '[{"at":"/~2","is":"undefined"}]'], ['[]', '[{"at":1,"is":"undefined"}]'],
    ['[]', '[{"is":"undefined"}]'], ['[]', '[{"at":"","is":"odd"}]'], ['[]', '[{"at":"","is":"bigint","text":1}]'], ['[]', '[{"at":"","is":["nan"]}]'],
    [nested(10_001), '[]'], [nested(251), '[]'], ['['.repeat(5_000_000), '[]'], ['[]', nested(10_001)],
  ];
  for (const [args, notes] of cases) assert.equal(readCall(args, notes), null, `${args} ${notes}`.slice(0, 80));
  assert.notEqual(readCall(nested(250), '[]'), null);
  assert.notEqual(readCall(JSON.stringify(['['.repeat(300), '\\"[', '"{']), '[]'), null);
});

test('every kind of note and state of the schema is accepted', () => {
  for (const is of defs.note.properties.is.enum) assert.notEqual(readCall('[]', JSON.stringify([{ at: '', is }])), null, is);
  for (const state of properties.handler.properties.state.enum) assert.notEqual(readSaid(`call\n1\n${state}\n[]\n[]`), null, state);
});

test('lone surrogates are written as replacement characters', () => {
  const cases = ['\ud800', 'a\udfffb', '\ud83d', '\\ud800', '\\\ud800', '\\\\ud800', '😀', '\n\u2028"', '\ud800\ud800\udc00'];
  for (const text of cases) {
    const want = text.toWellFormed();
    assert.deepEqual(JSON.parse(write({ [text]: [text] })), { [want]: [want] }, JSON.stringify(text));
  }
});

test('messages of relay.js are read, others are refused', () => {
  const good = [
    { type: 'records', paused: false, going: true, records: ['{}'] },
    { type: 'unrecorded', document: uuid, seq: 3, calls: 2 },
    { type: 'running', record: '{}' },
    { type: 'reported' },
  ];
  for (const message of good) assert.deepEqual(readRelay({ ...message, more: 1 }), message);
  const bad = [
    undefined, null, 'records', [], {}, { type: 'ack' }, { type: 'records' },
    { ...good[0], records: 'x' }, { ...good[0], records: [{}] }, { ...good[0], paused: undefined },
    { ...good[1], document: 'x' }, { ...good[1], document: undefined }, { ...good[1], seq: -1 }, { ...good[1], calls: Infinity }, { ...good[1], calls: '3' },
    { type: 'running' }, { type: 'running', record: {} },
  ];
  for (const message of bad) assert.equal(readRelay(message), null, JSON.stringify(message));
});

test('a record that a relay cannot have written is refused', () => {
  const record = { v: 1, kind: 'call', id: `${uuid}/7`, seq: 7, time: '2026-01-01T00:00:00.000Z', document: uuid, args: [] };
  assert.deepEqual(readRecord(JSON.stringify(record)), record);
  const bad = [
    { v: 2 }, { kind: 'mark' }, { kind: ['call'] },
    { id: `${uuid}/8` }, { id: 'x'.repeat(300) }, { id: undefined },
    { seq: -1 }, { seq: 1.5 }, { seq: '7' }, { time: 7 },
    { document: `${uuid}${'x'.repeat(300)}`, id: `${uuid}${'x'.repeat(300)}/7` }, { document: [uuid] },
  ];
  for (const other of bad) assert.equal(readRecord(JSON.stringify({ ...record, ...other })), null, JSON.stringify(other));
  for (const text of ['', 'null', '7', '[]', '{', record, undefined, JSON.stringify(record).replace('[]', '['.repeat(10_001) + ']'.repeat(10_001))]) {
    assert.equal(readRecord(text), null);
  }
});

test('a concealed record names no more than the site', () => {
  const place = { v: 1, id: `${uuid}/7`, seq: 7, time: '2026-01-01T00:00:00.000Z', document: uuid };
  const private_ = { url: 'https://shop.example/a?b', top_url: 'https://top.example/c#d', title: 'Account of Ada' };
  const kept = { url: 'https://shop.example', top_url: 'https://top.example' };
  /** @param {any} record */
  const written = (record) => JSON.parse(write(conceal({ ...place, ...private_, ...record })));
  assert.deepEqual(written({ kind: 'call', args: ['a'], notes: [{ at: '', is: 'nan' }], handler: { state: 'assigned' } }), {
    ...place, ...kept, kind: 'gap', lost: 1, why: PAUSED,
  });
  const opened = { kind: 'page', event: 'opened', hooked_from_start: true };
  assert.deepEqual(written(opened), { ...place, ...kept, ...opened });
  assert.deepEqual(written({ kind: 'client', state: 'framed', text: 'its frame' }), { ...place, ...kept, kind: 'client', state: 'framed' });
  const appeared = { kind: 'handler', state: 'appeared', text: 'assigned' };
  assert.deepEqual(written(appeared), { ...place, ...kept, ...appeared });
  const gap = { kind: 'gap', lost: 3, why: 'x' };
  assert.deepEqual(written({ ...gap, url: 'about:blank', top_url: undefined }), { ...place, url: '', ...gap });
});
