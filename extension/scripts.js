// @ts-check
// Page world, third of eight files: finds the inline script that the parser is about to
// run, and guesses from its text what it will do with the function. See values.js for
// the rules that all code here obeys.
//
// A text may be very long and is read while the page waits. So only a few characters
// around each mention of the function are read.

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const indexOf = kit.uncurry(String.prototype.indexOf);
  const lastIndexOf = kit.uncurry(String.prototype.lastIndexOf);
  const slice = kit.uncurry(String.prototype.slice);
  const exec = kit.uncurry(RegExp.prototype.exec);
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

  // The text before the name and after it, where a statement assigns to it.
  const begins = /(?:^|[;{}\n]|<!--)\s*(var\s+|(?:window|self|globalThis|top)\s*\.\s*)?$/;
  const assigns = /^\s*=(?![=>])(?!\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?userlikeTrackingEvent)/;
  // The text before it in a test, a declaration or a string.
  const doubt = /(?:typeof\s*\(?\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?|(?:var|let|const|class|function\*?)\s+|["'`])$/;

  const declares = /(?:^|[^\w$])function\*?\s+$/;
  const longer = /[\w$]$/;
  const calling = /^\s*(?:(?:\?\.\s*)?\(|(?:\?\.|\.)\s*(?:call|apply)\b)/;
  // The text before it in code that runs later, and so not in the same run.
  const later = /(?:setTimeout|setInterval|requestAnimationFrame|requestIdleCallback|addEventListener)\s*\([^;}]*$/;

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

  /**
   * @param {string} text
   * @param {number} at where the name is
   */
  const before = (text, at) => slice(text, at > NEAR ? at - NEAR : 0, at);

  /**
   * @param {string} text
   * @param {number} at
   */
  const behind = (text, at) => slice(text, at + NAME.length, at + NAME.length + NEAR);

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
    const target = exec(begins, (first > NEAR ? ' ' : '') + before(text, first));
    if (target === null || exec(assigns, behind(text, first)) === null) return '';
    const isVar = target[1] !== undefined && indexOf(target[1], 'var') === 0;
    if (isVar && !isTopLevel(text, first)) return '';
    for (let at = indexOf(text, NAME, first + 1); at >= 0; at = indexOf(text, NAME, at + 1)) {
      if (exec(doubt, before(text, at)) !== null) return '';
    }
    return isVar ? 'declared' : 'assigned';
  };

  kit.calls = (text) => {
    for (let at = indexOf(text, NAME); at >= 0; at = indexOf(text, NAME, at + 1)) {
      if (exec(calling, behind(text, at)) === null) continue;
      const near = before(text, at);
      if (exec(longer, near) === null && exec(declares, near) === null && exec(later, near) === null) return true;
    }
    return false;
  };
})();
//# sourceURL=<anonymous>
