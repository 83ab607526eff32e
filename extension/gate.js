// @ts-check
// The background may be stopped and started at any moment, and the event that
// starts it comes before it remembers anything. So every event waits here until
// what an earlier life knew is restored. Pure.

const FIRST_PAUSE = 100;
const LAST_PAUSE = 5000;

/**
 * @param {() => Promise<void>} restore tried again until it succeeds: without its
 *   memory the background would record what is paused or excluded
 * @param {(ms: number, then: () => void) => void} later
 * @param {(problem: unknown) => void} complain
 * @returns {<A extends unknown[]>(event: (...values: A) => unknown) => (...values: A) => Promise<void>}
 *   makes a listener of what is to happen at an event: it happens once the state
 *   is there, and events keep their order
 */
export const createGate = (restore, later, complain) => {
  const open = (async () => {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LAST_PAUSE)) {
      try {
        return await restore();
      } catch (e) {
        complain(e);
        const wait = pause;
        await new Promise((resolve) => later(wait, () => resolve(undefined)));
      }
    }
  })();
  // One event that fails is no reason for the next to fail.
  return (event) => (...values) => open.then(async () => void (await event(...values))).catch(complain);
};
