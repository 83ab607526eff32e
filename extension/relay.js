// @ts-check
// Isolated world of every document: receives what hook.js saw in the page's
// world, makes numbered records of it, and keeps each until the background has
// it safe. The page sees nothing of this world.

(() => {
  'use strict';

  const world = /** @type {{userlikeInspectorRelay?: {document: Document, alive(): boolean, dispose(): void}, userlikeInspectorRestricted?: true}} */ (
    /** @type {unknown} */ (globalThis)
  );
  // A second injection into a document finds the first one's relay here; so
  // does the first one into a document that took over an about:blank's window.
  const before = world.userlikeInspectorRelay;
  if (before?.document === document && before.alive()) return;
  before?.dispose();

  const MAX_URL = 4096;
  const MAX_TITLE = 300;
  const { PAUSED, conceal, write } = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);
  const CLIENT = 'iframe[id^="userlike-frame-"],script[src*="//userlike-cdn"],script[src*=".userlike.com/"]';

  const uuid = () => {
    // crypto.randomUUID is missing in insecure contexts.
    const b = crypto.getRandomValues(new Uint8Array(16));
    b.set([(b.at(6) ?? 0) & 0x0f | 0x40], 6); // version 4
    b.set([(b.at(8) ?? 0) & 0x3f | 0x80], 8); // variant 1
    const hex = Array.from(b, (n) => n.toString(16).padStart(2, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };

  const id = uuid();
  const isTop = window === window.top;
  const meeting = document.fonts; // where hook.js says why
  let hookedFromStart = document.readyState === 'loading' || location.href.startsWith('about:');
  const outbox = createOutbox({ inFlight: 1000, batch: 100, batchSize: 524_288, capacity: 33_554_432 });

  let seq = 0;
  let lost = 0;
  let hiding = false;
  /** Frames and blank pages are not worth a word until something happens there. */
  let quiet = !isTop || location.protocol === 'about:';
  let disposed = false;
  let clientSeen = false;
  /** @type {EventTarget | null} */
  let bridge = null;
  /** @type {chrome.runtime.Port | null} */
  let port = null;
  /** Where the browser says we are; known once the background answers. */
  let place = {};
  let postPending = false;
  let reconnectDelay = 0;
  let spooled = 0;
  /** Whether the background has said what may be recorded, and whether that is paused. */
  let decided = false;
  let paused = false;
  /** Calls made while it was paused that no record tells of yet; and how many of them the background knows of. */
  let unrecorded = 0;
  let told = 0;
  let limits = '';
  let standIn = false;

  /**
   * Not setTimeout, whose numbers the page shares and can count.
   * @param {number} ms
   * @param {() => void} then
   */
  const later = (ms, then) => AbortSignal.timeout(ms).addEventListener('abort', then);

  const alive = () => {
    try {
      return !disposed && chrome.runtime?.id !== undefined;
    } catch {
      return false;
    }
  };

  // ---- Records

  let clock = { now: 0, text: '' };
  const time = () => {
    const now = Date.now();
    if (now !== clock.now) clock = { now, text: new Date(now).toISOString() };
    return clock.text;
  };

  let spot = { href: '', title: '', text: '' };
  /** What the document says of itself; a page may change both at any time. */
  const where = () => {
    const { href } = location;
    const title = isTop ? document.title : '';
    if (href !== spot.href || title !== spot.title || spot.text === '') {
      const url = JSON.stringify(href.slice(0, MAX_URL));
      const top = `,"top_url":${url},"title":${JSON.stringify(title.slice(0, MAX_TITLE).toWellFormed())}`;
      spot = { href, title, text: `"url":${url}${isTop ? top : ''}` };
    }
    return spot.text;
  };

  /**
   * @param {string} kind
   * @param {string} fields the kind's own members, JSON without the braces
   * @returns {number} its seq, 0 when there was no room
   */
  const add = (kind, fields) => {
    if (lost > 0) addLost();
    const number = seq + 1;
    const text = `{"v":1,"kind":"${kind}","id":"${id}/${number}","seq":${number},"time":"${time()}",` +
      `"document":"${id}",${where()},${fields}}`;
    if (!outbox.add({ seq: number, text: paused ? concealed(text) : text })) {
      if (kind === 'call') lost++;
      return 0;
    }
    seq = number;
    if (kind !== 'page') quiet = false;
    if (quiet) return number;
    if (hiding) flush();
    else schedule();
    return number;
  };

  const addLost = () => {
    const n = lost;
    lost = 0;
    if (add('gap', `"lost":${n},"why":"too many calls waited for the background to take them"`) === 0) lost = n;
  };

  /** @param {string} json */
  const concealed = (json) => write(conceal(JSON.parse(json)));

  const addUnrecorded = () => {
    const n = unrecorded;
    if (n === 0 || add('gap', `"lost":${n},"why":"${PAUSED}"`) === 0) return;
    unrecorded = 0;
    schedule();
  };

  /**
   * Whether anything may leave this script. Where something is excluded or
   * paused (see restricted.js), that is for the background to say; a page that
   * goes before leaves it to the background to decide what it was told.
   */
  const free = () => decided || !world.userlikeInspectorRestricted;

  /**
   * The background's word on what may be recorded.
   * @param {{excluded: boolean, paused: boolean, since?: number, limits: string}} word
   */
  const decide = (word) => {
    if (word.excluded) {
      dispose();
      return;
    }
    if (word.limits !== limits) {
      limits = word.limits;
      control(`limits ${limits}`);
    }
    if (word.paused && !paused) {
      outbox.rewind(); // the background does not take what went before its word
      const { since = 0 } = word;
      for (const { seq: made } of outbox.unacknowledged()) {
        outbox.amend(made, (json) => (Date.parse(JSON.parse(json).time) < since ? json : concealed(json)));
      }
      recent = [];
    }
    if (paused && !word.paused) addUnrecorded();
    decided = true;
    paused = word.paused;
    schedule();
  };

  /** @param {string} event */
  const addPage = (event) => add('page', `"event":"${event}","hooked_from_start":${hookedFromStart}`);

  /** The calls that run now: the hook's number and the record's seq. @type {{n: string, seq: number}[]} */
  let recent = [];

  /** @type {Record<string, (rest: string) => void>} */
  const receive = {
    call(rest) {
      if (paused) {
        unrecorded++;
        if (hiding) addUnrecorded();
        else schedule();
        return;
      }
      const [n = '', state, args, notes] = fields(rest, 4);
      const noted = notes === '[]' ? '' : `,"notes":${notes}`;
      const number = add('call', `"args":${args}${noted},"handler":{"state":"${state}"}`);
      recent.push({ n, seq: number });
      if (recent.length > 200) recent = recent.slice(100);
    },
    threw(rest) {
      const [n = '', text] = fields(rest, 2);
      const call = recent.findLast((c) => c.n === n);
      if (call) outbox.amend(call.seq, (json) => `${json.slice(0, -2)},"threw":${JSON.stringify(text)}}}`);
    },
    handler(rest) {
      const [state, text] = fields(rest, 2);
      add('handler', `"state":"${state}"${text && `,"text":${JSON.stringify(text)}`}`);
    },
    gap(rest) {
      const [n, why] = fields(rest, 2);
      add('gap', `"lost":${Number(n)},"why":${JSON.stringify(why)}`);
    },
  };

  /**
   * Splits at the first line feeds; what is left is the last field.
   * @param {string} text
   * @param {number} count
   */
  const fields = (text, count) => {
    const out = [];
    let from = 0;
    for (let i = 1; i < count; i++) {
      const to = text.indexOf('\n', from);
      out.push(text.slice(from, to));
      from = to + 1;
    }
    out.push(text.slice(from));
    return out;
  };

  /** @param {Event} event */
  const onRecord = (event) => {
    if (!alive()) {
      dispose(); // unanswered: the hook will dispose of itself
      return;
    }
    event.preventDefault(); // the receipt
    const detail = /** @type {CustomEvent<string>} */ (event).detail;
    const end = detail.indexOf('\n');
    receive[detail.slice(0, end)]?.(detail.slice(end + 1));
  };

  // ---- The way to the background

  // Not a timer: those of a page in a background tab wait for up to a second,
  // and Firefox ends extensions before pages when it quits.
  const turn = new MessageChannel();
  turn.port1.onmessage = () => {
    postPending = false;
    post();
  };

  const schedule = () => {
    if (postPending || disposed) return;
    postPending = true;
    turn.port2.postMessage(null);
  };

  const post = () => {
    if (!hiding) attend();
    if (disposed || (outbox.empty && unrecorded === told) || !connect()) return;
    if (unrecorded !== told && !tell({ type: 'unrecorded', document: id, seq: seq + 1, calls: unrecorded })) return;
    told = unrecorded;
    if (!free() && !hiding) return; // the decision schedules
    for (let batch = outbox.next(hiding); batch.length > 0; batch = outbox.next(hiding)) {
      if (!tell({ type: 'records', paused, going: hiding, records: batch.map((e) => e.text) })) return;
      if (!hiding) {
        schedule(); // one message a turn: the page has work to do as well
        return;
      }
    }
  };

  /** @param {object} message @returns {boolean} */
  const tell = (message) => {
    try {
      port?.postMessage(message);
      return true;
    } catch {
      lose(); // it broke, and nobody has said so
      return false;
    }
  };

  const connect = () => {
    if (port !== null) return true;
    if (reconnectDelay > 0 && !hiding) return false; // onDisconnect's timer will
    try {
      port = chrome.runtime.connect({ name: 'relay' });
    } catch {
      dispose(); // the extension was reloaded or removed
      return false;
    }
    port.onMessage.addListener(onMessage);
    port.onDisconnect.addListener(onDisconnect);
    return true;
  };

  /** @param {any} message */
  const onMessage = (message) => {
    reconnectDelay = 0;
    if (message.type === 'place') place = message.place;
    if (message.type === 'watch') decide(message);
    if (message.type === 'stand-in') {
      standIn = message.on;
      control(standIn ? 'stand-in' : 'no stand-in');
    }
    if (message.type === 'ack') {
      outbox.acknowledge(message.seqs);
      if (lost > 0) addLost();
      if (!outbox.empty) schedule();
    }
  };

  /** @param {chrome.runtime.Port} closed */
  const onDisconnect = (closed) => {
    void chrome.runtime?.lastError; // the back/forward cache closes ports, says Chromium there
    if (closed === port) lose();
  };

  /** The port is of no use any more: what it has not acknowledged goes again. */
  const lose = () => {
    port = null;
    told = 0;
    outbox.rewind();
    if (!alive()) {
      dispose();
      return;
    }
    if (outbox.empty || hiding) return; // the next record connects
    reconnectDelay = Math.min(Math.max(reconnectDelay * 2, 100), 5000);
    later(reconnectDelay, () => {
      if (port !== null || disposed) return;
      const delay = reconnectDelay;
      reconnectDelay = 0;
      if (connect()) reconnectDelay = delay;
      post();
    });
  };

  /** The page is going: there may be no later. */
  const flush = () => {
    post();
    // If the background is not running, a message may never reach it (seen in
    // Chromium), but what is written to the extension's storage does.
    const left = outbox.unacknowledged();
    if (left.length === 0 || !free() || !alive()) return;
    const key = `spool/${id}/${++spooled}`;
    chrome.storage.local.set({ [key]: { place, records: left.map((e) => e.text) } }).catch(() => {
      // The browser is closing, or the disk is full; the port was tried too.
    });
  };

  // ---- The document's life

  const onHide = () => {
    if (hiding) return;
    lookForClient();
    hiding = true;
    addUnrecorded();
    if (!quiet) flush();
  };

  const onHidden = () => {
    addPage('closed');
  };

  /** @param {PageTransitionEvent} event */
  const onShow = (event) => {
    if (!event.persisted || !hiding) return;
    hiding = false;
    // Chromium closes the ports of pages in the back/forward cache unheard.
    port?.disconnect();
    port = null;
    outbox.rewind();
    addPage('opened');
  };

  /** @param {Event} event */
  const onBridge = (event) => {
    event.stopImmediatePropagation();
    event.preventDefault();
    meeting.removeEventListener('userlike-inspector-bridge', onBridge);
    bridge = /** @type {FocusEvent} */ (event).relatedTarget;
    bridge?.addEventListener('record', onRecord);
    // The hook found built-ins changed before it ran: another window had this
    // one in hand when it was an about:blank (see hook.js), and was here first.
    if (/** @type {FocusEvent} */ (event).detail === 1 && (!isTop || window.opener !== null)) {
      hookedFromStart = false;
      outbox.amend(1, (json) => json.replace('"hooked_from_start":true', '"hooked_from_start":false'));
    }
    // The background may have been faster than the hook.
    if (limits !== '') control(`limits ${limits}`);
    if (standIn) control('stand-in');
    addPage('hooked');
  };

  /** @param {string} detail */
  const control = (detail) => {
    bridge?.dispatchEvent(new CustomEvent('control', { detail }));
  };

  const attend = () => {
    // Again and again: document.open() removes the listeners.
    window.addEventListener('pagehide', onHide, true);
    window.addEventListener('pageshow', onShow, true);
    // Last in the line, so that the page's own listeners have made their calls
    // before the document is said to be closed. (Adding it while the event is
    // dispatched would do in Firefox, not in Chromium.)
    window.removeEventListener('pagehide', onHidden);
    window.addEventListener('pagehide', onHidden);
  };

  const lookForClient = () => {
    const found = clientSeen ? null : document.querySelector(CLIENT);
    if (found === null) return;
    clientSeen = true;
    add('client', `"text":${JSON.stringify(found.localName === 'iframe' ? 'its frame' : 'its script')}`);
  };

  let ticks = 0;
  const tick = () => {
    if (disposed) return;
    if (!alive()) {
      dispose();
      return;
    }
    attend();
    lookForClient();
    later(++ticks <= 120 ? 250 : 1000, tick);
  };

  const dispose = () => {
    if (disposed) return;
    disposed = true;
    meeting.removeEventListener('userlike-inspector-bridge', onBridge);
    window.removeEventListener('pagehide', onHide, true);
    window.removeEventListener('pagehide', onHidden);
    window.removeEventListener('pageshow', onShow, true);
    bridge?.removeEventListener('record', onRecord);
    control('dispose');
    turn.port1.close();
    port?.disconnect();
    port = null;
  };

  world.userlikeInspectorRelay = { document, alive, dispose };
  meeting.addEventListener('userlike-inspector-bridge', onBridge);
  addPage('opened');
  tick();
})();
