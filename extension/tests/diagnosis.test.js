// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { diagnose } from '../diagnosis.js';
import { english as say } from './locales.js';

/** @type {import('../diagnosis.js').Status} */
const good = {
  version: '1', host: { state: 'ready', message: '', version: '1', update: 'host' }, store: { ok: true, message: '' },
  waiting: 0, problem: '', standIn: false, follow: true, watch: { excluded: '', paused: '' }, site: '', unrecorded: 0,
  tab: { page: 'd', left: false, calls: 1, error: 0, warning: 0, info: 0, documents: ['d'], hooked: ['d'], lost: 0, places: [], recent: [] },
  page: { state: 'calls-arrive', severity: '', lost: 0 },
};
/** @param {string} message @param {object} [more] */
const gone = (message, more) => ({ host: { state: 'gone', message, version: '' }, ...more });

test('all is well', () => {
  assert.deepEqual(diagnose(say, good).map((h) => [h.mark, h.remedy]), Array(4).fill(['good', '']));
});

/** @type {[object, string, import('../diagnosis.js').Mark, RegExp, RegExp][]} */
const cases = [
  [{ page: { ...good.page, state: 'handler-shadowed', severity: 'error' } }, 'Page', 'bad', /let, const or class/, /function declaration/],
  [{ page: { ...good.page, state: 'handler-absent', severity: 'warning' } }, 'Page', 'unsure', /has no userlikeTrackingEvent/, /tag managers/],
  [{ page: { ...good.page, state: 'client-held-back', severity: 'info' } }, 'Page', 'unsure', /A consent manager holds the Userlike client back/, /banner/],
  [{ page: null }, 'Page', 'unsure', /Only the host/, /^$/],
  [{ tab: { ...good.tab, documents: [] } }, 'Page', 'unsure', /Only the host/, /^$/],
  [{ tab: { ...good.tab, documents: [] } }, 'Capture', 'bad', /Nothing is heard/, /Reload/],
  [{ tab: { ...good.tab, hooked: [] } }, 'Capture', 'bad', /does not answer/, /Reload/],
  [{ page: { ...good.page, lost: 3 } }, 'Capture', 'bad', /3 calls were lost/, /Repeat/],
  [{ page: { ...good.page, lost: 0 }, tab: { ...good.tab, lost: 3 } }, 'Capture', 'good', /at work/, /^$/],
  [{ page: null, tab: { ...good.tab, lost: 1 } }, 'Capture', 'bad', /1 call was lost/, /Repeat/],
  [{ watch: { ...good.watch, paused: 'tab' }, tab: { ...good.tab, lost: 3 } }, 'Capture', 'unsure', /paused/, /^$/],
  [{ watch: { ...good.watch, excluded: 'site-excluded' }, tab: { ...good.tab, documents: [] } }, 'Capture', 'unsure', /exclude this site/, /administrator/],
  [{ watch: { ...good.watch, excluded: 'private-excluded' } }, 'Capture', 'unsure', /exclude private windows/, /administrator/],
  [gone('Specified native messaging host not found.'), 'Host', 'bad', /does not know the host. Records are kept/, /“userlike-inspector install”/],
  [gone('No such native application userlike_inspector', { waiting: 1 }), 'Host', 'bad', /does not know the host. 1 record is/, /install/],
  [gone('Access to the specified native messaging host is forbidden.', { waiting: 2 }), 'Host', 'bad', /does not allow.*2 records are/, /another id/],
  [gone('Failed to start native messaging host.'), 'Host', 'bad', /cannot be started/, /from that folder/],
  [gone('Native host has exited.'), 'Host', 'bad', /ends as soon/, /host.log/],
  [gone('The native host does not answer.'), 'Host', 'bad', /does not answer/, /restart the browser/],
  [gone('Something new.'), 'Host', 'bad', /Something new/, /doctor/],
  [{ host: { state: 'refused', version: '0', update: 'host' } }, 'Host', 'bad', /host is older.*Extension 1, host 0/, /Update this program/],
  [{ host: { state: 'refused', version: '2', update: 'extension' } }, 'Host', 'bad', /extension is older.*Extension 1, host 2/, /reload the extension/],
  [{ host: { state: 'connecting', message: '', version: '' } }, 'Host', 'unsure', /not answered yet/, /^$/],
  [gone(''), 'Store', 'unsure', /Only the host/, /^$/],
  [{ store: { ok: false, message: 'Disk full.' } }, 'Store', 'bad', /cannot be stored. Disk full/, /\$USERLIKE_INSPECTOR_STORE/],
  [{ problem: 'Storage is full.' }, 'Store', 'bad', /Storage is full/, /^$/],
];

test('nothing is said about a page that is excluded', () => {
  const status = { ...good, watch: { ...good.watch, excluded: /** @type {const} */ ('site-excluded') } };
  assert.deepEqual(diagnose(say, status).map((h) => h.name), ['Capture', 'Host', 'Store']);
});

for (const [change, name, mark, text, remedy] of cases) {
  test(`a hop that fails is told with its remedy: ${JSON.stringify(change).slice(0, 90)}`, () => {
    const hop = diagnose(say, /** @type {any} */ ({ ...good, ...change })).find((h) => h.name === name);
    assert.equal(hop?.mark, mark);
    assert.match(hop?.text ?? '', text);
    assert.match(hop?.remedy ?? '', remedy);
  });
}
