// @ts-check
// Page world, first of eight files: finds out what a value is without running any of the
// page's code. (Proxies are the exception: one cannot tell them from other objects without
// reading something of them.)
//
// The page is hostile: it may replace every built-in after these files have run. So all
// built-ins that are needed later are captured at first, and no code uses a property that
// the page can change: no method calls, no for-of, no spread, no array writes. No object
// that inherits from Object.prototype is passed to a built-in, or asked for a property
// that is not its own.
//
// Content scripts of the page's world share nothing but the page's own global. So a file
// passes its functions to the next one in a configurable property of the global, which
// hook.js deletes. All files run in one go, so the page never sees it.

/**
 * @typedef {object} PageKit what the files before hook.js provide
 * @property {<T, A extends unknown[], R>(f: (this: T, ...a: A) => R) => (self: T, ...a: A) => R} uncurry
 * @property {<F>(f: F) => F} native returns f, and notes if f is not one of the browser's own functions
 * @property {() => boolean} changed whether uncurry, getter or native were given a function that was replaced
 * @property {(holder: object, name: string) => (self: any) => any} getter
 * @property {(v: unknown) => boolean} isObject whether it can have properties
 * @property {(o: object, key: string) => any} ownData the value of an own data property, or undefined
 * @property {(s: string, n: number) => string} head the first n UTF-16 units, but not half of a surrogate pair
 * @property {(s: unknown) => string | undefined} brief text for a note, cut and well-formed
 * @property {(proto: object | null) => boolean} isPlain whether what has this prototype is a plain object
 * @property {(v: object) => string | undefined} foreign the name of v, which has no
 *   prototype, if it is of another origin: 'Window', '' for a location; else undefined
 * @property {(v: object, proto: object | null, out: {name: string}) => string} classify
 *   the kind of an object with a class, and the class's name
 * @property {(v: Date) => string} dateText '' for an invalid one
 * @property {Record<string, {is: string, text: (v: any) => string | undefined}>} details
 *   by kind: the note for objects whose members are not worth writing
 * @property {Record<string, (self: any) => unknown>} boxedValue by kind
 * @property {(error: unknown) => string} describeError "TypeError: message"
 * @property {(list: ArrayLike<unknown>) => string} snapshot the arguments as a
 *   JSON array, a line feed, and their notes as a JSON array
 * @property {(list: object, from: number, to: number) => string} snapshotPart some elements of a list of the
 *   page's, whose descriptors alone are read, in the same form; cut at 64 KiB, and never longer than 512 KiB
 * @property {(count: number) => string} noPart the same of so many elements for which there is no room
 * @property {(limits: string) => void} limit how much of the arguments snapshots keep: the
 *   units of a string, levels, values and size, four numbers with spaces between
 * @property {(records: MutationRecord[]) => string} nextScript the text of the inline script that the parser
 *   is about to run, if it has just finished one; '' otherwise
 * @property {(text: string) => '' | 'assigned' | 'declared'} plainlyAssigns whether an inline
 *   script's text assigns the handler, or declares it with var, without testing first whether it exists
 * @property {(c: number) => boolean} isWord whether a name in a script can have the character with this code, of those in ASCII
 * @property {(text: string) => boolean} calls whether a script's text calls it in the same run
 * @property {(say: (detail: string) => void) => PageQueues} createQueues
 * @property {(page: object, document: Document, name: string) => PageSimulator} createSimulator
 * @property {(textOf: (args: unknown[]) => string) => PageChains} createChains
 * @property {(send: (detail: string) => boolean, deepened: (link: Link, on: boolean) => void) => PageCalls} createCalls
 */

