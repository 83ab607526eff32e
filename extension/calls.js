// @ts-check
// Page world, sixth of seven files: puts a Proxy before a function of the
// page's and tells of every call before the function itself runs. See kinds.js
// for the rules that all code here obeys.

/**
 * @typedef {object} Link a function of the page's that was seen as handler
 * @property {Function} target
 * @property {Function} proxy
 * @property {Function | null} plain what stands in the proxy's place while calls are deep within each other
 * @property {string} state assigned, declared or missing
 * @property {number} order the greater, the later it became the handler for the first time
 * @property {Link | null} before the site's function whose place it took
 */

/**
 * @typedef {object} Call a call that was told of
 * @property {number} n its number
 * @property {unknown} name
 * @property {number} globals which object its global_ctx is, 0 for none
 * @property {number} session the same of its session_ctx
 * @property {unknown} contact its client_uuid
 * @property {string} text its arguments as JSON
 * @property {number} reached the order of the earliest handler that it has come to
 * @property {boolean} passed whether it has come to an earlier one than it was made to
 * @property {boolean} over whether the handler has returned or thrown
 * @property {string} pushed what its function has put into queues, three lines for each time
 * @property {Call} next
 * @property {Call} last
 */

/**
 * @typedef {object} PageCalls
 * @property {(target: Function, state: string) => Link} linkFor
 * @property {(target: unknown) => Link | undefined} byTarget
 * @property {(proxy: unknown) => Link | undefined} byProxy
 * @property {(f: Function) => boolean} isAnothers whether it is the proxy of another window's hook, which tells of its calls
 * @property {(link: Link, before: Link | null) => void} becomesHandler
 * @property {(link: Link) => Function} standsFor what is to be under the name for a function, now
 * @property {() => void} settle the task is over in which a function became the handler
 * @property {() => void} reportLost tells of calls that could not be told of when they were made
 * @property {() => void} tick time has gone by
 * @property {(on: boolean) => void} follow whether queues are looked at
 * @property {() => void} stop from now on the functions are called and nothing is told
 */

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const { uncurry, native, snapshot, describeError, ownData, createQueues } = kit;
  const { apply, construct, has } = Reflect;
  const PageProxy = Proxy;
  for (const f of [apply, construct, has, PageProxy]) native(f);
  const recall = uncurry(WeakMap.prototype.get);
  const remember = uncurry(WeakMap.prototype.set);
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  const sourceOf = uncurry(Function.prototype.toString);

  // What one hook's proxies are asked for by the hooks of other windows.
  const vouch = Symbol.for('userlikeTrackingEvent is inspected');

  // So many calls are remembered that may still be passed on, with so many
  // characters.
  const MAX_KEPT = 1000;

  // From so many calls within each other on, a plain function takes the Proxy's
  // place. Firefox runs a Proxy's trap on its native stack, of which there is
  // enough for some 700 levels; a function that calls itself by the name goes
  // thousands deep without us.
  const DEEP = 20;
  const MAX_KEPT_SIZE = 4_194_304;

  /** @param {unknown} v */
  const isObject = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';

  /** The client_uuid of a call. @param {unknown} globals its global_ctx */
  const contactOf = (globals) => {
    try {
      return isObject(globals) ? ownData(/** @type {object} */ (globals), 'client_uuid') : undefined;
    } catch {
      return undefined; // a hostile proxy
    }
  };

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
    let handlers = 0;
    /** What became the handler last. @type {Link | null} */
    let top = null;
    /**
     * While the task goes on in which a function became the handler: the number
     * of the last call before, else -1.
     */
    let settling = -1;

    // A later script's wrapper calls the function that it replaced, at once or,
    // as consent queues do, later, with the same objects or with copies. A queue
    // that was there first is emptied into the function that replaces it, as soon
    // as that is there. Such a call is a link of a chain whose beginning was
    // told of.

    /** The call that runs, and how far in its chain. @type {Call | null} */
    let running = null;
    let runningOrder = 0;

    /** Which object an object is. Holds none of them. @type {WeakMap<object, number>} */
    const numbers = new WeakMap();
    let numbered = 0;

    /** @param {unknown} v */
    const numberOf = (v) => (isObject(v) ? recall(numbers, /** @type {object} */ (v)) ?? 0 : 0);

    /** @param {unknown} v */
    const giveNumber = (v) => {
      if (!isObject(v)) return 0;
      const before = recall(numbers, /** @type {object} */ (v));
      if (before !== undefined) return before;
      remember(numbers, /** @type {object} */ (v), ++numbered);
      return numbered;
    };

    /** The calls that may be passed on yet: a ring, from the oldest on. @type {Call} */
    const kept = /** @type {any} */ ({ __proto__: null });
    kept.next = kept.last = kept;
    let keptCount = 0;
    let keptSize = 0;

    /** @param {Call} call */
    const keep = (call) => {
      call.last = kept.last;
      call.next = kept;
      kept.last.next = call;
      kept.last = call;
      keptCount++;
      keptSize += call.text.length;
      while (keptCount > MAX_KEPT || (keptSize > MAX_KEPT_SIZE && keptCount > 1)) forget(kept.next);
    };

    /** @param {Call} call */
    const forget = (call) => {
      if (call.next === call) return;
      call.last.next = call.next;
      call.next.last = call.last;
      call.next = call.last = call;
      keptCount--;
      keptSize -= call.text.length;
    };

    /** @param {unknown[]} args */
    const textOf = (args) => {
      reading = true;
      try {
        return jsonOf(snapshot(args));
      } catch {
        return ''; // next to no stack left
      } finally {
        reading = false;
      }
    };

    /** A snapshot without its notes, which copies do not share. @param {string} snap */
    const jsonOf = (snap) => slice(snap, 0, indexOf(snap, '\n'));

    /**
     * The call that is passed on to an earlier function with these arguments, of
     * several the one that is most like it, and of these the oldest.
     * @param {Link} link
     * @param {unknown[]} args
     * @returns {Call | null}
     */
    const passedTo = (link, args) => {
      let text = '';
      /** @type {Call | null} */
      let found = null;
      let best = 0;
      for (let call = kept.next; call !== kept; call = call.next) {
        if (call.reached <= link.order || call.name !== args[0] || call === running) continue;
        const globals = call.globals !== 0 && call.globals === numberOf(args[1]);
        const session = call.session !== 0 && call.session === numberOf(args[2]);
        if (text === '') text = textOf(args);
        const like = call.text === text ? 4 : globals && session ? 3 : globals || session ? 2
          : call.contact !== undefined && call.contact === contactOf(args[1]) ? 1 : 0;
        if (like <= best) continue;
        best = like;
        found = call;
        if (like === 4) break;
      }
      return found;
    };

    /**
     * The call that is made again to a function that has just taken the place of
     * the one that kept it: a new one, or one that was there before and is back.
     * @param {Link} link
     * @param {unknown[]} args
     * @returns {Call | null}
     */
    const madeAgain = (link, args) => {
      let text = '';
      for (let call = kept.next; call !== kept && call.n <= settling; call = call.next) {
        const back = link.order < call.reached;
        if (call.name !== args[0] || call.passed || call.reached === link.order || (!back && link.before === null)) continue;
        const same = call.globals !== 0 && call.globals === numberOf(args[1]) && call.session !== 0 && call.session === numberOf(args[2]);
        if (same) return call;
        if (back && text === '') text = textOf(args);
        if (back && text === call.text) return call;
      }
      return null;
    };

    /**
     * The call that this one is a link of.
     * @param {Link} link
     * @param {unknown[]} args
     * @returns {Call | null}
     */
    const chainOf = (link, args) => {
      if (running !== null && link.order < runningOrder) {
        if (keptCount === 0 || (kept.next === running && running.next === kept)) return running;
        const same = running.name === args[0] && running.globals === numberOf(args[1]) && running.session === numberOf(args[2]);
        return (same && !running.passed ? running : passedTo(link, args)) ?? running;
      }
      if (keptCount === 0) return null;
      if (link !== top) return passedTo(link, args);
      return settling >= 0 ? madeAgain(link, args) : null;
    };

    /**
     * A call has come to another function than the one it was made to.
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
        // No stack left. The call itself has been told of.
      }
    };

    const queues = createQueues(say);

    /** @param {Call | null} call whose function runs, or has just run */
    const lookAtQueues = (call) => {
      reading = true;
      try {
        queues.look(call);
      } catch {
        // No stack left. What is there is found the next time.
      }
      reading = false;
    };

    /**
     * Tells of a call.
     * @param {Link} link
     * @param {unknown[]} args
     * @returns {Call} its number is 0 when it could not be told of
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
        call.globals = giveNumber(args[1]);
        call.session = giveNumber(args[2]);
        if (link.order > 1) {
          call.text = jsonOf(snap);
          call.contact = contactOf(args[1]);
        }
        keep(call);
      } catch {
        lost++; // the page calls with next to no stack left
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
     * Does what the proxy does, in fewer frames: the page's function is called by
     * the language where that can be done, not by a built-in.
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
        const chain = chainOf(link, args);
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

    /** Whether this hook tells of calls: one whose extension was reloaded finds out by asking. */
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
      // Both traps call the page's function themselves, so that no more than one
      // of our frames is in the stack of what it throws.
      const proxy = new PageProxy(target, /** @type {any} */ ({
        __proto__: null,
        apply(/** @type {Function} */ f, /** @type {unknown} */ self, /** @type {unknown[]} */ args) {
          if (stopped || reading) return apply(f, self, args);
          const outer = running;
          const outerOrder = runningOrder;
          const chain = chainOf(link, args);
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
          const chain = chainOf(link, args);
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
        return false; // a proxy of the page's
      }
    };

    /** @type {PageCalls['becomesHandler']} */
    const becomesHandler = (link, before) => {
      if (link.order === 0) link.order = ++handlers;
      link.before = before;
      top = link;
      if (settling < 0) settling = calls;
    };

    return /** @type {PageCalls} */ (/** @type {any} */ ({
      __proto__: null,
      linkFor,
      standsFor,
      byTarget: (/** @type {any} */ v) => (isObject(v) ? recall(links, v) : undefined),
      byProxy: (/** @type {any} */ v) => (isObject(v) ? recall(proxies, v) : undefined),
      isAnothers,
      becomesHandler,
      settle: () => void (settling = -1),
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
