// @ts-check
// All messages between hook.js, relay.js and background.js, with their fields and with
// the checks of untrusted ones. It is the first file in the isolated world. As content
// scripts cannot export anything, it puts its functions into a global, and the
// background imports it for that.

/**
 * hook.js → relay.js: events of the type "record" on the bridge, which relay.js
 * answers by preventDefault. The detail is a text: the kind and the fields, separated
 * by line feeds. Other code in the page's world may be able to send this too, so it is
 * believed only about this page's calls:
 *
 *     call    n, state of the function, arguments as JSON, notes as JSON
 *     threw   n, what was thrown
 *     done    n; '', 'yes' or 'no': whether the function before this one was called from
 *             within; and three fields for each find in a queue: the queue's name, what the
 *             function put there as a JSON array, notes as JSON
 *     passed  n: later the function before this one was called with that call
 *     handler state, text
 *     gap     how many calls, why
 *     queued  what was put into a queue while no call's function ran: three fields as in done
 *     unqueued how many such finds were not reported
 *     simulated at the end of a call that relay.js ordered: 'returned', 'threw' or 'no handler'; what was thrown
 *     here    no fields: asks whether relay.js still answers
 *
 * n is the number that hook.js gives the call. done comes at the end of every call, and
 * threw before it. Finds that cannot be read are counted like those of unqueued.
 *
 * @typedef {{kind: 'call', n: number, state: string, args: string, notes: string}
 *   | {kind: 'threw', n: number, text: string}
 *   | {kind: 'done', n: number, passed: boolean | undefined, pushed: QueueText[], dropped: number}
 *   | {kind: 'passed', n: number}
 *   | {kind: 'handler', state: string, text: string}
 *   | {kind: 'gap', lost: number, why: string}
 *   | {kind: 'queued', queued: QueueText}
 *   | {kind: 'unqueued', count: number}
 *   | {kind: 'simulated', outcome: string, text: string}
 *   | {kind: 'here'}} HookSaid
 */

/**
 * relay.js → hook.js: events of the type "control" on the bridge, whose detail is
 * one of these.
 *
 * @typedef {'stand-in' | 'no stand-in' | 'follow' | 'no follow' | 'dispose' | `limits ${string}`
 *   | `simulate\n${string}` | 'end simulation' | 'queues'} HookOrder
 *   queues: to look at them now, because the page leaves
 *   simulate: two lines, the arguments as JSON and the places in them that are undefined
 */

/**
 * relay.js → background.js: messages on the port "relay N". N is when the document began
 * (Date.now()), 0 if the relay came later and does not know.
 *
 * @typedef {object} RecordsMessage
 * @property {'records'} type
 * @property {boolean} paused whether the relay knows of a pause, and has concealed its records since. During
 *   a pause, records without this are refused. The relay sends them again when it knows of the pause,
 *   unless the page is leaving.
 * @property {boolean} going the page is leaving, and the relay may not receive an answer
 * @property {string[]} records JSON
 *
 * How many calls were made during a pause and are not yet in a record.
 * @typedef {object} UnrecordedMessage
 * @property {'unrecorded'} type
 * @property {string} document
 * @property {number} seq the seq that a record of them would have
 * @property {number} calls
 *
 * The answer to "ask".
 * @typedef {{type: 'page', id: string, document: string, handler: boolean}} PageMessage
 *
 * How far a simulation has come.
 * @typedef {{type: 'step'} & SimulationStep} StepMessage
 *
 * A call whose function still runs while the page is leaving or a dialog is shown, or a
 * record after it. It comes again in a RecordsMessage when the function has ended or
 * thrown. If the port is closed before that, this message counts instead.
 * @typedef {object} RunningMessage
 * @property {'running'} type
 * @property {string} record JSON
 *
 * What was found in queues while no call's function ran. It may belong to a call all the
 * same. It is not kept anywhere: if the port is closed, it is lost.
 * @typedef {object} QueuedMessage
 * @property {'queued'} type
 * @property {string} document
 * @property {Queued[]} queued
 * @property {number} dropped how many more finds there were
 *
 * The answer to "report".
 * @typedef {{type: 'reported'}} ReportedMessage
 *
 * @typedef {RecordsMessage | UnrecordedMessage | RunningMessage | QueuedMessage | PageMessage | StepMessage | ReportedMessage} RelayMessage
 */

