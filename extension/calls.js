// @ts-check
// Page world, seventh of eight files: puts a Proxy in front of a function of the
// page and reports every call before the function itself runs. See values.js for
// the rules that all code here obeys.

/**
 * @typedef {object} Link a function of the page that was seen as the handler
 * @property {Function} target
 * @property {Function} proxy
 * @property {Function | null} plain the function that replaces the proxy while calls are nested deeply
 * @property {string} state assigned, declared or missing
 * @property {number} order greater if it first became the handler later
 * @property {Link | null} before the site's function that it replaced
 */

/**
 * @typedef {object} Call a call that was reported
 * @property {number} n its number
 * @property {unknown} name
 * @property {number} globals the number of the object that is its global_ctx, 0 for none
 * @property {number} session the same for its session_ctx
 * @property {unknown} contact its client_uuid
 * @property {string} text its arguments as JSON
 * @property {number} reached the order of the earliest handler that it was passed to
 * @property {boolean} passed whether it was passed to an earlier handler than the one that was called
 * @property {boolean} over whether the handler has returned or thrown
 * @property {string} pushed what its function has put into queues, three lines for each find
 * @property {Call} next
 * @property {Call} last
 */

/**
 * @typedef {object} PageCalls
 * @property {(target: Function, state: string) => Link} linkFor
 * @property {(target: unknown) => Link | undefined} byTarget
 * @property {(proxy: unknown) => Link | undefined} byProxy
 * @property {(f: Function) => boolean} isAnothers whether it is the proxy of another window's hook, which reports its calls
 * @property {(link: Link, before: Link | null) => void} becomesHandler
 * @property {(link: Link) => Function} standsFor what has to be found under the name now: the proxy, or its replacement
 * @property {() => void} settle is called after the task in which a function became the handler
 * @property {() => void} reportLost reports calls that could not be reported when they were made
 * @property {() => void} tick is called again and again, so that queues are looked at later
 * @property {(on: boolean) => void} follow whether queues are looked at
 * @property {() => void} stop from now on, calls are passed on and not reported
 */

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const { uncurry, native, isObject, snapshot, describeError, createChains, createQueues } = kit;
  const { apply, construct, has } = Reflect;
  const PageProxy = Proxy;
  for (const f of [apply, construct, has, PageProxy]) native(f);
  const recall = uncurry(WeakMap.prototype.get);
  const remember = uncurry(WeakMap.prototype.set);
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  const sourceOf = uncurry(Function.prototype.toString);

  // A property by which hooks recognise the proxies of other windows' hooks.
  const vouch = Symbol.for('userlikeTrackingEvent is inspected');

  // When calls are nested this deep, a plain function replaces the Proxy. Firefox
  // runs the traps of a Proxy on its native stack, which is enough for some 700
  // levels (measured). Without us, a function that calls itself through the window
  // could go thousands of levels deep.
  const DEEP = 20;

  kit.createCalls = (send, deepened) => {
    /** By the page's function. @type {WeakMap<object, Link>} */
    const links = new WeakMap();
    /** By our proxy. @type {WeakMap<object, Link>} */
    const proxies = new WeakMap();

    let stopped = false;
    /** Whether a snapshot is being taken: a proxy among the arguments may call. */
    let reading = false;
    let lost = 0;
    let depth = 0;
    let calls = 0;

    /** The call whose function runs now. The next variable says how far it is in its chain. @type {Call | null} */
    let running = null;
    let runningOrder = 0;

    /** @param {unknown[]} args */
    const textOf = (args) => {
      reading = true;
      try {
        return jsonOf(snapshot(args));
      } catch {
        return ''; // almost no stack left
      } finally {
        reading = false;
      }
    };

    /** A snapshot without its notes: a copy of the arguments can have other notes. @param {string} snap */
    const jsonOf = (snap) => slice(snap, 0, indexOf(snap, '\n'));

    const { becomesHandler, settle, keep, forget, chainOf } = createChains(textOf);

    /**
     * A call was passed to another function than the one that was called.
     * @param {Call} call
     * @param {Link} link
     */
    const passOn = (call, link) => {
      const down = link.order < call.reached;
      if (down) {
        call.reached = link.order;
        if (!call.passed && call.over && call.n !== 0) say('passed\n' + call.n);
        call.passed = true;
      }
      if (link.before === null || (!down && call !== running)) forget(call);
    };

    /** @param {string} detail */
    const say = (detail) => {
      try {
        if (!stopped) send(detail);
      } catch {
        // No stack left. The call itself has been reported.
      }
    };

    const queues = createQueues(say);

    /** @param {Call | null} call whose function runs, or has just run */
    const lookAtQueues = (call) => {
      reading = true;
      try {
        queues.look(call);
      } catch {
        // No stack left. The next look finds what is there.
      }
      reading = false;
    };

    /**
     * Reports a call.
     * @param {Link} link
     * @param {unknown[]} args
     * @returns {Call} its number is 0 when it could not be reported
     */
    const report = (link, args) => {
      /** @type {Call} */
      const call = /** @type {any} */ ({
        __proto__: null, n: ++calls, name: args[0], globals: 0, session: 0, contact: undefined, text: '', reached: link.order,
        passed: false, over: false, pushed: '', next: null, last: null,
      });
      call.next = call.last = call;
      lookAtQueues(running);
      reading = true;
      let text = '';
      try {
        const snap = snapshot(args);
        text = 'call\n' + call.n + '\n' + link.state + '\n' + snap;
        keep(call, args, link.order > 1 ? jsonOf(snap) : '');
      } catch {
        lost++; // the page called with almost no stack left
      }
      reading = false;
      try {
        reportLost();
        if (text === '' || !send(text)) call.n = 0;
      } catch {
        if (text !== '') lost++;
        call.n = 0;
      }
      return call;
    };

    /**
     * The handler has returned, or thrown.
     * @param {Call} call
     * @param {Link} link
     */
    const end = (call, link) => {
      lookAtQueues(call);
      call.over = true;
      if (call.n !== 0) say('done\n' + call.n + '\n' + (link.before === null ? '' : call.passed ? 'yes' : 'no') + call.pushed);
      call.pushed = '';
    };

    /** @type {PageCalls['reportLost']} */
    const reportLost = () => {
      if (lost === 0) return;
      const n = lost;
      lost = 0;
      try {
        send('gap\n' + n + '\nthe page called when its stack was almost exhausted');
      } catch (e) {
        lost = n;
        throw e;
      }
    };

    /**
     * @param {Call} call
     * @param {unknown} error
     */
    const reportThrown = (call, error) => {
      if (call.n === 0 || stopped) return;
      reading = true;
      try {
        send('threw\n' + call.n + '\n' + describeError(error));
      } catch {
        // No stack left. The call itself is reported.
      }
      reading = false;
    };

    /** @param {Link} link */
    const enter = (link) => {
      if (++depth === DEEP) deepened(link, true);
    };

    /** @param {Link} link */
    const leave = (link) => {
      if (depth-- === DEEP) deepened(link, false);
    };

    /** @type {PageCalls['standsFor']} */
    const standsFor = (link) => (depth >= DEEP ? plainFor(link) : link.proxy);

    /**
     * Does what the proxy does, with less stack: where possible it calls the page's
     * function directly, not through a built-in.
     * @param {Link} link
     */
    const plainFor = (link) => {
      if (link.plain !== null) return link.plain;
      const f = /** @type {any} */ (link.target);
      /** @this {unknown} @param {unknown[]} args */
      const plain = function (...args) {
        if (new.target !== undefined) return construct(link.proxy, args, new.target === plain ? link.proxy : new.target);
        if (stopped || reading) return apply(f, this, args);
        const outer = running;
        const outerOrder = runningOrder;
        const chain = chainOf(link, args, running, runningOrder);
        const call = chain ?? report(link, args);
        if (chain !== null) passOn(chain, link);
        running = call;
        runningOrder = link.order;
        depth++;
        try {
          if (this !== undefined) return apply(f, this, args);
          switch (args.length) {
            case 1: return f(args[0]);
            case 2: return f(args[0], args[1]);
            case 3: return f(args[0], args[1], args[2]);
            default: return apply(f, this, args);
          }
        } catch (e) {
          if (chain === null) reportThrown(call, e);
          throw e;
        } finally {
          depth--;
          running = outer;
          runningOrder = outerOrder;
          if (chain === null) end(call, link);
        }
      };
      link.plain = plain;
      remember(proxies, plain, link);
      return plain;
    };

    /** Whether this hook still reports calls. It has to ask, as its extension may have been reloaded. */
    const vouches = () => {
      try {
        return !stopped && send('here\n');
      } catch {
        return false; // no stack left
      }
    };

    /** @type {PageCalls['linkFor']} */
    const linkFor = (target, state) => {
      const seen = recall(links, target);
      if (seen !== undefined) return seen;
      // Both traps call the page's function themselves, so that the stack of an
      // error that it throws has only one frame of ours.
      const proxy = new PageProxy(target, /** @type {any} */ ({
        __proto__: null,
        apply(/** @type {Function} */ f, /** @type {unknown} */ self, /** @type {unknown[]} */ args) {
          if (stopped || reading) return apply(f, self, args);
          const outer = running;
          const outerOrder = runningOrder;
          const chain = chainOf(link, args, running, runningOrder);
          const call = chain ?? report(link, args);
          if (chain !== null) passOn(chain, link);
          running = call;
          runningOrder = link.order;
          try {
            enter(link);
            return apply(f, self, args);
          } catch (e) {
            if (chain === null) reportThrown(call, e);
            throw e;
          } finally {
            leave(link);
            running = outer;
            runningOrder = outerOrder;
            if (chain === null) end(call, link);
          }
        },
        construct(/** @type {Function} */ f, /** @type {unknown[]} */ args, /** @type {Function} */ newTarget) {
          if (stopped || reading) return construct(f, args, newTarget);
          const outer = running;
          const outerOrder = runningOrder;
          const chain = chainOf(link, args, running, runningOrder);
          const call = chain ?? report(link, args);
          if (chain !== null) passOn(chain, link);
          running = call;
          runningOrder = link.order;
          try {
            enter(link);
            return construct(f, args, newTarget);
          } catch (e) {
            if (chain === null) reportThrown(call, e);
            throw e;
          } finally {
            leave(link);
            running = outer;
            runningOrder = outerOrder;
            if (chain === null) end(call, link);
          }
        },
        has(/** @type {Function} */ f, /** @type {PropertyKey} */ key) {
          return key === vouch ? vouches() : has(f, key);
        },
      }));
      /** @type {Link} */
      const link = { target, proxy, plain: null, state, order: 0, before: null };
      remember(links, target, link);
      remember(proxies, proxy, link);
      return link;
    };

    /** @type {PageCalls['isAnothers']} */
    const isAnothers = (f) => {
      try {
        return recall(proxies, f) === undefined && indexOf(sourceOf(f), '[native code]') >= 0 && has(f, vouch);
      } catch {
        return false; // a proxy of the page, which throws
      }
    };

    return /** @type {PageCalls} */ (/** @type {any} */ ({
      __proto__: null,
      linkFor,
      standsFor,
      byTarget: (/** @type {any} */ v) => (isObject(v) ? recall(links, v) : undefined),
      byProxy: (/** @type {any} */ v) => (isObject(v) ? recall(proxies, v) : undefined),
      isAnothers,
      becomesHandler: (/** @type {Link} */ link, /** @type {Link | null} */ before) => becomesHandler(link, before, calls),
      settle,
      reportLost,
      tick() {
        reading = true;
        try {
          queues.tick();
        } finally {
          reading = false;
        }
      },
      follow: queues.follow,
      stop: () => void (stopped = true),
    }));
  };
})();
//# sourceURL=<anonymous>
