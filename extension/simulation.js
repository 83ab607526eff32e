// @ts-check
// Simulations: which pages could be asked to call their function, and what becomes
// of a request to do so. A tester's command asks by way of the host; pages cannot. Pure.

/** @typedef {import('./recording.js').Connection} Connection */

/**
 * @typedef {object} SimulationsOptions
 * @property {() => Connection[]} connections
 * @property {(message: object) => void} send to the host
 * @property {(ms: number, then: () => void) => void} later
 */

/** How long pages may take to say whether they have a function. */
const ANSWER = 3000;
/** So many requests are known by their ids, so that none is begun twice. */
const KNOWN = 1000;

export class Simulations {
  #options;
  /** Questions that are open, by id. @type {Map<string, {pages: object[], waiting: Set<Connection>}>} */
  #questions = new Map();
  /** What runs. @type {Map<Connection, {id: string, index: number}>} */
  #running = new Map();
  /** @type {Set<string>} */
  #begun = new Set();

  /** @param {SimulationsOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** The host asks for the pages that are open. @param {string} id */
  ask(id) {
    const waiting = new Set(this.#options.connections());
    this.#questions.set(id, { pages: [], waiting });
    for (const { post } of waiting) post({ type: 'ask', id });
    if (waiting.size === 0) this.#answer(id);
    else this.#options.later(ANSWER, () => this.#answer(id));
  }

  /**
   * A relay says what there is to call.
   * @param {Connection} relay
   * @param {{id: string, handler: boolean}} said
   */
  asked(relay, { id, handler }) {
    const question = this.#questions.get(id);
    if (!question?.waiting.delete(relay)) return;
    const { document, url, sender: { tab, frame }, page: { title } } = relay;
    // A document that has said nothing yet has nothing to call.
    if (document !== '' && tab !== undefined && frame !== undefined) question.pages.push({ document, tab, frame, url, title, handler });
    if (question.waiting.size === 0) this.#answer(id);
  }

  /** @param {string} id */
  #answer(id) {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    this.#options.send({ type: 'pages', id, pages: question.pages });
  }

  /**
   * The host wants a document to call its function.
   * @param {{id: string, document: string, calls: object[], pause: number, until: string}} request
   */
  begin({ id, document, calls, pause = 0, until }) {
    if (this.#begun.has(id)) return;
    this.#begun.add(id);
    if (this.#begun.size > KNOWN) this.#begun.delete(this.#begun.values().next().value ?? '');
    const relay = this.#options.connections().find((one) => one.document === document);
    if (relay === undefined || document === '') {
      this.#options.send({ type: 'simulation', id, stage: 'stopped', index: 0, why: 'no-page' });
    } else if (this.#running.has(relay)) {
      this.#options.send({ type: 'simulation', id, stage: 'stopped', index: 0, why: 'busy' });
    } else {
      this.#running.set(relay, { id, index: 0 });
      relay.post({ type: 'simulate', calls, pause, until: Date.parse(until) });
    }
  }

  /** Nobody waits any more for what is left of a simulation. @param {string} id */
  cancel(id) {
    for (const [{ post }, running] of this.#running) if (running.id === id) post({ type: 'cancel' });
  }

  /**
   * A relay tells of a step.
   * @param {Connection} relay
   * @param {SimulationStep} step
   */
  step(relay, { stage, index, record, outcome, threw, why }) {
    const running = this.#running.get(relay);
    if (running === undefined) return;
    running.index = index;
    if (stage === 'ended' || stage === 'stopped') this.#running.delete(relay);
    this.#options.send({ type: 'simulation', id: running.id, stage, index, record, outcome, threw, why });
  }

  /** @param {Connection} relay */
  gone(relay) {
    for (const [id, { waiting }] of this.#questions) if (waiting.delete(relay) && waiting.size === 0) this.#answer(id);
    const running = this.#running.get(relay);
    if (running === undefined) return;
    this.#running.delete(relay);
    this.#options.send({ type: 'simulation', id: running.id, stage: 'stopped', index: running.index, why: 'left' });
  }
}
