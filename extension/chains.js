// @ts-check
// Page world, sixth of eight files: finds calls that are one and the same. See
// values.js for the rules that all code here obeys.
//
// A script may replace the function by a wrapper that calls the old one: at once or,
// as consent queues do, later; with the same objects or with copies. And a queue that
// was there first is emptied into the function that replaces it. In these cases one
// call of the client reaches several functions, in a chain. Only the first call of a
// chain is reported.

/**
 * @typedef {object} PageChains the calls that may still be passed on
 * @property {(link: Link, before: Link | null, calls: number) => void} becomesHandler calls: how many calls were made so far
 * @property {() => void} settle is called after the task in which a function became the handler
 * @property {(call: Call, args: unknown[], text: string) => void} keep a new call. text: its arguments as JSON, for
 *   recognising copies; '' where no function was replaced, so that there is no need to
 * @property {(call: Call) => void} forget the call will not be passed on any more
 * @property {(link: Link, args: unknown[], running: Call | null, runningOrder: number) => Call | null} chainOf the
 *   call that this one continues, null for none. running: the call whose function runs, and how far it is in its chain
 */

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const { uncurry, ownData, isObject } = kit;
  const recall = uncurry(WeakMap.prototype.get);
  const remember = uncurry(WeakMap.prototype.set);

  // How many calls are kept at most, and how many characters of them.
  const MAX_KEPT = 1000;
  const MAX_KEPT_SIZE = 4_194_304;

  /** The client_uuid of a call. @param {unknown} globals its global_ctx */
  const contactOf = (globals) => {
    try {
      return isObject(globals) ? ownData(/** @type {object} */ (globals), 'client_uuid') : undefined;
    } catch {
      return undefined; // a hostile proxy
    }
  };

  kit.createChains = (textOf) => {
    let handlers = 0;
    /** The newest handler. @type {Link | null} */
    let top = null;
    /**
     * During the task in which a function became the handler: the number of the last call
     * before that. Otherwise -1.
     */
    let settling = -1;

    /** A number for each object, to recognise it without keeping it alive. @type {WeakMap<object, number>} */
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

    /** The calls that may still be passed on, as a ring that begins with the oldest. @type {Call} */
    const kept = /** @type {any} */ ({ __proto__: null });
    kept.next = kept.last = kept;
    let keptCount = 0;
    let keptSize = 0;

    /** @type {PageChains['keep']} */
    const keep = (call, args, text) => {
      call.globals = giveNumber(args[1]);
      call.session = giveNumber(args[2]);
      call.text = text;
      if (text !== '') call.contact = contactOf(args[1]);
      call.last = kept.last;
      call.next = kept;
      kept.last.next = call;
      kept.last = call;
      keptCount++;
      keptSize += call.text.length;
      while (keptCount > MAX_KEPT || (keptSize > MAX_KEPT_SIZE && keptCount > 1)) forget(kept.next);
    };

    /** @type {PageChains['forget']} */
    const forget = (call) => {
      if (call.next === call) return;
      call.last.next = call.next;
      call.next.last = call.last;
      call.next = call.last = call;
      keptCount--;
      keptSize -= call.text.length;
    };

    /**
     * Finds the call that is passed on to an earlier function with these arguments. Of
     * several, it takes the most similar one, and of these the oldest.
     * @param {Link} link
     * @param {unknown[]} args
     * @param {Call | null} running
     * @returns {Call | null}
     */
    const passedTo = (link, args, running) => {
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
     * Finds the call that a queue makes again to the function that has just replaced the
     * queue. That function may be new, or one that was there before and is back.
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

    /** @type {PageChains['chainOf']} */
    const chainOf = (link, args, running, runningOrder) => {
      if (running !== null && link.order < runningOrder) {
        if (keptCount === 0 || (kept.next === running && running.next === kept)) return running;
        const same = running.name === args[0] && running.globals === numberOf(args[1]) && running.session === numberOf(args[2]);
        return (same && !running.passed ? running : passedTo(link, args, running)) ?? running;
      }
      if (keptCount === 0) return null;
      if (link !== top) return passedTo(link, args, running);
      return settling >= 0 ? madeAgain(link, args) : null;
    };

    /** @type {PageChains['becomesHandler']} */
    const becomesHandler = (link, before, calls) => {
      if (link.order === 0) link.order = ++handlers;
      link.before = before;
      top = link;
      if (settling < 0) settling = calls;
    };

    return /** @type {PageChains} */ (/** @type {any} */ ({
      __proto__: null, becomesHandler, settle: () => void (settling = -1), keep, forget, chainOf,
    }));
  };
})();
//# sourceURL=<anonymous>
