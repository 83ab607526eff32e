// @ts-check
// Page world, second of eight files: writes a call's arguments as JSON, with
// notes on what JSON cannot say. See values.js for the rules that all code here
// obeys.

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const { uncurry, native, getter, ownData, head, brief, isPlain, foreign, classify, dateText, details, boxedValue } = kit;

  const { getPrototypeOf } = Reflect;
  // Those of Object, not of Reflect: engines have fast paths only for these.
  const { getOwnPropertyDescriptor, hasOwn, keys, prototype: objectPrototype } = Object;
  const { stringify } = JSON;
  const { isArray } = Array;
  const { asIntN } = BigInt;
  for (const f of [keys, stringify, isArray, asIntN]) native(f);
  const isWellFormed = uncurry(String.prototype.isWellFormed);
  const toWellFormed = uncurry(String.prototype.toWellFormed);
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  const bigintToString = uncurry(BigInt.prototype.toString);
  const quoted = uncurry(Map.prototype.get);
  const quote = uncurry(Map.prototype.set);
  const symbolDescription = getter(Symbol.prototype, 'description');

  // The default limits, as in settings.js. The tester can set others.
  let stringLimit = 65_536;
  let depthLimit = 48;
  let nodeLimit = 20_000;
  let sizeLimit = 1_048_576;
  // The share that is reserved for each of the three arguments, so that a large one
  // leaves room for those after it.
  const RESERVED_NODES = 1000;
  const RESERVED_SIZE = 32_768;
  // How much is kept of what was pushed to a queue.
  const PART_SIZE = 65_536;
  // How long its text can become: escapes make it longer, and so do the notes on where it was cut.
  const MAX_PART = 524_288;

  // The state of the snapshot that is being taken; there is only one at a time.
  let nodes = 0;
  let size = 0;
  let maxNodes = nodeLimit;
  let maxSize = sizeLimit;
  /** Whether a string must fit into the room that is left. */
  let tight = false;
  let notes = '';
  /** Whether Object.prototype has no "writable", so that reading it from a descriptor gives the descriptor's own. */
  let unpolluted = true;

  /** The objects that are being written, from the innermost outwards. @typedef {{value: unknown, key: string, up: Frame | null}} Frame */

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
   * Makes a note on a value for which there is no frame.
   * @param {string} key
   * @param {Frame | null} up
   * @param {string} is
   * @param {string} [text]
   */
  const noteAt = (key, up, is, text) => note({ value: undefined, key, up }, is, text);

  /** Keys as JSON with the colon. They are kept because calls have the same few again and again. @type {Map<string, string>} */
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
   * @param {string} s
   * @param {string} key
   * @param {Frame | null} up
   */
  const writeString = (s, key, up) => {
    let t = s;
    const room = maxSize > size ? maxSize - size : 0;
    const most = tight && room < stringLimit ? room : stringLimit;
    if (t.length > most) {
      noteAt(key, up, 'truncated', '' + t.length);
      t = head(t, most);
    }
    let json = stringify(t);
    // JSON.stringify writes a lone surrogate as an escape, which makes the text longer.
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
   * Writes one value. '' means that JSON leaves it out of objects.
   * @param {unknown} v
   * @param {string} key the value's key in its object or array
   * @param {Frame | null} up that object or array
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
        // A page can make one that takes seconds to convert.
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
        // document.all is an object whose typeof is "undefined".
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
      const other = proto === null ? foreign(v) : undefined;
      if (other !== undefined) {
        note(frame, 'instance', other || undefined);
        return '{}';
      }
      return isPlain(proto) ? writeMembers(v, frame, depth) : writeInstance(v, proto, frame, depth);
    } catch {
      // A proxy that throws or is revoked, a window of another origin, or no stack left.
      // What was read of it before cannot be trusted.
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
    const { length } = v; // always its own property; only a proxy could lie
    if (typeof length !== 'number') throw undefined;
    let out = '[';
    for (let i = 0; i < length; i++) {
      if (depth > depthLimit || full()) {
        note(frame, 'truncated', '' + length);
        break;
      }
      out += (i === 0 ? '' : ',') + writeItem(v, '' + i, '' + i, frame, depth);
    }
    return out + ']';
  };

  /**
   * @param {object} list
   * @param {string} at the item's key in the list
   * @param {string} key the key under which it is written
   * @param {Frame | null} frame the list's
   * @param {number} depth the list's
   */
  const writeItem = (list, at, key, frame, depth) => {
    const d = getOwnPropertyDescriptor(list, at);
    if (d !== undefined && isData(d)) return write(d.value, key, frame, depth + 1) || 'null';
    nodes++;
    noteAt(key, frame, d === undefined ? 'hole' : 'getter');
    return 'null';
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
      if (depth > depthLimit || full() || key.length > stringLimit || (tight && size + key.length > maxSize)) {
        note(frame, 'truncated', '' + length);
        break;
      }
      const d = getOwnPropertyDescriptor(v, key);
      if (d === undefined) continue; // only possible with a proxy
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
      size += key.length; // before the value, which may be full of long keys itself
      const json = write(d.value, key, frame, depth + 1);
      if (json === '') continue;
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
    if (kind === 'Date') {
      const text = dateText(/** @type {Date} */ (v));
      note(frame, 'date', text === '' ? 'Invalid Date' : undefined);
      return text === '' ? 'null' : '"' + text + '"';
    }
    const detail = details[kind];
    if (detail !== undefined) {
      note(frame, detail.is, detail.text(v));
      return '{}';
    }
    const unbox = boxedValue[kind];
    if (unbox !== undefined) return write(unbox(v), frame.key, frame.up, depth);
    note(frame, 'instance', brief(out.name) || undefined);
    return writeMembers(v, frame, depth);
  };

  kit.limit = (limits) => {
    const numbers = limits + ' ';
    let from = 0;
    const next = () => {
      const to = indexOf(numbers, ' ', from);
      const n = +slice(numbers, from, to);
      from = to + 1;
      return n;
    };
    stringLimit = next();
    depthLimit = next();
    nodeLimit = next();
    sizeLimit = next();
  };

  const begin = () => {
    nodes = 0;
    size = 0;
    notes = '';
    unpolluted = !hasOwn(objectPrototype, 'writable');
  };

  /** @param {string} json everything that was written */
  const end = (json) => {
    const text = json + '\n[' + notes + ']';
    notes = '';
    return text;
  };

  kit.snapshot = (list) => {
    begin();
    tight = false;
    const { length } = list;
    let out = '[';
    for (let i = 0; i < length; i++) {
      if (i >= nodeLimit) {
        note(null, 'truncated', '' + length);
        break;
      }
      maxNodes = i < 3 && nodes + RESERVED_NODES > nodeLimit ? nodes + RESERVED_NODES : nodeLimit;
      maxSize = i < 3 && size + RESERVED_SIZE > sizeLimit ? size + RESERVED_SIZE : sizeLimit;
      const json = write(list[i], '' + i, null, 1);
      out += (i === 0 ? '' : ',') + (json === '' ? 'null' : json);
    }
    return end(out + ']');
  };

  const noPart = kit.noPart = (count) => '[]\n[{"at":"","is":"truncated","text":"' + count + '"}]';

  kit.snapshotPart = (list, from, to) => {
    begin();
    tight = true;
    maxNodes = nodeLimit;
    maxSize = sizeLimit < PART_SIZE ? sizeLimit : PART_SIZE;
    let out = '[';
    for (let i = from; i < to; i++) {
      if (full()) {
        note(null, 'truncated', '' + (to - from));
        break;
      }
      out += (i === from ? '' : ',') + writeItem(list, '' + i, '' + (i - from), null, 0);
    }
    const text = end(out + ']');
    return text.length <= MAX_PART ? text : noPart(to - from);
  };
})();
//# sourceURL=<anonymous>
