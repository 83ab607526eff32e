// @ts-check
// Describes the way of a call, step by step ("hop"): which step fails, and what to do. Pure.

import { number } from './i18n.js';

/**
 * @typedef {object} Status what the background answers the popup
 * @property {string} version
 * @property {{state: import('./host.js').HostState, message: string, version: string, update: 'host' | 'extension'}} host
 * @property {{ok: boolean, message: string}} store
 * @property {number} waiting
 * @property {string} problem
 * @property {import('./tally.js').TabTally} tab
 * @property {PageState | null} page what the host says of the tab's page, null until it has said something
 * @property {boolean} standIn
 * @property {import('./scope.js').Restriction} watch
 * @property {boolean} follow whether hits are looked for
 * @property {string} site '' if the tab shows no site
 * @property {number} unrecorded calls that were only counted because of a pause
 */

/**
 * The state of a tab's page; see wire.schema.json.
 * @typedef {object} PageState
 * @property {string} state of the glossary
 * @property {'' | 'info' | 'warning' | 'error'} severity '' if all is well
 * @property {number} lost calls
 */
/** @typedef {'good' | 'bad' | 'unsure'} Mark */
/** @typedef {{name: string, mark: Mark, text: string, remedy: string}} Hop */
/** @typedef {import('./i18n.js').Say} Say */

/**
 * The words for a state, from the glossary that the terminal and doctor also use.
 * @param {Say} say
 * @param {string} state
 * @returns {{text: string, remedy: string}}
 */
const term = (say, state) => {
  const key = state.replaceAll('-', '_');
  return { text: say(`state_${key}`), remedy: say(`remedy_${key}`) };
};

/**
 * The state of the page itself. The host decides it from all records of the page, so
 * that the popup says the same as the terminal.
 * @param {Say} say
 * @param {Status} status
 * @returns {Omit<Hop, 'name'>}
 */
const page = (say, { page: word, tab }) => {
  if (word === null || tab.documents.length === 0) return { mark: 'unsure', text: say('onlyHost'), remedy: '' };
  return { mark: word.severity === '' ? 'good' : word.severity === 'error' ? 'bad' : 'unsure', ...term(say, word.state) };
};

/** @param {Say} say @param {Status} status @returns {Omit<Hop, 'name'>} */
const capture = (say, { tab, page: word, watch }) => {
  if (watch.excluded) return { mark: 'unsure', ...term(say, watch.excluded) };
  if (tab.documents.length === 0) return { mark: 'bad', ...term(say, 'page-unheard') };
  if (tab.hooked.length === 0) return { mark: 'bad', ...term(say, 'hook-silent') };
  if (watch.paused) return { mark: 'unsure', text: term(say, 'paused').text, remedy: '' }; // no remedy: the button to resume is above
  const lost = word?.lost ?? tab.lost;
  if (lost > 0) return { mark: 'bad', ...term(say, 'calls-lost'), text: number(say, 'callsLost', lost) };
  return { mark: 'good', text: say('watched'), remedy: '' };
};

// Browsers' messages when the host cannot be reached. Firefox uses the first one also
// in the case for which Chromium has the second, and writes the cause of the third only
// to its own console.
/** @type {[RegExp, string][]} */
const troubles = [
  [/host not found|no such native application/i, 'host-missing'],
  [/forbidden/i, 'host-forbidden'],
  [/failed to start|unexpected error/i, 'host-unusable'],
  [/exited|has ended|communicating/i, 'host-crashed'],
  [/does not answer/i, 'host-silent'],
];

/** @param {Say} say @param {Status} status @returns {Omit<Hop, 'name'>} */
const host = (say, { host: { state, message, version, update }, waiting, version: own }) => {
  if (state === 'ready') return { mark: 'good', text: say('hostReady', version), remedy: '' };
  if (state === 'connecting' && message === '') return { mark: 'unsure', text: say('hostConnecting'), remedy: '' };
  const kept = waiting > 0 ? number(say, 'recordsWait', waiting) : say('recordsKept');
  if (state === 'refused') {
    const { text, remedy } = term(say, update === 'extension' ? 'extension-old' : 'extension-new');
    return { mark: 'bad', text: `${text} ${say('versions', own, version)} ${kept}`, remedy };
  }
  const known = troubles.find(([said]) => said.test(message));
  const { text, remedy } = known ? term(say, known[1]) : { text: message, remedy: say('askDoctor') };
  return { mark: 'bad', text: `${text} ${kept}`, remedy };
};

/** @param {Say} say @param {Status} status @returns {Omit<Hop, 'name'>} */
const store = (say, { host: { state }, store: { ok, message }, problem }) => {
  if (problem) return { mark: 'bad', text: problem, remedy: '' };
  if (state !== 'ready') return { mark: 'unsure', text: say('onlyHost'), remedy: '' };
  if (ok) return { mark: 'good', text: say('storeReady'), remedy: '' };
  const { text, remedy } = term(say, 'store-unusable');
  return { mark: 'bad', text: `${text} ${message}`, remedy };
};

/** @param {Say} say @param {Status} status @returns {Hop[]} */
export const diagnose = (say, status) => {
  return [
    ...status.watch.excluded ? [] : [{ name: say('hopPage'), ...page(say, status) }], // nothing is known of an excluded page
    { name: say('hopCapture'), ...capture(say, status) },
    { name: say('hopHost'), ...host(say, status) },
    { name: say('hopStore'), ...store(say, status) },
  ];
};
