// @ts-check
// The relay's memory: keeps every record of a document until the background says that it
// is safe elsewhere. Pure; loaded before recorder.js into the same world.

/**
 * @typedef {object} OutboxEntry a record, which recorder.js writes out when it is sent
 * @property {number} seq
 * @property {number} size UTF-16 units of its JSON, estimated
 * @property {boolean} held it is not finished: neither it nor any later record is sent or written yet
 */

/**
 * @typedef {object} OutboxLimits
 * @property {number} inFlight records sent and not acknowledged, at most
 * @property {number} batch records in one message, at most
 * @property {number} batchSize UTF-16 units in one message; one larger record goes alone
 * @property {number} capacity UTF-16 units kept in all
 */

/**
 * @template {OutboxEntry} E
 * @param {OutboxLimits} limits
 */
// eslint-disable-next-line no-unused-vars -- recorder.js uses it
function createOutbox(limits) {
  /** @type {Map<number, E>} */
  let waiting = new Map();
  /** @type {Map<number, E>} */
  let flying = new Map();
  /** Records that have not been given to the extension's storage. @type {Set<E>} */
  const unwritten = new Set();
  let size = 0;

  /** @param {E} entry */
  const forget = (entry) => {
    size -= entry.size;
    flying.delete(entry.seq);
    waiting.delete(entry.seq);
    unwritten.delete(entry);
  };

  return {
    /** @param {E} entry @returns {boolean} false when there is no room */
    add(entry) {
      if (size + entry.size > limits.capacity) return false;
      waiting.set(entry.seq, entry);
      unwritten.add(entry);
      size += entry.size;
      return true;
    },

    /**
     * A record in the outbox has become larger.
     * @param {E} entry
     * @param {number} by UTF-16 units
     * @returns {boolean} false when there is no room
     */
    grow(entry, by) {
      if (size + by > limits.capacity) return false;
      entry.size += by;
      size += by;
      return true;
    },

    /**
     * Whether a record has been neither sent nor written, so that it can still be changed.
     * @param {E} entry
     */
    isHere(entry) {
      return waiting.get(entry.seq) === entry && unwritten.has(entry);
    },

    /**
     * The next batch, which counts as sent; empty when nothing waits or the
     * window is full.
     * @param {boolean} [all] ignore the window, because the page is leaving
     */
    next(all = false) {
      /** @type {E[]} */
      const batch = [];
      let units = 0;
      for (const entry of waiting.values()) {
        if (entry.held && all) continue;
        if (entry.held) break; // if later ones went first, this one would look lost
        if (!all && flying.size >= limits.inFlight) break;
        if (batch.length > 0 && (batch.length >= limits.batch || units + entry.size > limits.batchSize)) break;
        batch.push(entry);
        units += entry.size;
        waiting.delete(entry.seq);
        flying.set(entry.seq, entry);
      }
      return batch;
    },

    /** The first record that is held, and all that wait behind it. */
    blocked() {
      const all = [...waiting.values()];
      const first = all.findIndex((entry) => entry.held);
      return first < 0 ? [] : all.slice(first);
    },

    /** @param {number[]} seqs */
    acknowledge(seqs) {
      for (const seq of seqs) {
        const entry = flying.get(seq) ?? waiting.get(seq);
        if (entry !== undefined) forget(entry);
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

    /** Records that are neither in the storage nor acknowledged. From now on they count as given to the storage. */
    unwritten() {
      const out = [...unwritten].filter((entry) => !entry.held);
      for (const entry of out) unwritten.delete(entry);
      return out;
    },

    /** Whether every record has been sent. */
    get allSent() {
      return waiting.size === 0;
    },

    get empty() {
      return waiting.size === 0 && flying.size === 0;
    },
  };
}
