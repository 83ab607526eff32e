// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { Quota } from '../quota.js';
import { WHY } from '../records.js';

const limits = { page: { records: 3, size: 100 }, site: { records: 5, size: 150 } };
const DAY = 86_400_000;

test('a page has a limit of records and of bytes, and a site has one for all its pages', () => {
  const quota = new Quota(undefined, limits);
  /** @param {string} page @param {number} [size] @param {string} [site] */
  const take = (page, size = 1, site = 'https://a.example') => quota.take(page, site, size, DAY);
  assert.deepEqual([take('a'), take('a'), take('a'), take('a')], ['', '', '', WHY.pageFull]);
  assert.deepEqual([take('b', 90), take('b', 20), take('b', 10)], ['', WHY.pageFull, '']);
  assert.equal(take('c'), WHY.siteFull, 'by number');
  assert.equal(take('c', 1, 'https://other.example'), '', 'another site has its own');
  assert.equal(take('d', 100, 'https://other.example'), '');
  assert.equal(take('e', 100, 'https://other.example'), WHY.siteFull, 'by size');
  assert.deepEqual([take('f', 1, ''), take('f', 1, ''), take('f', 1, ''), take('f', 1, '')], ['', '', '', WHY.pageFull], 'one of no site');
});

test('the limits are for a day, also if the background was stopped meanwhile', () => {
  const quota = new Quota(undefined, limits);
  for (let n = 0; n < 4; n++) quota.take('a', '', 1, DAY);
  const again = new Quota(JSON.parse(JSON.stringify(quota.save())), limits);
  assert.equal(again.full('a', '', 2 * DAY - 1), WHY.pageFull);
  assert.equal(again.full('a', '', 2 * DAY), '');
  assert.equal(again.take('a', '', 1, 2 * DAY), '');
});

test('an ordinary page does not reach the limit, and little memory is used', () => {
  const quota = new Quota();
  for (let n = 0; n < 50_000; n++) assert.equal(quota.take('page', 'https://a.example', 1000, DAY), '');
  for (let n = 0; n < 10_000; n++) quota.take(`page ${n}`, 'https://a.example', 1, DAY);
  assert.ok(quota.save().used.length <= 2000);
  assert.equal(quota.full('x', 'https://a.example', DAY, 536_870_912), WHY.siteFull, 'many pages do not make their site forgotten');
});
