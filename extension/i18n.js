// @ts-check
// The texts of _locales. English and German have two forms for counts: one, and others.

/** @typedef {(key: string, ...values: (string | number)[]) => string} Say */

/** @type {Say} */
export const say = (key, ...values) => chrome.i18n.getMessage(key, values.map(String));

/**
 * A count with its noun.
 * @param {Say} translate
 * @param {string} noun key of the plural; the key of the singular has One at its end
 * @param {number} n
 */
export const number = (translate, noun, n) => translate(n === 1 ? `${noun}One` : noun, n);

/** Fills the elements of a page with the texts that their data-say names. */
export const localise = () => {
  document.documentElement.lang = say('language');
  for (const element of document.querySelectorAll('[data-say]')) {
    element.textContent = say(/** @type {HTMLElement} */ (element).dataset.say ?? '');
  }
};
