// @ts-check
// The messages of _locales, as a browser gives them.

import { readFileSync } from 'node:fs';

/** @param {string} locale @returns {Record<string, {message: string}>} */
export const messages = (locale) =>
  JSON.parse(readFileSync(new URL(`../_locales/${locale}/messages.json`, import.meta.url), 'utf8'));

const en = messages('en');

/** @type {import('../i18n.js').Say} */
export const english = (key, ...values) =>
  (en[key]?.message ?? '').replace(/\$(\$|\d)/g, (_, what) => (what === '$' ? '$' : String(values[what - 1] ?? '')));
