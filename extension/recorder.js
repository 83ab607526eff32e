// @ts-check
// The logic of a document's relay, without the browser: it numbers records, asks what may
// be recorded, and keeps each record until it is safe with the background. Pure; relay.js
// connects it with the document, the port and the storage.

/**
 * The state of the connection to the background:
 *
 *     apart    the page is prerendered and not shown yet, so nothing is sent
 *     none     no port; the next record opens one
 *     resting  the port broke; after a pause the next one is opened
 *     asking   there is a port, but the background has not yet said what may be recorded
 *     heard    there is a port, and the background has said it
 *     over     the site is excluded, or the extension was removed or reloaded
 *
 * Records are sent only after the background has said on this connection what may be
 * recorded, as a pause may have begun since the last connection. The only exception is the
 * first connection of a document when nothing was excluded or paused at its beginning.
 *
 * @typedef {'apart' | 'none' | 'resting' | 'asking' | 'heard' | 'over'} ConnectionState
 */

/**
 * @typedef {object} RecorderOptions
 * @property {string} document its id
 * @property {boolean} top whether it is its tab's top document
 * @property {boolean} quiet it is not recorded that the document exists until something happens in it
 * @property {boolean} restricted something was excluded or paused when the document began
 * @property {boolean} prerendering
 * @property {boolean} hookedFromStart as far as is known before the hook has answered
 * @property {() => number} now milliseconds
 * @property {() => {url: string, title: string}} where the document's own address and title
 * @property {() => boolean} connect opens a port; false when the extension was removed or reloaded
 * @property {() => void} disconnect
 * @property {(message: RelayMessage) => boolean} send false when the port is broken
 * @property {(key: string, entry: SpoolEntry) => void} keep writes to the extension's storage
 * @property {() => void} schedule makes sure that turn() is called soon
 * @property {(ms: number) => void} rest makes sure that rested() is called after ms
 * @property {(order: HookOrder) => void} order sends to hook.js
 * @property {(ms: number, then: () => void) => void} later
 * @property {() => void} over is called when nothing is recorded any more
 */

/** @typedef {ReturnType<typeof createRecorder>} Recorder */

