// @ts-check
// What a document's relay does, without the browser: numbers what it hears, asks
// what may be recorded, and keeps each record until the background has it safe.
// Pure; relay.js gives it the document, the port and the storage.

/**
 * Where a document's records go, one connection after the other:
 *
 *     apart    nothing goes: the page is prerendered, and nobody has seen it yet
 *     none     no port; the next record opens one
 *     resting  the port broke; after a pause the next one is opened
 *     asking   a port; the background has not said on it what may be recorded
 *     heard    a port; it has
 *     over     the site is excluded, or the extension has gone
 *
 * Records go when that has been heard on the very connection, as a pause may have
 * begun between two of them. Only on the first one of a document, where nothing
 * was excluded or paused when it began, they need not wait.
 *
 * @typedef {'apart' | 'none' | 'resting' | 'asking' | 'heard' | 'over'} ConnectionState
 */

/**
 * @typedef {object} Draft a record before it is written out
 * @property {string} kind
 * @property {number} time
 * @property {string} url
 * @property {string | undefined} title where it is the tab's top document
 * @property {string} concealed why it may say nothing of the page: the pause in which it was made; '' otherwise
 * @property {Record<string, unknown>} own the kind's own members
 * @property {number} [n] hook.js's number of the call
 * @property {string} [args] the call's as hook.js wrote them
 * @property {string} [notes]
 * @property {QueueText[]} [pushed] what the call's function has put into queues
 */

/** @typedef {OutboxEntry & {draft: Draft, text: string}} RelayEntry */

/**
 * @typedef {object} RecorderOptions
 * @property {string} document its id
 * @property {boolean} top whether it is its tab's top document
 * @property {boolean} quiet that it is there is not worth a word until something happens in it
 * @property {boolean} restricted something was excluded or paused when it began
 * @property {boolean} prerendering
 * @property {boolean} hookedFromStart as far as can be told before the hook is met
 * @property {() => number} now milliseconds
 * @property {() => {url: string, title: string}} where what the document says of itself
 * @property {() => boolean} connect opens a port; false when the extension has gone
 * @property {() => void} disconnect
 * @property {(message: RelayMessage) => boolean} send false when the port is broken
 * @property {(key: string, entry: SpoolEntry) => void} keep in the extension's storage
 * @property {() => void} schedule has turn() called soon
 * @property {(ms: number) => void} rest has rested() called then
 * @property {(order: HookOrder) => void} order to hook.js
 * @property {(ms: number, then: () => void) => void} later for the pauses of a simulation
 * @property {() => void} over nothing is recorded any more
 */

/** @typedef {ReturnType<typeof createRecorder>} Recorder */

