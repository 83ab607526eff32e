// @ts-check
// Page world, third of seven files: what an inline script's text is about to do.
// See kinds.js for the rules that all code here obeys.
//
// A text may be as long as a page likes, and is looked at before it runs: of
// each place that names the function a few characters are read, and no more.

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const indexOf = kit.uncurry(String.prototype.indexOf);
  const lastIndexOf = kit.uncurry(String.prototype.lastIndexOf);
  const slice = kit.uncurry(String.prototype.slice);
  const exec = kit.uncurry(RegExp.prototype.exec);

  const NAME = 'userlikeTrackingEvent';
  const NEAR = 100;

  // What stands before the name, where it is the target of an assignment that
  // begins a statement, and behind it.
  const begins = /(?:^|[;{}\n]|<!--)\s*(var\s+|(?:window|self|globalThis|top)\s*\.\s*)?$/;
  const assigns = /^\s*=(?![=>])(?!\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?userlikeTrackingEvent)/;
  // What stands before it in a question, a declaration or a string.
  const doubt = /(?:typeof\s*\(?\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?|(?:var|let|const|class|function\*?)\s+|["'`])$/;

  const declares = /(?:^|[^\w$])function\*?\s+$/;
  const longer = /[\w$]$/;
  const calling = /^\s*(?:(?:\?\.\s*)?\(|(?:\?\.|\.)\s*(?:call|apply)\b)/;
  // What runs later cannot be a call in the same run.
  const later = /(?:setTimeout|setInterval|requestAnimationFrame|requestIdleCallback|addEventListener)\s*\([^;}]*$/;

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
   * Whether as many brackets are closed as opened before a place: there, var
   * makes a property of the window.
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
