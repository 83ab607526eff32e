// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { createGate } from '../gate.js';

/** A gate whose state comes when it is told to. */
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

test('no event happens before the state is there, and then all do in their order', async () => {
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

test('a state that cannot be read is read again; nothing happens meanwhile', async () => {
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

test('an event that fails does not keep the next from happening', async () => {
  const { attempts, problems, happened, pass, event } = bench();
  attempts[0]?.resolve();
  await pass(() => { throw new Error('at once'); })();
  await pass(async () => { throw new Error('later'); })();
  await event('next');
  assert.deepEqual(happened, ['next']);
  assert.equal(problems.length, 2);
});
