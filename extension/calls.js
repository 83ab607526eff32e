// @ts-check
// Page world, fourth of five files: puts a Proxy before a function of the
// page's and tells of every call before the function itself runs. See kinds.js
// for the rules that all code here obeys.

/**
 * @typedef {object} Link a function of the page's that was seen as handler
 * @property {Function} target
 * @property {Function} proxy
 * @property {string} state assigned, declared or missing
 * @property {number} order the greater, the later it became the handler
 */

/**
 * @typedef {object} PageCalls
 * @property {(target: Function, state: string) => Link} linkFor
 * @property {(target: unknown) => Link | undefined} byTarget
 * @property {(proxy: unknown) => Link | undefined} byProxy
 * @property {(link: Link) => void} becomesHandler
 * @property {() => void} reportLost tells of calls that could not be told of when they were made
 * @property {() => void} stop from now on the functions are called and nothing is told
 */

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const { uncurry, native, snapshot, describeError } = kit;
  const { apply, construct } = Reflect;
  const PageProxy = Proxy;
  for (const f of [apply, construct, PageProxy]) native(f);
  const recall = uncurry(WeakMap.prototype.get);
  const remember = uncurry(WeakMap.prototype.set);

  /** @param {unknown} v */
  const isObject = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';

  kit.createCalls = (send) => {
    /** By the page's function. @type {WeakMap<object, Link>} */
    const links = new WeakMap();
    /** By our proxy. @type {WeakMap<object, Link>} */
    const proxies = new WeakMap();

    let stopped = false;
    /** Whether a snapshot is being taken: a proxy among the arguments may call. */
    let reading = false;
    let lost = 0;
    let calls = 0;
    let handlers = 0;
    /** The order of the innermost handler that is running a reported call. */
    let running = 0;

    /**
     * A later script's wrapper calls the function that it replaced, at once or,
     * as consent queues do, later and with the same objects. Such a call is a
     * link of a chain whose beginning was reported. Kept by the call's global_ctx.
     * @type {WeakMap<object, {name: unknown, order: number}>}
     */
    const chains = new WeakMap();

    /**
     * @param {Link} link
     * @param {unknown[]} args
     */
    const continuesChain = (link, args) => {
      const chain = isObject(args[1]) ? recall(chains, /** @type {object} */ (args[1])) : undefined;
      const expected = chain !== undefined && chain.name === args[0] && link.order < chain.order;
      if (expected) chain.order = link.order;
      return expected || link.order < running;
    };

    /**
     * @param {Link} link
     * @param {unknown[]} args
     * @returns {number} the call's number, 0 when it could not be reported
     */
    const report = (link, args) => {
      const n = ++calls;
      reading = true;
      let text = '';
      try {
        text = 'call\n' + n + '\n' + link.state + '\n' + snapshot(args);
        if (link.order > 1 && isObject(args[1])) {
          remember(chains, /** @type {object} */ (args[1]), { name: args[0], order: link.order });
        }
      } catch {
        lost++; // the page calls with next to no stack left
      }
      reading = false;
      try {
        reportLost();
        return text !== '' && send(text) ? n : 0;
      } catch {
        if (text !== '') lost++;
        return 0;
      }
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
     * @param {number} n
     * @param {unknown} error
     */
    const reportThrown = (n, error) => {
      if (n === 0 || stopped) return;
      reading = true;
      try {
        send('threw\n' + n + '\n' + describeError(error));
      } catch {
        // No stack left. The call itself is reported.
      }
      reading = false;
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
          if (stopped || reading || continuesChain(link, args)) return apply(f, self, args);
          const n = report(link, args);
          const outer = running;
          running = link.order;
          try {
            return apply(f, self, args);
          } catch (e) {
            reportThrown(n, e);
            throw e;
          } finally {
            running = outer;
          }
        },
        construct(/** @type {Function} */ f, /** @type {unknown[]} */ args, /** @type {Function} */ newTarget) {
          if (stopped || reading || continuesChain(link, args)) return construct(f, args, newTarget);
          const n = report(link, args);
          const outer = running;
          running = link.order;
          try {
            return construct(f, args, newTarget);
          } catch (e) {
            reportThrown(n, e);
            throw e;
          } finally {
            running = outer;
          }
        },
      }));
      /** @type {Link} */
      const link = { target, proxy, state, order: 0 };
      remember(links, target, link);
      remember(proxies, proxy, link);
      return link;
    };

    return /** @type {PageCalls} */ (/** @type {any} */ ({
      __proto__: null,
      linkFor,
      byTarget: (/** @type {any} */ v) => (isObject(v) ? recall(links, v) : undefined),
      byProxy: (/** @type {any} */ v) => (isObject(v) ? recall(proxies, v) : undefined),
      becomesHandler: (/** @type {Link} */ link) => void (link.order = ++handlers),
      reportLost,
      stop: () => void (stopped = true),
    }));
  };
})();
//# sourceURL=<anonymous>