/** @param {RecorderOptions} options */
// eslint-disable-next-line no-unused-vars -- relay.js uses it
function createRecorder(options) {
  'use strict';

  const { PAUSED, readSaid, readCall, readPushed, write, conceal } = /** @type {Messages} */ (
    /** @type {any} */ (globalThis).userlikeInspectorMessages
  );
  const MAX_URL = 4096;
  const MAX_TITLE = 300;
  const OWN_SIZE = 300; // what a record has besides the page's words
  const MAX_UNFINISHED = 1000;
  const MAX_QUEUED = 1000;
  const MAX_QUEUED_SIZE = 4_194_304;
  const FULL = 'too many calls waited for the background to take them';
  const UNREADABLE = 'a record of this page could not be read';
  const LATER = 'passes calls on later';
  const NOT_FOLLOWED = 'where calls go is not followed'; // the host knows this text

  const { document: id, top } = options;
  /** @type {ReturnType<typeof createOutbox<RelayEntry>>} */
  const outbox = createOutbox({ inFlight: 1000, batch: 100, batchSize: 524_288, capacity: 33_554_432 });

  /** @type {ConnectionState} */
  let state = options.prerendering ? 'apart' : 'none';
  /** Whether a connection may be used before the background has said what may be recorded. */
  let unasked = !options.restricted && !options.prerendering;
  /** Whether the storage may have what a page leaves behind: something has been allowed before. */
  let allowed = unasked;
  /** The background's word on the connection there is. */
  let pause = false;
  /** What gaps of the pause say, or of the last one. */
  let pauseWhy = PAUSED;
  let limits = '';
  let standIn = false;
  /** @type {Place} */
  let place = {};
  let delay = 0;

  let quiet = options.quiet;
  let leaving = false;
  let { hookedFromStart } = options;
  let seq = 0;
  let lost = 0;
  let spooled = 0;
  let scheduled = false;
  /** Calls made in a pause that no record tells of yet; and how many of them the background knows of. */
  let unrecorded = 0;
  let told = 0;
  /** Calls that have gone nowhere yet, by hook.js's number. @type {Map<number, RelayEntry>} */
  const calls = new Map();
  /** Whether it has been said that the handler there is passes calls on later. */
  let saidLater = false;
  /** Whether it is looked at where calls go; it is until the background has said otherwise. */
  let follow = true;
  /** What was found in queues and goes with the next message. @type {{time: number, text: QueueText}[]} */
  let queued = [];
  let queuedSize = 0;
  /** How much more there was. */
  let dropped = 0;

  /** Whether the site has a function, as far as it was told of. */
  let handlerThere = false;
  /** The simulation that runs. @type {{calls: SimulatedCall[], pause: number, until: number, index: number} | null} */
  let simulation = null;
  /** What is heard of the call that a simulation makes, while it runs. @type {{entry: RelayEntry | null, said: {outcome: string, text: string} | null} | null} */
  let simulated = null;

  const paused = () => state === 'heard' && pause;

  // ---- Records

  /**
   * @param {string} kind
   * @param {Record<string, unknown>} own
   * @param {{n: number, args: string, notes: string}} [call]
   * @param {string} [concealed] see Draft
   * @returns {boolean} false when there was no room
   */
  const add = (kind, own, call, concealed = paused() ? pauseWhy : '') => {
    if (state === 'over') return true;
    if (lost > 0) tellLost();
    const { url, title } = options.where();
    /** @type {RelayEntry} */
    const entry = {
      seq: seq + 1,
      size: OWN_SIZE + url.length * (top ? 2 : 1) + (call === undefined ? 0 : call.args.length + call.notes.length),
      // A function that shows a dialog lets others run meanwhile, in Firefox.
      held: call !== undefined && (leaving || simulated !== null),
      text: '',
      draft: {
        kind, time: options.now(), url: url.slice(0, MAX_URL), title: top ? title.slice(0, MAX_TITLE) : undefined, concealed, own, ...call,
      },
    };
    if (simulated !== null && call !== undefined) {
      own.simulated = true;
      simulated.entry ??= entry;
    }
    if (!outbox.add(entry)) return false;
    seq++;
    if (call !== undefined) remember(entry);
    if (kind !== 'page') quiet = false;
    if (!quiet) move(entry);
    return true;
  };

  /** @param {RelayEntry} entry a new one */
  const move = (entry) => {
    if (!leaving) schedule();
    else if (!entry.held) flush();
    else if (connected()) send({ type: 'running', record: written(entry.seq, entry.draft) });
  };

  /** @param {RelayEntry} entry a call's, whose function runs now */
  const remember = (entry) => {
    calls.set(/** @type {number} */ (entry.draft.n), entry);
    if (calls.size <= MAX_UNFINISHED) return;
    for (const oldest of calls.keys()) {
      calls.delete(oldest);
      break;
    }
  };

  /** @param {number} n how many calls @param {string} why */
  const gap = (n, why) => {
    if (!add('gap', { lost: n, why })) lost += n;
  };

  const tellLost = () => {
    const n = lost;
    lost = 0;
    gap(n, FULL);
  };

  const tellUnrecorded = () => {
    const n = unrecorded;
    if (n === 0 || !add('gap', { lost: n, why: pauseWhy }, undefined, pauseWhy)) return;
    unrecorded = 0;
    schedule();
  };

  /** @param {'opened' | 'hooked' | 'closed'} event */
  const page = (event) => void add('page', { event });

  /**
   * A record as JSON. Of the page's words it has what they were found to be, each
   * under a name of ours: none of them can take another's place.
   * @param {number} number
   * @param {Draft} draft
   */
  const written = (number, { kind, time, url, title, concealed, own, args, notes, pushed = [] }) => {
    const read = kind !== 'call' || concealed !== '' ? { args: [], notes: [] } : readCall(args ?? '', notes ?? '');
    if (kind === 'page') own.hooked_from_start = hookedFromStart; // which may have been found out since
    const record = {
      v: 1, kind: read === null ? 'gap' : kind, id: `${id}/${number}`, seq: number, time: new Date(time).toISOString(), document: id,
      url, top_url: title === undefined ? undefined : url, title,
      ...read === null ? { lost: 1, why: UNREADABLE } : own, // its names are ours, its values are not
      ...kind === 'call' && read !== null ? { args: read.args, notes: read.notes.length > 0 ? read.notes : undefined } : {},
      ...pushed.length > 0 && concealed === '' ? { pushed: readPushed(pushed) } : {},
    };
    return write(concealed === '' ? record : conceal(record, concealed));
  };

  /** @param {RelayEntry} entry one that goes now, and is not changed any more */
  const text = (entry) => {
    if (entry.text === '') {
      entry.text = written(entry.seq, entry.draft);
      entry.draft.args = entry.draft.notes = entry.draft.pushed = undefined;
      calls.delete(entry.draft.n ?? NaN);
    }
    return entry.text;
  };

  /** The call that hook.js speaks of, if its record can still be changed. @param {number} n */
  const callOf = (n) => {
    const entry = calls.get(n);
    return entry !== undefined && outbox.isHere(entry) ? /** @type {any} */ (entry.draft.own.handler) : undefined;
  };

  /** @param {HookSaid & {kind: 'call'}} said */
  const called = ({ n, state: handler, args, notes }) => {
    if (!paused()) {
      if (!add('call', { handler: { state: handler } }, { n, args, notes })) lost++;
      return;
    }
    unrecorded++;
    if (leaving) tellUnrecorded();
    else schedule();
  };

  /** @param {unknown} detail what an event on the bridge says */
  const said = (detail) => {
    const message = readSaid(detail);
    switch (message?.kind) {
      case undefined:
        gap(1, UNREADABLE);
        break;
      case 'call':
        called(message);
        break;
      case 'threw': {
        const handler = callOf(message.n);
        if (handler) handler.threw = message.text;
        break;
      }
      case 'done':
        done(message);
        break;
      case 'passed': {
        const handler = callOf(message.n);
        if (handler) {
          handler.passed_on = true;
        } else if (!saidLater && !paused()) {
          saidLater = true;
          add('handler', { state: 'replaced', text: LATER });
        }
        break;
      }
      case 'handler':
        saidLater = false;
        handlerThere = message.state !== 'removed' && message.state !== 'shadowed';
        add('handler', { state: message.state, text: message.text === '' ? undefined : message.text });
        break;
      case 'gap':
        gap(message.lost, message.why);
        break;
      case 'queued':
        queue(message.queued);
        break;
      case 'unqueued':
        if (follow && !paused()) dropped += message.count;
        break;
      case 'simulated':
        if (simulated !== null) simulated.said = message;
        break;
      case 'here': // that it was heard is the answer
    }
  };

  /** @param {HookSaid & {kind: 'done'}} said */
  const done = ({ n, passed, pushed }) => {
    const handler = callOf(n);
    if (handler && passed !== undefined) handler.passed_on = passed;
    const entry = calls.get(n);
    if (pushed.length > 0 && follow) {
      const size = pushed.reduce((sum, { data, notes }) => sum + data.length + notes.length, 0);
      if (handler === undefined || entry === undefined) for (const text of pushed) queue(text); // its record has gone
      else if (outbox.grow(entry, size)) entry.draft.pushed = pushed;
      else dropped += pushed.length;
    }
    if (entry?.held) {
      entry.held = false;
      if (leaving) flush();
      else schedule();
    }
  };

  /** @param {QueueText} text what was found in a queue, of which no record tells */
  const queue = (text) => {
    if (!follow || paused() || state === 'over') return;
    const size = text.data.length + text.notes.length;
    if (queued.length === MAX_QUEUED || queuedSize + size > MAX_QUEUED_SIZE) {
      dropped++;
      return;
    }
    queued.push({ time: options.now(), text });
    queuedSize += size;
    if (leaving) post();
    else schedule();
  };

  const unqueue = () => {
    queued = [];
    queuedSize = dropped = 0;
  };

  const postQueued = () => {
    const found = queued.flatMap(({ time, text: one }) => readPushed([one]).map((read) => ({ time: new Date(time).toISOString(), ...read })));
    if (send({ type: 'queued', document: id, queued: found, dropped })) unqueue();
  };

  // ---- What may be recorded

  /** @param {BackgroundMessage & {type: 'watch'}} word */
  const watch = (word) => {
    if (word.excluded) {
      end();
      return;
    }
    if (word.limits !== limits) {
      limits = word.limits;
      options.order(`limits ${limits}`);
    }
    const unfollowed = follow && !word.follow;
    if (word.follow !== follow) {
      follow = word.follow;
      options.order(follow ? 'follow' : 'no follow');
    }
    const before = paused();
    state = 'heard';
    unasked = false;
    allowed = true;
    pause = word.paused;
    if (!pause || pauseWhy !== word.why) tellUnrecorded();
    if (pause) pauseWhy = word.why;
    if (pause && !before) concealSince(word.since ?? 0);
    if (unfollowed) add('page', { event: 'hooked', text: NOT_FOLLOWED });
    if (pause || !follow) unqueue();
    schedule();
  };

  /**
   * Of what the background has not taken, as it knew of the pause before.
   * @param {number} since
   */
  const concealSince = (since) => {
    outbox.rewind();
    for (const entry of outbox.unacknowledged()) {
      if (entry.draft.concealed !== '' || entry.draft.time < since) continue;
      entry.text = entry.text === '' ? '' : write(conceal(JSON.parse(entry.text), pauseWhy));
      entry.draft.concealed = pauseWhy;
      entry.draft.args = entry.draft.notes = entry.draft.pushed = undefined;
    }
  };

  /** @param {BackgroundMessage} message */
  const heard = (message) => {
    if (state === 'over') return;
    delay = 0;
    switch (message.type) {
      case 'place':
        place = message.place;
        break;
      case 'watch':
        watch(message);
        break;
      case 'stand-in':
        standIn = message.on;
        options.order(standIn ? 'stand-in' : 'no stand-in');
        break;
      case 'ask':
        send({ type: 'page', id: message.id, document: id, handler: handlerThere });
        break;
      case 'simulate':
        simulate(message);
        break;
      case 'cancel':
        if (simulation !== null) step({ stage: 'stopped', index: simulation.index, why: 'cancelled' });
        break;
      case 'ack':
        outbox.acknowledge(message.seqs);
        if (lost > 0) tellLost();
        if (!outbox.empty) schedule();
    }
  };

  // ---- Simulation

  /** @param {BackgroundMessage & {type: 'simulate'}} order */
  const simulate = ({ calls: all, pause: between, until }) => {
    if (simulation !== null) return; // the background asks for one at a time
    simulation = { calls: all, pause: between, until, index: 0 };
    step({ stage: 'reached', index: 0 });
    next();
  };

  /** @param {SimulationStep} said */
  const step = (said) => {
    // Where the way is broken nobody would know what was called.
    if (!send({ type: 'step', ...said }) || said.stage === 'ended' || said.stage === 'stopped') endSimulation();
  };

  const endSimulation = () => {
    if (simulation === null) return;
    simulation = null;
    options.order('end simulation');
  };

  /** Makes the next call. */
  const next = () => {
    if (simulation === null) return;
    const { calls: all, pause: between, until, index } = simulation;
    const call = all[index];
    if (call === undefined) step({ stage: 'ended', index });
    else if (paused() || state === 'over') step({ stage: 'stopped', index, why: 'paused' });
    else if (options.now() > until) step({ stage: 'stopped', index, why: 'late' });
    else {
      step({ stage: 'calling', index });
      if (simulation === null) return;
      simulation.index++;
      simulated = { entry: null, said: null };
      const missing = call.undefined.map((at) => at.slice(1).split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')));
      options.order(`simulate\n${JSON.stringify(call.args)}\n${JSON.stringify(missing)}`);
      const { entry, said } = simulated;
      simulated = null;
      for (const one of calls.values()) one.held = false; // hook.js may not have had the stack to say the end
      schedule();
      if (simulation === null) return; // the way has broken meanwhile
      const { outcome, text } = said ?? { outcome: 'no handler', text: '' };
      step({ stage: 'called', index, record: entry === null ? undefined : `${id}/${entry.seq}`, outcome, threw: text === '' ? undefined : text });
      options.later(between, next);
    }
  };

  // ---- The way to the background

  const schedule = () => {
    if (scheduled || state === 'over') return;
    scheduled = true;
    options.schedule();
  };

  const connected = () => {
    if (state === 'asking' || state === 'heard') return true;
    if (state === 'apart' || state === 'over' || (state === 'resting' && !leaving)) return false;
    if (!options.connect()) {
      end();
      return false;
    }
    state = 'asking';
    return true;
  };

  const post = () => {
    if ((outbox.empty && unrecorded === told && queued.length + dropped === 0) || !connected()) return;
    if (unrecorded !== told) {
      if (!send({ type: 'unrecorded', document: id, seq: seq + 1, calls: unrecorded })) return;
      told = unrecorded;
    }
    if (state !== 'heard' && !unasked && !leaving) return; // the background's word schedules
    for (let batch = outbox.next(leaving); batch.length > 0; batch = outbox.next(leaving)) {
      if (!send({ type: 'records', paused: paused(), going: leaving, records: batch.map(text) })) return;
      if (!leaving) {
        schedule(); // one message a turn: the page has work to do as well
        return;
      }
    }
    if (queued.length + dropped > 0) postQueued(); // after the calls that it may be due to
  };

  /** @param {RelayMessage} message */
  const send = (message) => {
    if (options.send(message)) return true;
    broke(); // and nobody has said so
    return false;
  };

  /** The port is of no use any more: what it has not acknowledged goes again. */
  const broke = () => {
    if (state !== 'asking' && state !== 'heard') return;
    state = 'none';
    endSimulation();
    unasked = false;
    told = 0;
    outbox.rewind();
    if (outbox.empty || leaving) return; // the next record connects
    state = 'resting';
    delay = Math.min(Math.max(delay * 2, 100), 5000);
    options.rest(delay);
  };

  /** The page is going: there may be no later. */
  const flush = () => {
    post();
    // If the background is not running, a message may never reach it (seen in
    // Chromium), but what is written to the extension's storage does.
    if (!allowed || state === 'over' || state === 'apart') return;
    const entries = outbox.unwritten();
    if (entries.length > 0) options.keep(`spool/${id}/${++spooled}`, { place, paused: paused(), records: entries.map(text) });
  };

  const end = () => {
    if (state === 'over') return;
    state = 'over';
    options.over();
  };

  page('opened');

  return {
    said,
    heard,
    broke,
    end,

    /** hook.js has met relay.js. @param {boolean} first whether it was the first script in its window, as far as it can tell */
    met(first) {
      hookedFromStart &&= first;
      // The background may have been faster than the hook.
      if (limits !== '') options.order(`limits ${limits}`);
      if (!follow) options.order('no follow');
      if (standIn) options.order('stand-in');
      page('hooked');
    },

    /**
     * @param {string} stage a client's state in the record's schema
     * @param {string} words what was seen
     */
    client(stage, words) {
      add('client', { state: stage, text: words });
    },

    /** The moment that schedule() asked for. */
    turn() {
      scheduled = false;
      post();
    },

    /** The pause that rest() asked for is over. */
    rested() {
      if (state !== 'resting') return;
      state = 'none';
      post();
    },

    /** The page is shown that was prerendered. */
    activated() {
      if (state !== 'apart') return;
      state = 'none';
      schedule();
    },

    /** The page is leaving; its own listeners have not been called yet. */
    leave() {
      if (leaving) return;
      leaving = true;
      tellUnrecorded();
      if (!quiet) flush();
    },

    /** The last that is heard of the page's going: what runs now may never end. */
    left() {
      for (const entry of calls.values()) entry.held = false;
      page('closed');
    },

    /** The page is back from the back/forward cache, where Chromium closes ports unheard. */
    returned() {
      if (!leaving || state === 'over') return;
      leaving = false;
      if (state === 'asking' || state === 'heard') {
        options.disconnect();
        broke();
      }
      state = 'none';
      page('opened');
    },
  };
}
