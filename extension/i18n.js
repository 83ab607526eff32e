// @ts-check
// The words of _locales. English and German have two numbers: one, and others.

/** @typedef {(key: string, ...values: (string | number)[]) => string} Say */

/** @type {Say} */
export const say = (key, ...values) => chrome.i18n.getMessage(key, values.map(String));

/**
 * A count with its noun.
 * @param {Say} translate
 * @param {string} noun key of the noun in the plural; that of the singular ends in One
 * @param {number} n
 */
export const number = (translate, noun, n) => translate(n === 1 ? `${noun}One` : noun, n);

/** Fills a page's elements with the words that their data-say names. */
export const localise = () => {
  document.documentElement.lang = say('language');
  for (const element of document.querySelectorAll('[data-say]')) {
    element.textContent = say(/** @type {HTMLElement} */ (element).dataset.say ?? '');
  }
};
