// @ts-check
// Reads the records that relays send. A relay may send records of its own document only,
// and the place of that document comes from the browser. Pure.

import './messages.js';

const messages = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);

/** @typedef {Record<string, any> & {id: string, document: string, seq: number, kind: string, time: string}} PageRecord */

/**
 * What the browser says of a relay.
 * @typedef {object} Sender
 * @property {number | undefined} tab
 * @property {number | undefined} frame
 * @property {string} url of the document when it connected
 * @property {string} origin '' if the browser does not say it
 */

/** The reasons of gaps that the extension gives. */
export const WHY = /** @type {const} */ ({
  paused: messages.PAUSED,
  excluded: 'the extension\'s options exclude this address',
  pageFull: 'this page has made more records today than are kept of one page',
  siteFull: 'this site has made more records today than are kept of one site',
  unreadable: messages.UNREADABLE,
  undelivered: 'the host ended each time it was given this record',
  unheard: 'the page did not end before the browser was ended',
  storage: 'records in the extension\'s storage could not be read',
});

export const { UUID } = messages;
// How every record begins. It tells the document of a record that cannot be parsed.
const BEGINNING = /^\{"v":1,"kind":"([a-z]+)","id":"([0-9a-f-]{36})\/([1-9]\d{0,14})"/;
const MAX_ADDRESS = 4096;
const MAX_TITLE = 300;

/** @param {unknown} value @param {number} most @returns {string} */
const text = (value, most) => (typeof value === 'string' ? value.slice(0, most).toWellFormed() : '');

/** @param {string} address @returns {string} 'null' for about:, data: and other addresses without an origin */
export const originOf = (address) => {
  try {
    const { origin, protocol } = new URL(address);
    return protocol === 'file:' ? 'file://' : origin;
  } catch {
    return 'null';
  }
};

/**
 * The address that a document says it has, if it is of the document's own origin, which
 * neither a change of the path nor document.open() changes. Otherwise the address that the
 * browser reports.
 * @param {unknown} said
 * @param {Sender} sender
 */
export const addressOf = (said, { url, origin }) => {
  const address = text(said, MAX_ADDRESS);
  const of = originOf(address);
  return address !== '' && (of === 'null' || of === originOf(url) || of === origin) ? address : url.slice(0, MAX_ADDRESS);
};

/**
 * The gap in place of a record that is not available.
 * @param {string} document
 * @param {number} seq
 * @param {string} why
 * @param {string} time
 * @param {number} [lost]
 * @returns {PageRecord}
 */
export const gapFor = (document, seq, why, time, lost = 1) =>
  ({ v: 1, kind: 'gap', id: `${document}/${seq}`, seq, time, document, lost, why });

/** The document that a record names, '' if it names none. @param {unknown} json */
export const documentOf = (json) => (typeof json === 'string' ? BEGINNING.exec(json.slice(0, 200))?.[2] ?? '' : '');

/**
 * Reads a record. Its place is replaced later by what the browser reports.
 * @param {unknown} json
 * @param {string} document the relay's document; '' if any is allowed
 * @param {string} now ISO
 * @returns {PageRecord | null} null if it is not even the beginning of a record of that document
 */
export const readRecord = (json, document, now) => {
  if (typeof json !== 'string') return null;
  const record = messages.readRecord(json);
  if (record === null || !(Date.parse(record.time) > 0)) {
    const [, kind, of = '', seq] = BEGINNING.exec(json) ?? [];
    if (!UUID.test(of) || (document !== '' && of !== document)) return null;
    return gapFor(of, Number(seq), WHY.unreadable, now, kind === 'call' ? 1 : 0);
  }
  if (document !== '' && record.document !== document) return null;
  for (const name of ['tab', 'frame', 'browser', 'received', 'findings', 'redacted']) delete record[name];
  for (const name of ['url', 'top_url']) if (name in record) record[name] = text(record[name], MAX_ADDRESS);
  if ('title' in record) record.title = text(record.title, MAX_TITLE);
  if (record.kind === 'gap') record.lost = Number.isSafeInteger(record.lost) && record.lost > 0 ? record.lost : 0;
  return record;
};

/** @param {string} address @returns {string} '' if it has none */
export const siteOf = (address) => {
  const origin = originOf(address);
  return origin === 'file://' || /^https?:/.test(origin) ? origin : '';
};

/**
 * A record without what its page says: a call is only counted, and records of the page's
 * life keep only its site, or not even that.
 * @param {PageRecord} record
 * @param {string} why
 * @param {boolean} [named] whether the site is kept
 * @returns {PageRecord}
 */
export const conceal = (record, why, named = true) => {
  const kept = messages.conceal(record, why);
  return named ? kept : { ...kept, url: undefined, top_url: undefined };
};