(() => {
  'use strict';

  const { getPrototypeOf } = Reflect;
  const { getOwnPropertyDescriptor, hasOwn, prototype: objectPrototype } = Object;
  const { isError } = Error;
  const { hasInstance } = Symbol;
  /** @type {<T, A extends unknown[], R>(f: (this: T, ...a: A) => R) => (self: T, ...a: A) => R} */
  const unbound = Function.prototype.bind.bind(Function.prototype.call);
  const sourceOf = unbound(Function.prototype.toString);
  const indexOf = unbound(String.prototype.indexOf);

  /**
   * Whether a built-in that we need was replaced. A replacement that looks like a built-in is
   * not found: whoever was here before us may have changed everything that could be asked.
   */
  let changed = false;

  /** @type {PageKit['native']} */
  const native = (f) => {
    const source = typeof f === 'function' ? sourceOf(f) : '';
    // The source text of a bound function or a proxy has no name.
    if (indexOf(source, '[native code]') < 0 || indexOf(source, 'function ()') === 0) changed = true;
    return f;
  };

  /** @type {PageKit['uncurry']} */
  const uncurry = (f) => unbound(native(f));
  for (const f of [Function.prototype.bind, Function.prototype.call, getPrototypeOf, getOwnPropertyDescriptor, hasOwn, isError]) native(f);

  const toWellFormed = uncurry(String.prototype.toWellFormed);
  const slice = uncurry(String.prototype.slice);
  const charCodeAt = uncurry(String.prototype.charCodeAt);
  const dateTime = uncurry(Date.prototype.getTime);
  const dateISO = uncurry(Date.prototype.toISOString);
  const known = uncurry(WeakSet.prototype.has);
  const learn = uncurry(WeakSet.prototype.add);
  const kindOf = uncurry(WeakMap.prototype.get);
  /** @type {PageKit['boxedValue']} */
  const boxedValue = /** @type {any} */ ({
    __proto__: null,
    Number: uncurry(Number.prototype.valueOf),
    String: uncurry(String.prototype.valueOf),
    Boolean: uncurry(Boolean.prototype.valueOf),
    Symbol: uncurry(Symbol.prototype.valueOf),
    BigInt: uncurry(BigInt.prototype.valueOf),
  });

  /** @type {PageKit['getter']} */
  const getter = (holder, name) => uncurry(/** @type {any} */ (getOwnPropertyDescriptor(holder, name)?.get));
  const mapSize = getter(Map.prototype, 'size');
  const setSize = getter(Set.prototype, 'size');
  const regexpSource = getter(RegExp.prototype, 'source');
  const nodeName = getter(Node.prototype, 'nodeName');
  const windowSelf = getter(window, 'window');

  const MAX_TEXT = 200;
  const MAX_CLASS_CHAIN = 16;

  // Tests of an object's kind that also work for objects of other realms: each calls a
  // built-in that throws, or returns false, for objects of another kind.
  /** @type {Record<string, (v: any) => boolean>} */
  const brands = /** @type {any} */ ({
    __proto__: null,
    Date: (/** @type {Date} */ v) => (dateTime(v), true),
    RegExp: (/** @type {any} */ v) => (regexpSource(v), true),
    Map: (/** @type {any} */ v) => (mapSize(v), true),
    Set: (/** @type {any} */ v) => (setSize(v), true),
    Node: (/** @type {any} */ v) => (nodeName(v), true),
    Window: (/** @type {any} */ v) => (windowSelf(v), true),
    Error: isError,
  });
  for (const name in boxedValue) {
    const unbox = /** @type {(self: any) => unknown} */ (boxedValue[name]);
    brands[name] = (v) => (unbox(v), true);
  }

  // Prototypes of this realm are recognised by identity, so that a page cannot change the
  // result; those of other realms by their class name.
  /** @type {WeakMap<object, string>} */
  const kinds = new WeakMap(/** @type {[object, string][]} */ ([
    [Date.prototype, 'Date'], [RegExp.prototype, 'RegExp'], [Map.prototype, 'Map'], [Set.prototype, 'Set'],
    [Node.prototype, 'Node'], [Window.prototype, 'Window'], [Error.prototype, 'Error'],
    [Number.prototype, 'Number'], [String.prototype, 'String'], [Boolean.prototype, 'Boolean'],
    [Symbol.prototype, 'Symbol'], [BigInt.prototype, 'BigInt'],
  ]));
  /** Object.prototype of every realm that was seen so far. @type {WeakSet<object>} */
  const plain = new WeakSet([objectPrototype]);

  /** @type {PageKit['isObject']} */
  const isObject = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';

  /** @type {PageKit['ownData']} */
  const ownData = (o, key) => {
    const d = getOwnPropertyDescriptor(o, key);
    return d !== undefined && hasOwn(d, 'value') ? d.value : undefined;
  };

  /** @type {PageKit['head']} */
  const head = (s, n) => {
    if (s.length <= n) return s;
    const c = charCodeAt(s, n - 1);
    return slice(s, 0, c >= 0xd800 && c < 0xdc00 ? n - 1 : n);
  };

  /** @type {PageKit['brief']} */
  const brief = (s) => (typeof s === 'string' ? toWellFormed(head(s, MAX_TEXT)) : undefined);

  /**
   * The name of the class that has this prototype, '' if it has none.
   * @param {object} proto
   */
  const className = (proto) => {
    const constructor = ownData(proto, 'constructor');
    const name = typeof constructor === 'function' ? ownData(constructor, 'name') : '';
    return typeof name === 'string' ? name : '';
  };

  /** @type {PageKit['isPlain']} */
  const isPlain = (proto) => {
    if (proto === objectPrototype || proto === null || known(plain, proto)) return true;
    if (getPrototypeOf(proto) !== null || className(proto) !== 'Object') return false;
    learn(plain, proto);
    return true;
  };

  /** @type {PageKit['classify']} */
  const classify = (v, proto, out) => {
    let p = proto;
    for (let i = 0; p !== null && i < MAX_CLASS_CHAIN; i++) {
      const name = className(p);
      if (out.name === '') out.name = name;
      const kind = kindOf(kinds, p) ?? name;
      const brand = brands[kind];
      if (brand !== undefined && is(brand, v)) return kind;
      p = getPrototypeOf(p);
    }
    return '';
  };

  /**
   * @param {(v: any) => boolean} brand
   * @param {object} v
   */
  const is = (brand, v) => {
    try {
      return brand(v);
    } catch {
      return false;
    }
  };

  // A window or location of another origin. Only these have this symbol as a property of
  // their own and hide the rest: CrossOriginPropertyFallback in
  // https://html.spec.whatwg.org/multipage/nav-history-apis.html
  /** @type {PageKit['foreign']} */
  const foreign = (v) => {
    if (!hasOwn(v, hasInstance)) return undefined;
    return is(/** @type {(v: any) => boolean} */ (brands.Window), v) ? 'Window' : '';
  };

  /**
   * The first own data property of that name up the prototype chain.
   * @param {object} o
   * @param {string} key
   */
  const inheritedData = (o, key) => {
    /** @type {object | null} */
    let p = o;
    for (let i = 0; p !== null && i < MAX_CLASS_CHAIN; i++) {
      if (hasOwn(p, key)) return ownData(p, key);
      p = getPrototypeOf(p);
    }
    return undefined;
  };

  /** @type {PageKit['describeError']} */
  const describeError = (error) => {
    if (typeof error === 'symbol') return 'symbol';
    if (typeof error === 'bigint') return 'bigint';
    if (error === null || (typeof error !== 'object' && typeof error !== 'function')) {
      return toWellFormed(head('' + error, MAX_TEXT));
    }
    try {
      const name = inheritedData(error, 'name');
      const message = inheritedData(error, 'message');
      const text = (typeof name === 'string' ? name : 'object') +
        (typeof message === 'string' && message !== '' ? ': ' + message : '');
      return toWellFormed(head(text, MAX_TEXT));
    } catch {
      return 'unreadable';
    }
  };

  /** @type {PageKit['dateText']} */
  const dateText = (v) => (dateTime(v) === dateTime(v) ? dateISO(v) : '');

  /** @type {PageKit['details']} */
  const details = /** @type {any} */ ({
    __proto__: null,
    RegExp: { is: 'regexp', text: (/** @type {RegExp} */ v) => brief(regexpSource(v)) },
    Map: { is: 'map', text: (/** @type {any} */ v) => '' + mapSize(v) },
    Set: { is: 'set', text: (/** @type {any} */ v) => '' + setSize(v) },
    Node: { is: 'node', text: (/** @type {any} */ v) => brief(nodeName(v)) },
    Error: { is: 'error', text: describeError },
    Window: { is: 'instance', text: () => 'Window' }, // its members are all globals of the page
  });

  /** @type {Partial<PageKit>} */
  const kit = /** @type {any} */ ({
    __proto__: null, uncurry, native, changed: () => changed, getter, isObject, ownData, head, brief, isPlain, foreign, classify, dateText, details, boxedValue, describeError,
  });
  Reflect.defineProperty(globalThis, 'userlikeInspectorKit', /** @type {any} */ ({ __proto__: null, value: kit, configurable: true }));
})();
//# sourceURL=<anonymous>
