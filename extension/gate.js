// @ts-check
// The browser may stop and start the background at any moment, and the event that starts
// it comes before its state is restored. So every event waits here until that is done.
// Pure.

const FIRST_PAUSE = 100;
const LAST_PAUSE = 5000;

/**
 * @param {() => Promise<void>} restore tried again until it succeeds: without its
 *   memory the background would record what is paused or excluded
 * @param {(ms: number, then: () => void) => void} later
 * @param {(problem: unknown) => void} complain
 * @returns {<A extends unknown[]>(event: (...values: A) => unknown) => (...values: A) => Promise<void>}
 *   turns a handler of an event into a listener that waits until the state is there and
 *   keeps the order of events
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
  // An error in one event must not stop the next.
  return (event) => (...values) => open.then(async () => void (await event(...values))).catch(complain);
};
