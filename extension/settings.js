// @ts-check
// The options: which sites are watched, and how much of a call is kept. Settings of an
// administrator (managed storage) override those of the tester.

/** @typedef {'string' | 'depth' | 'nodes' | 'size'} Limit */

/**
 * @typedef {object} Settings
 * @property {string[]} allow patterns of the only sites that are watched; every site if there are none
 * @property {string[]} block patterns of sites that are not watched
 * @property {boolean} follow whether hits are looked for
 * @property {string[]} trace places that calls are traced to: a host, or a host with a path
 * @property {boolean} private whether private windows are watched, if the browser allows it at all
 * @property {Record<Limit, number>} limits
 */

/**
 * @typedef {object} Problem what is wrong with a setting, as a text of _locales
 * @property {string} key the key of the text
 * @property {string[]} values the values in the text
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
  allow: [], block: [], follow: true, trace: [], private: true,
  limits: { string: LIMITS.string.usual, depth: LIMITS.depth.usual, nodes: LIMITS.nodes.usual, size: LIMITS.size.usual },
});

/** The schemes of pages that can be recorded, with their default ports. */
const RECORDABLE = Object.freeze({ file: '', http: '80', https: '443' });

/**
 * A pattern of addresses. * stands for any text, but in the host only for text without
 * /, ? and #.
 * @typedef {object} Site
 * @property {string[]} schemes
 * @property {string} host
 * @property {string} port '' if the pattern names none
 * @property {string} rest path, query and fragment
 */

/**
 * Tells whether s matches pattern, in which * is any text.
 * @param {string} pattern
 * @param {string} s
 */
const glob = (pattern, s) => {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return s === first;
  let at = s.startsWith(first) ? first.length : -1;
  for (const part of parts) {
    if (at < 0) return false;
    const found = s.indexOf(part, at);
    at = found < 0 ? -1 : found + part.length;
  }
  return at >= 0 && s.length - last.length >= at && s.endsWith(last);
};

/**
 * Escapes the characters that browsers escape anywhere in an address, and removes escapes
 * that no character needs (RFC 3986, 2.3).
 * @param {string} text
 */
