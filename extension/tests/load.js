// @ts-check
// Loads content scripts. They are classic scripts without exports, so tests cannot import
// them; each is run in a realm of its own, as in a browser.

import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import vm from 'node:vm';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

const pageFiles = ['values.js', 'snapshot.js', 'scripts.js', 'queues.js', 'simulate.js', 'chains.js', 'calls.js'];

/** @param {string} file */
const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

/** Those parts of a page's world that snapshots need. */
const dom = `
  globalThis.Window = class Window { get window() { if (this !== globalThis.window) throw new TypeError('not a window'); return this; } };
  globalThis.window = Object.create(Window.prototype, Object.getOwnPropertyDescriptors(Window.prototype));
  globalThis.Node = class Node {
    #name;
    constructor(name) { this.#name = name; }
    get nodeName() { return this.#name; }
    get nodeType() { return 1; }
    get parentNode() { return null; }
    get textContent() { return ''; }
    appendChild() {}
    removeChild() {}
  };
  globalThis.Element = class Element extends Node { get localName() { return this.nodeName; } getAttribute() { return null; } setAttribute() {} };
  globalThis.HTMLIFrameElement = class HTMLIFrameElement extends Element { get contentWindow() { return null; } };
  globalThis.HTMLCollection = class HTMLCollection extends Array { get length() { return Reflect.getOwnPropertyDescriptor(this, 'length').value; } };
  globalThis.NodeList = class NodeList { get length() { return 0; } };
  globalThis.MutationRecord = class MutationRecord { get addedNodes() { return new NodeList(); } get target() { return document; } };
  globalThis.Document = class Document extends Node {
    getElementsByTagName() { return new HTMLCollection(); }
    get documentElement() { return null; }
    createElement(name) { return new Element(name); }
  };
  globalThis.document = new Document('#document');
`;

/**
 * A page's realm, in which the files that come before hook.js were run.
 * @returns {{kit: PageKit, run: (code: string) => any}}
 */
export function loadSnapshot() {
  const context = vm.createContext({ isError: types.isNativeError });
  /** @param {string} code */
  const run = (code) => vm.runInContext(code, context);
  run('Error.isError ??= isError; delete globalThis.isError;'); // Node 20 has no Error.isError
  run(dom);
  for (const file of pageFiles) run(read(file));
  const kit = run('userlikeInspectorKit');
  return { kit, run };
}

/** A page in which hook.js was run. It ends with the test's process. */
export function loadHook() {
  const worker = new Worker(new URL('page.js', import.meta.url), { workerData: { files: [...pageFiles, 'hook.js'] } });
  worker.unref();
  /**
   * Runs code in the page and returns its value, as far as that is JSON.
   * @param {string} code
   * @param {boolean} [again] whether the extension's files are run once more before
   * @returns {any}
   */
  const run = (code, again = false) => {
    const { port1, port2 } = new MessageChannel();
    const answered = new Int32Array(new SharedArrayBuffer(4));
    worker.postMessage({ code, again, answered, port: port2 }, [port2]);
    if (Atomics.wait(answered, 0, 0, 30_000) === 'timed-out') throw new Error(`no answer to ${code}`);
    const { value, error } = receiveMessageOnPort(port1)?.message ?? {};
    port1.close();
    if (error !== undefined) throw new Error(`${code}: ${error}`);
    return value;
  };
  /** @returns {string[]} */
  const told = () => run('page.said.splice(0)').map((/** @type {string} */ s) => s.split('\n').slice(0, 3).join(' ').trim());
  return {
    run,
    /** What hook.js has sent since the last time, each message in a line without its snapshots. @returns {string[]} */
    told,
    /** The same without the messages on the ends of calls. */
    said: () => told().filter((s) => !s.startsWith('done ')),
    /** Does what reloading the extension does: a new hook is run, and the one before has no relay any more. */
    reload: () => run('', true),
    /** Ends the task: runs the timers of 0 ms. */
    settle: () => run('page.soon.splice(0).forEach((timer) => [...events.get(timer).abort][0]())'),
    /** Lets the hook look at the page, as it does after changes and from time to time. */
    look: () => run('[...events.get(page.timer).abort][0]()'),
    /**
     * Runs an inline script as the parser does: the hook hears of its element before.
     * @param {string} text
     */
    script(text) {
      run(`page.mutated([new MutationRecord(new Element('script', ${JSON.stringify(text)}))])`);
      run(text);
    },
    /** @param {string} order */
    control: (order) => run(`page.bridge.dispatchEvent(new CustomEvent('control', { detail: '${order}' }))`),
  };
}

/** @returns {typeof createOutbox} */
export function loadOutbox() {
  return vm.runInThisContext(`${read('outbox.js')};createOutbox`);
}

/** @returns {typeof createRecorder} */
export function loadRecorder() {
  for (const file of ['messages.js', 'outbox.js', 'finds.js', 'drafts.js', 'unfinished.js', 'playback.js']) vm.runInThisContext(read(file));
  return vm.runInThisContext(`${read('recorder.js')};createRecorder`);
}

/** @returns {typeof createClientWatch} */
export function loadClient() {
  return vm.runInThisContext(`${read('client.js')};createClientWatch`);
}
