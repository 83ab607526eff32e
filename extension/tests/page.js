// A fake page for hook.js, which load.js runs in a worker: the global object of a realm
// of node:vm does not behave as a window does.

import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { types } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

/** @param {string} code */
const run = (code) => vm.runInThisContext(code);
/** @param {string} file */
const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

Error.isError ??= types.isNativeError; // Node 20 has no Error.isError

// Those parts of a page's world that hook.js needs. Tests read and change its state in
// "page".
run(`
  globalThis.page = { readyState: 'loading', said: [], answered: true, exhausted: false, soon: [] };
  globalThis.events = new WeakMap(); // the listeners of each target, by the event's type
  globalThis.EventTarget = class EventTarget {
    addEventListener(type, listener) {
      if (!events.has(this)) events.set(this, {});
      (events.get(this)[type] ??= new Set()).add(listener);
    }
    dispatchEvent(event) {
      if (page.exhausted) throw new RangeError('no stack left');
      for (const listener of events.get(this)?.[event.type] ?? []) listener(event);
      return !event.defaultPrevented;
    }
  };
  globalThis.Event = class Event {
    constructor(type, init) { this.type = type; this.init = init; this.defaultPrevented = false; }
    preventDefault() { this.defaultPrevented = true; }
  };
  globalThis.CustomEvent = class CustomEvent extends Event { get detail() { return this.init.detail; } };
  globalThis.FocusEvent = class FocusEvent extends Event { get relatedTarget() { return this.init.relatedTarget; } };
  globalThis.Window = class Window extends EventTarget {
    get window() { if (this !== globalThis) throw new TypeError('not a window'); return this; }
  };
  Object.setPrototypeOf(globalThis, Window.prototype);
  globalThis.window = globalThis;
  Object.defineProperty(globalThis, 'length', { get: () => 0, configurable: true });
  globalThis.Node = class Node extends EventTarget {
    #name; #parent; #text;
    constructor(name, text = '', parent = null) { super(); this.#name = name; this.#text = text; this.#parent = parent; }
    get nodeName() { return this.#name; }
    get nodeType() { return this.#name === '#text' ? 3 : 1; }
    get parentNode() { return this.#parent; }
    get textContent() { return this.#text; }
    appendChild(node) { node.#parent = this; }
    removeChild(node) { node.#parent = null; }
  };
  globalThis.Element = class Element extends Node {
    get localName() { return this.nodeName; }
    getAttribute(name) { return name === 'src' ? this.src ?? null : null; }
    setAttribute(name, value) { this[name] = value; }
  };
  globalThis.HTMLIFrameElement = class HTMLIFrameElement extends Element {
    #window = page.newRealm();
    get contentWindow() { return this.parentNode === null ? null : this.#window; }
  };
  globalThis.HTMLCollection = class HTMLCollection extends Array {
    get length() { return Reflect.getOwnPropertyDescriptor(this, 'length').value; }
  };
  globalThis.NodeList = class NodeList extends Array { get length() { return super.length; } };
  globalThis.MutationRecord = class MutationRecord {
    constructor(node) { this.node = node; }
    get addedNodes() { return new NodeList(this.node); }
    get target() { return this.node; }
  };
  globalThis.MutationObserver = class MutationObserver {
    constructor(heard) { page.mutated = heard; }
    observe() {}
    disconnect() { page.mutated = () => {}; }
  };
  globalThis.Document = class Document extends Node {
    fonts = new EventTarget();
    get readyState() { return page.readyState; }
    createElement(name) { return name === 'iframe' ? page.frame = new HTMLIFrameElement(name) : new Element(name); }
    get documentElement() { return page.root; }
    getElementsByTagName() { return page.scripts; }
  };
  globalThis.AbortSignal = {
    timeout(ms) {
      const timer = new EventTarget();
      if (ms === 0) page.soon.push(timer);
      else page.timer = timer;
      return timer;
    },
  };
  page.scripts = new HTMLCollection();
  globalThis.document = new Document('#document');
  document.fonts.addEventListener('userlike-inspector-bridge', (event) => {
    event.preventDefault();
    page.bridge = event.relatedTarget;
    page.bridge.addEventListener('record', (e) => {
      if (!page.answered || page.bridge !== event.relatedTarget) return;
      e.preventDefault();
      page.said.push(e.detail);
    });
  });
`);
run('(newRealm) => { page.newRealm = newRealm; page.root = new Element("html"); }')(() => vm.runInNewContext('({ JSON })'));
const inject = () => workerData.files.forEach((/** @type {string} */ file) => run(read(file)));
inject();
parentPort?.on('message', ({ code, again, answered, port }) => {
  let answer;
  try {
    if (again) inject();
    const json = JSON.stringify(run(code)); // undefined for a function
    answer = { value: json && JSON.parse(json) };
  } catch (e) {
    answer = { error: String(e) };
  }
  port.postMessage(answer);
  Atomics.store(answered, 0, 1);
  Atomics.notify(answered, 0);
});