/**
 * background.js → relay.js, on the same port: which records are safe, so that the relay
 * may forget them; what may be recorded, after each connection and at each change; where
 * the document is, as the browser says; whether the tester wants a stand-in; and
 * simulations.
 *
 * @typedef {{type: 'ack', seqs: number[]}
 *   | {type: 'watch', excluded: boolean, paused: boolean, why: string, since?: number, limits: string, follow: boolean}
 *   | {type: 'place', place: Place}
 *   | {type: 'stand-in', on: boolean}
 *   | {type: 'ask', id: string}
 *   | {type: 'report'}
 *   | {type: 'cancel'}
 *   | {type: 'simulate', calls: SimulatedCall[], pause: number, until: number}} BackgroundMessage
 *   report: it is to be answered when all calls that were made by then have been sent
 *   ask: whether there is a function to call; until: no call is made after this time (Date.now())
 *   since: when the pause began (Date.now()); earlier records are not concealed
 *   follow: whether hits are looked for
 *   why: the reason in gaps: the tester has paused it, or the page has used up its quota
 */

/**
 * Where a document is, as the browser says. The relay adds it to what it writes to the
 * extension's storage itself.
 * @typedef {object} Place
 * @property {number} [tab]
 * @property {number} [frame] 0 for a page's top document
 * @property {string} [origin]
 * @property {boolean} [incognito]
 * @property {string} [opener]
 * @property {string} [top_url] of a frame
 * @property {string} [title] of a frame
 */

/**
 * @typedef {object} Messages what this file puts into the global userlikeInspectorMessages
 * @property {RegExp} UUID what ids of documents look like
 * @property {string} PAUSED the reason for calls that were not recorded because of a pause
 * @property {string} UNREADABLE the reason for a record whose text from the page cannot be read
 * @property {(detail: unknown) => HookSaid | null} readSaid reads an event's detail, null if it is not a message of
 *   hook.js. The JSON of a call is read later, by readCall, so that the page need not wait for it.
 * @property {(args: string, notes: string) => {args: unknown[], notes: Note[]} | null} readCall parses a call's
 *   arguments and notes; null if they are not valid
 * @property {(texts: QueueText[]) => Pushed[]} readPushed parses what was put into queues, with one entry per queue; what is not valid is dropped
 * @property {(message: unknown) => RelayMessage | null} readRelay checks a message, null if it is not one of relay.js
 * @property {(json: unknown) => any} readRecord parses a record that a relay wrote, null if it is not one: its id must fit
 *   its document and seq, and it must not be larger or deeper than a record can be
 * @property {(value: unknown) => string} write writes JSON without lone surrogates, which UTF-8 cannot express
 * @property {(record: any, why?: string) => any} conceal removes what the page says from a record, because of a
 *   pause or for another reason why. A call is only counted.
 */
/** @typedef {{args: unknown[], undefined: string[]}} SimulatedCall see wire.schema.json */
/**
 * A step of a simulation; see wire.schema.json.
 * @typedef {{stage: 'reached' | 'calling' | 'called' | 'ended' | 'stopped', index: number, record?: string | undefined, outcome?: string, threw?: string | undefined, why?: string}} SimulationStep
 */
/** @typedef {{to: string, data: string, notes: string}} QueueText what was put into a queue, as texts from the page's world */
/** @typedef {{to: string, data: unknown[], notes?: Note[]}} Pushed the same, parsed */
/** @typedef {Pushed & {time: string}} Queued */
/** @typedef {{at: string, is: string, text?: string}} Note what JSON cannot say, at a JSON Pointer into the arguments */

/**
 * relay.js → background.js, through the extension's storage when the page leaves, under
 * the key "spool/<document>/<number>".
 *
 * @typedef {object} SpoolEntry
 * @property {Place} [place]
 * @property {boolean} [paused] as in the message
 * @property {string[]} records JSON
 */

