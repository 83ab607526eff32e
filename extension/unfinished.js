// @ts-check
// Calls whose records can still change: their function still runs, or they have not been
// sent yet. Pure; loaded before recorder.js into the same world.

/** @param {{isHere(entry: RelayEntry): boolean}} outbox */
// eslint-disable-next-line no-unused-vars -- recorder.js uses it
function createUnfinished(outbox) {
  'use strict';

  const MAX = 1000;
  /** Calls that have not been sent or written yet, by hook.js's number. @type {Map<number, RelayEntry>} */
  const calls = new Map();
  /** Calls whose functions run now, the outermost first. @type {RelayEntry[]} */
  const running = [];

  /** Some of the calls whose functions ran are finished. @param {number} from @param {number} [count] */
  const release = (from, count = Infinity) => {
    for (const entry of running.splice(from, count)) entry.held = false;
  };

  return {
    /** @param {number} n @param {RelayEntry} entry its function runs now */
    add(n, entry) {
      calls.set(n, entry);
      running.push(entry);
      if (running.length > MAX) release(0, 1);
      if (calls.size <= MAX) return;
      for (const [other, { held }] of calls) {
        if (held) continue; // its function may still throw
        calls.delete(other);
        return;
      }
    },

    /** The call with hook.js's number, if its record can still be changed. @param {number} n */
    of(n) {
      const entry = calls.get(n);
      return entry !== undefined && outbox.isHere(entry) ? entry : undefined;
    },

    /** A call's function is over, and so are calls within it: the hook may not have had enough stack to report those. @param {number} n */
    over(n) {
      release(running.findLastIndex(({ draft }) => Number(draft.n) < n) + 1);
    },

    /** All functions are taken to be over. */
    allOver() {
      release(0);
    },

    /** A record does not change any more. @param {RelayEntry} entry */
    sent({ draft: { n } }) {
      if (n !== undefined) calls.delete(n);
    },

    /** Whether a function runs. */
    get running() {
      return running.length > 0;
    },
  };
}
