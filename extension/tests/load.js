// @ts-check
// Loads content scripts, which are classic scripts without exports, into a realm
// of their own, as a browser does.

import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import vm from 'node:vm';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

const pageFiles = ['kinds.js', 'snapshot.js', 'scripts.js', 'queues.js', 'simulate.js', 'calls.js'];

/** @param {string} file */
const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

/** The least of a page's world that snapshots ask for. */
const dom = `
  globalThis.Window = class Window { get window() { if (this !== globalThis.window) throw new TypeError('not a window'); return this; } };
  globalThis.window = Object.create(Window.prototype, Object.getOwnPropertyDescriptors(Window.prototype));
  globalThis.Node = class Node {
    #name; constructor(name) { this.#name = name; } get nodeName() { return this.#name; } get parentNode() { return null; } appendChild() {} removeChild() {}
  };
  globalThis.Element = class Element extends Node { getAttribute() { return null; } setAttribute() {} };
  globalThis.HTMLIFrameElement = class HTMLIFrameElement extends Element { get contentWindow() { return null; } };
  globalThis.HTMLCollection = class HTMLCollection extends Array { get length() { return Reflect.getOwnPropertyDescriptor(this, 'length').value; } };
  globalThis.Document = class Document extends Node { getElementsByTagName() { return new HTMLCollection(); } get documentElement() { return null; } createElement(name) { return new Element(name); } };
  globalThis.document = new Document('#document');
`;

/**
 * A page's realm with the files in it that come before hook.js.
 * @returns {{kit: PageKit, run: (code: string) => any}}
 */
export function loadSnapshot() {
  const context = vm.createContext({ isError: types.isNativeError });
  /** @param {string} code */
  const run = (code) => vm.runInContext(code, context);
  run('Error.isError ??= isError; delete globalThis.isError;'); // newer than Node 20
  run(dom);
  for (const file of pageFiles) run(read(file));
  const kit = run('userlikeInspectorKit');
  return { kit, run };
}

/** A page with hook.js at work. Ends with the test's process. */
export function loadHook() {
  const worker = new Worker(new URL('page.js', import.meta.url), { workerData: { files: [...pageFiles, 'hook.js'] } });
  worker.unref();
  /** @param {string} code @param {boolean} [again] the files first @returns {any} its value, as JSON has it */
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
    /** What hook.js has said since it was last asked, a line a record, without the snapshots. @returns {string[]} */
    told,
    /** The same without the ends of calls. */
    said: () => told().filter((s) => !s.startsWith('done ')),
    /** The extension was reloaded: a hook comes that has a relay, which the one before no longer has. */
    reload: () => run('', true),
    /** The task is over. */
    settle: () => run('page.soon.splice(0).forEach((timer) => [...events.get(timer).abort][0]())'),
    /** The page has changed, or time has gone by: it is looked at. */
    look: () => run('[...events.get(page.timer).abort][0]()'),
    /**
     * The parser runs an inline script.
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
  for (const file of ['messages.js', 'outbox.js']) vm.runInThisContext(read(file));
  return vm.runInThisContext(`${read('recorder.js')};createRecorder`);
}

/** @returns {typeof createClientWatch} */
export function loadClient() {
  return vm.runInThisContext(`${read('client.js')};createClientWatch`);
}
