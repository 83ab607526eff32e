// @ts-check
// Keeps every record on its way from the relays to the host, until the host says that
// it is stored. Records that the host does not take soon are written to the
// extension's storage (the spool), so that they survive the end of the background or
// the browser. A relay may forget a record only when the host or the spool has it.
// Pure: storage and host are passed in.

/**
 * @typedef {object} Item a record on its way
 * @property {string} id
 * @property {any} record
 * @property {number} size UTF-16 units of its JSON
 * @property {number} since when it came, milliseconds
 * @property {boolean} sent whether the host that is connected now has been given it
 * @property {boolean} kept whether its relay was told to forget it
 * @property {string[]} keys the entries of the spool that contain it
 */

/**
 * @typedef {object} Storage the part of chrome.storage.local that is used
 * @property {(key: string) => Promise<Record<string, any>>} get
 * @property {(items: Record<string, any>) => Promise<void>} set
 * @property {(key: string) => Promise<void>} remove
 * @property {() => Promise<string[]>} getKeys
 */

/**
 * @typedef {object} DeliveryOptions
 * @property {(message: object) => boolean} send sends to the host; false when there is none
 * @property {Storage} storage
 * @property {() => number} now milliseconds
 * @property {(ms: number, then: () => void) => void} later
 * @property {() => string} unique
 * @property {(ids: string[]) => void} onKept is called with records that are safe, so that relays may forget them
 * @property {(record: any, verdict: any) => void} onStored is called once for each stored record, with the host's verdict
 * @property {(key: string, entry: any) => any[]} read returns the records of an entry of the spool, which a page
 *   or this delivery has written, as far as they may be kept
 * @property {(record: any) => any} instead makes a record with the same id which says that this one could not be delivered
 * @property {(key: string) => any} unreadable makes a record which says that an entry could not be read
 */

export const SPOOL = 'spool/';
const IN_FLIGHT = 2000;
const BATCH = 500;
const BATCH_SIZE = 1_000_000; // at most three bytes each in UTF-8
// After how many milliseconds a record that the host has not acknowledged is spooled:
// while the host is there, and while it is not.
const SPOOL_AFTER = 1000;
const SPOOL_SOON = 25;
const SETTLED = 10_000;
// Milliseconds between two messages to the host. After some 1500 messages Firefox
// stops for a tenth of a second to collect garbage (measured), so fewer are better.
export const REST = 25;
// How often an entry is read again when the storage returns an error, and after how
// many milliseconds.
const READS = 5;
const READ_AGAIN = 500;
// If a host ends before it has acknowledged a record, the record may be the cause.
// After so many ends the record is sent alone, after all others. If the host then ends
// as often with this record alone, another record is sent in its place, which says so.
const ENDS = 3;

export class Delivery {
  #readProblem = '';
  #writeProblem = '';

  /** @type {Map<string, Item>} */
  #items = new Map();
  #inFlight = 0;
  #connected = false;
  /** Whether the last attempt to reach the host has failed. */
  #absent = false;
  #spooling = false;
  /** When the spool is written next. */
  #due = Infinity;
  #replaying = false;
  #resting = false;
  /** Spool entries that have not been read back yet. @type {Set<string>} */
  #shelf = new Set();
  /** How many records of an entry that was read back are not stored yet. @type {Map<string, number>} */
  #left = new Map();
  /** Ids that the host has acknowledged in the last seconds. @type {Set<string>} */
  #settled = new Set();
  /**
   * What each call of drained() still waits for: first unread spool entries, then records.
   * @type {Set<{keys: Set<string>, ids?: string[], resolve: () => void}>}
   */
  #drains = new Set();
  /** How often reading an entry has failed. @type {Map<string, number>} */
  #reads = new Map();
  /**
   * How often the host has ended before it had acknowledged a record: in all, and when
   * that record was sent alone.
   * @type {Map<string, {ends: number, alone: number}>}
   */
  #suspects = new Map();
  /** The id of the record that was sent alone, '' while there is none. */
  #alone = '';
  #options;

  /** @param {DeliveryOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Why the spool cannot be written or read, '' when it can. */
  get problem() {
    return this.#writeProblem || this.#readProblem;
  }

  /** How many records are not stored yet, not counting those in unread spool entries. */
  get waiting() {
    return this.#items.size;
  }

  /** Whether anything waits for the host. */
  get idle() {
    return this.#items.size === 0 && this.#shelf.size === 0;
  }

  /**
   * Resolves when everything that waits now is stored, also what is in unread spool
   * entries.
   * @returns {Promise<void>}
   */
  drained() {
    return new Promise((resolve) => {
      this.#drains.add({ keys: new Set(this.#shelf), resolve });
      this.#drain();
    });
  }

