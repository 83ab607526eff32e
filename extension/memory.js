// @ts-check
// What the background has to remember when the browser stops it and starts it
// again. It is in the browser's memory alone: it says which pages were open.

import { Followed } from './following.js';
import { Quota } from './quota.js';
import { storedSettings } from './settings.js';
import { Tabs } from './tabs.js';
import { Tally } from './tally.js';
import { Watching } from './watching.js';

/** @typedef {import('./recording.js').State} State */

/** @returns {State} */
export const nothingYet = () => ({
  tally: new Tally(), watching: new Watching(), tabs: new Tabs(), quota: new Quota(), followed: new Followed(), standIns: new Set(),
});

/**
 * Brings back what was kept, and what the options say.
 * @param {State} state
 */
export const restore = async (state) => {
  /** @type {any} */
  const saved = await chrome.storage.session.get(['tally', 'pauses', 'tabs', 'quota', 'followed', 'standIns']);
  const settings = await storedSettings();
  if (saved.tally) state.tally = new Tally(saved.tally);
  if (saved.pauses) state.watching = new Watching(saved.pauses);
  if (saved.tabs) state.tabs = new Tabs(saved.tabs);
  if (saved.quota) state.quota = new Quota(saved.quota);
  if (saved.followed) state.followed = new Followed(saved.followed);
  for (const tab of saved.standIns ?? []) state.standIns.add(tab);
  state.watching.apply(settings);
};

/** Keeps what may be lost for a moment. @param {State} state */
export const keep = ({ tally, tabs, quota, followed }) =>
  chrome.storage.session.set({ tally: tally.save(), tabs: tabs.save(), quota: quota.save(), followed: followed.save() });

/**
 * Keeps what the tester has asked for, which is said to be so when it is kept.
 * @param {State} state
 */
export const keepWishes = ({ watching, standIns }) =>
  chrome.storage.session.set({ pauses: watching.save(), standIns: [...standIns] });
