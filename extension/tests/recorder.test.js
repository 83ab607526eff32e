// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { ID, visit } from './visit.js';

const UNREADABLE = 'a record of this page could not be read';

test('the records of a visit are in order and numbered', () => {
  const v = visit();
  v.recorder.met(true);
  v.recorder.said('handler\nappeared\nassigned');
  v.recorder.client('framed', 'its frame is in the page');
  v.call('a');
  v.call('b', 'threw\nN\nTypeError: x');
  v.recorder.said('gap\n2\nthe page called when its stack was almost exhausted');
  v.recorder.leave();
  v.call('c');
  v.recorder.left();
  v.settle();
  assert.deepEqual(v.told(), [
    'page opened', 'page hooked', 'handler appeared', 'client framed', 'call a', 'call b TypeError: x', 'gap 2', 'call c', 'page closed',
  ]);
  assert.deepEqual([...v.stored.values()].map((r) => r.seq).sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(v.stored.get(`${ID}/5`), {
    v: 1, kind: 'call', id: `${ID}/5`, seq: 5, time: '2026-01-01T00:00:00.000Z', document: ID, url: 'https://shop.example/a', top_url: 'https://shop.example/a',
    title: 'Shop', args: ['a', {}], handler: { state: 'assigned' },
  });
});

test('a page cannot forge anything but its own calls', () => {
  const forged = [
    'call\n1\nassigned\n["a"]},"url":"https://bank.example/","x":{"y":[]\n[]',
    'call\n1\nassigned","url":"https://bank.example/\n["a"]\n[]',
    'call\n1\nassigned\n["a"]\n[],"url":"https://bank.example/"',
    'call\n1\nassigned\n["a"]\n[{"at":"","is":"nan","url":{}}',
    'call\n1","url":"https://bank.example/\nassigned\n["a"]\n[]',
    `call\n1\nassigned\n${'['.repeat(10_001)}${']'.repeat(10_001)}\n[]`,
    'gap\n1,"url":"https://bank.example/"\nbecause', 'handler\nappeared","url":"https://bank.example/\n', 'url\nhttps://bank.example/', '', '\n', 'call',
    { toString() { throw new Error('heard'); } }, null, 7, Symbol('x'), ['call\n1\nassigned\n[]\n[]'],
  ];
  for (const detail of forged) {
    const v = visit();
    v.call('before');
    v.recorder.said(detail);
    v.call('after');
    v.settle();
    assert.deepEqual(v.calls(), ['before', 'after'], String(typeof detail));
    assert.equal(v.lost(UNREADABLE), 1);
    assert.ok([...v.stored.values()].every((r) => r.url === 'https://shop.example/a' && r.document === ID));
  }
});

test('texts of the page cannot forge an address either, and are made well-formed', () => {
  const v = visit();
  const bad = '"},"url":"https://bank.example/","\ud800';
  v.page.title = bad;
  v.recorder.said(`handler\nappeared\n${bad}`);
  v.call(bad, `threw\nN\n${bad}`);
  v.recorder.said(`call\n2\nassigned\n["\\ud800",{"\\udfff":1}]\n[{"at":"/0","is":"bigint","text":"\\ud800"}]`);
  v.settle();
  for (const r of v.stored.values()) {
    assert.equal(r.url, 'https://shop.example/a');
    assert.ok(JSON.stringify(r).isWellFormed() && !JSON.stringify(r).includes('\\ud8'));
  }
  assert.equal(v.stored.get(`${ID}/3`).handler.threw, bad.toWellFormed());
});

test('a call of any size or depth costs no other one', () => {
  const v = visit();
  v.call('first');
  v.recorder.said(`call\n50\nassigned\n["${'x'.repeat(12_000_000)}"]\n[]`);
  v.recorder.said(`call\n51\nassigned\n["${'x'.repeat(14_000_000)}"]\n[]`);
  v.call('last');
  v.settle();
  assert.deepEqual(v.calls().map((name) => String(name).length), [5, 12_000_000, 4]);
  assert.equal(v.lost(UNREADABLE), 1);
});

test('what a call put into queues costs no call, also if it cannot be read', () => {
  const v = visit();
  v.recorder.said('call\n1\nassigned\n["a"]\n[]');
  v.recorder.said(`done\n1\n\ndataLayer\n["${'x'.repeat(2_400_000)}"]\n[]`);
  v.recorder.said(`queued\ndataLayer\n["${'x'.repeat(2_400_000)}"]\n[]`);
  v.call('b');
  v.settle();
  assert.deepEqual(v.calls(), ['a', 'b']);
  assert.equal(v.lost(UNREADABLE), 0);
  assert.deepEqual(v.sent.filter(({ type }) => type === 'queued').map((m) => 'dropped' in m && [m.queued, m.dropped]), [[[], 2]]);
});

test('calls for which there is no room are counted, each once', () => {
  const v = visit();
  v.background.acks = false;
  const large = 'x'.repeat(1_000_000);
  for (let i = 0; i < 40; i++) v.call(large);
  v.recorder.said('gap\n5\nthe page called when its stack was almost exhausted');
  v.settle();
  v.background.acks = true;
  v.breakPort();
  v.rest();
  v.call('small');
  v.settle();
  const why = 'too many calls waited for the background to take them';
  assert.equal(v.calls().length + v.lost(why), 41);
  assert.ok(v.lost(why) > 0);
  assert.equal(v.lost('the page called when its stack was almost exhausted'), 5);
});

test('a window that another document could change is not hooked from the start, in both records', () => {
  const v = visit();
  v.recorder.met(false);
  v.settle();
  assert.deepEqual([...v.stored.values()].map((r) => [r.event, r.hooked_from_start]), [['opened', false], ['hooked', false]]);
});

test('the hook gets the background\'s orders, also those from before it was there', () => {
  const v = visit();
  v.background.limits = '100 4 1000 32768';
  v.recorder.turn();
  v.settle();
  v.recorder.heard({ type: 'stand-in', on: true });
  v.orders.length = 0;
  v.recorder.met(true);
  v.recorder.heard({ type: 'stand-in', on: false });
  assert.deepEqual(v.orders, ['limits 100 4 1000 32768', 'stand-in', 'no stand-in']);
});

test('calls made while the page is left say what they threw and whether they were passed on', () => {
  const v = visit();
  v.recorder.leave();
  v.call('threw', 'threw\nN\nTypeError: x');
  v.recorder.said('call\n20\nassigned\n["outer"]\n[]');
  v.recorder.said('call\n21\nassigned\n["inner"]\n[]');
  v.recorder.said('done\n21\nyes');
  v.recorder.said('threw\n20\nRangeError: y');
  v.recorder.said('done\n20\nno');
  v.recorder.left();
  v.call('unload', 'threw\nN\nTypeError: z'); // made in the unload event
  v.settle();
  const handlers = [...v.stored.values()].filter((r) => r.kind === 'call').sort((a, b) => a.seq - b.seq).map((r) => [r.args[0], r.handler]);
  assert.deepEqual(handlers, [
    ['threw', { state: 'assigned', threw: 'TypeError: x' }],
    ['outer', { state: 'assigned', threw: 'RangeError: y', passed_on: false }],
    ['inner', { state: 'assigned', passed_on: true }],
    ['unload', { state: 'assigned', threw: 'TypeError: z' }],
  ]);
});

// While a function shows a dialog, Firefox runs timers and other events of the extension.
test('what a function throws belongs to its call, however long it shows a dialog', () => {
  /** @type {(() => void)[]} */
  const late = [];
  const patient = () => visit({ later: (_, then) => void late.push(then) });
  const v = patient();
  v.recorder.said('call\n1\nassigned\n["dialog"]\n[]');
  v.recorder.said('call\n2\nassigned\n["within"]\n[]');
  v.recorder.said('handler\nreplaced\n');
  v.settle();
  v.recorder.turn();
  assert.deepEqual(v.told(), ['page opened']);
  assert.equal(v.sent.filter(({ type }) => type === 'running').length, 3, 'each once');
  v.recorder.said('threw\n2\nError: no stack'); // with a full stack, the end of the call is not told
  v.recorder.said('threw\n1\nTypeError: x');
  v.recorder.said('done\n1\n\ndataLayer\n[1]\n[]');
  v.settle();
  assert.deepEqual(v.told(), ['page opened', 'call dialog TypeError: x', 'call within Error: no stack', 'handler replaced']);
  assert.deepEqual(v.stored.get(`${ID}/2`).pushed, [{ to: 'dataLayer', data: [1] }]);

  const kept = patient(); // the background has kept the first call's unfinished form, as after a broken port
  kept.recorder.said('call\n1\nassigned\n["dialog"]\n[]');
  kept.settle();
  kept.recorder.heard({ type: 'ack', seqs: [2] });
  kept.recorder.said('call\n2\nassigned\n["within"]\n[]'); // its end is not told
  kept.settle();
  kept.recorder.said('done\n1\n');
  kept.settle();
  assert.deepEqual(kept.calls(), ['within']);

  const killed = patient();
  killed.recorder.said('call\n1\nassigned\n["dialog"]\n[]');
  killed.recorder.said('handler\nreplaced\n');
  killed.settle();
  killed.breakPort(); // while the dialog is open
  killed.settle();
  assert.deepEqual(killed.told(), ['page opened', 'call dialog', 'handler replaced']);

  const again = patient();
  again.recorder.said('call\n1\nassigned\n["dialog"]\n[]');
  again.settle();
  again.background.dead = true;
  again.breakPort();
  again.background.dead = false;
  again.page.rests.shift()?.();
  again.settle();
  again.breakPort(); // the dialog is still open
  again.settle();
  assert.deepEqual(again.told(), ['page opened', 'call dialog']);

  const longer = patient();
  longer.recorder.said('call\n1\nassigned\n["dialog"]\n[]');
  longer.settle();
  for (const then of late.splice(0)) then();
  longer.recorder.said('call\n2\nassigned\n["within"]\n[]');
  longer.settle();
  assert.deepEqual(longer.told(), ['page opened', 'call dialog']);
  for (const then of late) then();
  longer.settle();
  assert.deepEqual(longer.told(), ['page opened', 'call dialog', 'call within']);
});

test('what a function throws belongs to its call, however many calls it makes', () => {
  /** @type {(() => void)[]} */
  const late = [];
  const v = visit({ later: (_, then) => void late.push(then) });
  v.recorder.said('call\n1\nassigned\n["queue"]\n[]');
  for (let n = 2; n <= 1500; n++) {
    v.recorder.said(`call\n${n}\nassigned\n["within"]\n[]`);
    v.recorder.said(`done\n${n}\n`);
  }
  v.recorder.said('threw\n1\nTypeError: x');
  v.recorder.said('done\n1\n');
  v.settle();
  assert.deepEqual([v.told().length, v.told()[1], late.length], [1501, 'call queue TypeError: x', 0]);

  const deep = visit({ later: (_, then) => void late.push(then) });
  for (let n = 1; n <= 1500; n++) deep.recorder.said(`call\n${n}\nassigned\n["within"]\n[]`);
  deep.recorder.said('threw\n1500\nRangeError: x');
  for (let n = 1500; n > 0; n--) deep.recorder.said(`done\n${n}\n`);
  deep.settle();
  assert.deepEqual([deep.told().length, deep.told()[1500], late.length], [1501, 'call within RangeError: x', 0]);

  const endless = visit({ later: (_, then) => void late.push(then) });
  for (let n = 1; n <= 1500; n++) endless.recorder.said(`call\n${n}\nassigned\n["within"]\n[]`);
  endless.settle();
  assert.equal(endless.told().length, 501, 'at most a thousand calls are waited for');
});

test('a function that never ends, or removes its page, costs no record', () => {
  const endless = visit();
  endless.recorder.leave();
  endless.recorder.said('call\n1\nassigned\n["endless"]\n[]');
  endless.settle();
  assert.deepEqual(endless.calls(), []); // it may still throw
  endless.breakPort(); // the page's process is killed
  endless.settle();
  assert.deepEqual(endless.calls(), ['endless']);

  const away = visit();
  away.recorder.said('call\n1\nassigned\n["away"]\n[]'); // and the function removes the page's frame
  away.recorder.leave();
  away.recorder.left();
  away.recorder.said('done\n1\n');
  away.settle();
  assert.deepEqual(away.calls(), ['away']);

  const last = visit();
  last.recorder.leave();
  last.recorder.said('call\n1\nassigned\n["last"]\n[]');
  last.background.dead = true;
  last.recorder.left();
  last.settle();
  assert.deepEqual(last.calls(), ['last']); // from the storage
});

test('that calls are passed on later is said in their records or, if these were sent, in one of its own', () => {
  const v = visit();
  const here = v.call('a');
  v.recorder.said(`passed\n${here}`);
  v.settle();
  assert.equal(v.stored.get(`${ID}/2`).handler.passed_on, true);
  const gone = v.call('b');
  const also = v.call('c');
  v.settle();
  v.recorder.said(`passed\n${gone}`);
  v.recorder.said(`passed\n${also}`);
  v.settle();
  assert.deepEqual(v.told(), ['page opened', 'call a', 'call b', 'call c', 'handler replaced']);
  assert.equal(v.stored.get(`${ID}/5`).text, 'passes calls on later');
});

test('a report is answered when all calls made so far have been sent, however many they are', () => {
  const v = visit();
  v.settle();
  v.background.acks = false;
  for (let n = 0; n < 1500; n++) v.call(`call ${n}`);
  v.recorder.said('call\n2000\nassigned\n["runs"]\n[]');
  const reported = () => v.sent.filter(({ type }) => type === 'reported').length;
  v.recorder.heard({ type: 'report' });
  v.settle();
  assert.equal(reported(), 0, 'some wait until others are safe');
  v.background.acks = true;
  v.recorder.heard({ type: 'ack', seqs: [...v.stored.values()].map(({ seq }) => seq) });
  v.recorder.said('done\n2000\n');
  v.settle();
  assert.equal(reported(), 1);
  assert.equal(v.sent.at(-1)?.type, 'reported');
  assert.equal(v.calls().length, 1501);
  v.recorder.heard({ type: 'report' });
  v.settle();
  assert.equal(reported(), 2, 'also when there is nothing to send');
  v.recorder.heard({ type: 'report' });
  v.breakPort();
  v.rest();
  v.call('later');
  v.settle();
  assert.equal(reported(), 2, 'the next connection owes no answer');
  v.recorder.heard({ type: 'report' });
  v.breakPort(true); // it finds that out by its answer
  v.settle();
  v.call('last');
  v.settle();
  assert.equal(reported(), 2, 'nor if the answer could not be sent');
  assert.equal(v.calls().at(-1), 'last');
});