(() => {
  'use strict';

  const MAX_TEXT = 1000;
  const MAX_LOST = 1_000_000;
  // The options allow 8 Mi units for a call and 200 levels; see settings.js.
  const MAX_CALL = 12_582_912;
  const MAX_LEVELS = 250;
  // More than queues.js reports of what one call's function puts into queues.
  const MAX_PUSHED = 1_572_864;
  const MAX_QUEUES = 50;
  const MAX_RECORD = MAX_CALL + MAX_PUSHED + 16_384;

  const PAUSED = 'paused by the tester';
  const UNREADABLE = 'a record of this page could not be read';
  const KINDS = ['call', 'page', 'handler', 'client', 'gap'];
  const CALL_STATES = ['assigned', 'declared', 'missing'];
  const HANDLER_STATES = ['appeared', 'replaced', 'removed', 'shadowed', 'not-writable'];
  const NOTES = [
    'undefined', 'nan', 'infinity', '-infinity', '-0', 'bigint', 'symbol', 'function', 'date', 'regexp',
    'map', 'set', 'error', 'node', 'instance', 'hole', 'cycle', 'getter', 'truncated', 'lone-surrogate',
  ];
  const OUTCOMES = ['returned', 'threw', 'no handler'];
  const STAGES = ['reached', 'calling', 'called', 'ended', 'stopped'];
  const HOOK_GAPS = ['the page called when its stack was almost exhausted'];
  const QUEUE = /^[\w$][\w$.]{0,99}$/;
  const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
  const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

  /** @param {unknown} v @returns {v is number} */
  const isCount = (v) => Number.isSafeInteger(v) && /** @type {number} */ (v) >= 0;

  /** @param {unknown} v */
  const isDocument = (v) => typeof v === 'string' && UUID.test(v);

  /** A number as hook.js writes it, or NaN. @param {string} text */
  const count = (text) => (/^\d{1,15}$/.test(text) ? Number(text) : NaN);

  /** @param {string} text */
  const cut = (text) => text.slice(0, MAX_TEXT).toWellFormed();

  /**
   * Splits at the first line feeds; the rest is the last field.
   * @param {string} text
   * @param {number} many
   */
  const split = (text, many) => {
    const out = [];
    let from = 0;
    for (let i = 1; i < many; i++) {
      const to = text.indexOf('\n', from);
      if (to < 0) return [];
      out.push(text.slice(from, to));
      from = to + 1;
    }
    out.push(text.slice(from));
    return out;
  };

  /** How many finds the lines have, three for each. @param {string[]} lines @param {number} from where they begin */
  const finds = (lines, from) => Math.ceil((lines.length - from) / 3);

  /**
   * What was put into queues; null if it cannot be read.
   * @param {string[]} lines
   * @param {number} from where the finds begin
   */
  const readQueues = (lines, from) => {
    /** @type {QueueText[]} */
    const texts = [];
    let size = 0;
    for (let i = from; i < lines.length; i += 3) {
      const to = lines[i] ?? '';
      const data = lines[i + 1];
      const notes = lines[i + 2];
      if (data === undefined || notes === undefined || !QUEUE.test(to)) return null;
      size += data.length + notes.length;
      texts.push({ to, data, notes });
    }
    return size <= MAX_PUSHED ? texts : null;
  };

  /** @type {Record<string, {fields: number, read: (f: string[]) => HookSaid | null}>} */
  const said = {
    call: {
      fields: 5,
      read: ([, n = '', state = '', args = '', notes = '']) => (CALL_STATES.includes(state) ? { kind: 'call', n: count(n), state, args, notes } : null),
    },
    threw: { fields: 3, read: ([, n = '', text = '']) => ({ kind: 'threw', n: count(n), text: cut(text) }) },
    done: {
      fields: 3,
      read: ([, n = '', rest = '']) => {
        const lines = rest.split('\n');
        const passed = lines[0] ?? '';
        const pushed = readQueues(lines, 1);
        if (!['', 'yes', 'no'].includes(passed)) return null;
        // Whatever its finds are, the call is over: records wait for that.
        return { kind: 'done', n: count(n), passed: passed === '' ? undefined : passed === 'yes', pushed: pushed ?? [], dropped: pushed === null ? finds(lines, 1) : 0 };
      },
    },
    queued: {
      fields: 2,
      read: ([, rest = '']) => {
        const lines = rest.split('\n');
        const [queued, ...more] = readQueues(lines, 0) ?? [];
        return queued !== undefined && more.length === 0 ? { kind: 'queued', queued } : { kind: 'unqueued', count: finds(lines, 0) };
      },
    },
    unqueued: { fields: 2, read: ([, n = '']) => (count(n) >= 0 ? { kind: 'unqueued', count: count(n) } : null) },
    passed: { fields: 2, read: ([, n = '']) => ({ kind: 'passed', n: count(n) }) },
    handler: {
      fields: 3,
      read: ([, state = '', text = '']) => (HANDLER_STATES.includes(state) ? { kind: 'handler', state, text: cut(text) } : null),
    },
    gap: {
      fields: 3,
      read: ([, n = '', why = '']) => (HOOK_GAPS.includes(why) && count(n) <= MAX_LOST ? { kind: 'gap', lost: count(n), why } : null),
    },
    simulated: {
      fields: 3,
      read: ([, outcome = '', text = '']) => (OUTCOMES.includes(outcome) ? { kind: 'simulated', outcome, text: cut(text) } : null),
    },
    here: { fields: 2, read: () => ({ kind: 'here' }) },
  };

  /** @type {Messages['readSaid']} */
  const readSaid = (detail) => {
    if (typeof detail !== 'string' || detail.length > MAX_CALL) return null;
    const end = detail.indexOf('\n');
    const form = Object.hasOwn(said, detail.slice(0, end)) ? said[detail.slice(0, end)] : undefined;
    if (form === undefined) return null;
    const fields = split(detail, form.fields);
    const message = fields.length === 0 ? null : form.read(fields);
    return message !== null && 'n' in message && Number.isNaN(message.n) ? null : message;
  };

  /**
   * Whether a JSON text has at most so many levels. Later code is recursive, and must not
   * run out of stack.
   * @param {string} text
   * @param {number} most
   */
  const isShallow = (text, most) => {
    let levels = 0;
    for (let i = 0; i < text.length; i++) {
      switch (text.charCodeAt(i)) {
        case 0x22: // a string: skip to its end
          for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
          break;
        case 0x5b:
        case 0x7b:
          if (++levels > most) return false;
          break;
        case 0x5d:
        case 0x7d:
          levels--;
      }
    }
    return true;
  };

  /** @param {string} text @returns {any} undefined if it is not JSON or too deep */
  const parse = (text) => {
    if (!isShallow(text, MAX_LEVELS)) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  };

  /** @param {any} note */
  const readNote = (note) => {
    if (typeof note !== 'object' || note === null) return null;
    const { at, is, text } = note;
    if (typeof at !== 'string' || !POINTER.test(at) || !NOTES.includes(is)) return null;
    if (text === undefined) return { at, is };
    return typeof text === 'string' ? { at, is, text } : null;
  };

  /** @type {Messages['readCall']} */
  const readCall = (args, notes) => {
    const values = parse(args);
    const all = notes === '[]' ? [] : parse(notes);
    if (!Array.isArray(values) || !Array.isArray(all)) return null;
    const read = [];
    for (const one of all) {
      const note = readNote(one);
      if (note === null) return null;
      read.push(note);
    }
    return { args: values, notes: read };
  };

  /** @type {Messages['readPushed']} */
  const readPushed = (texts) => {
    /** @type {Map<string, {to: string, data: unknown[], notes: Note[]}>} */
    const queues = new Map();
    for (const { to, data, notes } of texts) {
      const read = readCall(data, notes);
      if (read === null || (!queues.has(to) && queues.size === MAX_QUEUES)) continue;
      const all = queues.get(to) ?? { to, data: [], notes: [] };
      queues.set(to, all);
      const before = all.data.length;
      for (const value of read.args) all.data.push(value);
      for (const note of read.notes) {
        all.notes.push(before === 0 ? note : { ...note, at: note.at.replace(/^\/(\d+)/, (_, i) => `/${before + Number(i)}`) });
      }
    }
    return [...queues.values()].map(({ to, data, notes }) => (notes.length > 0 ? { to, data, notes } : { to, data }));
  };

  /** @type {Messages['write']} */
  const write = (value) => {
    const json = JSON.stringify(value);
    if (!json.includes('\\ud')) return json;
    return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (escape, surrogate) => (surrogate === undefined ? escape : '\ufffd'));
  };

  /** @param {any} queued */
  const isQueued = (queued) =>
    typeof queued === 'object' && queued !== null && QUEUE.test(queued.to) && Array.isArray(queued.data) && Date.parse(queued.time) > 0 &&
    (queued.notes === undefined || (Array.isArray(queued.notes) && queued.notes.every((/** @type {unknown} */ note) => readNote(note) !== null)));

  /** @type {Messages['readRelay']} */
  const readRelay = (message) => {
    if (typeof message !== 'object' || message === null) return null;
    const m = /** @type {any} */ (message);
    switch (m.type) {
      case 'records': {
        const { paused, going, records } = m;
        const good = Array.isArray(records) && records.every((r) => typeof r === 'string') && typeof paused === 'boolean' && typeof going === 'boolean';
        return good ? { type: 'records', paused, going, records } : null;
      }
      case 'unrecorded': {
        const { document, seq, calls } = m;
        return isDocument(document) && isCount(seq) && isCount(calls) ? { type: 'unrecorded', document, seq, calls } : null;
      }
      case 'queued': {
        const { document, queued, dropped } = m;
        return isDocument(document) && Array.isArray(queued) && queued.every(isQueued) && isCount(dropped) ? { type: 'queued', document, queued, dropped } : null;
      }
      case 'page': {
        const { id, document, handler } = m;
        return typeof id === 'string' && isDocument(document) && typeof handler === 'boolean' ? { type: 'page', id, document, handler } : null;
      }
      case 'step': {
        const { stage, index, record, outcome, threw, why } = m;
        const texts = [record, outcome, threw, why].every((text) => text === undefined || typeof text === 'string');
        return STAGES.includes(stage) && isCount(index) && texts ? { type: 'step', stage, index, record, outcome, threw, why } : null;
      }
      case 'reported':
        return { type: 'reported' };
      case 'running':
        return typeof m.record === 'string' ? { type: 'running', record: m.record } : null;
      default:
        return null;
    }
  };

  /** @type {Messages['readRecord']} */
  const readRecord = (json) => {
    if (typeof json !== 'string' || json.length > MAX_RECORD) return null;
    const record = parse(json);
    if (typeof record !== 'object' || record === null) return null;
    const { v, kind, id, seq, time, document } = record;
    const good = v === 1 && KINDS.includes(kind) && isCount(seq) && typeof time === 'string' && isDocument(document) && id === `${document}/${seq}`;
    return good ? record : null;
  };

  /** The site of an address, '' if it has none. @param {string} url */
  const siteOf = (url) => /^[a-z]+:\/\/[^/?#]*/.exec(url)?.[0] ?? '';

  /** @type {Messages['conceal']} */
  const conceal = ({ v, kind, id, seq, time, tab, frame, document, url, top_url, event, hooked_from_start, state, text, lost, why }, reason = PAUSED) => ({
    v, kind: kind === 'call' ? 'gap' : kind, id, seq, time, tab, frame, document, url: url && siteOf(url), top_url: top_url && siteOf(top_url),
    ...kind === 'call' ? { lost: 1, why: reason } : { event, hooked_from_start, state, text: kind === 'handler' ? text : undefined, lost, why },
  });

  /** @type {Messages} */
  const messages = { PAUSED, UNREADABLE, UUID, readSaid, readCall, readPushed, readRelay, readRecord, write, conceal };
  Object.assign(globalThis, { userlikeInspectorMessages: messages });
})();