/** @param {RecorderOptions} options */
// eslint-disable-next-line no-unused-vars -- relay.js uses it
function createRecorder(options) {
  'use strict';

  const { PAUSED, UNREADABLE, readSaid } = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);
  const MAX_URL = 4096;
  const MAX_TITLE = 300;
  const OWN_SIZE = 300; // the size of a record without the page's texts, estimated
  const FINISHES = 30_000; // how long a call's record waits for the end of its function, in milliseconds
  const FULL = 'too many calls waited for the background to take them';
  const LATER = 'passes calls on later';
  const NOT_FOLLOWED = 'where calls go is not followed'; // the host compares with this text

  const { document: id, top } = options;
  const drafts = createDrafts(id);
  /** @type {ReturnType<typeof createOutbox<RelayEntry>>} */
  const outbox = createOutbox({ inFlight: 1000, batch: 100, batchSize: 524_288, capacity: 33_554_432 });

  /** @type {ConnectionState} */
  let state = options.prerendering ? 'apart' : 'none';
  /** Whether a connection may be used before the background has said what may be recorded. */
  let unasked = !options.restricted && !options.prerendering;
  /** Whether records may be written to the storage: recording was allowed at some time. */
  let allowed = unasked;
  /** Whether recording is paused, as the background has said on this connection. */
  let pause = false;
  /** The reason in gaps of this pause, or of the last one. */
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
  /** Whether the background waits for all calls made so far. */
  let reporting = false;
  /** Calls made in a pause that are not in a record yet; and how many of them the background knows of. */
  let unrecorded = 0;
  let told = 0;
  const calls = createUnfinished(outbox);
  /** Whether a timer runs for calls that wait for their function's end. */
  let waits = false;
  /** Whether a record already says that the present handler passes calls on later. */
  let saidLater = false;
  /** Whether hits are looked for. Until the background has said something, they are. */
  let follow = true;
  /** What was found in queues and is sent with the next message. */
  const finds = createFinds();

  /** Whether the site has a function, as far as hook.js has reported. */
  let handlerThere = false;
  /** While a simulation's call runs: what hook.js has reported of it. @type {{entry: RelayEntry | null, said: {outcome: string, text: string} | null} | null} */
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
      // The record waits for the function's end, because an exception belongs to it. In
      // Firefox, other code can run while the function shows a dialog (openPromptSync in
      // toolkit/components/prompts/src/Prompter.sys.mjs).
      held: call !== undefined,
      text: '',
      told: false,
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
    if (call !== undefined) calls.add(call.n, entry);
    if (kind !== 'page') quiet = false;
    if (!quiet) move(entry);
    return true;
  };

  /** @param {RelayEntry} entry a new record */
  const move = (entry) => {
    if (!leaving) schedule();
    else if (!entry.held) flush();
    else if (connected()) tellRunning(entry);
  };

  /** @param {RelayEntry} entry a record that is not sent yet */
  const tellRunning = (entry) => {
    entry.told = true;
    return send({ type: 'running', record: drafts.written(entry, hookedFromStart) });
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

  /** @param {RelayEntry} entry a record that is sent now and does not change any more */
  const text = (entry) => {
    calls.sent(entry);
    return drafts.final(entry, hookedFromStart);
  };

  /** The handler in the record of the call with hook.js's number, if it can still be changed. @param {number} n */
  const handlerOf = (n) => /** @type {any} */ (calls.of(n)?.draft.own.handler);

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

  /** @param {unknown} detail the detail of an event on the bridge */
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
        const handler = handlerOf(message.n);
        if (handler) handler.threw = message.text;
        break;
      }
      case 'done':
        done(message);
        break;
      case 'passed': {
        const handler = handlerOf(message.n);
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
        unqueued(message.count);
        break;
      case 'simulated':
        if (simulated !== null) simulated.said = message;
        break;
      case 'here': // receiving it is the answer
    }
  };

  /** @param {HookSaid & {kind: 'done'}} said */
  const done = ({ n, passed, pushed, dropped }) => {
    const entry = calls.of(n);
    if (entry && passed !== undefined) handlerOf(n).passed_on = passed;
    if (dropped > 0) unqueued(dropped);
    if (pushed.length > 0 && follow) {
      const size = pushed.reduce((sum, { data, notes }) => sum + data.length + notes.length, 0);
      if (entry === undefined) for (const text of pushed) queue(text); // its record was already sent
      else if (outbox.grow(entry, size)) entry.draft.pushed = pushed;
      else finds.drop(pushed.length);
    }
    calls.over(n);
    if (leaving) flush();
    else schedule();
  };

  /** @param {number} count how many finds are not told of */
  const unqueued = (count) => {
    if (follow && !paused()) finds.drop(count);
  };

  /** @param {QueueText} text what was found in a queue and is in no call's record */
  const queue = (text) => {
    if (!follow || paused() || state === 'over' || !finds.add(text, options.now())) return;
    if (leaving) post();
    else schedule();
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
    if (pause || !follow) finds.clear();
    schedule();
  };

  /**
   * Conceals records since the beginning of a pause that the background has not accepted,
   * because it knew of the pause earlier than we did.
   * @param {number} since
   */
  const concealSince = (since) => {
    outbox.rewind();
    for (const entry of outbox.unacknowledged()) {
      if (entry.draft.concealed === '' && entry.draft.time >= since) drafts.conceal(entry, pauseWhy);
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
      case 'report':
        reporting = true;
        schedule();
        break;
      case 'ask':
        send({ type: 'page', id: message.id, document: id, handler: handlerThere });
        break;
      case 'simulate':
        playback.begin(message);
        break;
      case 'cancel':
        playback.cancel();
        break;
      case 'ack':
        outbox.acknowledge(message.seqs);
        if (lost > 0) tellLost();
        if (!outbox.empty) schedule();
    }
  };

  // ---- Simulation

  const playback = createPlayback({
    now: options.now,
    later: options.later,
    allowed: () => !paused() && state !== 'over',
    say: (step) => send({ type: 'step', ...step }),
    call(args, missing) {
      simulated = { entry: null, said: null };
      options.order(`simulate\n${args}\n${missing}`);
      const { entry, said } = simulated;
      simulated = null;
      calls.allOver(); // hook.js may not have had enough stack to report the end
      schedule();
      return { record: entry === null ? undefined : `${id}/${entry.seq}`, ...said ?? { outcome: 'no handler', text: '' } };
    },
    over: () => options.order('end simulation'),
  });

  // ---- The connection to the background

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
    if ((outbox.empty && unrecorded === told && finds.empty && !reporting) || !connected()) return;
    if (unrecorded !== told) {
      if (!send({ type: 'unrecorded', document: id, seq: seq + 1, calls: unrecorded })) return;
      told = unrecorded;
    }
    if (state !== 'heard' && !unasked && !leaving) return; // the background's answer will schedule it again
    for (let batch = outbox.next(leaving); batch.length > 0; batch = outbox.next(leaving)) {
      if (!send({ type: 'records', paused: paused(), going: leaving, records: batch.map(text) })) return;
      if (!leaving) {
        schedule(); // one message per turn, so that the page can work in between
        return;
      }
    }
    const blocked = calls.running ? outbox.blocked() : [];
    if (blocked.length > 0 && !waits && !leaving) {
      waits = true;
      options.later(FINISHES, () => {
        waits = false;
        for (const entry of blocked) entry.held = false;
        schedule();
      });
    }
    for (const entry of blocked) if (!entry.told && !tellRunning(entry)) return;
    if (!finds.empty && send({ type: 'queued', document: id, ...finds.read() })) finds.clear(); // after the calls that may have caused them
    if (reporting && outbox.allSent && send({ type: 'reported' })) reporting = false;
  };

  /** @param {RelayMessage} message */
  const send = (message) => {
    if (options.send(message)) return true;
    broke(); // there was no disconnect event
    return false;
  };

  /** The port is closed. What was not acknowledged is sent again. */
  const broke = () => {
    if (state !== 'asking' && state !== 'heard') return;
    state = 'none';
    playback.broke();
    unasked = reporting = false;
    told = 0;
    outbox.rewind();
    for (const entry of outbox.blocked()) entry.told = false;
    if (outbox.empty || leaving) return; // the next record opens a port
    state = 'resting';
    delay = Math.min(Math.max(delay * 2, 100), 5000);
    options.rest(delay);
  };

  /** The page is leaving, and this may be the last chance to save anything. */
  const flush = () => {
    post();
    // If the background does not run, a message may be lost (seen in Chromium). What is
    // written to the extension's storage is not.
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

    /** hook.js has connected to relay.js. @param {boolean} first whether it was the first script in its window, as far as it can tell */
    met(first) {
      hookedFromStart &&= first;
      // The background may have answered before the hook was there.
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

    /** Is called after schedule(). */
    turn() {
      scheduled = false;
      post();
    },

    /** Is called after the pause that rest() asked for. */
    rested() {
      if (state !== 'resting') return;
      state = 'none';
      post();
    },

    /** A prerendered page is shown now. */
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

    /** The last event of a page that leaves. A function that still runs may never end. */
    left() {
      calls.allOver();
      page('closed');
    },

    /** The page is back from the back/forward cache, in which Chromium closes ports without an event in the page. */
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
