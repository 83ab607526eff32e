// @ts-check
// Simulations: finds the pages that could call their function, and passes requests to do
// so on to them. Requests come from a tester's command through the host; pages cannot
// make them. Pure.

/** @typedef {import('./recording.js').Connection} Connection */

/**
 * @typedef {object} SimulationsOptions
 * @property {() => Connection[]} connections
 * @property {(message: object) => void} send sends to the host
 * @property {(ms: number, then: () => void) => void} later
 */

/** How long pages may take to say whether they have a function, in milliseconds. */
const ANSWER = 3000;
/** How many ids of requests are remembered, so that none is started twice. */
const KNOWN = 1000;

export class Simulations {
  #options;
  /** Questions that are open, by id. @type {Map<string, {pages: object[], waiting: Set<Connection>}>} */
  #questions = new Map();
  /** The simulations that run. @type {Map<Connection, {id: string, index: number}>} */
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
   * A relay says whether its document has a function to call.
   * @param {Connection} relay
   * @param {{id: string, handler: boolean}} said
   */
  asked(relay, { id, handler }) {
    const question = this.#questions.get(id);
    if (!question?.waiting.delete(relay)) return;
    const { document, url, sender: { tab, frame }, page: { title } } = relay;
    // A document that has sent no record yet has nothing to call.
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

  /** Stops a simulation, because nobody waits for it any more. @param {string} id */
  cancel(id) {
    for (const [{ post }, running] of this.#running) if (running.id === id) post({ type: 'cancel' });
  }

  /**
   * A relay reports a step.
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
