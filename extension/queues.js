// @ts-check
// Page world, fourth of eight files: finds what is put into the page's queues, by the
// site's function or by other code. See values.js for the rules that all code here
// obeys.
//
// Nothing of the page is wrapped. Queues are looked at before and after the function
// runs, and then again and again for what it does later. Only descriptors of their own
// data properties are read. A queue behind an accessor is left alone; one that is a
// Proxy can notice that it is read.

/**
 * @typedef {object} Step one property of the path from the window's property to the queue
 * @property {string} key
 * @property {Step | null} next
 */

/**
 * @typedef {object} Queue
 * @property {string} name
 * @property {string} key of the window's property
 * @property {Step | null} path from there to the queue
 * @property {(() => boolean) | null} there whether the window has the property, for queues that are looked for at each call
 * @property {object | null} list the array that was there at the last look
 * @property {number} length its length then
 * @property {unknown} first
 * @property {unknown} last
 * @property {number} run how many elements at its end were the same value
 * @property {Queue | null} next
 */

/**
 * @typedef {object} PageQueues
 * @property {(call: Call | null) => void} look reports what is new: together with the call whose function runs
 *   or has just run, otherwise by itself
 * @property {() => void} tick is called again and again, for what comes later
 * @property {(on: boolean) => void} follow
 */

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const { uncurry, native, getter, ownData, snapshotPart, noPart, isWord } = kit;
  const { isArray } = Array;
  const { hasOwn } = Object;
  for (const f of [isArray, hasOwn]) native(f);
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  const charCodeAt = uncurry(String.prototype.charCodeAt);
  const getAttribute = uncurry(Element.prototype.getAttribute);
  const scriptCount = getter(HTMLCollection.prototype, 'length');
  const page = globalThis;
  const scripts = uncurry(Document.prototype.getElementsByTagName)(page.document, 'script');

  // Scripts of tag managers whose address says the name of their queue: Google's, from
  // whatever host, and Piwik PRO's.
  // (Why not by a regular expression: see scripts.js.)

  /** A parameter of an address, '' if it is not there. @param {string} src @param {string} name */
  const parameter = (src, name) => {
    let at = indexOf(src, '?' + name + '=');
    if (at < 0) at = indexOf(src, '&' + name + '=');
    if (at < 0) return '';
    const from = at + name.length + 2;
    let to = from;
    for (let c = charCodeAt(src, to); to < src.length && c !== 0x26 && c !== 0x23; c = charCodeAt(src, to)) to++;
    return slice(src, from, to);
  };

  /** Whether a tag manager's script has this address. @param {string} src */
  const isManager = (src) => {
    if (indexOf(src, '/gtm.js') >= 0 || indexOf(src, '/gtag/') >= 0 || indexOf(src, 'containers.piwik.pro/') >= 0) return true;
    const id = parameter(src, 'id');
    const dash = indexOf(id, '-');
    switch (dash < 0 ? '' : slice(id, 0, dash)) {
      case 'GTM': case 'GT': case 'G': case 'AW': case 'DC': case 'MC': return true;
      default: return false;
    }
  };

  /** The name of the data layer that a script's address says, '' if it says none. @param {string} src */
  const layerIn = (src) => {
    const name = parameter(src, 'l') || parameter(src, 'data_layer_name');
    if (name.length > 64) return '';
    for (let i = 0; i < name.length; i++) if (!isWord(charCodeAt(name, i))) return '';
    return name;
  };

  const MAX_RENAMED = 8;
  const MAX_SCRIPTS = 2000;

  // How many elements are searched for what was the last element before.
  const MAX_BACK = 2000;
  // How many characters are reported of one call's queues.
  const MAX_PUSHED = 524_288;
  // How many elements are reported one by one at one look.
  const MAX_LOOSE = 100;
  // After so many looks without a call, some two minutes, nothing new can belong to one.
  const IDLE = 520;
  // So many looks search for other queues: after the first call, and before and after the next four.
  const SEARCHES = 9;

  /** @param {string} name @param {(() => boolean) | null} there @param {...string} path @returns {Queue} */
  const queue = (name, there, ...path) => {
    /** @type {Step | null} */
    let step = null;
    for (let i = path.length - 1; i > 0; i--) step = /** @type {any} */ ({ __proto__: null, key: path[i], next: step });
    return /** @type {any} */ ({ __proto__: null, name, key: path[0], path: step, there, list: null, length: 0, first: undefined, last: undefined, run: 0, next: null });
  };

  // Queues that keep what was pushed, for ever or until their library has loaded. Those
  // that a function may create when it first needs them are looked at each time; of the
  // others, only those that were found.
  /** @type {Queue | null} */
  let present = null;
  /** @type {Queue | null} */
  let absent = null;
  {
    // The names are in the text once more, because that is what browsers make fast.
    /** @type {[string, () => boolean][]} */
    const always = [
      ['adobeDataLayer', () => hasOwn(page, 'adobeDataLayer')],
      ['_mtm', () => hasOwn(page, '_mtm')],
      ['_paq', () => hasOwn(page, '_paq')],
      ['dataLayer', () => hasOwn(page, 'dataLayer')],
    ];
    const others = [
      '_cio', '_gaq', '_hsq', '_kmq', '_learnq', '_tfa', '_uxa', 'amplitude._q', 'analytics', 'clarity.q', 'digitalData.event', 'emos3.stored',
      'fbq.queue', 'ga.q', 'heap', 'hj.q', 'lintrk.q', 'mixpanel', 'obApi.queue', 'pintrk.queue', 'plausible.q', 'posthog', 'rdt.callQueue',
      'rudderanalytics', 'snaptr.queue', 'snowplow.q', 'tp', 'ttq', 'twq.queue', 'uetq', 'utag.loader.q', 'wts',
    ];
    for (const [name, there] of always) {
      const q = queue(name, there, name);
      q.next = present;
      present = q;
    }
    for (const name of others) {
      const q = queue(name, null, ...name.split('.'));
      q.next = absent;
      absent = q;
    }
  }

  /** @param {unknown} a @param {unknown} b */
  const same = (a, b) => a === b || (a !== a && b !== b);

  /** The array of a queue. @param {Queue} q */
  const find = (q) => {
    /** @type {unknown} */
    let v = ownData(page, q.key);
    if (v === undefined) return null;
    for (/** @type {Step | null} */ let step = q.path; step !== null; step = step.next) {
      if ((typeof v !== 'object' && typeof v !== 'function') || v === null) return null;
      v = ownData(v, step.key);
    }
    return isArray(v) ? /** @type {object} */ (v) : null;
  };

  /** @param {object} list @param {number} i */
  const at = (list, i) => ownData(list, /** @type {any} */ (i));

  const tooLarge = noPart(1);

  /** A value as it would be reported. @param {unknown} value */
  const written = (value) => snapshotPart(/** @type {any} */ ({ __proto__: null, 0: value }), 0, 1);

  /** Whether a value is reported as this text, and so may be a copy of what it was made of. @param {unknown} value @param {string} text */
  const isCopy = (value, text) => text !== tooLarge && written(value) === text;

  /**
   * How many elements in a row, up to and including one, are the same value.
   * @param {object} list
   * @param {number} i
   * @param {unknown} value the one at i
   */
  const runTo = (list, i, value) => {
    let n = 1;
    while (n < MAX_BACK && n <= i && same(at(list, i - n), value)) n++;
    return n;
  };

  /**
   * The index at which the new elements of a queue begin. The queue may have dropped its
   * oldest elements, may have been emptied, or replaced by another array, with or without
   * copies of its elements.
   * @param {Queue} q
   * @param {object} list
   * @param {number} length
   * @param {unknown} first
   * @param {unknown} last
   * @param {boolean} called a call's function has just run
   */
  const news = (q, list, length, first, last, called) => {
    if (q.length === 0) return 0;
    if (length >= q.length && same(first, q.first) && same(at(list, q.length - 1), q.last)) return q.length;
    const least = length > MAX_BACK ? length - MAX_BACK : 0;
    for (let i = length - 1; i >= least; i--) {
      if (!same(i === length - 1 ? last : at(list, i), q.last)) continue;
      const more = runTo(list, i, q.last) - q.run;
      return i + 1 - (more > 0 ? more : 0);
    }
    if (list === q.list) return least; // it was emptied
    // A queue of one element was copied by the call, or replaced.
    const text = written(q.last);
    if (called && q.length === 1) return length > 1 && isCopy(first, text) ? 1 : least;
    for (let i = length - 1; i >= least && i >= length - 300; i--) if (isCopy(at(list, i), text)) return i + 1;
    return least;
  };

  /** @param {Queue} q */
  const empty = (q) => {
    q.list = null;
    q.length = 0;
    q.first = q.last = undefined;
  };

  kit.createQueues = (say) => {
    let on = true;
    /** Whether a call was made not long ago. */
    let following = false;
    let idle = 0;
    /** How many more looks also search for other queues, which the first calls may create. */
    let searches = 0;
    let renamings = 0;
    /** How many scripts there were at the last look, and the last one of them. */
    let seenScripts = 0;
    /** @type {Element | undefined} */
    let seenLast;

    /**
     * @param {Queue} q
     * @param {object} list
     * @param {number} from
     * @param {number} to
     * @param {Call | null} call
     */
    const tell = (q, list, from, to, call) => {
      if (call !== null && call.n !== 0 && !call.over) {
        const room = call.pushed.length < MAX_PUSHED;
        const text = room ? snapshotPart(list, from, to) : noPart(to - from);
        if (room || call.pushed.length < MAX_PUSHED * 1.5) call.pushed += '\n' + q.name + '\n' + text;
        else say('unqueued\n' + (to - from));
        return;
      }
      const end = to - from > MAX_LOOSE ? from + MAX_LOOSE : to;
      for (let i = from; i < end; i++) say('queued\n' + q.name + '\n' + snapshotPart(list, i, i + 1));
      if (end < to) say('unqueued\n' + (to - end));
    };

    /**
     * @param {Queue} q
     * @param {boolean} telling
     * @param {Call | null} call
     */
    const lookAt = (q, telling, call) => {
      if (q.list === null && q.there !== null && !q.there()) return; // the fast way out: this runs for each queue at each call
      const list = find(q);
      if (list === null && q.list === null) return;
      const length = list === null ? 0 : ownData(list, 'length');
      // A proxy can say any length, and counting from some of them never ends.
      if (list === null || typeof length !== 'number' || length >>> 0 !== length) {
        empty(q);
        return;
      }
      const last = length === 0 ? undefined : at(list, length - 1);
      const first = length === 0 ? undefined : at(list, 0);
      if (list === q.list && length === q.length && same(first, q.first) && same(last, q.last)) {
        return;
      }
      if (telling) {
        const from = news(q, list, length, first, last, call !== null);
        if (from < length) tell(q, list, from, length, call);
      }
      q.list = list;
      q.length = length;
      q.first = first;
      q.last = last;
      q.run = runTo(list, length - 1, last);
    };

    /**
     * Finds queues whose names tag managers were given in their address. A manager's script
     * may be put anywhere among the others, most often before the first one.
     */
    const findRenamed = () => {
      const count = scriptCount(scripts);
      seenScripts = count;
      seenLast = count === 0 ? undefined : scripts[count - 1];
      for (let i = 0; i < count && i < MAX_SCRIPTS && renamings < MAX_RENAMED; i++) {
        const src = getAttribute(/** @type {Element} */ (scripts[i]), 'src');
        const name = src === null || src.length > 4096 ? '' : layerIn(src);
        if (src === null || name === '' || !isManager(src) || isKnown(name, present) || isKnown(name, absent)) continue;
        renamings++;
        const q = queue(name, null, name);
        q.next = present;
        present = q;
      }
    };

    /** Whether there are other scripts than at the last look, as far as that can be seen at once. */
    const moreScripts = () => {
      const count = scriptCount(scripts);
      return count !== seenScripts || (count > 0 && scripts[count - 1] !== seenLast);
    };

    /** @param {string} name @param {Queue | null} list */
    const isKnown = (name, list) => {
      for (let q = list; q !== null; q = q.next) if (q.name === name) return true;
      return false;
    };

    /** @param {Queue} q */
    const isThere = (q) => {
      try {
        return find(q) !== null;
      } catch {
        return false; // a proxy that throws, or no stack left
      }
    };

    /** Finds which of the other queues are there. */
    const discover = () => {
      /** @type {Queue | null} */
      let before = null;
      for (let q = absent; q !== null;) {
        const { next } = q;
        if (!isThere(q)) {
          before = q;
        } else {
          if (before === null) absent = next;
          else before.next = next;
          q.next = present;
          present = q;
        }
        q = next;
      }
    };

    /**
     * @param {boolean} telling
     * @param {Call | null} call
     */
    const lookAtAll = (telling, call) => {
      for (let q = present; q !== null; q = q.next) {
        try {
          lookAt(q, telling, call);
        } catch {
          // As above. The other queues can still be looked at.
        }
      }
    };

    /** @type {PageQueues['look']} */
    const look = (call) => {
      if (!on) return;
      idle = 0;
      if (!following) {
        following = true;
        searches = SEARCHES;
        findRenamed();
        discover();
        lookAtAll(false, null);
        return;
      }
      // Before a function runs too: what is in a queue by then is not its call's.
      if (searches > 0) {
        searches--;
        if (call === null) findRenamed();
        discover();
      }
      lookAtAll(true, call);
    };

    const forget = () => {
      following = false;
      for (let q = present; q !== null; q = q.next) empty(q);
    };

    return /** @type {PageQueues} */ (/** @type {any} */ ({
      __proto__: null,
      look,
      tick() {
        if (!on) return;
        if (moreScripts()) findRenamed();
        if (!following) return;
        if (++idle > IDLE) {
          forget();
          return;
        }
        discover();
        lookAtAll(true, null);
      },
      follow(/** @type {boolean} */ wanted) {
        on = wanted;
        if (!on) forget();
      },
    }));
  };
})();
//# sourceURL=<anonymous>
