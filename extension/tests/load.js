// @ts-check
// Loads content scripts, which are classic scripts without exports, into a realm
// of their own, as a browser does.

import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import vm from 'node:vm';

/** @param {string} file */
const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

/** The least of a page's world that snapshot.js asks for. */
const dom = `
  globalThis.Window = class Window { get window() { if (this !== globalThis.window) throw new TypeError('not a window'); return this; } };
  globalThis.window = Object.create(Window.prototype, Object.getOwnPropertyDescriptors(Window.prototype));
  globalThis.Node = class Node { #name; constructor(name) { this.#name = name; } get nodeName() { return this.#name; } };
`;

/**
 * A page's realm with snapshot.js in it.
 * @returns {{kit: PageKit, run: (code: string) => any}}
 */
export function loadSnapshot() {
  const context = vm.createContext({ isError: types.isNativeError });
  /** @param {string} code */
  const run = (code) => vm.runInContext(code, context);
  run('Error.isError ??= isError; delete globalThis.isError;'); // newer than Node 20
  run(dom);
  run(read('snapshot.js'));
  const kit = run('userlikeInspectorKit');
  return { kit, run };
}

/** @returns {typeof createOutbox} */
export function loadOutbox() {
  return vm.runInThisContext(`${read('outbox.js')};createOutbox`);
}
