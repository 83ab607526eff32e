// @ts-check
// The tester's options: which sites are watched, and how much of a call is kept.
// What an administrator has set (managed storage) wins. Pure.

/** @typedef {'string' | 'depth' | 'nodes' | 'size'} Limit */

/**
 * @typedef {object} Settings
 * @property {string[]} allow patterns of the only sites that are watched; every site if there are none
 * @property {string[]} block patterns of sites that are not watched
 * @property {boolean} private whether private windows are watched, where the browser lets us in at all
 * @property {Record<Limit, number>} limits
 */

/**
 * @typedef {object} Problem what is wrong with a setting, in words of _locales
 * @property {string} key of the message
 * @property {string[]} values that the message names
 */

/**
 * How much is kept of a call: UTF-16 units of a string, levels, values, and
 * characters of the whole. snapshot.js begins with these defaults.
 * @type {Record<Limit, {usual: number, least: number, most: number}>}
 */
export const LIMITS = {
  string: { usual: 65_536, least: 100, most: 1_048_576 },
  depth: { usual: 48, least: 4, most: 200 },
  nodes: { usual: 20_000, least: 1000, most: 200_000 },
  size: { usual: 1_048_576, least: 32_768, most: 8_388_608 },
};

/** @type {Limit[]} */
export const LIMIT_NAMES = ['string', 'depth', 'nodes', 'size'];

/** @returns {Settings} */
const defaults = () => ({
  allow: [], block: [], private: true,
  limits: { string: LIMITS.string.usual, depth: LIMITS.depth.usual, nodes: LIMITS.nodes.usual, size: LIMITS.size.usual },
});

/**
 * Why a pattern could never match, or is no pattern. Patterns are those of a
 * plan's "sites": addresses in which * is any text.
 * @param {string} pattern
 * @returns {Problem | null}
 */
export const patternProblem = (pattern) => {
  const [, scheme, host] = /^([^:/]*):\/\/([^/]*)/.exec(pattern) ?? [];
  if (/\s/.test(pattern)) return { key: 'patternSpace', values: [] };
  if (scheme === undefined || host === undefined) return { key: 'patternNoScheme', values: [`https://${pattern.replace(/^\/+/, '')}`] };
  if (!/^(\*|https?\*?|file)$/.test(scheme)) return { key: 'patternScheme', values: [scheme] };
  if (scheme === 'file') return host === '' ? null : { key: 'patternFile', values: [] };
  if (host === '') return { key: 'patternNoHost', values: [] };
  if (host.includes('*')) return /[^a-z0-9.*:[\]_-]/.test(host) ? { key: 'patternHost', values: [host] } : null;
  try {
    const written = new URL(`${scheme === 'http' ? 'http' : 'https'}://${host}/`).host;
    return written === host ? null : { key: 'patternWritten', values: [written] };
  } catch {
    return { key: 'patternHost', values: [host] };
  }
};

/**
 * @param {string} pattern a pattern that ends with its host stands for the whole site
 * @param {string} address a URL as browsers write it
 */
export const matches = (pattern, address) => {
  const [first = '', ...parts] = (/:\/\/[^/]*$/.test(pattern) ? `${pattern}/*` : pattern).split('*');
  const last = parts.pop();
  if (last === undefined) return address === first;
  let at = address.startsWith(first) ? first.length : -1;
  for (const part of parts) {
    if (at < 0) return false;
    const found = address.indexOf(part, at);
    at = found < 0 ? -1 : found + part.length;
  }
  return at >= 0 && address.length - last.length >= at && address.endsWith(last);
};

/**
 * A list of patterns, from a text with one a line.
 * @param {string} text
 * @returns {{patterns: string[], problems: (Problem & {line: number})[]}} lines count from 1
 */
export const readPatterns = (text) => {
  /** @type {string[]} */
  const patterns = [];
  const problems = [];
  for (const [i, line] of text.split('\n').entries()) {
    const pattern = line.trim();
    if (pattern === '') continue;
    const problem = patternProblem(pattern);
    if (problem) problems.push({ ...problem, line: i + 1 });
    else if (!patterns.includes(pattern)) patterns.push(pattern);
  }
  return { patterns, problems };
};

/**
 * @param {Limit} name
 * @param {unknown} value
 * @returns {Problem | null}
 */
export const limitProblem = (name, value) => {
  const { least, most } = LIMITS[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return null;
  return { key: 'limitRange', values: [String(least), String(most)] };
};

/**
 * What counts, of what is stored; what makes no sense there counts as not set.
 * @param {any} own the tester's
 * @param {any} managed the administrator's
 * @returns {{settings: Settings, locked: Set<string>, problems: (Problem & {name: string})[]}}
 *   locked names what the administrator has set, problems what of it makes no sense
 */
export const readSettings = (own, managed) => {
  const settings = defaults();
  /** @type {Set<string>} */
  const locked = new Set();
  /** @type {(Problem & {name: string})[]} */
  const problems = [];
  for (const [from, administrator] of [[own, false], [managed, true]]) {
    /** @param {string} name @param {Problem} problem */
    const wrong = (name, problem) => void (administrator && problems.push({ ...problem, name }));
    /** @param {string} name */
    const set = (name) => void (administrator && locked.add(name));
    for (const name of /** @type {const} */ (['allow', 'block'])) {
      const list = from?.[name];
      if (list === undefined) continue;
      if (!Array.isArray(list)) {
        wrong(name, { key: 'notAList', values: [] });
        continue;
      }
      settings[name] = [];
      for (const pattern of list.map(String)) {
        const problem = patternProblem(pattern);
        if (problem) wrong(name, problem);
        else settings[name].push(pattern);
      }
      set(name);
    }
    if (typeof from?.private === 'boolean') {
      settings.private = from.private;
      set('private');
    }
    for (const name of LIMIT_NAMES) {
      const value = from?.limits?.[name];
      if (value === undefined) continue;
      const problem = limitProblem(name, value);
      if (problem) {
        wrong(name, problem);
        continue;
      }
      settings.limits[name] = value;
      set(name);
    }
  }
  return { settings, locked, problems };
};

/**
 * What is stored, whoever set it.
 * @returns {Promise<{own: any, managed: any}>}
 */
export const storedSettings = async () => {
  const { options: own } = await chrome.storage.local.get('options').catch(() => ({ options: undefined })); // what cannot be read is not set
  // Firefox refuses where no administrator has set anything.
  const managed = await Promise.resolve(chrome.storage.managed?.get()).catch(() => undefined);
  return { own, managed };
};
