// @ts-check
// Keeps what was found in a page's queues, except what the function of a recorded call
// put there, until the background has it. The size is limited; what does not fit is
// counted. Pure; loaded before recorder.js into the same world.

// eslint-disable-next-line no-unused-vars -- recorder.js uses it
function createFinds() {
  'use strict';

  const { readPushed } = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);
  const MAX = 1000;
  const MAX_SIZE = 4_194_304;

  /** @type {{time: number, text: QueueText}[]} */
  let kept = [];
  let size = 0;
  /** How many finds did not fit. */
  let dropped = 0;

  return {
    /**
     * @param {QueueText} text
     * @param {number} time milliseconds
     * @returns {boolean} false when there is no room
     */
    add(text, time) {
      const more = text.data.length + text.notes.length;
      if (kept.length === MAX || size + more > MAX_SIZE) {
        dropped++;
        return false;
      }
      kept.push({ time, text });
      size += more;
      return true;
    },
    /** @param {number} count how many finds the hook could not even report */
    drop(count) {
      dropped += count;
    },
    get empty() {
      return kept.length + dropped === 0;
    },
    read() {
      const queued = kept.flatMap(({ time, text }) => readPushed([text]).map((read) => ({ time: new Date(time).toISOString(), ...read })));
      return { queued, dropped };
    },
    clear() {
      kept = [];
      size = dropped = 0;
    },
  };
}
