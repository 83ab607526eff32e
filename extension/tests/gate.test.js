// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { createGate } from '../gate.js';

/** A gate whose state is read when the test says so. */
function bench() {
  /** @type {{resolve: () => void, reject: (e: Error) => void}[]} */
  const attempts = [];
  /** @type {(() => void)[]} */
  const timers = [];
  /** @type {unknown[]} */
  const problems = [];
  /** @type {string[]} */
  const happened = [];
  const pass = createGate(
    () => new Promise((resolve, reject) => void attempts.push({ resolve: () => resolve(undefined), reject })),
    (_, then) => void timers.push(then),
    (problem) => void problems.push(problem),
  );
  const event = pass((/** @type {string} */ name) => void happened.push(name));
  return { attempts, timers, problems, happened, pass, event };
}

test('events wait until the state is read, and are then handled in their order', async () => {
  const { attempts, happened, event } = bench();
  const all = Promise.all([event('a'), event('b')]);
  await Promise.resolve();
  assert.deepEqual(happened, []);
  attempts[0]?.resolve();
  void event('c');
  await all;
  await event('d');
  assert.deepEqual(happened, ['a', 'b', 'c', 'd']);
});

test('if the state cannot be read, it is read again; events wait meanwhile', async () => {
  const { attempts, timers, problems, happened, event } = bench();
  const done = event('a');
  for (let n = 0; n < 3; n++) {
    attempts[n]?.reject(new Error('the storage is busy'));
    while (timers.length === 0) await Promise.resolve();
    timers.pop()?.();
    while (attempts.length === n + 1) await Promise.resolve();
  }
  assert.equal(problems.length, 3);
  assert.deepEqual(happened, []);
  attempts[3]?.resolve();
  await done;
  assert.deepEqual(happened, ['a']);
});

test('an event that fails does not hold up the next one', async () => {
  const { attempts, problems, happened, pass, event } = bench();
  attempts[0]?.resolve();
  await pass(() => { throw new Error('at once'); })();
  await pass(async () => { throw new Error('later'); })();
  await event('next');
  assert.deepEqual(happened, ['next']);
  assert.equal(problems.length, 2);
});
