// @ts-check
// Page world, last of seven files: finds the site's userlikeTrackingEvent, puts a
// Proxy in its place and tells relay.js of it. See kinds.js for the rules that
// all code here obeys.
//
// The window is left untouched until a function appears, because sites ask
// whether one is there (in, typeof, ||) and would take a trap for an answer.

(() => {
  'use strict';

  const NAME = 'userlikeTrackingEvent';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  Reflect.deleteProperty(globalThis, 'userlikeInspectorKit');
  const { uncurry, native, changed, getter, plainlyAssigns, calls: callsHandler, createCalls, limit } = kit;

  const { apply, defineProperty, deleteProperty } = Reflect;
  const { getOwnPropertyDescriptor, hasOwn } = Object;
  const { timeout } = AbortSignal;
  const PageProxy = Proxy;
  const PageCustomEvent = CustomEvent;
  for (const f of [defineProperty, deleteProperty, timeout, PageCustomEvent, FocusEvent, Document.prototype.createElement]) native(f);
  /** @type {(f: Function, self: unknown) => any} */
  const bind = /** @type {any} */ (uncurry(Function.prototype.bind));
  const dispatch = uncurry(EventTarget.prototype.dispatchEvent);
  /** @type {(target: EventTarget, type: string, listener: (e: any) => void, capture: boolean) => void} */
  const listen = uncurry(/** @type {any} */ (EventTarget.prototype.addEventListener));
  const recall = uncurry(WeakMap.prototype.get);
  const remember = uncurry(WeakMap.prototype.set);
  const observe = uncurry(MutationObserver.prototype.observe);
  const disconnect = uncurry(MutationObserver.prototype.disconnect);
  const getAttribute = uncurry(Element.prototype.getAttribute);
  const toLowerCase = uncurry(String.prototype.toLowerCase);
  const startsWith = uncurry(String.prototype.startsWith);
  const slice = uncurry(String.prototype.slice);
  const indexOf = uncurry(String.prototype.indexOf);
  const addedNodes = getter(MutationRecord.prototype, 'addedNodes');
  const mutationTarget = getter(MutationRecord.prototype, 'target');
  const listLength = getter(NodeList.prototype, 'length');
  const nodeType = getter(Node.prototype, 'nodeType');
  const parentNode = getter(Node.prototype, 'parentNode');
  const textContent = getter(Node.prototype, 'textContent');
  const localName = getter(Element.prototype, 'localName');
  const readyState = getter(Document.prototype, 'readyState');
  const eventDetail = getter(CustomEvent.prototype, 'detail');
  const sourceOf = uncurry(Function.prototype.toString);
  /** @type {(text: string, part: string) => boolean} */
  const includes = uncurry(/** @type {any} */ (String.prototype.includes));

  const page = globalThis;
  const { document } = page;
  // Where the client finds the function. What else a page may have put into the
  // window's prototype chain could be a proxy, which would hear us ask.
  const holders = [page, Window.prototype, EventTarget.prototype, Object.prototype];

  // The bridge is an element that is in no document: the page cannot reach it,
  // and neither document.open() nor the frame's removal touches its listeners.
  // It is handed over once, as an event's relatedTarget, to relay.js, which has
  // run already. They meet at document.fonts: it is the document's own, so that
  // nobody can have waited there before, and its events pass no window (which a
  // frame's first document may have from the about:blank before it, with the
  // parent's listeners). An event that nobody takes means that relay.js has a
  // hook (this is a second injection) or is not there.
  //
  // Whoever had the window before may have changed its built-ins as well, and
  // can hear all that is done with them. Against that there is no help in this
  // world: relay.js is told of it where it shows, and takes nothing from here
  // that could be about another document.
  const bridge = document.createElement('div');
  const taken = !document.fonts.dispatchEvent(
    new FocusEvent('userlike-inspector-bridge', /** @type {any} */ ({
      __proto__: null, relatedTarget: bridge, cancelable: true, detail: changed() ? 1 : 0,
    })),
  );
  if (!taken) return;

  let disposed = false;

  /** What events are made from. @type {CustomEventInit<string>} */
  const init = /** @type {any} */ ({ __proto__: null, detail: '', cancelable: true });

  /**
   * @param {string} detail
   * @returns {boolean} whether relay.js has it
   */
  const send = (detail) => {
    init.detail = detail;
    if (!dispatch(bridge, new PageCustomEvent('record', init))) return true;
    dispose(); // nobody answers: the extension was reloaded or removed
    return false;
  };

  /**
   * Calls are so deep within each other that a plain function has to take the
   * proxy's place, or no longer are. Where our accessor is, it gives the right one.
   * @param {Link} link
   * @param {boolean} on
   */
  const deepened = (link, on) => {
    try {
      const d = getOwnPropertyDescriptor(page, NAME);
      if (d === undefined || !hasOwn(d, 'value') || !d.writable) return;
      const stands = byProxy(d.value);
      if (stands === link) put(page, on ? standsFor(link) : link.proxy, d);
    } catch {
      // Next to no stack left: what stands there goes on to do.
    }
  };

  const { linkFor, standsFor, byTarget, byProxy, isAnothers, becomesHandler: promote, settle, reportLost, tick: lookAtQueues, follow, stop } = createCalls(send, deepened);

  // ---- The handler: what the page has under the name, and what we put there

  /** The site's own function as last seen. @type {Function | null} */
  let current = null;
  /** Functions that cannot be replaced, reported once. @type {Function | null} */
  let unwritable = null;
  let shadowed = false;

  /**
   * Whether the function was taken away since the last look: what is set now is
   * the site's own, cleaned up and set up again.
   */
  let restored = false;

  /** Whether the task goes on in which a function became the handler. */
  let settling = false;

  /** @param {() => void} then in a task of its own */
  const soon = (then) => listen(timeout(0), 'abort', then, false);

  /**
   * The site's function whose place a new handler takes.
   * @param {Link} link
   * @returns {Link | null}
   */
  const predecessor = (link) => {
    if (link.order > 0) return link.before; // it is put back
    const before = current === null || current === standIn ? undefined : byTarget(current);
    if (before === undefined) return null;
    const source = restored ? '' : sourceOf(link.target);
    const same = restored || (source === sourceOf(before.target) && !includes(source, '[native code]'));
    return same ? before.before : before;
  };

  /**
   * @param {Function} f
   * @param {string} state
   */
  const becomesHandler = (f, state) => {
    const link = linkFor(f, state);
    if (f === current) {
      restored = false;
      return link;
    }
    promote(link, predecessor(link));
    if (!settling) soon(() => {
      settling = false;
      settle();
    });
    settling = true;
    const before = current;
    current = f;
    restored = false;
    if (f !== standIn) {
      send('handler\n' + (before === null || before === standIn ? 'appeared' : 'replaced') + '\n' + link.state + unseenCalls());
    }
    return link;
  };

  /** Whether the script that runs, or ran last, calls the handler itself. */
  let scriptCalls = false;
  /** Whether our accessor saw the assignment, and so every call after it. */
  let witnessed = false;

  /** A handler whose calls another document's records have. @param {Function} f */
  const borrows = (f) => {
    if (f === current) return;
    const before = current;
    current = f;
    send('handler\n' + (before === null || before === standIn ? 'appeared' : 'replaced') +
      '\nassigned; it is the function of another window, whose records have its calls');
  };

  const unseenCalls = () =>
    scriptCalls && !witnessed ? '; the script that defines it calls it too, and calls in the same run of it cannot be seen' : '';

  const handlerGone = () => {
    const before = current;
    current = null;
    restored = false;
    if (before !== null && before !== standIn) send('handler\nremoved\n');
  };

  /** What our accessor holds for the page. @type {unknown} */
  let held;
  /** Whether the accessor waits for one script to assign. */
  let armed = false;
  /** Whether that script does so with var, whose property cannot be deleted. */
  let byVar = false;

  const get = bind(() => {
    const link = byTarget(held);
    return link === undefined || disposed ? held : standsFor(link);
  }, undefined);

  const set = bind((/** @type {unknown} */ v) => {
    const state = byVar ? 'declared' : 'assigned';
    armed = false;
    const ours = byProxy(v);
    held = ours === undefined ? v : ours.target;
    if (disposed) return;
    witnessed = true;
    if (typeof held !== 'function') {
      // Those who clean up and set up again do so in one go.
      restored = true;
      soon(look);
    } else if (isAnothers(held)) borrows(held);
    else becomesHandler(held, state);
    witnessed = false;
  }, undefined);
  // A page that lists the accessor sees what it would see of a built-in one.
  defineProperty(get, 'name', /** @type {any} */ ({ __proto__: null, value: 'get ' + NAME }));
  defineProperty(set, 'name', /** @type {any} */ ({ __proto__: null, value: 'set ' + NAME }));

  /** @param {boolean} enumerable */
  const install = (enumerable) =>
    defineProperty(page, NAME, /** @type {any} */ ({ __proto__: null, get, set, enumerable, configurable: true }));

  /**
   * @param {object} holder the window or one of its prototypes
   * @param {unknown} value
   * @param {PropertyDescriptor} d the attributes to keep
   */
  const put = (holder, value, d) =>
    defineProperty(holder, NAME, /** @type {any} */ ({
      __proto__: null,
      value,
      writable: d.writable,
      enumerable: d.enumerable,
      configurable: d.configurable,
    }));

  /**
   * @param {object} holder
   * @param {Function} f
   * @param {PropertyDescriptor} d
   */
  const take = (holder, f, d) => {
    if (!d.configurable && !d.writable) {
      if (unwritable === f) return;
      unwritable = f;
      send('handler\nnot-writable\nits property is neither configurable nor writable');
      return;
    }
    // Only a top-level declaration makes a property that is not configurable
    // and can be written.
    // Where our accessor was, an assignment alone cannot have made a property.
    if (current !== null && held === current && d.configurable && d.writable && d.enumerable && holder === page) restored = true;
    const link = becomesHandler(f, d.configurable ? 'assigned' : 'declared');
    if (disposed) return;
    if (d.configurable && d.writable && holder === page) {
      held = f;
      install(d.enumerable === true);
    } else {
      put(holder, link.proxy, d);
    }
  };

  /** The page's own getter, by our proxy of it. @type {WeakMap<object, () => unknown>} */
  const getters = new WeakMap();

  /**
   * The page's own accessor: what its getter returns is wrapped.
   * @param {object} holder
   * @param {PropertyDescriptor} d
   */
  const takeAccessor = (holder, d) => {
    const theirs = d.get;
    if (typeof theirs !== 'function' || recall(getters, theirs) !== undefined) return;
    if (!d.configurable) {
      if (unwritable === theirs) return;
      unwritable = theirs;
      send('handler\nnot-writable\nits property is an accessor that is not configurable');
      return;
    }
    const proxy = new PageProxy(theirs, /** @type {any} */ ({
      __proto__: null,
      apply: (/** @type {Function} */ f, /** @type {unknown} */ self, /** @type {unknown[]} */ args) => {
        const v = apply(f, self, args);
        if (disposed || typeof v !== 'function' || byProxy(v) !== undefined) return v;
        return becomesHandler(v, 'assigned').proxy;
      },
    }));
    remember(getters, proxy, theirs);
    defineProperty(holder, NAME, /** @type {any} */ ({
      __proto__: null,
      get: proxy,
      set: d.set,
      enumerable: d.enumerable,
      configurable: true,
    }));
  };

  /**
   * Whether let, const or class made the name: then what the name means is not
   * what the property says, and other realms do not see it.
   * @param {unknown} value the property's
   */
  const isShadowed = (value) => {
    try {
      // @ts-ignore -- the page's, if it has one
      return typeof userlikeTrackingEvent === 'function' && userlikeTrackingEvent !== value; // eslint-disable-line no-undef
    } catch {
      return false; // declared, but not initialised yet
    }
  };

  /** @param {unknown} value */
  const reportShadow = (value) => {
    if (shadowed || !isShadowed(value)) return;
    shadowed = true;
    send('handler\nshadowed\nlet, const or class declares it');
  };

  /** What has a property of the name, as the client would find it. @returns {object | null} */
  const find = () => {
    for (let i = 0; i < holders.length; i++) {
      const holder = /** @type {object} */ (holders[i]);
      if (hasOwn(holder, NAME)) return holder;
    }
    return null;
  };

  /** The script for which the accessor was armed has run. */
  const settleArmed = () => {
    const d = getOwnPropertyDescriptor(page, NAME);
    if (d !== undefined && !hasOwn(d, 'value') && d.get === get) {
      if (byVar) put(page, armed ? undefined : get(), /** @type {any} */ ({ __proto__: null, writable: true, enumerable: true, configurable: false }));
      else if (armed) deleteProperty(page, NAME);
    }
    armed = byVar = false;
  };

  /** Looks at what the page has under the name, and takes it in hand. */
  const look = () => {
    if (disposed) return;
    if (armed || byVar) settleArmed();
    const holder = find();
    if (holder === null) {
      handlerGone();
      reportShadow(undefined);
      if (wantStandIn && readyState(document) !== 'loading') becomeStandIn();
      return;
    }
    const d = /** @type {PropertyDescriptor} */ (getOwnPropertyDescriptor(holder, NAME));
    if (!hasOwn(d, 'value')) {
      if (d.get === get && held === standIn && !wantStandIn) {
        current = null;
        deleteProperty(page, NAME);
        return;
      }
      if (d.get !== get) {
        takeAccessor(holder, d);
        return;
      }
      if (typeof held !== 'function') handlerGone();
      reportShadow(get());
      return;
    }
    const v = d.value;
    if (typeof v !== 'function') {
      if (v !== undefined || d.writable || current === null || held !== current) {
        handlerGone();
      } else if (d.configurable) { // made read-only without saying a value: that drops an accessor's
        take(holder, current, d);
      } else {
        current = null;
        send('handler\nnot-writable\nit was made constant without saying its value again, which an inspected page loses by that');
      }
      return;
    }
    const link = byProxy(v);
    if (link !== undefined) becomesHandler(link.target, link.state); // again, where another one was in front of it
    else if (isAnothers(v)) borrows(v);
    else if (getOwnPropertyDescriptor(holder, NAME)?.value !== v) look(); // asked, an orphaned hook gave it back
    else take(holder, v, d);
  };

  // ---- Stand-in, only when the tester asks for it

  let wantStandIn = false;
  const standIn = function userlikeTrackingEvent() {};
  const becomeStandIn = () => {
    held = standIn;
    becomesHandler(standIn, 'missing');
    install(true);
  };

  // ---- Arming: an inline script can be read before the parser runs it

  /**
   * The inline script that the parser is about to run, if the last thing it did
   * was to finish one.
   * @param {MutationRecord[]} records
   */
  const nextScript = (records) => {
    const record = records[records.length - 1];
    if (record === undefined) return null;
    const added = addedNodes(record);
    const count = listLength(added);
    let node = count > 0 ? added[count - 1] : mutationTarget(record);
    if (nodeType(node) === 3) node = parentNode(node);
    if (node === null || nodeType(node) !== 1 || localName(node) !== 'script') return null;
    if (getAttribute(node, 'src') !== null) return null;
    const type = getAttribute(node, 'type');
    const classic = type === null || type === '' || toLowerCase(type) === 'text/javascript' ||
      toLowerCase(type) === 'application/javascript';
    return classic ? node : null;
  };

  /** Prepares for what the parser is about to run. @param {MutationRecord[]} records */
  const arm = (records) => {
    scriptCalls = false;
    if (disposed || readyState(document) !== 'loading') return;
    const script = nextScript(records);
    const text = script === null ? '' : textContent(script);
    scriptCalls = callsHandler(text);
    if (getOwnPropertyDescriptor(page, NAME) !== undefined || isShadowed(undefined)) return;
    const how = plainlyAssigns(text);
    if (how === '') return;
    held = undefined;
    byVar = how === 'declared';
    armed = install(true);
  };

  // ---- When to look

  const observer = new MutationObserver((records) => {
    look();
    arm(records);
  });

  const attend = () => {
    // Again and again: document.open() removes the listeners. A script's load
    // event never reaches the window.
    listen(document, 'load', look, true);
    listen(page, 'load', look, true);
    listen(page, 'DOMContentLoaded', look, true);
    listen(page, 'pageshow', look, true);
    listen(page, 'message', look, true);
  };

  /** @param {boolean} parsing whether a script's text may still come in pieces */
  const watch = (parsing) => {
    observe(observer, document, /** @type {any} */ ({
      __proto__: null, childList: true, characterData: parsing, subtree: true,
    }));
  };

  let parsed = false;
  let ticks = 0;
  const tick = () => {
    if (disposed) return;
    attend();
    look();
    try {
      if (!disposed) {
        reportLost();
        lookAtQueues();
      }
    } catch {
      // Next time.
    }
    if (!parsed && !disposed && readyState(document) !== 'loading') {
      parsed = true;
      watch(false);
    }
    // Not setTimeout, whose numbers the page can count.
    listen(timeout(++ticks <= 40 ? 50 : 250), 'abort', tick, false);
  };

  /**
   * Gives the page back what it had there.
   * @param {object} holder
   */
  const release = (holder) => {
    const d = getOwnPropertyDescriptor(holder, NAME);
    if (d === undefined) return;
    if (hasOwn(d, 'value')) {
      const link = byProxy(d.value);
      if (link !== undefined) put(holder, link.target, d);
      return;
    }
    if (d.get === get) {
      if (armed || held === standIn) deleteProperty(page, NAME);
      else put(page, held, /** @type {any} */ ({ __proto__: null, writable: true, enumerable: d.enumerable, configurable: true }));
      return;
    }
    const theirs = d.get === undefined ? undefined : recall(getters, d.get);
    if (theirs === undefined) return;
    defineProperty(holder, NAME, /** @type {any} */ ({
      __proto__: null, get: theirs, set: d.set, enumerable: d.enumerable, configurable: true,
    }));
  };

  /** Leaves the page as if we had never been there, as far as that can be. */
  const dispose = () => {
    if (disposed) return;
    disposed = true;
    stop();
    disconnect(observer);
    for (let i = 0; i < holders.length; i++) release(/** @type {object} */ (holders[i]));
  };

  const simulator = kit.createSimulator(page, document, NAME);

  /** @param {string} order "simulate", the arguments and what of them is undefined, a line each */
  const simulate = (order) => {
    look(); // so that the call is seen
    const to = indexOf(order, '\n', 9);
    send('simulated\n' + (disposed ? 'no handler\n' : simulator.call(slice(order, 9, to), slice(order, to + 1))));
  };

  listen(bridge, 'control', (e) => {
    const order = eventDetail(e);
    if (order === 'dispose') dispose();
    if (startsWith(order, 'limits ')) limit(slice(order, 7));
    if (startsWith(order, 'simulate\n')) simulate(order);
    if (order === 'end simulation') simulator.end();
    if (order === 'follow' || order === 'no follow') follow(order === 'follow');
    if (order === 'stand-in' || order === 'no stand-in') {
      wantStandIn = order === 'stand-in';
      look();
    }
  }, false);
  watch(true);
  tick();
})();
//# sourceURL=<anonymous>
