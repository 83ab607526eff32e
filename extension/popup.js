// @ts-check
// Says in words what this tab has sent and how far its records get.

import { hops } from './hops.js';

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {number} n @param {string} noun */
const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** @type {HTMLInputElement} */
const standIn = /** @type {any} */ (element('stand-in'));

/** @param {object} message asks for the status, and may change something first */
const show = async (message) => {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  const status = await chrome.runtime.sendMessage({ ...message, tab: tab?.id ?? -1 });
  const { calls, error, warning } = status.tab;
  element('version').textContent = status.version;
  element('counts').textContent = `${count(calls, 'call')}, ${count(error, 'error')}, ${count(warning, 'warning')} in this tab`;
  standIn.checked = status.standIn;
  element('hops').replaceChildren(...hops(status).map(({ name, state, text }) => {
    const item = document.createElement('li');
    item.className = state;
    item.textContent = name;
    const detail = document.createElement('span');
    detail.textContent = text;
    item.append(detail);
    return item;
  }));
};

standIn.addEventListener('change', () => void show({ type: 'stand-in', on: standIn.checked }));
void show({ type: 'status' });
setInterval(show, 1000, { type: 'status' });
