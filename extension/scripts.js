// @ts-check
// Page world, third of eight files: finds the inline script that the parser is about to
// run, and guesses from its text what it will do with the function. See values.js for
// the rules that all code here obeys.
//
// A text may be very long and is read while the page waits. So mostly only a few characters
// around each mention of the function are read. Regular expressions are not used: the
// page could see the last match of any of them in RegExp.lastMatch and the like.

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const indexOf = kit.uncurry(String.prototype.indexOf);
  const lastIndexOf = kit.uncurry(String.prototype.lastIndexOf);
  const slice = kit.uncurry(String.prototype.slice);
  const charCodeAt = kit.uncurry(String.prototype.charCodeAt);
  /** @type {(text: string, part: string, at: number) => boolean} */
  const startsWith = kit.uncurry(/** @type {any} */ (String.prototype.startsWith));
  const getAttribute = kit.uncurry(Element.prototype.getAttribute);
  const toLowerCase = kit.uncurry(String.prototype.toLowerCase);
  const addedNodes = kit.getter(MutationRecord.prototype, 'addedNodes');
  const mutationTarget = kit.getter(MutationRecord.prototype, 'target');
  const listLength = kit.getter(NodeList.prototype, 'length');
  const nodeType = kit.getter(Node.prototype, 'nodeType');
  const parentNode = kit.getter(Node.prototype, 'parentNode');
  const textContent = kit.getter(Node.prototype, 'textContent');
  const localName = kit.getter(Element.prototype, 'localName');

  const NAME = 'userlikeTrackingEvent';
  const NEAR = 100;
  // What runs a function later, and so not in the same run.
  const later = ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback', 'addEventListener'];

  /** @param {number} c a character's code */
  const isSpace = (c) => c === 0x20 || (c >= 0x09 && c <= 0x0d) || c === 0xa0 || c === 0xfeff || c === 0x2028 || c === 0x2029;

  kit.isWord = (c) => (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x30 && c <= 0x39) || c === 0x5f || c === 0x24;
  const { isWord } = kit;

  // Each of these goes on for at most NEAR characters, and returns where it has come to.

  /** @param {string} text @param {number} from @param {(c: number) => boolean} is */
  const forth = (text, from, is) => {
    let i = from;
    while (i < from + NEAR && is(charCodeAt(text, i))) i++;
    return i;
  };

  /** @param {string} text @param {number} from @param {(c: number) => boolean} is */
  const back = (text, from, is) => {
    let i = from;
    while (i > from - NEAR && is(charCodeAt(text, i - 1))) i--;
    return i;
  };

  /** The word that ends there. @param {string} text @param {number} to */
  const wordBefore = (text, to) => slice(text, back(text, to, isWord), to);

  /** The word that begins there. @param {string} text @param {number} from */
  const wordAt = (text, from) => slice(text, from, forth(text, from, isWord));

  /** @param {string} word */
  const isWindow = (word) => word === 'window' || word === 'self' || word === 'globalThis' || word === 'top';

  /**
   * Whether a statement begins there: at the beginning of a line, or after the end of another.
   * @param {string} text
   * @param {number} at
   */
  const isStatement = (text, at) => {
    const from = back(text, at, isSpace);
    const c = charCodeAt(text, from - 1);
    return from === 0 || c === 0x3b || c === 0x7b || c === 0x7d || indexOf(slice(text, from, at), '\n') >= 0 ||
      (from >= 4 && startsWith(text, '<!--', from - 4));
  };

  /**
   * Where the expression begins that ends with the name: at the name, or at the window
   * before it. -1 if it is the member of something else. A full stop at the end of the line
   * before is most often a comment's.
   * @param {string} text
   * @param {number} at where the name is
   */
  const beginning = (text, at) => {
    const space = back(text, at, isSpace);
    if (charCodeAt(text, space - 1) !== 0x2e) return at;
    const isNextLine = indexOf(slice(text, space, at), '\n') >= 0;
    const end = back(text, space - 1, isSpace);
    const word = wordBefore(text, end);
    const from = end - word.length;
    if (isWindow(word) && (!isNextLine || isStatement(text, from))) return from;
    return isNextLine ? at : -1;
  };

  /** The keyword that declares the name, '' if none does. @param {string} text @param {number} at where the name is */
  const declaring = (text, at) => {
    let to = back(text, at, isSpace);
    if (to === at) return '';
    const star = charCodeAt(text, to - 1) === 0x2a;
    if (star) to = back(text, to - 1, isSpace);
    const word = wordBefore(text, to);
    if (word === 'function') return word;
    return !star && (word === 'var' || word === 'let' || word === 'const' || word === 'class') ? word : '';
  };

  kit.nextScript = (records) => {
    const record = records[records.length - 1];
    if (record === undefined) return '';
    const added = addedNodes(record);
    const count = listLength(added);
    let node = count > 0 ? added[count - 1] : mutationTarget(record);
    if (nodeType(node) === 3) node = parentNode(node);
    if (node === null || nodeType(node) !== 1 || localName(node) !== 'script') return '';
    if (getAttribute(node, 'src') !== null) return '';
    const type = getAttribute(node, 'type');
    const classic = type === null || type === '' || toLowerCase(type) === 'text/javascript' ||
      toLowerCase(type) === 'application/javascript';
    return classic ? textContent(node) : '';
  };

  /** Whether what follows the name assigns to it, but not what it already is. @param {string} text @param {number} from */
  const assigns = (text, from) => {
    const equals = forth(text, from, isSpace);
    const c = charCodeAt(text, equals + 1);
    if (charCodeAt(text, equals) !== 0x3d || c === 0x3d || c === 0x3e) return false;
    let value = forth(text, equals + 1, isSpace);
    const word = wordAt(text, value);
    const dot = forth(text, value + word.length, isSpace);
    if (isWindow(word) && charCodeAt(text, dot) === 0x2e) value = forth(text, dot + 1, isSpace);
    return !startsWith(text, NAME, value);
  };

  /** Whether the name is in a test, a declaration or a string. @param {string} text @param {number} at where the name is */
  const isDoubtful = (text, at) => {
    const c = charCodeAt(text, at - 1);
    if (c === 0x22 || c === 0x27 || c === 0x60 || declaring(text, at) !== '') return true;
    const from = beginning(text, at);
    if (from < 0) return false;
    let to = back(text, from, isSpace);
    if (charCodeAt(text, to - 1) === 0x28) to = back(text, to - 1, isSpace);
    return wordBefore(text, to) === 'typeof';
  };

  /** Whether what follows the name calls it. @param {string} text @param {number} from */
  const isCalled = (text, from) => {
    let i = forth(text, from, isSpace);
    const optional = startsWith(text, '?.', i);
    const member = optional || charCodeAt(text, i) === 0x2e;
    if (member) i = forth(text, i + (optional ? 2 : 1), isSpace);
    if (charCodeAt(text, i) === 0x28) return optional || !member;
    const word = member ? wordAt(text, i) : '';
    return word === 'call' || word === 'apply';
  };

  /** Whether the name is in code that runs later. @param {string} text @param {number} at where the name is */
  const isLater = (text, at) => {
    let near = slice(text, at > NEAR ? at - NEAR : 0, at);
    near = slice(near, lastIndexOf(near, ';') + 1);
    near = slice(near, lastIndexOf(near, '}') + 1);
    for (let i = 0; i < later.length; i++) {
      const name = /** @type {string} */ (later[i]);
      for (let on = indexOf(near, name); on >= 0; on = indexOf(near, name, on + 1)) {
        if (charCodeAt(near, forth(near, on + name.length, isSpace)) === 0x28) return true;
      }
    }
    return false;
  };

  /**
   * Whether all brackets before a place are closed again, so that it is at the top level,
   * where var makes a property of the window.
   * @param {string} text
   * @param {number} to
   */
  const isTopLevel = (text, to) => {
    let open = 0;
    for (let at = indexOf(text, '{'); at >= 0 && at < to; at = indexOf(text, '{', at + 1)) open++;
    for (let at = lastIndexOf(text, '}', to); at >= 0; at = at === 0 ? -1 : lastIndexOf(text, '}', at - 1)) open--;
    return open === 0;
  };

  kit.plainlyAssigns = (text) => {
    const first = indexOf(text, NAME);
    if (first < 0 || indexOf(text, 'use strict') >= 0) return '';
    const declared = declaring(text, first) === 'var';
    const from = declared ? lastIndexOf(text, 'var', first) : beginning(text, first);
    if (from < 0 || !isStatement(text, from) || !assigns(text, first + NAME.length)) return '';
    if (declared && !isTopLevel(text, first)) return '';
    for (let at = indexOf(text, NAME, first + 1); at >= 0; at = indexOf(text, NAME, at + 1)) {
      if (isDoubtful(text, at)) return '';
    }
    return declared ? 'declared' : 'assigned';
  };

  kit.calls = (text) => {
    for (let at = indexOf(text, NAME); at >= 0; at = indexOf(text, NAME, at + 1)) {
      if (!isCalled(text, at + NAME.length) || isWord(charCodeAt(text, at - 1))) continue;
      if (declaring(text, at) !== 'function' && !isLater(text, at)) return true;
    }
    return false;
  };
})();
//# sourceURL=<anonymous>
