// @ts-check
// A document's records before they are sent, and how they are written as JSON. Pure;
// loaded before recorder.js into the same world.

/**
 * @typedef {object} Draft a record before it is written as JSON
 * @property {string} kind
 * @property {number} time
 * @property {string} url
 * @property {string | undefined} title only of a tab's top document
 * @property {string} concealed why it must not say anything of the page: the reason of the pause; '' outside of a pause
 * @property {Record<string, unknown>} own the kind's own members
 * @property {number} [n] hook.js's number of the call
 * @property {string} [args] the call's arguments as hook.js wrote them
 * @property {string} [notes]
 * @property {QueueText[]} [pushed] what the call's function has put into queues
 */

/**
 * @typedef {OutboxEntry & {draft: Draft, text: string, told: boolean}} RelayEntry text: its JSON, '' while it can still
 *   change; told: the background has its unfinished form, which counts if no more comes
 */

/** @param {string} document its id */
// eslint-disable-next-line no-unused-vars -- recorder.js uses it
function createDrafts(document) {
  'use strict';

  const { UNREADABLE, readCall, readPushed, write, conceal } = /** @type {Messages} */ (
    /** @type {any} */ (globalThis).userlikeInspectorMessages
  );

  /** @param {Draft} draft */
  const forget = (draft) => {
    draft.args = draft.notes = draft.pushed = undefined;
  };

  /**
   * The JSON of a record as it is now. What the page said was parsed and checked before, and
   * each value gets a name from us, so that the page cannot overwrite other members.
   * @param {RelayEntry} entry
   * @param {boolean} hookedFromStart
   */
  const written = ({ seq, text, draft: { kind, time, url, title, concealed, own, args, notes, pushed = [] } }, hookedFromStart) => {
    if (text !== '') return text;
    const read = kind !== 'call' || concealed !== '' ? { args: [], notes: [] } : readCall(args ?? '', notes ?? '');
    if (kind === 'page') own.hooked_from_start = hookedFromStart; // it may have been found out since
    const record = {
      v: 1, kind: read === null ? 'gap' : kind, id: `${document}/${seq}`, seq, time: new Date(time).toISOString(), document,
      url, top_url: title === undefined ? undefined : url, title,
      ...read === null ? { lost: 1, why: UNREADABLE } : own, // the names are ours; the values may be the page's
      ...kind === 'call' && read !== null ? { args: read.args, notes: read.notes.length > 0 ? read.notes : undefined } : {},
      ...pushed.length > 0 && concealed === '' ? { pushed: readPushed(pushed) } : {},
    };
    return write(concealed === '' ? record : conceal(record, concealed));
  };

  return {
    written,

    /**
     * The JSON of a record that does not change any more.
     * @param {RelayEntry} entry
     * @param {boolean} hookedFromStart
     */
    final(entry, hookedFromStart) {
      entry.text = written(entry, hookedFromStart);
      forget(entry.draft);
      return entry.text;
    },

    /** Takes out of a record what it says of the page. @param {RelayEntry} entry @param {string} why */
    conceal(entry, why) {
      entry.text = entry.text === '' ? '' : write(conceal(JSON.parse(entry.text), why));
      entry.draft.concealed = why;
      forget(entry.draft);
    },
  };
}
