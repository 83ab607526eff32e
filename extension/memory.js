// @ts-check
// Saves and restores the state of the background when the browser stops and starts it.
// The state is only in the browser's memory, not on disk: it says which pages were open.

import { Followed } from './followed.js';
import { Quota } from './quota.js';
import { storedSettings } from './settings.js';
import { Tabs } from './tabs.js';
import { Tally } from './tally.js';
import { Scope } from './scope.js';

/** @typedef {import('./recording.js').State} State */

/** @returns {State} */
export const nothingYet = () => ({
  tally: new Tally(), scope: new Scope(), tabs: new Tabs(), quota: new Quota(), followed: new Followed(), standIns: new Set(),
});

/**
 * Restores what was saved, and reads the options.
 * @param {State} state
 * @returns {Promise<import('./following.js').Lost>} the possible hits that were lost
 */
export const restore = async (state) => {
  /** @type {any} */
  const saved = await chrome.storage.session.get(['tally', 'pauses', 'tabs', 'quota', 'followed', 'standIns', 'lost']);
  const settings = await storedSettings();
  if (saved.tally) state.tally = new Tally(saved.tally);
  if (saved.pauses) state.scope = new Scope(saved.pauses);
  if (saved.tabs) state.tabs = new Tabs(saved.tabs);
  if (saved.quota) state.quota = new Quota(saved.quota);
  if (saved.followed) state.followed = new Followed(saved.followed);
  for (const tab of saved.standIns ?? []) state.standIns.add(tab);
  state.scope.apply(settings);
  return saved.lost ?? [];
};

/** Saves what changes often. Losing the last changes does little harm. @param {State} state */
export const keep = ({ tally, tabs, quota, followed }) =>
  chrome.storage.session.set({ tally: tally.save(), tabs: tabs.save(), quota: quota.save(), followed: followed.save() });

/**
 * Saves what the tester has asked for. The tester is told of success only after this.
 * @param {State} state
 */
export const keepWishes = ({ scope, standIns }) =>
  chrome.storage.session.set({ pauses: scope.save(), standIns: [...standIns] });

/**
 * Saves how many possible hits would be lost now, while the host is away.
 * @param {import('./following.js').Lost} lost
 */
export const keepLost = (lost) => chrome.storage.session.set({ lost });
