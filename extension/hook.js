// @ts-check
// Page world, last of eight files: finds the site's userlikeTrackingEvent, replaces it
// by a Proxy and reports to relay.js. See values.js for the rules that all code here
// obeys.
//
// The window stays untouched until a function appears. Sites test whether one is there
// (in, typeof, ||), and would mistake anything of ours for it.

(() => {
  'use strict';

  const NAME = 'userlikeTrackingEvent';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  Reflect.deleteProperty(globalThis, 'userlikeInspectorKit');
  const { uncurry, native, changed, getter, nextScript, plainlyAssigns, calls: callsHandler, createCalls, limit } = kit;

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
  const startsWith = uncurry(String.prototype.startsWith);
  const slice = uncurry(String.prototype.slice);
  const indexOf = uncurry(String.prototype.indexOf);
  const readyState = getter(Document.prototype, 'readyState');
  const eventDetail = getter(CustomEvent.prototype, 'detail');
  const sourceOf = uncurry(Function.prototype.toString);
  /** @type {(text: string, part: string) => boolean} */
  const includes = uncurry(/** @type {any} */ (String.prototype.includes));

  const page = globalThis;
  const { document } = page;
  // The objects on which the client finds the function. A page may have put other objects
  // into the window's prototype chain, but these could be proxies and notice us.
  const holders = [page, Window.prototype, EventTarget.prototype, Object.prototype];

  // hook.js and relay.js talk through the bridge, an element that is in no document: the
  // page cannot reach it, and neither document.open() nor the removal of the frame removes
  // its listeners. relay.js, which has run already, gets it once, as the relatedTarget of
  // an event at document.fonts. That object belongs to this document, so nobody can have
  // added a listener before us, and its events do not pass the window. (The first document
  // of a frame may share its window with the about:blank before it, where the parent may
  // have added listeners.) If nobody answers the event, relay.js already has a hook, as
  // this is a second injection, or relay.js is not there.
  //
  // Whoever had the window before may also have changed its built-ins, and then notices
  // everything that is done with them. This world cannot prevent that. If it can be seen,
  // relay.js is told, and it accepts nothing from here about any other document.
  const bridge = document.createElement('div');
  const taken = !document.fonts.dispatchEvent(
    new FocusEvent('userlike-inspector-bridge', /** @type {any} */ ({
      __proto__: null, relatedTarget: bridge, cancelable: true, detail: changed() ? 1 : 0,
    })),
  );
  if (!taken) return;

  let disposed = false;

  /** The options of the next event. One object is used again and again. @type {CustomEventInit<string>} */
  const init = /** @type {any} */ ({ __proto__: null, detail: '', cancelable: true });

  /**
   * @param {string} detail
   * @returns {boolean} whether relay.js has received it
   */
  const send = (detail) => {
    init.detail = detail;
    if (!dispatch(bridge, new PageCustomEvent('record', init))) return true;
    dispose(); // no answer: the extension was reloaded or removed
    return false;
  };

  /**
   * Calls are now nested so deeply that a plain function has to replace the proxy, or no
   * longer are. If our accessor is in place, it returns the right one anyway.
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
      // Almost no stack left. What is there now also works.
    }
  };

  const { linkFor, standsFor, byTarget, byProxy, isAnothers, becomesHandler: promote, settle, reportLost, tick: lookAtQueues, follow, stop } = createCalls(send, deepened);

  // ---- The handler: the page's function under the name, and our replacement

  /** The site's own function, as it was last seen. @type {Function | null} */
  let current = null;
  /** The last function that could not be replaced, which is reported once. @type {Function | null} */
  let unwritable = null;
  let shadowed = false;

  /**
   * Whether the function was removed since the last look. Then the next one counts as the
   * site's own again, and not as a replacement by another script.
   */
  let restored = false;

  /** Whether this is still the task in which a function became the handler. */
  let settling = false;

  /** @param {() => void} then is called in a task of its own */
  const soon = (then) => listen(timeout(0), 'abort', then, false);

  /**
   * The site's function that a new handler replaces.
   * @param {Link} link
   * @returns {Link | null}
   */
  const predecessor = (link) => {
    if (link.order > 0) return link.before; // an earlier function was put back
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
  /** Whether our accessor saw the assignment, so that every call after it was seen too. */
  let witnessed = false;

  /** Whether a function belongs to another window, whose hook reports its calls. @param {Function} f */
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

  /** The value that our accessor keeps for the page. @type {unknown} */
  let held;
  /** Whether the accessor is in place only for one script that is expected to assign. */
  let armed = false;
  /** Whether that script uses var, which makes a property that cannot be deleted. */
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
      // A site that removes the function and sets it again does so in one task.
      restored = true;
      soon(look);
    } else if (isAnothers(held)) borrows(held);
    else becomesHandler(held, state);
    witnessed = false;
  }, undefined);
  // A page that inspects the accessor sees the same as with a built-in one.
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
    // Where our accessor was, an assignment alone cannot have made a data property: the
    // function was deleted before.
    if (current !== null && held === current && d.configurable && d.writable && d.enumerable && holder === page) restored = true;
    // Only a top-level declaration makes a property that is writable and not configurable.
    const link = becomesHandler(f, d.configurable ? 'assigned' : 'declared');
    if (disposed) return;
    if (d.configurable && d.writable && holder === page) {
      held = f;
      install(d.enumerable === true);
    } else {
      put(holder, link.proxy, d);
    }
  };

  /** The page's own getters, by our proxies of them. @type {WeakMap<object, () => unknown>} */
  const getters = new WeakMap();

  /**
   * The page has an accessor of its own: what its getter returns is wrapped.
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
   * Whether let, const or class declares the name. Then the name does not mean the window's
   * property, and code of other realms, such as the client's frame, does not see it.
   * @param {unknown} value the property's
   */
  const isShadowed = (value) => {
    try {
      // @ts-ignore -- a variable of the page, if it has one
      return typeof userlikeTrackingEvent === 'function' && userlikeTrackingEvent !== value; // eslint-disable-line no-undef
    } catch {
      return false; // it is declared, but not initialised yet
    }
  };

  /** @param {unknown} value */
  const reportShadow = (value) => {
    if (shadowed || !isShadowed(value)) return;
    shadowed = true;
    send('handler\nshadowed\nlet, const or class declares it');
  };

  /** The object that has a property of this name, as the client would find it. @returns {object | null} */
  const find = () => {
    for (let i = 0; i < holders.length; i++) {
      const holder = /** @type {object} */ (holders[i]);
      if (hasOwn(holder, NAME)) return holder;
    }
    return null;
  };

  /** The script that the accessor was put in place for has run. */
  const settleArmed = () => {
    const d = getOwnPropertyDescriptor(page, NAME);
    if (d !== undefined && !hasOwn(d, 'value') && d.get === get) {
      if (byVar) put(page, armed ? undefined : get(), /** @type {any} */ ({ __proto__: null, writable: true, enumerable: true, configurable: false }));
      else if (armed) deleteProperty(page, NAME);
    }
    armed = byVar = false;
  };

  /** Looks at what the page has under the name, and replaces a function by a proxy. */
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
      } else if (d.configurable) { // the page made it read-only without giving a value, which loses the value of our accessor
        take(holder, current, d);
      } else {
        current = null;
        send('handler\nnot-writable\nit was made constant without saying its value again, which an inspected page loses by that');
      }
      return;
    }
    const link = byProxy(v);
    if (link !== undefined) becomesHandler(link.target, link.state); // it may have been covered by another one meanwhile
    else if (isAnothers(v)) borrows(v);
    else if (getOwnPropertyDescriptor(holder, NAME)?.value !== v) look(); // asking made an orphaned hook put the page's function back
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

  // ---- Arming: the text of an inline script can be read before the parser runs it

  /** Puts the accessor in place if the script that the parser is about to run assigns the function. @param {MutationRecord[]} records */
  const arm = (records) => {
    scriptCalls = false;
    if (disposed || readyState(document) !== 'loading') return;
    const text = nextScript(records);
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
    // Added each time, because document.open() removes the listeners. On the document,
    // because a script's load event never reaches the window.
    listen(document, 'load', look, true);
    listen(page, 'load', look, true);
    listen(page, 'DOMContentLoaded', look, true);
    listen(page, 'pageshow', look, true);
    listen(page, 'message', look, true);
  };

  /** @param {boolean} parsing whether the parser still runs, so that the text of a script may come in pieces */
  const watch = (parsing) => {
    observe(observer, document, /** @type {any} */ ({
      __proto__: null, childList: true, characterData: parsing, subtree: true,
    }));
  };

  /** Tells what no call told of. */
  const report = () => {
    if (disposed) return;
    try {
      reportLost();
      lookAtQueues();
    } catch {
      // Try again the next time.
    }
  };

  let parsed = false;
  let ticks = 0;
  const tick = () => {
    if (disposed) return;
    attend();
    look();
    report();
    if (!parsed && !disposed && readyState(document) !== 'loading') {
      parsed = true;
      watch(false);
    }
    // Not setTimeout: the page could notice it by the numbers that timers get.
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

  /** Leaves the page as if we had never been there, as far as possible. */
  const dispose = () => {
    if (disposed) return;
    disposed = true;
    stop();
    disconnect(observer);
    for (let i = 0; i < holders.length; i++) release(/** @type {object} */ (holders[i]));
  };

  const simulator = kit.createSimulator(page, document, NAME);

  /** @param {string} order three lines: "simulate", the arguments, and the places in them that are undefined */
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
    if (order === 'queues') report();
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
