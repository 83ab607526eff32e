// @ts-check
// The way of a call, hop by hop, in words: which one fails and what to do. Pure.

/**
 * @typedef {object} Status what the background answers the popup
 * @property {string} version
 * @property {{state: import('./host.js').HostState, message: string, version: string}} host
 * @property {{ok: boolean, message: string}} store
 * @property {number} waiting
 * @property {string} problem
 * @property {import('./tally.js').TabTally} tab
 */

/** @typedef {{name: string, state: 'good' | 'bad' | 'unsure', text: string}} Hop */

/** @param {Status} status @returns {Hop} */
const page = ({ tab }) => {
  const name = 'Page';
  if (tab.handler === 'shadowed') {
    return { name, state: 'bad', text: 'The site declares userlikeTrackingEvent with let, const or class: the client cannot see it. Make it a function declaration or assign it to window.' };
  }
  if (tab.handler === 'not-writable') {
    return { name, state: 'bad', text: 'The site has locked userlikeTrackingEvent, so calls cannot be seen. Define it writable or configurable.' };
  }
  if (tab.calls > 0) return { name, state: 'good', text: 'The Userlike client calls the site’s userlikeTrackingEvent.' };
  if (tab.handler === '' || tab.handler === 'removed') {
    const client = tab.client ? 'The Userlike client is there, but' : 'No Userlike client has been seen yet, and';
    return { name, state: 'unsure', text: `${client} the site has no userlikeTrackingEvent, so nothing can be called.` };
  }
  return { name, state: 'unsure', text: tab.client
    ? 'The site’s function is ready; the Userlike client has not called it yet.'
    : 'The site’s function is ready; no Userlike client has been seen yet.' };
};

/** @param {Status} status @returns {Hop} */
const capture = ({ tab }) => {
  const name = 'Capture';
  if (tab.documents === 0) {
    return { name, state: 'bad', text: 'Nothing is heard of this tab. Reload the page; pages of the browser itself and of its store cannot be inspected.' };
  }
  if (tab.hooked === 0) {
    return { name, state: 'bad', text: 'The extension’s script in the page does not answer. Reload the page.' };
  }
  if (tab.lost > 0) return { name, state: 'bad', text: `${tab.lost} calls were lost; the recording says why.` };
  return { name, state: 'good', text: 'The extension is at work in this page.' };
};

// What browsers say when a host cannot be talked to, in what doctor and the
// terminal call it too. Firefox says the first also where Chromium says the
// second, and names the third's cause in its own console alone.
/** @type {[RegExp, string, string][]} */
const troubles = [
  [/host not found|no such native application/i, 'The browser does not know the host.', 'Run “userlike-inspector install”.'],
  [/forbidden/i, 'The host’s registration does not allow the extension.',
    'Run “userlike-inspector install”; an extension with another id was not loaded from the folder that it names.'],
  [/failed to start|unexpected error/i, 'The host’s program cannot be started.',
    'Run “userlike-inspector install”; if it stays so, see whether programs may be run from that folder.'],
  [/exited|has ended|communicating/i, 'The host ends as soon as it is started.',
    'See host.log in the state folder, and run “userlike-inspector install”.'],
  [/does not answer/i, 'The host does not answer.', 'Run “userlike-inspector install”; if it stays so, restart the browser.'],
];

/** @param {Status} status @returns {Hop} */
const host = ({ host: { state, message, version }, waiting, version: own }) => {
  const name = 'Host';
  const kept = waiting > 0 ? ` ${waiting} records wait.` : '';
  switch (state) {
    case 'ready':
      return { name, state: 'good', text: `Version ${version} is connected.` };
    case 'connecting':
      return { name, state: 'unsure', text: message };
    case 'refused':
      return { name, state: 'bad', text: `${message} (extension ${own}, host ${version})${kept}` };
  }
  const [, meaning, remedy] = troubles.find(([said]) => said.test(message)) ??
    [null, message, 'Run “userlike-inspector doctor”, which says what is wrong.'];
  return { name, state: 'bad', text: `${meaning} ${remedy} Records are kept until it answers.${kept}` };
};

/** @param {Status} status @returns {Hop} */
const store = ({ host: { state }, store: { ok, message }, problem }) => {
  const name = 'Store';
  if (problem) return { name, state: 'bad', text: problem };
  if (state !== 'ready') return { name, state: 'unsure', text: 'Only the host can tell.' };
  return ok
    ? { name, state: 'good', text: 'Records are stored.' }
    : { name, state: 'bad', text: `${message} Records are kept until it can be written.` };
};

/** @param {Status} status @returns {Hop[]} */
export const hops = (status) => [page(status), capture(status), host(status), store(status)];
