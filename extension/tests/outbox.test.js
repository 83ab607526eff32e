// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadOutbox } from './load.js';

const createOutbox = loadOutbox();
const limits = { inFlight: 3, batch: 2, batchSize: 100, capacity: 1000 };

/** @param {number} seq @param {number} [size] @returns {OutboxEntry} */
const entry = (seq, size = 1) => ({ seq, size, held: false });

/** @param {ReturnType<typeof createOutbox>} outbox @param {number} n @param {number} [size] */
const fill = (outbox, n, size) => {
  const entries = [];
  for (let seq = 1; seq <= n; seq++) {
    entries.push(entry(seq, size));
    outbox.add(/** @type {OutboxEntry} */ (entries.at(-1)));
  }
  return entries;
};

/** @param {{seq: number}[]} batch */
const seqs = (batch) => batch.map((e) => e.seq);

test('records leave in order, as far as the window allows', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 5);
  assert.deepEqual(seqs(outbox.next()), [1, 2]);
  assert.deepEqual(seqs(outbox.next()), [3]);
  assert.deepEqual(outbox.next(), []);
  outbox.acknowledge([1, 2]);
  assert.deepEqual(seqs(outbox.next()), [4, 5]);
});

test('when a page is left, everything is sent at once', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 5);
  assert.deepEqual([seqs(outbox.next(true)), seqs(outbox.next(true)), seqs(outbox.next(true))], [[1, 2], [3, 4], [5]]);
});

test('a large record goes alone, and even one above the limit goes', () => {
  const outbox = createOutbox(limits);
  outbox.add(entry(1, 60));
  outbox.add(entry(2, 60));
  outbox.add(entry(3, 500));
  assert.deepEqual([seqs(outbox.next()), seqs(outbox.next()), seqs(outbox.next())], [[1], [2], [3]]);
});

test('after a broken connection everything unacknowledged goes again, in order', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 5);
  outbox.next();
  outbox.acknowledge([2]);
  outbox.rewind();
  assert.deepEqual(seqs(outbox.next()), [1, 3]);
  assert.deepEqual(seqs(outbox.unacknowledged()), [1, 3, 4, 5]);
});

test('a full outbox takes nothing more until something is acknowledged', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 10, 100);
  assert.equal(outbox.add(entry(11)), false);
  outbox.acknowledge([1]);
  assert.equal(outbox.add(entry(11)), true);
});

test('a record can be changed until it was sent or written', () => {
  const outbox = createOutbox(limits);
  const [first, second, third] = /** @type {[OutboxEntry, OutboxEntry, OutboxEntry]} */ (/** @type {unknown} */ (fill(outbox, 3)));
  third.held = true;
  assert.deepEqual([first, second, third].map(outbox.isHere), [true, true, true]);
  outbox.next();
  assert.deepEqual([first, second, third].map(outbox.isHere), [false, false, true]);
  outbox.rewind();
  outbox.unwritten();
  assert.deepEqual([first, second, third].map(outbox.isHere), [false, false, true]);
});

test('a held record stays, and later ones are sent before it', () => {
  const outbox = createOutbox(limits);
  const [first] = /** @type {[OutboxEntry]} */ (/** @type {unknown} */ (fill(outbox, 3)));
  first.held = true;
  assert.deepEqual(seqs(outbox.next(true)), [2, 3]);
  assert.deepEqual(seqs(outbox.unwritten()), [2, 3]);
  first.held = false;
  assert.deepEqual(seqs(outbox.next(true)), [1]);
  assert.deepEqual(seqs(outbox.unwritten()), [1]);
});

test('each record is written once, and never after it was acknowledged', () => {
  const outbox = createOutbox(limits);
  fill(outbox, 3);
  outbox.next();
  outbox.acknowledge([1]);
  assert.deepEqual(seqs(outbox.unwritten()), [2, 3]);
  outbox.add(entry(4));
  assert.deepEqual(seqs(outbox.unwritten()), [4]);
  assert.deepEqual(outbox.unwritten(), []);
});

test('it is empty when all is acknowledged, sent or not', () => {
  const outbox = createOutbox(limits);
  assert.equal(outbox.empty, true);
  fill(outbox, 2);
  outbox.acknowledge([1, 2, 99]);
  assert.equal(outbox.empty, true);
});
