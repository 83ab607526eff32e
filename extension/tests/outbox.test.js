// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadOutbox } from './load.js';

const createOutbox = loadOutbox();
const limits = { inFlight: 4, batch: 3, batchSize: 100, capacity: 1000 };

/** @param {ReturnType<typeof createOutbox>} outbox @param {number} n @param {string} [text] */
const fill = (outbox, n, text = 'x') => {
  for (let seq = 1; seq <= n; seq++) assert.ok(outbox.add({ seq, text }));
};
/** @param {{seq: number}[]} entries */
const seqs = (entries) => entries.map((e) => e.seq);

test('records go out in batches, as many as the window has room for', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 6);
  assert.deepEqual(seqs(outbox.next()), [1, 2, 3]);
  assert.deepEqual(seqs(outbox.next()), [4]);
  assert.deepEqual(seqs(outbox.next()), []);
  outbox.acknowledge([2, 1]);
  assert.deepEqual(seqs(outbox.next()), [5, 6]);
  assert.deepEqual(seqs(outbox.unacknowledged()), [3, 4, 5, 6]);
});

test('a page that goes away does not wait for the window', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 8);
  assert.deepEqual([seqs(outbox.next(true)), seqs(outbox.next(true)), seqs(outbox.next(true))], [[1, 2, 3], [4, 5, 6], [7, 8]]);
});

test('a batch has a size, but a larger record goes alone', () => {
  const outbox = createOutbox(limits);
  outbox.add({ seq: 1, text: 'a'.repeat(60) });
  outbox.add({ seq: 2, text: 'b'.repeat(60) });
  outbox.add({ seq: 3, text: 'c'.repeat(500) });
  assert.deepEqual([seqs(outbox.next()), seqs(outbox.next()), seqs(outbox.next())], [[1], [2], [3]]);
});

test('after a broken connection everything unacknowledged goes again, in order', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 5);
  outbox.next();
  outbox.acknowledge([2]);
  outbox.rewind();
  assert.deepEqual(seqs(outbox.next()), [1, 3, 4]);
  assert.deepEqual(seqs(outbox.unacknowledged()), [1, 3, 4, 5]);
});

test('there is an end to what is kept, and room again after acknowledgements', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 10, 'x'.repeat(100));
  assert.equal(outbox.add({ seq: 11, text: 'x' }), false);
  outbox.acknowledge([1]);
  assert.equal(outbox.add({ seq: 11, text: 'x' }), true);
});

test('only what has not been sent can be amended', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 2);
  outbox.amend(1, (text) => `${text}!`);
  assert.deepEqual(outbox.next().map((e) => e.text), ['x!', 'x']);
  outbox.amend(2, (text) => `${text}!`);
  assert.deepEqual(outbox.unacknowledged().map((e) => e.text), ['x!', 'x']);
});

test('it is empty when all is acknowledged, sent or not', () => {
  const outbox = createOutbox(limits);
  assert.equal(outbox.empty, true);
  fill(outbox, 2);
  outbox.acknowledge([1, 2, 99]);
  assert.equal(outbox.empty, true);
});
