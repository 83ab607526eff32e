// @ts-check
// Says in words what this tab has sent and how far its records get.

import { hops } from './hops.js';

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {number} n @param {string} noun */
const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/**
 * @param {string} name of the element
 * @param {string} text
 * @param {string} [className]
 */
const make = (name, text, className = '') => {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
};

/** @param {import('./hops.js').Hop} hop */
const hopItem = ({ name, state, text }) => {
  const item = make('li', name, state);
  item.append(make('span', text));
  return item;
};

/** @param {import('./tally.js').RecentCall} call */
const callItem = ({ name, time, verdict }) => {
  const [className, words] = verdict === null ? ['', 'not judged yet']
    : verdict.error > 0 ? ['bad', count(verdict.error, 'error')]
    : verdict.warning > 0 ? ['warning', count(verdict.warning, 'warning')]
    : ['good', 'fine'];
  const item = make('li', '', className);
  const called = make('b', name || '(no name)');
  called.title = name;
  item.append(called, make('span', words), make('time', new Date(time).toLocaleTimeString()));
  return item;
};

/**
 * Replaces a list's items, unless they are the same: whoever reads them is not
 * to be interrupted every second.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} items
 */
const fill = (list, items) => {
  const now = items.map((item) => item.outerHTML).join('');
  if (now !== [...list.children].map((item) => item.outerHTML).join('')) list.replaceChildren(...items);
};

/** @type {HTMLInputElement} */
const standIn = /** @type {any} */ (element('stand-in'));

/** @param {object} message asks for the status, and may change something first */
const show = async (message) => {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  const status = await chrome.runtime.sendMessage({ ...message, tab: tab?.id ?? -1 });
  const { calls, error, warning, recent } = status.tab;
  element('version').textContent = status.version;
  const counts = `${count(calls, 'call')}, ${count(error, 'error')}, ${count(warning, 'warning')} in this tab`;
  if (element('counts').textContent !== counts) element('counts').textContent = counts;
  standIn.checked = status.standIn;
  fill(element('calls'), recent.length > 0 ? recent.map(callItem) : [make('li', 'None yet.', 'none')]);
  fill(element('hops'), hops(status).map(hopItem));
};

standIn.addEventListener('change', () => void show({ type: 'stand-in', on: standIn.checked }));
void show({ type: 'status' });
setInterval(show, 1000, { type: 'status' });
