// @ts-check
// What a relay hands over, as far as it may say it. A relay speaks for its own
// document; where that document is, the browser says. Pure.

import './messages.js';

const messages = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);

/** @typedef {Record<string, any> & {id: string, document: string, seq: number, kind: string, time: string}} PageRecord */

/**
 * Whom the browser says that a relay is.
 * @typedef {object} Sender
 * @property {number | undefined} tab
 * @property {number | undefined} frame
 * @property {string} url of the document when it connected
 * @property {string} origin '' where the browser does not say it
 */

/** Why calls are not in the recording: the reasons that this side of the wire gives. */
export const WHY = /** @type {const} */ ({
  paused: messages.PAUSED,
  excluded: 'the extension\'s options exclude this address',
  pageFull: 'this page has made more records today than are kept of one page',
  siteFull: 'this site has made more records today than are kept of one site',
  unreadable: 'a record of this page could not be read',
  undelivered: 'the host ended each time it was given this record',
  unheard: 'the page did not end before the browser was ended',
  storage: 'records in the extension\'s storage could not be read',
});

export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// How every record begins, for one that cannot be read.
const BEGINNING = /^\{"v":1,"kind":"([a-z]+)","id":"([0-9a-f-]{36})\/([1-9]\d{0,14})"/;
const MAX_ADDRESS = 4096;
const MAX_TITLE = 300;

/** @param {unknown} value @param {number} most @returns {string} */
const text = (value, most) => (typeof value === 'string' ? value.slice(0, most).toWellFormed() : '');

/** @param {string} address @returns {string} 'null' for about:, data: and the like */
export const originOf = (address) => {
  try {
    const { origin, protocol } = new URL(address);
    return protocol === 'file:' ? 'file://' : origin;
  } catch {
    return 'null';
  }
};

/**
 * The address that a document may say it has: of its own origin, which its path
 * and a document.open() do not change. For any other the browser's word counts.
 * @param {unknown} said
 * @param {Sender} sender
 */
export const addressOf = (said, { url, origin }) => {
  const address = text(said, MAX_ADDRESS);
  const of = originOf(address);
  return address !== '' && (of === 'null' || of === originOf(url) || of === origin) ? address : url.slice(0, MAX_ADDRESS);
};

/**
 * The gap in the place of a record that cannot be had.
 * @param {string} document
 * @param {number} seq
 * @param {string} why
 * @param {string} time
 * @param {number} [lost]
 * @returns {PageRecord}
 */
export const gapFor = (document, seq, why, time, lost = 1) =>
  ({ v: 1, kind: 'gap', id: `${document}/${seq}`, seq, time, document, lost, why });

/** The document that a record says it is of, '' where it says none. @param {unknown} json */
export const documentOf = (json) => (typeof json === 'string' ? BEGINNING.exec(json.slice(0, 200))?.[2] ?? '' : '');

/**
 * Reads a record. What a page's record says of the page's place is overwritten
 * by what the browser says.
 * @param {unknown} json
 * @param {string} document the relay's; '' where any may be told of
 * @param {string} now ISO
 * @returns {PageRecord | null} null for what is not even a record of that document
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

/** @param {string} address @returns {string} '' where there is none */
export const siteOf = (address) => {
  const origin = originOf(address);
  return origin === 'file://' || /^https?:/.test(origin) ? origin : '';
};

/**
 * A record without what its page says: a call is only counted, and of the page's
 * life no more is told than its site, or not even that.
 * @param {PageRecord} record
 * @param {string} why
 * @param {boolean} [named] whether the site is told
 * @returns {PageRecord}
 */
export const conceal = (record, why, named = true) => {
  const kept = messages.conceal(record, why);
  return named ? kept : { ...kept, url: undefined, top_url: undefined };
};
