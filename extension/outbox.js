// @ts-check
// The relay's memory: every record of a document until the background says that
// it is kept elsewhere. Pure; loaded before relay.js into the same world.

/**
 * @typedef {object} Entry
 * @property {number} seq
 * @property {string} text the record's JSON
 */

/**
 * @typedef {object} OutboxLimits
 * @property {number} inFlight records sent and not acknowledged, at most
 * @property {number} batch records in one message, at most
 * @property {number} batchSize UTF-16 units in one message; one larger record goes alone
 * @property {number} capacity UTF-16 units kept in all
 */

/**
 * @param {OutboxLimits} limits
 */
// eslint-disable-next-line no-unused-vars -- relay.js uses it
function createOutbox(limits) {
  /** @type {Map<number, Entry>} */
  let waiting = new Map();
  /** @type {Map<number, Entry>} */
  let flying = new Map();
  let size = 0;

  return {
    /** @param {Entry} entry @returns {boolean} false when there is no room */
    add(entry) {
      if (size + entry.text.length > limits.capacity) return false;
      waiting.set(entry.seq, entry);
      size += entry.text.length;
      return true;
    },

    /**
     * Changes a record that has not been sent yet.
     * @param {number} seq
     * @param {(text: string) => string} change
     */
    amend(seq, change) {
      const entry = waiting.get(seq);
      if (entry === undefined) return;
      size -= entry.text.length;
      entry.text = change(entry.text);
      size += entry.text.length;
    },

    /**
     * The next batch, which counts as sent; empty when nothing waits or the
     * window is full.
     * @param {boolean} [all] regardless of the window: the page is going away
     */
    next(all = false) {
      /** @type {Entry[]} */
      const batch = [];
      let units = 0;
      for (const entry of waiting.values()) {
        if (!all && flying.size >= limits.inFlight) break;
        if (batch.length > 0 && (batch.length >= limits.batch || units + entry.text.length > limits.batchSize)) break;
        batch.push(entry);
        units += entry.text.length;
        waiting.delete(entry.seq);
        flying.set(entry.seq, entry);
      }
      return batch;
    },

    /** @param {number[]} seqs */
    acknowledge(seqs) {
      for (const seq of seqs) {
        const entry = flying.get(seq) ?? waiting.get(seq);
        if (entry === undefined) continue;
        size -= entry.text.length;
        flying.delete(seq);
        waiting.delete(seq);
      }
    },

    /** What was sent must be sent again: the connection broke. */
    rewind() {
      waiting = new Map([...flying, ...waiting]);
      flying = new Map();
    },

    /** Everything that is not acknowledged, in order. */
    unacknowledged() {
      return [...flying.values(), ...waiting.values()].sort((a, b) => a.seq - b.seq);
    },

    get empty() {
      return waiting.size === 0 && flying.size === 0;
    },
  };
}
