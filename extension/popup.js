// @ts-check
// The popup: shows what this tab has sent and how far its records get, and lets the tester
// pause recording.

import { diagnose } from './diagnosis.js';
import { localise, number, say } from './i18n.js';
import { counts } from './tally.js';

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

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

/** @param {import('./diagnosis.js').Hop} hop */
const hopItem = ({ name, mark, text, remedy }) => {
  const item = make('li', '', mark);
  item.append(make('b', name), ' ', make('span', text));
  if (remedy) item.append(make('p', remedy, 'remedy'));
  return item;
};

/** @param {import('./tally.js').RecentCall} call */
const callItem = ({ name, time, simulated, verdict }) => {
  const [className, words] = verdict === null ? ['', say('notJudged')]
    : verdict.error > 0 ? ['bad', number(say, 'errors', verdict.error)]
    : verdict.warning > 0 ? ['warning', number(say, 'warnings', verdict.warning)]
    : ['good', say('fine')];
  const item = make('li', '', className);
  const called = make('b', name || say('noName'), simulated ? 'simulated' : '');
  called.title = name;
  item.append(called, make('span', words), make('time', new Date(time).toLocaleTimeString(say('language'))));
  return item;
};

/**
 * Replaces the items of a list, unless they are the same: someone who reads them, also with
 * a screen reader, must not be interrupted every second.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} items
 */
const fill = (list, items) => {
  const now = items.map((item) => item.outerHTML).join('');
  if (now !== [...list.children].map((item) => item.outerHTML).join('')) list.replaceChildren(...items);
};

/** @param {HTMLElement} where @param {string} text */
const write = (where, text) => {
  if (where.textContent !== text) where.textContent = text;
};

/** @type {HTMLInputElement} */
const standIn = /** @type {any} */ (element('stand-in'));
const theWay = element('way');
const lastCalls = element('last');
const pauseTab = element('pause-tab');
const pauseSite = element('pause-site');

/**
 * @param {HTMLElement} button
 * @param {string} text
 * @param {boolean} shown
 * @param {boolean} paused
 */
const offer = (button, text, shown, paused) => {
  button.hidden = !shown;
  button.dataset.on = String(!paused);
  write(button, text);
};

/** @param {import('./diagnosis.js').Status} status */
const showWatch = ({ watch: { excluded, paused }, site, tab, unrecorded }) => {
  const host = site.replace(/^https?:\/\//, '');
  element('counts').className = paused ? 'paused' : '';
  write(element('counts'), paused
    ? `${say('paused')} ${unrecorded > 0 ? number(say, 'unrecorded', unrecorded) : ''}`
    : say('inThisTab', counts(say, tab)));
  offer(pauseTab, say(paused === 'tab' ? 'resumeTab' : 'pauseTab'), !excluded && paused !== 'site', paused === 'tab');
  offer(pauseSite, say(paused === 'site' ? 'resumeSite' : 'pauseSite', host), !excluded && site !== '' && paused !== 'tab', paused === 'site');
};

/** Where the tab's calls went. @param {import('./diagnosis.js').Status} status */
const showPlaces = ({ follow, tab: { calls, places }, watch: { excluded } }) => {
  const where = element('places');
  where.hidden = calls === 0 || excluded !== '';
  write(where, !follow ? say('forwardedUnknown')
    : places.length > 0 ? say('forwardedTo', new Intl.ListFormat(say('language'), { type: 'unit' }).format(places)) : say('forwardedNowhere'));
};

/** @param {object} message asks for the status, and may request a change first */
const show = async (message) => {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  /** @type {import('./diagnosis.js').Status} */
  const status = await chrome.runtime.sendMessage({ ...message, tab: tab?.id ?? -1 });
  write(element('version'), status.version);
  showWatch(status);
  showPlaces(status);
  standIn.checked = status.standIn;
  const { recent } = status.tab;
  fill(element('calls'), recent.length > 0 ? recent.map(callItem) : [make('li', say('noCalls'), 'none')]);
  element('simulated').hidden = !recent.some(({ simulated }) => simulated);
  const way = diagnose(say, status);
  fill(element('hops'), way.map(hopItem));
  // If something is wrong, the way of a call comes first.
  const [first, second] = way.some((hop) => hop.mark === 'bad') ? [theWay, lastCalls] : [lastCalls, theWay];
  if (first.nextElementSibling !== second) first.after(second);
};

localise();
element('pauses').setAttribute('aria-label', say('recording'));
standIn.addEventListener('change', () => void show({ type: 'stand-in', on: standIn.checked }));
for (const [button, type] of /** @type {[HTMLElement, string][]} */ ([[pauseTab, 'pause tab'], [pauseSite, 'pause site']])) {
  button.addEventListener('click', () => void show({ type, on: button.dataset.on === 'true' }));
}
element('options').addEventListener('click', () => void chrome.runtime.openOptionsPage());
void show({ type: 'status' });
setInterval(show, 1000, { type: 'status' });
