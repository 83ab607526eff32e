// @ts-check
// The options page. What is typed is checked at once, and saved as soon as all of it is
// valid.

import { localise, say } from './i18n.js';
import { LIMIT_NAMES, LIMITS, limitProblem, LIST_NAMES, LISTS, readSettings, storedSettings, SWITCH_NAMES } from './settings.js';

/** @typedef {import('./settings.js').Problem} Problem */

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (document.getElementById(id));

/** @param {string} name @returns {HTMLElement} the place below a field for messages about it */
const below = (name) => {
  const field = /** @type {HTMLElement} */ (document.querySelector(`[data-name="${name}"]`));
  const there = /** @type {HTMLElement | null} */ (field.querySelector('.problem, .lock'));
  if (there) return there;
  const made = document.createElement('p');
  made.id = `${name}-note`;
  input(name).setAttribute('aria-describedby', made.id);
  field.append(made);
  return made;
};

/** @param {string} name @param {string} text */
const lock = (name, text) => {
  input(name).disabled = true;
  const note = below(name);
  note.className = 'lock';
  note.textContent = text;
};

/** @param {string} name @param {string[]} problems */
const complain = (name, problems) => {
  input(name).setAttribute('aria-invalid', String(problems.length > 0));
  const note = below(name);
  note.className = 'problem';
  note.textContent = problems.join('\n');
};

/** @param {Problem} problem */
const sentence = ({ key, values }) => say(key, ...values);

/** What the administrator has set. @type {Set<string>} */
let locked = new Set();
/** What the tester has set, including settings that the administrator overrides now. @type {any} */
let kept = {};

/** @param {import('./settings.js').Settings} settings */
const fill = (settings) => {
  for (const name of LIST_NAMES) input(name).value = settings[name].join('\n');
  for (const name of SWITCH_NAMES) input(name).checked = settings[name];
  for (const name of LIMIT_NAMES) input(name).value = String(settings.limits[name]);
};

/** Reads the fields, and writes below each what is wrong with it. */
const read = () => {
  const own = { ...kept, limits: { ...kept.limits } };
  let wrong = 0;
  for (const name of LIST_NAMES) {
    if (locked.has(name)) continue;
    const { patterns, problems } = LISTS[name](input(name).value);
    complain(name, problems.map((p) => `${say('line', p.line)} ${sentence(p)}`));
    own[name] = patterns;
    wrong += problems.length;
  }
  for (const name of SWITCH_NAMES) if (!locked.has(name)) own[name] = input(name).checked;
  for (const name of LIMIT_NAMES) {
    if (locked.has(name)) continue;
    const text = input(name).value.trim();
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    const problem = limitProblem(name, value);
    complain(name, problem ? [sentence(problem)] : []);
    if (problem) wrong++;
    else own.limits[name] = value === LIMITS[name].usual ? undefined : value;
  }
  return wrong > 0 ? null : own;
};

/** @param {string} text @param {boolean} [bad] */
const report = (text, bad = false) => {
  const state = /** @type {HTMLElement} */ (document.getElementById('state'));
  state.className = bad ? 'bad' : '';
  state.textContent = text;
};

/** Makes the background use the saved options. Success is reported only after that. */
const apply = () => chrome.runtime.sendMessage({ type: 'apply options' });

/** The end of the queue of changes, which are saved one after the other. */
let keeping = Promise.resolve();
let changes = 0;

const keep = () => {
  const change = ++changes;
  const own = read();
  if (own === null) {
    report(say('notSaved'), true);
    return;
  }
  report('');
  /** @param {string} text @param {boolean} [bad] */
  const end = (text, bad) => {
    if (change === changes) report(text, bad);
  };
  keeping = keeping.then(() => chrome.storage.local.set({ options: own })).then(apply)
    .then(() => end(say('saved')), (e) => end(String(e), true));
};

const show = async () => {
  const stored = await storedSettings();
  await apply().catch((e) => report(String(e), true));
  const { settings, locked: names, problems } = readSettings(stored.own, stored.managed);
  locked = names;
  kept = stored.own ?? {};
  fill(settings);
  for (const name of locked) lock(name, say('locked'));
  const list = /** @type {HTMLElement} */ (document.getElementById('administrator'));
  list.hidden = problems.length === 0;
  list.replaceChildren(...problems.map((p) => {
    const item = document.createElement('li');
    item.textContent = say('managedProblem', p.name, sentence(p));
    return item;
  }));
  const admitted = await chrome.extension.isAllowedIncognitoAccess();
  const access = /** @type {HTMLElement} */ (document.getElementById('private-access'));
  access.textContent = say(admitted ? 'privateAdmitted' : 'privateNotAdmitted');
};

localise();
for (const name of [...LIST_NAMES, ...LIMIT_NAMES]) input(name).addEventListener('input', keep);
for (const name of SWITCH_NAMES) input(name).addEventListener('change', keep);
input('reset').addEventListener('click', () => {
  const { settings } = readSettings(undefined, undefined);
  for (const name of LIST_NAMES) if (!locked.has(name)) input(name).value = settings[name].join('\n');
  for (const name of SWITCH_NAMES) if (!locked.has(name)) input(name).checked = settings[name];
  for (const name of LIMIT_NAMES) if (!locked.has(name)) input(name).value = String(settings.limits[name]);
  keep();
});
chrome.storage.onChanged.addListener((_, area) => {
  if (area === 'managed') void show();
});
void show();
