// @ts-check
// Page world, third of five files: what an inline script's text is about to do.
// See kinds.js for the rules that all code here obeys.

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const indexOf = kit.uncurry(String.prototype.indexOf);
  const exec = kit.uncurry(RegExp.prototype.exec);

  // The name must come first as the target of an assignment that begins a
  // statement, and nowhere as a question, a declaration or a quoted name.
  const assignment =
    /^(?:(?!userlikeTrackingEvent)[^])*?(?:^|[;{}\n]|<!--)\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?userlikeTrackingEvent\s*=(?![=>])(?!\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?userlikeTrackingEvent)/;
  const doubt =
    /use strict|(?:typeof\s*\(?\s*(?:(?:window|self|globalThis|top)\s*\.\s*)?|(?:var|let|const|class|function\*?)\s+|["'`])userlikeTrackingEvent/;

  kit.plainlyAssigns = (text) =>
    indexOf(text, 'userlikeTrackingEvent') >= 0 && exec(assignment, text) !== null && exec(doubt, text) === null;

  const call = /(?<!function\*?\s+)\buserlikeTrackingEvent\s*(?:\?\.\s*)?\(|\buserlikeTrackingEvent\s*\.\s*(?:call|apply)\b/;

  kit.calls = (text) => exec(call, text) !== null;
})();
//# sourceURL=<anonymous>