const normalText = (text) => text
  .replace(/%([0-9a-f]{2})/gi, (escape, hex) => {
    const c = String.fromCharCode(parseInt(hex, 16));
    return /[\w.~-]/.test(c) ? c : escape.toUpperCase();
  })
  .replace(/[^!-~]|["'<>\\^`{|}]/gu, (c) => [...new TextEncoder().encode(c)].map((b) => `%${b.toString(16).toUpperCase().padStart(2, '0')}`).join(''));

/** @param {string} text */
const parsed = (text) => {
  try {
    return new URL(text);
  } catch {
    return null;
  }
};

/**
 * A host as browsers write it, '' if it is not a host.
 * @param {string} host
 */
const normalHost = (host) => (/[@/\\?#]|^[^[]*:/.test(host) ? '' : parsed(`http://${host}/`)?.hostname ?? '');

/**
 * Reads a pattern of a plan's "sites" or of the options, or says why it could never match.
 * Patterns and addresses are normalised as browsers write addresses. The program's package
 * plan does the same; both are tested with schema/testdata/sites.json.
 * @param {string} pattern
 * @returns {{site: Site} | {problem: Problem}}
 */
const readSite = (pattern) => {
  const text = pattern.trim().replace(/[\t\r\n]/g, '');
  const [, scheme = '', authority = '', behind = ''] = /^([^:]*):[/\\]{2}([^/\\?#]*)(.*)$/s.exec(text) ?? [];
  if (scheme === '') return { problem: { key: 'patternNoScheme', values: [`https://${text.replace(/^\/+/, '')}`] } };
  const schemes = Object.keys(RECORDABLE).filter((s) => glob(scheme.toLowerCase(), s));
  if (schemes.length === 0) return { problem: { key: 'patternScheme', values: [scheme] } };
  const [, written = '', port = ''] = /^(.*?)(?::([^:\]]*))?$/s.exec(authority) ?? [];
  let host = written;
  if (scheme.toLowerCase() === 'file') {
    if (host !== '' && host !== 'localhost' || port !== '') return { problem: { key: 'patternFile', values: [] } };
    host = '';
  } else if (host === '') {
    return { problem: { key: 'patternNoHost', values: [] } };
  } else if (host.includes('*')) {
    host = host.split('.').map((label) => {
      if (label.includes('*')) return /^[\w*-]+$/.test(label) ? label.toLowerCase() : '/';
      return label === '' ? '' : normalHost(`${label}.a`).slice(0, -2) || '/';
    }).join('.');
    if (host.includes('/')) return { problem: { key: 'patternHost', values: [written] } };
  } else {
    host = normalHost(host);
    if (host === '') return { problem: { key: 'patternHost', values: [written] } };
  }
  if (!/^[0-9*]*$/.test(port) || port.replaceAll('*', '').length > 5 && port.includes('*') || Number(port) > 65_535) return { problem: { key: 'patternPort', values: [port] } };
  if (behind === '') return { site: { schemes, host, port: normalPort(port), rest: '*' } };
  const url = new URL(`http://a${behind.replace(/^(?=[?#])/, '/')}`);
  return { site: { schemes, host, port: normalPort(port), rest: url.href.slice('http://a'.length).split('*').map(normalText).join('*') } };
};

/** @param {string} port */
const normalPort = (port) => (/^[0-9]+$/.test(port) ? String(Number(port)) : port);

/**
 * Why a text is not a pattern or could never match, null if it is one.
 * @param {string} pattern
 * @returns {Problem | null}
 */
export const patternProblem = (pattern) => {
  const read = readSite(pattern);
  return 'problem' in read ? read.problem : null;
};

/**
 * @param {string} pattern without a path it stands for the whole site
 * @param {string} address a page's address
 */
export const matches = (pattern, address) => {
  const read = readSite(pattern);
  const url = parsed(address);
  if ('problem' in read || !url) return false;
  const { schemes, host, port, rest } = read.site;
  const scheme = url.protocol.slice(0, -1);
  if (!schemes.includes(scheme)) return false;
  const behind = url.href.slice(url.href.indexOf('/', url.protocol.length + 2));
  if (!glob(rest, normalText(behind).replaceAll('*', '%2A'))) return false;
  if (port === '') return glob(host, url.port === '' ? url.hostname : url.host);
  return glob(host, url.hostname) && glob(port, url.port || RECORDABLE[/** @type {keyof typeof RECORDABLE} */ (scheme)]);
};

/**
 * Reads a list of patterns from a text with one per line.
 * @param {string} text
 * @returns {{patterns: string[], problems: (Problem & {line: number})[]}} lines count from 1
 */
export const readPatterns = (text) => readLines(text, (line) => patternProblem(line) ?? line);

/**
 * @param {string} text
 * @param {(line: string) => string | Problem} read reads a line that is not empty
 */
const readLines = (text, read) => {
  /** @type {string[]} */
  const patterns = [];
  const problems = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const one = read(line.trim());
    if (typeof one !== 'string') problems.push({ ...one, line: i + 1 });
    else if (!patterns.includes(one)) patterns.push(one);
  }
  return { patterns, problems };
};

/**
 * Reads a place that calls are traced to, in the form in which browsers write it, or says
 * why it is not one. Subdomains and all ports count too, so a place has no port.
 * @param {string} text
 * @returns {{place: string} | {problem: Problem}}
 */
const readPlace = (text) => {
  const [, host = '', port = '', path = ''] = /^(?:https?:\/\/)?(\[[^\]]*\]|[^:/\\?#]*)(:\d*)?(.*)$/is.exec(text.trim()) ?? [];
  if (/[?#]/.test(path)) return { problem: { key: 'placeQuery', values: [path.replace(/^[^?#]*/, '')] } };
  const name = host.includes('*') ? '' : normalHost(host);
  if (name === '' || port === ':' || (path !== '' && !path.startsWith('/'))) return { problem: { key: 'placeHost', values: [text.trim()] } };
  const of = normalText(new URL(`http://a${path}`).pathname);
  return { place: name + (of === '/' ? '' : of) };
};

/**
 * Reads a list of places from a text with one per line.
 * @param {string} text
 * @returns {{patterns: string[], problems: (Problem & {line: number})[]}} lines count from 1
 */
export const readPlaces = (text) => readLines(text, (line) => {
  const read = readPlace(line);
  return 'problem' in read ? read.problem : read.place;
});

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

/** The settings that are lists, and the functions that read them. */
export const LISTS = { allow: readPatterns, block: readPatterns, trace: readPlaces };
/** @type {(keyof typeof LISTS)[]} */
export const LIST_NAMES = ['block', 'allow', 'trace'];
/** @type {('follow' | 'private')[]} */
export const SWITCH_NAMES = ['private', 'follow'];

/**
 * The settings that result from what is stored. Invalid values count as not set.
 * @param {any} own the tester's settings
 * @param {any} managed the administrator's settings
 * @returns {{settings: Settings, locked: Set<string>, problems: (Problem & {name: string})[]}}
 *   locked: the names that the administrator has set; problems: the invalid ones among them
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
    for (const name of LIST_NAMES) {
      const list = from?.[name];
      if (list === undefined) continue;
      if (!Array.isArray(list)) {
        wrong(name, { key: 'notAList', values: [] });
        continue;
      }
      const { patterns, problems: of } = LISTS[name](list.map((one) => String(one).replaceAll('\n', ' ')).join('\n'));
      settings[name] = patterns;
      for (const { key, values } of of) wrong(name, { key, values });
      set(name);
    }
    for (const name of SWITCH_NAMES) {
      if (typeof from?.[name] !== 'boolean') continue;
      settings[name] = from[name];
      set(name);
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
 * The stored settings, of the tester and of the administrator.
 * @returns {Promise<{own: any, managed: any}>}
 */
export const storedSettings = async () => {
  const { options: own } = await chrome.storage.local.get('options').catch(() => ({ options: undefined })); // if it cannot be read, it counts as not set
  // Firefox rejects when no administrator has set anything:
  // https://bugzilla.mozilla.org/show_bug.cgi?id=1784446
  const managed = await Promise.resolve(chrome.storage.managed?.get()).catch(() => undefined);
  return { own, managed };
};
