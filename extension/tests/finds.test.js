// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { ID, visit } from './visit.js';

const pushed = 'queue\n[{"event":"x"}]\n[]';

test('what a call pushes to queues is in its record, sent or written to the storage', () => {
  const v = visit();
  const call = () => {
    const n = ++v.page.calls;
    v.recorder.said(`call\n${n}\nassigned\n["c${n}",{}]\n[]`);
    return (/** @type {string} */ queues) => v.recorder.said(`done\n${n}\n\n${queues}`);
  };
  call()(`${pushed}\nother\n[1]\n[]\n${pushed}`);
  v.settle();
  v.recorder.leave();
  const late = call();
  v.settle();
  assert.equal(v.stored.get(`${ID}/3`), undefined); // the function still runs
  late(pushed);
  v.settle();
  const of = (/** @type {number} */ seq) => v.stored.get(`${ID}/${seq}`).pushed;
  assert.deepEqual([of(2), of(3)], [
    [{ to: 'queue', data: [{ event: 'x' }, { event: 'x' }] }, { to: 'other', data: [1] }], [{ to: 'queue', data: [{ event: 'x' }] }],
  ]);
  assert.deepEqual(v.sent.filter(({ type }) => type === 'queued'), []);
  assert.deepEqual(v.spool.flatMap(({ entry }) => entry.records.map((json) => JSON.parse(json).pushed)).filter(Boolean), [of(3)]);
});

/** @param {ReturnType<typeof visit>} v @returns {any[]} */
const queuedBy = (v) => v.sent.filter(({ type }) => type === 'queued');

test('other finds in queues are sent with their document, after the calls, and never stored', () => {
  const v = visit();
  const n = v.call();
  v.recorder.said(`queued\n${pushed}`);
  v.recorder.said('unqueued\n3');
  v.settle();
  assert.deepEqual(queuedBy(v), [{
    type: 'queued', document: ID, dropped: 3,
    queued: [{ to: 'queue', data: [{ event: 'x' }], time: '2026-01-01T00:00:00.000Z' }],
  }]);
  assert.ok(v.sent.findIndex(({ type }) => type === 'queued') > v.sent.findLastIndex(({ type }) => type === 'records'));
  v.recorder.said(`done\n${n}\n\n${pushed}`); // its record was sent already, as while a dialog is open
  v.settle();
  assert.equal(queuedBy(v).length, 2);
  v.recorder.leave();
  v.recorder.said(`queued\n${pushed}`);
  v.recorder.left();
  v.settle();
  assert.equal(queuedBy(v).length, 3);
  assert.ok(!JSON.stringify(v.spool).includes('"event":"x"'), JSON.stringify(v.spool));
});

test('finds for which there is no room are counted', () => {
  const v = visit();
  v.call();
  for (let i = 0; i < 1200; i++) v.recorder.said(`queued\n${pushed}`);
  v.settle();
  assert.deepEqual(queuedBy(v).map(({ queued, dropped }) => [queued.length, dropped]), [[1000, 200]]);
  const large = visit();
  for (let i = 0; i < 5; i++) large.recorder.said(`queued\nqueue\n["${'x'.repeat(1_000_000)}"]\n[]`);
  large.settle();
  assert.deepEqual(queuedBy(large).map(({ queued, dropped }) => [queued.length, dropped]), [[4, 1]]);
});

test('nothing is told of queues in a pause, on an excluded site, or if following is switched off', () => {
  for (const [what, set] of /** @type {[string, object][]} */ ([['paused', { paused: true }], ['excluded', { excluded: true }], ['off', { follow: false }]])) {
    const v = visit({ restricted: true });
    Object.assign(v.background, set);
    v.call();
    v.recorder.said(`queued\n${pushed}`);
    v.settle();
    v.recorder.said(`call\n99\nassigned\n["a",{}]\n[]`);
    v.recorder.said(`done\n99\n\n${pushed}`);
    v.recorder.said(`queued\n${pushed}`);
    v.settle();
    assert.deepEqual(queuedBy(v), [], what);
    assert.ok(![...v.stored.values()].some((record) => record.pushed), what);
    if (what === 'off') {
      assert.ok(v.orders.includes('no follow'));
      assert.deepEqual([...v.stored.values()].flatMap((r) => (r.kind === 'page' && r.text ? [r.text] : [])), ['where calls go is not followed']);
    }
  }
});
