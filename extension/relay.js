// @ts-check
// Isolated world of every document, last of its files. It connects recorder.js, which
// decides, and client.js, which looks for Userlike's client, with the document, with
// hook.js in the page's world, with the background and with the storage. The page sees
// nothing of this world. Of events that a page can make itself, only those on the bridge
// are used.

(() => {
  'use strict';

  const world = /** @type {{userlikeInspectorRelay?: {document: Document, alive(): boolean, dispose(): void}, userlikeInspectorRestricted?: true}} */ (
    /** @type {unknown} */ (globalThis)
  );
  // A second injection into a document finds the first relay here. So does the first
  // injection into a document that has taken over the window of an about:blank.
  const before = world.userlikeInspectorRelay;
  if (before?.document === document && before.alive()) return;
  before?.dispose();

  const uuid = () => {
    // crypto.randomUUID is missing in insecure contexts:
    // https://developer.mozilla.org/docs/Web/API/Crypto/randomUUID
    const b = crypto.getRandomValues(new Uint8Array(16));
    b.set([(b.at(6) ?? 0) & 0x0f | 0x40], 6); // version 4
    b.set([(b.at(8) ?? 0) & 0x3f | 0x80], 8); // variant 1
    const hex = Array.from(b, (n) => n.toString(16).padStart(2, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };

  // An element of the page can hide a member of document by its name. So the members come
  // from the prototype.
  const { getElementsByTagName, querySelector } = Document.prototype;
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  /** @param {string} name @returns {(this: Document) => string} */
  const getter = (name) => /** @type {any} */ (Object.getOwnPropertyDescriptor(Document.prototype, name)?.get);
  const title = getter('title');
  const readyState = getter('readyState');

  const isTop = window === window.top;
  const meeting = document.fonts; // hook.js says why
  const loading = readyState.call(document) === 'loading';
  const hookedFromStart = loading || location.href.startsWith('about:');
  const began = loading ? Date.now() : 0;

  let disposed = false;
  /** @type {EventTarget | null} */
  let bridge = null;
  /** @type {chrome.runtime.Port | null} */
  let port = null;

  /**
   * Not setTimeout: the page shares its numbers and could notice it by counting them.
   * @param {number} ms
   * @param {() => void} then
   */
  const later = (ms, then) => AbortSignal.timeout(ms).addEventListener('abort', () => disposed || then());

  const alive = () => {
    try {
      return !disposed && chrome.runtime?.id !== undefined;
    } catch {
      return false;
    }
  };

  /** @param {HookOrder} detail */
  const order = (detail) => void bridge?.dispatchEvent(new CustomEvent('control', { detail }));

  // ---- The connection to the background

  // Not a timer: in a background tab timers wait for up to a second
  // (https://developer.chrome.com/blog/timer-throttling-in-chrome-88), and when Firefox
  // quits it ends extensions before pages (see firefox.js in nativehost/internal/browser).
  const turn = new MessageChannel();
  turn.port1.onmessage = () => {
    attend();
    recorder.turn();
  };

  const connect = () => {
    try {
      port = chrome.runtime.connect({ name: `relay ${began}` });
    } catch {
      return false; // the extension was reloaded or removed
    }
    port.onMessage.addListener((message) => recorder.heard(message));
    port.onDisconnect.addListener((closed) => {
      void chrome.runtime?.lastError; // read, so that Chromium does not log that the back/forward cache has closed the port
      if (closed !== port) return;
      if (!alive()) recorder.end();
      port = null;
      recorder.broke();
    });
    return true;
  };

  const disconnect = () => {
    port?.disconnect();
    port = null;
  };

  /** @param {RelayMessage} message */
  const send = (message) => {
    try {
      port?.postMessage(message);
      return port !== null;
    } catch {
      port = null;
      return false;
    }
  };

  /**
   * @param {string} key
   * @param {SpoolEntry} entry
   */
  const keep = (key, entry) => {
    if (!alive()) return;
    chrome.storage.local.set({ [key]: entry }).catch(() => {
      // The browser is closing, or the disk is full. The record was sent on the port, too.
    });
  };

  // ---- Events of the document

  /** @param {Event} event */
  const onRecord = (event) => {
    if (!alive()) {
      recorder.end(); // without an answer, the hook removes itself
      return;
    }
    event.preventDefault(); // tells the hook that it was received
    recorder.said(/** @type {CustomEvent<unknown>} */ (event).detail);
  };

  /** @param {Event} event */
  const onBridge = (event) => {
    event.stopImmediatePropagation();
    event.preventDefault();
    meeting.removeEventListener('userlike-inspector-bridge', onBridge);
    bridge = /** @type {FocusEvent} */ (event).relatedTarget;
    bridge?.addEventListener('record', onRecord);
    // The hook found built-ins that were changed before it ran: another window had
    // access to this one when it was an about:blank (see hook.js).
    const changed = /** @type {FocusEvent} */ (event).detail === 1;
    recorder.met(!changed || (isTop && window.opener === null));
  };

  /** @param {PageTransitionEvent} event */
  const onHide = (event) => {
    if (!event.isTrusted) return;
    client.look();
    recorder.leave();
  };

  /** @param {PageTransitionEvent} event */
  const onHidden = (event) => {
    if (!event.isTrusted) return;
    order('queues'); // what was put there since the last look, also by the page's own listeners
    recorder.left();
  };

  /** @param {PageTransitionEvent} event */
  const onShow = (event) => {
    if (event.isTrusted && event.persisted) recorder.returned();
  };

  /** @param {Event} event */
  const onActivated = (event) => {
    if (event.isTrusted) recorder.activated();
  };

  const attend = () => {
    // Added each time, because document.open() removes the listeners.
    window.addEventListener('pagehide', onHide, true);
    window.addEventListener('pageshow', onShow, true);
    addEventListener.call(document, 'prerenderingchange', onActivated, true);
    client.attend();
    // Added last, so that calls that the page makes in its own listeners come before the
    // record that the document is closed. (Adding it during the event would work in Firefox.
    // Chromium calls no listener that its target got during the event: FireEventListeners in
    // third_party/blink/renderer/core/dom/events/event_target.cc.)
    window.removeEventListener('pagehide', onHidden);
    window.addEventListener('pagehide', onHidden);
  };

  let ticks = 0;
  const tick = () => {
    if (!alive()) {
      recorder.end();
      return;
    }
    attend();
    client.look();
    later(++ticks <= 120 ? 250 : 1000, tick);
  };

  const over = () => {
    disposed = true;
    meeting.removeEventListener('userlike-inspector-bridge', onBridge);
    window.removeEventListener('pagehide', onHide, true);
    window.removeEventListener('pagehide', onHidden);
    window.removeEventListener('pageshow', onShow, true);
    removeEventListener.call(document, 'prerenderingchange', onActivated, true);
    client.dispose();
    bridge?.removeEventListener('record', onRecord);
    order('dispose');
    turn.port1.close();
    disconnect();
  };

  /** The frame element that contains this document, null if it has another origin. */
  const frame = () => {
    try {
      return window.frameElement;
    } catch {
      return null;
    }
  };

  const recorder = createRecorder({
    document: uuid(), top: isTop, hookedFromStart,
    // Frames and blank pages are not recorded until something happens there.
    quiet: !isTop || location.protocol === 'about:',
    restricted: world.userlikeInspectorRestricted === true,
    prerendering: /** @type {any} */ (document).prerendering === true,
    now: () => Date.now(),
    where: () => ({ url: location.href, title: isTop ? title.call(document) : '' }),
    schedule: () => turn.port2.postMessage(null),
    rest: (ms) => later(ms, recorder.rested),
    connect, disconnect, send, keep, order, over, later,
  });
  const client = createClientWatch({
    document, location, frame, late: !hookedFromStart,
    scripts: /** @type {any} */ (getElementsByTagName.call(document, 'script')),
    frames: /** @type {any} */ (getElementsByTagName.call(document, 'iframe')),
    has: (selector) => querySelector.call(document, selector) !== null,
    complete: () => readyState.call(document) === 'complete',
    listen: (target, type, heard, on) => (on ? addEventListener : removeEventListener).call(target, type, heard, true),
    say: recorder.client,
  });

  world.userlikeInspectorRelay = { document, alive, dispose: () => recorder.end() };
  meeting.addEventListener('userlike-inspector-bridge', onBridge);
  tick();
})();
