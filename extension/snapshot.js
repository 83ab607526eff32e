// @ts-check
// Page world, first of two files. Writes a call's arguments as JSON, with notes
// on what JSON cannot say, while running none of the page's code (proxies
// excepted: they cannot be told from what they stand for without asking them).
//
// The page is hostile: it may patch every built-in after this file has run. So
// whatever is needed later is captured here, and nothing below goes through a
// property that the page can change: no method calls, no for-of, no spread, no
// array writes; and no object that has Object.prototype above it is handed to a
// built-in, nor asked for a property that is not its own.
//
// Content scripts of the page's world share nothing but the page's own global.
// The exports therefore hang on it, configurable, until hook.js takes them
// away: both files run in one go, so the page never sees them.

/**
 * @typedef {object} PageKit what snapshot.js hands to hook.js
 * @property {(list: ArrayLike<unknown>) => string} snapshot the arguments as a
 *   JSON array, a line feed, and their notes as a JSON array
 * @property {(error: unknown) => string} describeError "TypeError: message"
 * @property {(text: string) => boolean} plainlyAssigns whether an inline
 *   script's text assigns the handler with no question asked before
 * @property {(text: string) => boolean} calls whether a script's text calls it
 */

(() => {
  'use strict';

  const { getPrototypeOf } = Reflect;
  // Object's, not Reflect's: engines have fast paths for these two only.
  const { getOwnPropertyDescriptor, hasOwn, keys, prototype: objectPrototype } = Object;
  const { stringify } = JSON;
  const { isArray } = Array;
  const { isError } = Error;
  const { asIntN } = BigInt;
  const { hasInstance } = Symbol;
  /** @type {<T, A extends unknown[], R>(f: (this: T, ...a: A) => R) => (self: T, ...a: A) => R} */
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);

  const isWellFormed = uncurry(String.prototype.isWellFormed);
  const toWellFormed = uncurry(String.prototype.toWellFormed);
  const slice = uncurry(String.prototype.slice);
  const indexOf = uncurry(String.prototype.indexOf);
  const charCodeAt = uncurry(String.prototype.charCodeAt);
  const exec = uncurry(RegExp.prototype.exec);
  const bigintToString = uncurry(BigInt.prototype.toString);
  const dateTime = uncurry(Date.prototype.getTime);
  const dateISO = uncurry(Date.prototype.toISOString);
  const known = uncurry(WeakSet.prototype.has);
  const learn = uncurry(WeakSet.prototype.add);
  const kindOf = uncurry(WeakMap.prototype.get);
  const quoted = uncurry(Map.prototype.get);
  const quote = uncurry(Map.prototype.set);
  /** @type {Record<string, (self: any) => unknown>} */
  const boxedValue = /** @type {any} */ ({
    __proto__: null,
    Number: uncurry(Number.prototype.valueOf),
    String: uncurry(String.prototype.valueOf),
    Boolean: uncurry(Boolean.prototype.valueOf),
    Symbol: uncurry(Symbol.prototype.valueOf),
    BigInt: uncurry(BigInt.prototype.valueOf),
  });

  /**
   * @param {object} holder
   * @param {string} name
   * @returns {(self: any) => any}
   */
  const getter = (holder, name) => uncurry(/** @type {any} */ (getOwnPropertyDescriptor(holder, name)?.get));
  const symbolDescription = getter(Symbol.prototype, 'description');
  const mapSize = getter(Map.prototype, 'size');
  const setSize = getter(Set.prototype, 'size');
  const regexpSource = getter(RegExp.prototype, 'source');
  const nodeName = getter(Node.prototype, 'nodeName');
  const windowSelf = getter(window, 'window');

  const MAX_STRING = 65_536;
  const MAX_DEPTH = 48;
  const MAX_NODES = 20_000;
  const MAX_SIZE = 1_048_576;
  // What each of the three arguments may take in any case, so that a large one
  // does not leave nothing for those after it.
  const RESERVED_NODES = 1000;
  const RESERVED_SIZE = 32_768;
  const MAX_TEXT = 200;
  const MAX_CLASS_CHAIN = 16;

  // Tests of what an object is, which hold across realms: each calls a built-in
  // that throws, or says no, unless the object is of its kind.
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

  // This realm's prototypes are known by identity, so that a page that patches
  // their constructors changes nothing; other realms' by their class name.
  /** @type {WeakMap<object, string>} */
  const kinds = new WeakMap(/** @type {[object, string][]} */ ([
    [Date.prototype, 'Date'], [RegExp.prototype, 'RegExp'], [Map.prototype, 'Map'], [Set.prototype, 'Set'],
    [Node.prototype, 'Node'], [Window.prototype, 'Window'], [Error.prototype, 'Error'],
    [Number.prototype, 'Number'], [String.prototype, 'String'], [Boolean.prototype, 'Boolean'],
    [Symbol.prototype, 'Symbol'], [BigInt.prototype, 'BigInt'],
  ]));
  /** Object.prototype of every realm that was met. @type {WeakSet<object>} */
  const plain = new WeakSet([objectPrototype]);

  // The state of the one snapshot that is being taken.
  let nodes = 0;
  let size = 0;
  let maxNodes = MAX_NODES;
  let maxSize = MAX_SIZE;
  let notes = '';
  /** Whether a descriptor's own "writable" can be told by reading it. */
  let unpolluted = true;

  /** What is being written, from the innermost object outwards. @typedef {{value: unknown, key: string, up: Frame | null}} Frame */

  /**
   * @param {Frame | null} frame
   * @returns {string} JSON Pointer
   */
  const pointer = (frame) => (frame === null ? '' : pointer(frame.up) + '/' + escapeKey(frame.key));

  /** A key as a step of a JSON Pointer. @param {string} key */
  const escapeKey = (key) => {
    if (indexOf(key, '~') < 0 && indexOf(key, '/') < 0) return key;
    let out = '';
    for (let i = 0; i < key.length; i++) {
      const c = key[i];
      out += c === '~' ? '~0' : c === '/' ? '~1' : c;
    }
    return out;
  };

  /**
   * @param {Frame | null} frame the value's own; null for the argument list
   * @param {string} is
   * @param {string} [text]
   */
  const note = (frame, is, text) => {
    const line = '{"at":' + stringify(pointer(frame)) + ',"is":"' + is + '"' +
      (text === undefined ? '' : ',"text":' + stringify(text)) + '}';
    size += line.length;
    notes += notes === '' ? line : ',' + line;
  };

  /**
   * Notes something of a value that needs no frame otherwise.
   * @param {string} key
   * @param {Frame | null} up
   * @param {string} is
   * @param {string} [text]
   */
  const noteAt = (key, up, is, text) => note({ value: undefined, key, up }, is, text);

  /** Keys are few and come again: as JSON with the colon. @type {Map<string, string>} */
  const quotedKeys = new Map();
  const MAX_QUOTED_KEYS = 1000;
  let quotedCount = 0;

  /** @param {string} key */
  const quoteKey = (key) => {
    const before = quoted(quotedKeys, key);
    if (before !== undefined) return before;
    const json = stringify(key) + ':';
    if (quotedCount < MAX_QUOTED_KEYS && key.length < 100) {
      quotedCount++;
      quote(quotedKeys, key, json);
    }
    return json;
  };

  const full = () => nodes >= maxNodes || size >= maxSize;

  /**
   * Cuts s after n UTF-16 units, but not within a surrogate pair.
   * @param {string} s
   * @param {number} n
   */
  const head = (s, n) => {
    if (s.length <= n) return s;
    const c = charCodeAt(s, n - 1);
    return slice(s, 0, c >= 0xd800 && c < 0xdc00 ? n - 1 : n);
  };

  /**
   * Text for a note, cut and well-formed.
   * @param {unknown} s
   */
  const brief = (s) => (typeof s === 'string' ? toWellFormed(head(s, MAX_TEXT)) : undefined);

  /**
   * The value of an own data property, or undefined.
   * @param {object} o
   * @param {string} key
   */
  const ownData = (o, key) => {
    const d = getOwnPropertyDescriptor(o, key);
    return d !== undefined && hasOwn(d, 'value') ? d.value : undefined;
  };

  /**
   * The name of the class that has this prototype, '' when it says none.
   * @param {object} proto
   */
  const className = (proto) => {
    const constructor = ownData(proto, 'constructor');
    const name = typeof constructor === 'function' ? ownData(constructor, 'name') : '';
    return typeof name === 'string' ? name : '';
  };

  /** @param {object | null} proto */
  const isPlain = (proto) => {
    if (proto === objectPrototype || proto === null || known(plain, proto)) return true;
    if (getPrototypeOf(proto) !== null || className(proto) !== 'Object') return false;
    learn(plain, proto);
    return true;
  };

  /**
   * The kind of an object with a class, and the class's name.
   * @param {object} v
   * @param {object | null} proto
   * @param {{name: string}} out
   */
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

  /**
   * @param {string} s
   * @param {string} key
   * @param {Frame | null} up
   */
  const writeString = (s, key, up) => {
    let t = s;
    if (t.length > MAX_STRING) {
      noteAt(key, up, 'truncated', '' + t.length);
      t = head(t, MAX_STRING);
    }
    let json = stringify(t);
    // A lone surrogate would have been written as an escape.
    if (json.length !== t.length + 2 && !isWellFormed(t)) {
      noteAt(key, up, 'lone-surrogate');
      json = stringify(toWellFormed(t));
    }
    size += json.length;
    return json;
  };

  /**
   * @param {number} n
   * @param {string} key
   * @param {Frame | null} up
   */
  const writeNumber = (n, key, up) => {
    if (n - n !== 0) {
      noteAt(key, up, n !== n ? 'nan' : n > 0 ? 'infinity' : '-infinity');
      return 'null';
    }
    if (n === 0 && 1 / n < 0) noteAt(key, up, '-0');
    const json = '' + n;
    size += json.length;
    return json;
  };

  /**
   * Writes one value. '' stands for what JSON leaves out of objects.
   * @param {unknown} v
   * @param {string} key of the value in its holder
   * @param {Frame | null} up the holder
   * @param {number} depth of v, if it is a container
   * @returns {string}
   */
  const write = (v, key, up, depth) => {
    nodes++;
    size += 4;
    switch (typeof v) {
      case 'string':
        return writeString(v, key, up);
      case 'number':
        return writeNumber(v, key, up);
      case 'boolean':
        return v ? 'true' : 'false';
      case 'bigint':
        // A page can make one that takes seconds to write out.
        noteAt(key, up, 'bigint', asIntN(4096, v) === v ? bigintToString(v) : 'more than 4096 bits');
        return 'null';
      case 'symbol':
        noteAt(key, up, 'symbol', brief(symbolDescription(v)));
        return '';
      case 'function':
        noteAt(key, up, 'function', functionName(v));
        return '';
      default:
        if (v === undefined) {
          noteAt(key, up, 'undefined');
          return '';
        }
        if (v === null) return 'null';
        // document.all is an object that says it is undefined.
        return writeObject(/** @type {object} */ (v), key, up, depth);
    }
  };

  /** @param {Function} f */
  const functionName = (f) => {
    try {
      return brief(ownData(f, 'name')) || undefined;
    } catch {
      return undefined; // a hostile proxy
    }
  };

  /**
   * @param {object} v
   * @param {string} key
   * @param {Frame | null} up
   * @param {number} depth
   */
  const writeObject = (v, key, up, depth) => {
    /** @type {Frame} */
    const frame = { value: v, key, up };
    for (let f = up; f !== null; f = f.up) {
      if (f.value === v) {
        note(frame, 'cycle', pointer(f));
        return 'null';
      }
    }
    const before = notes;
    try {
      if (isArray(v)) return writeArray(v, frame, depth);
      const proto = getPrototypeOf(v);
      if (proto === null && hasOwn(v, hasInstance)) {
        // Another origin's window or location: they alone have that, and hide the rest.
        note(frame, 'instance', is(/** @type {(v: any) => boolean} */ (brands.Window), v) ? 'Window' : undefined);
        return '{}';
      }
      return isPlain(proto) ? writeMembers(v, frame, depth) : writeInstance(v, proto, frame, depth);
    } catch {
      // A proxy whose traps throw, a revoked one, another origin's window, or
      // no stack left: nothing that was read of it can be trusted.
      notes = before;
      note(frame, 'instance', 'unreadable');
      return '{}';
    }
  };

  /** @param {PropertyDescriptor} d */
  const isData = (d) => (unpolluted ? d.writable !== undefined : hasOwn(d, 'value'));

  /**
   * @param {unknown[]} v
   * @param {Frame} frame
   * @param {number} depth
   */
  const writeArray = (v, frame, depth) => {
    const { length } = v; // an array's own; only a proxy could answer otherwise
    if (typeof length !== 'number') throw undefined;
    let out = '[';
    for (let i = 0; i < length; i++) {
      if (depth > MAX_DEPTH || full()) {
        note(frame, 'truncated', '' + length);
        break;
      }
      const key = '' + i;
      const d = getOwnPropertyDescriptor(v, key);
      let item = '';
      if (d === undefined) {
        nodes++;
        noteAt(key, frame, 'hole');
      } else if (isData(d)) {
        item = write(d.value, key, frame, depth + 1);
      } else {
        nodes++;
        noteAt(key, frame, 'getter');
      }
      if (i > 0) out += ',';
      out += item === '' ? 'null' : item;
    }
    return out + ']';
  };

  /**
   * @param {object} v
   * @param {Frame} frame
   * @param {number} depth
   */
  const writeMembers = (v, frame, depth) => {
    const names = keys(v);
    const { length } = names;
    let out = '';
    for (let i = 0; i < length; i++) {
      let key = /** @type {string} */ (names[i]);
      if (depth > MAX_DEPTH || full() || key.length > MAX_STRING) {
        note(frame, 'truncated', '' + length);
        break;
      }
      const d = getOwnPropertyDescriptor(v, key);
      if (d === undefined) continue; // only a proxy says so
      let quotedKey = quoteKey(key);
      if (quotedKey.length !== key.length + 3 && !isWellFormed(key)) {
        key = toWellFormed(key);
        quotedKey = quoteKey(key);
        noteAt(key, frame, 'lone-surrogate');
      }
      if (!isData(d)) {
        nodes++;
        noteAt(key, frame, 'getter');
        continue;
      }
      const json = write(d.value, key, frame, depth + 1);
      if (json === '') continue;
      size += key.length;
      if (out !== '') out += ',';
      out += quotedKey + json;
    }
    return '{' + out + '}';
  };

  /**
   * @param {object} v
   * @param {object | null} proto
   * @param {Frame} frame
   * @param {number} depth
   */
  const writeInstance = (v, proto, frame, depth) => {
    const out = { name: '' };
    const kind = classify(v, proto, out);
    switch (kind) {
      case 'Date':
        if (dateTime(/** @type {Date} */ (v)) !== dateTime(/** @type {Date} */ (v))) {
          note(frame, 'date', 'Invalid Date');
          return 'null';
        }
        note(frame, 'date');
        return '"' + dateISO(/** @type {Date} */ (v)) + '"';
      case 'RegExp':
        note(frame, 'regexp', brief(regexpSource(v)));
        return '{}';
      case 'Map':
        note(frame, 'map', '' + mapSize(v));
        return '{}';
      case 'Set':
        note(frame, 'set', '' + setSize(v));
        return '{}';
      case 'Node':
        note(frame, 'node', brief(nodeName(v)));
        return '{}';
      case 'Error':
        note(frame, 'error', describeError(v));
        return '{}';
      case 'Window':
        note(frame, 'instance', 'Window'); // its members are the page's globals
        return '{}';
      default: {
        const unbox = boxedValue[kind];
        if (unbox !== undefined) return write(unbox(v), frame.key, frame.up, depth);
        note(frame, 'instance', brief(out.name) || undefined);
        return writeMembers(v, frame, depth);
      }
    }
  };

  /** @type {PageKit['snapshot']} */
  const snapshot = (list) => {
    nodes = 0;
    size = 0;
    notes = '';
    unpolluted = !hasOwn(objectPrototype, 'writable');
    const { length } = list;
    let out = '[';
    for (let i = 0; i < length; i++) {
      if (i >= MAX_NODES) {
        note(null, 'truncated', '' + length);
        break;
      }
      maxNodes = i < 3 && nodes + RESERVED_NODES > MAX_NODES ? nodes + RESERVED_NODES : MAX_NODES;
      maxSize = i < 3 && size + RESERVED_SIZE > MAX_SIZE ? size + RESERVED_SIZE : MAX_SIZE;
      const json = write(list[i], '' + i, null, 1);
      out += (i === 0 ? '' : ',') + (json === '' ? 'null' : json);
    }
    const text = out + ']\n[' + notes + ']';
    notes = '';
    return text;
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

  // The name must come first as the target of an assignment that begins a
  // statement, and nowhere as a question, a declaration or a quoted name.
  const assignment =
    /^(?:(?!userlikeTrackingEvent)[^])*?(?:^|[;{}\n]|<!--)\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?userlikeTrackingEvent\s*=(?![=>])(?!\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?userlikeTrackingEvent)/;
  const doubt =
    /use strict|(?:typeof\s*\(?\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?|(?:var|let|const|class|function\*?)\s+|["'`])userlikeTrackingEvent/;

  /** @type {PageKit['plainlyAssigns']} */
  const plainlyAssigns = (text) =>
    indexOf(text, 'userlikeTrackingEvent') >= 0 && exec(assignment, text) !== null && exec(doubt, text) === null;

  const call = /(?<!function\*?\s+)\buserlikeTrackingEvent\s*(?:\?\.\s*)?\(|\buserlikeTrackingEvent\s*\.\s*(?:call|apply)\b/;

  /** @type {PageKit['calls']} */
  const calls = (text) => exec(call, text) !== null;

  /** @type {PageKit} */
  const kit = /** @type {any} */ ({ __proto__: null, snapshot, describeError, plainlyAssigns, calls });
  Reflect.defineProperty(globalThis, 'userlikeInspectorKit', /** @type {any} */ ({ __proto__: null, value: kit, configurable: true }));
})();
//# sourceURL=<anonymous>