  #drain() {
    for (const drain of this.#drains) {
      if ([...drain.keys].some((key) => this.#shelf.has(key))) continue;
      drain.ids ??= [...this.#items.keys()];
      if (drain.ids.some((id) => this.#items.has(id))) continue;
      this.#drains.delete(drain);
      drain.resolve();
    }
  }

  /** Finds what the background wrote before it was stopped, and what leaving pages wrote. */
  async find() {
    for (const key of await this.#options.storage.getKeys()) {
      if (key.startsWith(SPOOL)) this.found(key);
    }
  }

  /** A relay has written a spool entry. @param {string} key */
  found(key) {
    if (this.#left.has(key) || this.#own.has(key)) return;
    this.#shelf.add(key);
    this.#pump();
  }

  /**
   * @param {any[]} records
   * @returns {any[]} those that are new: a relay whose port broke sends its records again
   */
  add(records) {
    const settled = [];
    const fresh = [];
    for (const record of records) {
      if (this.#settled.has(record.id)) {
        settled.push(record.id);
      } else {
        if (!this.#items.has(record.id)) fresh.push(record);
        this.#put(record, []);
      }
    }
    if (settled.length > 0) this.#options.onKept(settled);
    this.#pump();
    return fresh;
  }

  /** The host is there and ready. */
  connected() {
    this.#connected = true;
    this.#absent = false;
    this.#pump();
  }

  /** The host has ended, or was not found. What it has not acknowledged is sent to the next one. */
  disconnected() {
    this.#absent = true;
    if (!this.#connected) {
      this.#pump();
      return;
    }
    this.#connected = false;
    this.#inFlight = 0;
    for (const item of this.#items.values()) {
      if (item.sent) {
        const suspect = this.#suspects.get(item.id) ?? { ends: 0, alone: 0 };
        suspect.ends++;
        if (item.id === this.#alone) suspect.alone = suspect.alone < ENDS ? suspect.alone + 1 : 0; // even the record in its place made the host end, so begin again
        this.#suspects.set(item.id, suspect);
      }
      item.sent = false;
      if (item.keys.length > 0) this.#shelve(item);
    }
    this.#alone = '';
    this.#left.clear();
    this.#pump();
  }

  /** @param {{id: string}[]} verdicts */
  acknowledged(verdicts) {
    const ids = [];
    for (const verdict of verdicts) {
      const item = this.#items.get(verdict.id);
      if (item === undefined) continue;
      this.#items.delete(item.id);
      if (item.sent) this.#inFlight--;
      if (item.id === this.#alone) this.#alone = '';
      const record = this.#given(item);
      this.#suspects.delete(item.id);
      this.#settle(item.id);
      for (const key of item.keys) this.#release(key);
      if (!item.kept) ids.push(item.id);
      this.#options.onStored(record, verdict);
    }
    if (ids.length > 0) this.#options.onKept(ids);
    this.#drain();
    this.#pump();
  }

  /**
   * @param {any} record
   * @param {string[]} keys
   */
  #put(record, keys) {
    const item = this.#items.get(record.id);
    if (item !== undefined) {
      item.keys.push(...keys);
      return;
    }
    this.#items.set(record.id, {
      id: record.id,
      record,
      size: JSON.stringify(record).length,
      since: this.#options.now(),
      sent: false,
      kept: keys.length > 0,
      keys,
    });
  }

  /** Removes an item from memory that is in the spool; its entries will be read again. @param {Item} item */
  #shelve(item) {
    this.#items.delete(item.id);
    for (const key of item.keys) {
      this.#shelf.add(key);
      for (const drain of this.#drains) drain.keys.add(key);
    }
  }

  /** @param {string} id */
  #settle(id) {
    this.#settled.add(id);
    if (this.#settled.size <= SETTLED) return;
    for (const oldest of this.#settled) {
      this.#settled.delete(oldest);
      break;
    }
  }

  /** One record of a spool entry is stored. @param {string} key */
  #release(key) {
    const left = (this.#left.get(key) ?? 0) - 1;
    this.#left.set(key, left);
    if (left <= 0) this.#drop(key);
  }

  /** @param {string} key */
  #drop(key) {
    this.#shelf.delete(key);
    this.#left.delete(key);
    this.#own.delete(key);
    this.#drain();
    // If this fails, the entry is read and sent again after the next start, which does no harm.
    this.#options.storage.remove(key).catch(() => this.#own.add(key));
  }

  #pump() {
    if (this.#connected) {
      if (!this.#resting) this.#send();
      void this.#replay();
    }
    if (this.#items.size > 0) this.#watch();
  }

  /** Waits a moment, so that what comes meanwhile goes in the same message. */
  #rest() {
    this.#resting = true;
    this.#options.later(REST, () => {
      this.#resting = false;
      if (this.#connected) this.#send();
    });
  }

  /** The record that is sent for an item. @param {Item} item */
  #given(item) {
    return (this.#suspects.get(item.id)?.alone ?? 0) < ENDS ? item.record : this.#options.instead(item.record);
  }

  /** When nothing else is left, sends a record alone that may have made the host end. */
  #sendAlone() {
    if (this.#inFlight > 0 || this.#items.size === 0) return;
    /** @param {Item} item */
    const alone = (item) => this.#suspects.get(item.id)?.alone ?? 0;
    const [item] = [...this.#items.values()].sort((a, b) => alone(a) - alone(b));
    if (item === undefined || !this.#options.send({ type: 'records', records: [this.#given(item)] })) return;
    item.sent = true;
    this.#alone = item.id;
    this.#inFlight = 1;
    if (!this.#resting) this.#rest();
  }

  #send() {
    if (this.#alone !== '') return;
    /** @type {Item[]} */
    let batch = [];
    let units = 0;
    const flush = () => {
      if (batch.length === 0) return true;
      if (!this.#options.send({ type: 'records', records: batch.map((item) => item.record) })) return false;
      for (const item of batch) item.sent = true;
      if (!this.#resting) this.#rest();
      this.#inFlight += batch.length;
      batch = [];
      units = 0;
      return true;
    };
    for (const item of this.#items.values()) {
      if (item.sent || (this.#suspects.get(item.id)?.ends ?? 0) >= ENDS) continue;
      if (this.#inFlight + batch.length >= IN_FLIGHT) break;
      if (batch.length >= BATCH || (batch.length > 0 && units + item.size > BATCH_SIZE)) {
        if (!flush()) return;
      }
      batch.push(item);
      units += item.size;
    }
    if (flush()) this.#sendAlone();
  }

  /** Reads spool entries back, one at a time, while the host has room. */
  async #replay() {
    if (this.#replaying) return;
    this.#replaying = true;
    /** @type {string | undefined} */
    let key;
    try {
      while (this.#connected && this.#alone === '' && this.#inFlight < IN_FLIGHT) {
        [key] = this.#shelf;
        if (key === undefined) break;
        const entry = (await this.#options.storage.get(key))[key];
        this.#reads.delete(key);
        this.#readProblem = '';
        const records = this.#read(key, entry).filter((record) => !this.#settled.has(record.id));
        if (records.length === 0) {
          this.#drop(key);
          continue;
        }
        if (!this.#connected) break;
        this.#shelf.delete(key);
        this.#left.set(key, records.length);
        for (const record of records) this.#put(record, [key]);
        this.#send();
      }
    } catch (e) {
      this.#readProblem = `The extension's storage cannot be read: ${e}`;
      if (key !== undefined) this.#notRead(key);
      this.#options.later(READ_AGAIN, () => this.#pump());
    } finally {
      this.#replaying = false;
    }
  }

  /** @param {string} key @param {any} entry @returns {any[]} */
  #read(key, entry) {
    if (entry === undefined) return []; // the storage was cleared
    try {
      return this.#options.read(key, entry);
    } catch {
      return [this.#options.unreadable(key)]; // reading it again would not help
    }
  }

  /** Reading an entry has failed. @param {string} key */
  #notRead(key) {
    if (!this.#shelf.delete(key)) return;
    const reads = (this.#reads.get(key) ?? 0) + 1;
    this.#reads.set(key, reads);
    if (reads < READS) {
      this.#shelf.add(key); // next time, after the others
      return;
    }
    this.#own.add(key); // otherwise it would be found again
    this.#put(this.#options.unreadable(key), []);
    this.#drain();
  }

  /** Spools what the host does not take in time. */
  #watch() {
    const wait = this.#absent && this.#writeProblem === '' ? SPOOL_SOON : SPOOL_AFTER;
    const due = this.#options.now() + wait;
    if (this.#due <= due) return;
    this.#due = due;
    this.#options.later(wait, () => {
      this.#due = Infinity;
      void this.spool(this.#absent ? 0 : SPOOL_AFTER);
    });
  }

  /** Entries that this background wrote. @type {Set<string>} */
  #own = new Set();

  /**
   * Writes records to the spool that have waited at least this long and are not in it.
   * @param {number} [age] milliseconds
   */
  async spool(age = 0) {
    if (this.#spooling) return;
    this.#spooling = true;
    try {
      const before = this.#options.now() - age;
      const due = [...this.#items.values()].filter((item) => item.keys.length === 0 && item.since <= before);
      while (due.length > 0) {
        const chunk = [];
        let units = 0;
        while (due.length > 0 && chunk.length < BATCH && (chunk.length === 0 || units < BATCH_SIZE)) {
          const item = /** @type {Item} */ (due.shift());
          chunk.push(item);
          units += item.size;
        }
        await this.#write(chunk);
      }
      this.#writeProblem = '';
    } catch (e) {
      this.#writeProblem = `The extension's storage cannot be written: ${e}`;
    } finally {
      this.#spooling = false;
    }
    if ([...this.#items.values()].some((item) => item.keys.length === 0)) this.#watch();
  }

  /** @param {Item[]} chunk */
  async #write(chunk) {
    const key = SPOOL + this.#options.unique();
    this.#own.add(key);
    await this.#options.storage.set({ [key]: { records: chunk.map((item) => JSON.stringify(item.record)) } });
    // Some may have been stored meanwhile.
    const open = chunk.filter((item) => this.#items.get(item.id) === item);
    this.#options.onKept(open.filter((item) => !item.kept).map((item) => item.id));
    if (open.length === 0) {
      this.#drop(key);
      return;
    }
    for (const item of open) {
      item.kept = true;
      item.keys.push(key);
    }
    if (this.#connected) {
      this.#left.set(key, open.length);
    } else {
      for (const item of open) this.#shelve(item);
    }
  }
}
