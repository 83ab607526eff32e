// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { Documents } from '../documents.js';

const base = { v: 1, tab: 1, frame: 0, url: 'https://shop.example/', top_url: 'https://shop.example/', title: 'Shop' };
const time = '2026-01-01T00:00:00.000Z';

test('a document without a closed record gets one when its tab is closed', () => {
  const documents = new Documents();
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'a', seq: 1 });
  documents.seen({ ...base, kind: 'call', document: 'a', seq: 4, args: [] });
  documents.seen({ ...base, kind: 'call', document: 'a', seq: 3, args: [] });
  assert.deepEqual(documents.closeTab(1, time), [{ ...base, kind: 'page', event: 'closed', id: 'a/closed', seq: 5, time, document: 'a' }]);
  assert.deepEqual(documents.closeTab(1, time), []);
});

test('documents of other tabs, and those with a closed record, get none', () => {
  const documents = new Documents();
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'a', seq: 1 });
  documents.seen({ ...base, kind: 'page', event: 'closed', document: 'a', seq: 2 });
  documents.seen({ ...base, tab: 2, kind: 'page', event: 'opened', document: 'b', seq: 1 });
  assert.deepEqual(documents.closeTab(1, time), []);
  assert.equal(documents.closeTab(2, time).length, 1);
});

test('when all tabs are closed, every document without a closed record gets one', () => {
  const documents = new Documents();
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'a', seq: 1 });
  documents.seen({ ...base, kind: 'page', event: 'closed', document: 'b', seq: 2 });
  documents.seen({ ...base, tab: 2, kind: 'page', event: 'opened', document: 'c', seq: 1 });
  assert.deepEqual(documents.closeAll(time).map((r) => [r.id, r.tab]), [['a/closed', 1], ['c/closed', 2]]);
  assert.deepEqual(documents.closeAll(time), []);
});

test('late records do not open a closed document again, only its return does', () => {
  const documents = new Documents();
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'a', seq: 1 });
  documents.seen({ ...base, kind: 'page', event: 'closed', document: 'a', seq: 3 });
  documents.seen({ ...base, kind: 'call', document: 'a', seq: 2, args: [] });
  documents.seen({ ...base, kind: 'call', document: 'a', seq: 4, args: [] }); // made in unload
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'b', seq: 1 });
  documents.seen({ ...base, kind: 'page', event: 'closed', document: 'b', seq: 3 });
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'b', seq: 4 });
  assert.deepEqual(documents.closeTab(1, time).map((r) => r.id), ['b/closed']);
});

test('a record that arrives again after its tab was closed makes no second closed record', () => {
  const documents = new Documents();
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'a', seq: 1 });
  documents.seen({ ...base, kind: 'page', event: 'closed', document: 'a', seq: 3 });
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'b', seq: 1 });
  assert.deepEqual(documents.closeTab(1, time).map((r) => r.id), ['b/closed']);
  documents.seen({ ...base, kind: 'page', event: 'hooked', document: 'a', seq: 2 });
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'b', seq: 1 });
  assert.deepEqual(documents.closeAll(time), []);
});

test('if there are too many documents, closed ones are forgotten first', () => {
  const documents = new Documents();
  documents.seen({ ...base, kind: 'page', event: 'opened', document: 'first', seq: 1 });
  for (let n = 1; n <= 2000; n++) {
    documents.seen({ ...base, kind: 'page', event: 'opened', document: `d${n}`, seq: 1 });
    documents.seen({ ...base, kind: 'page', event: 'closed', document: `d${n}`, seq: 2 });
  }
  assert.deepEqual(documents.closeAll(time).map((r) => r.id), ['first/closed']);
  for (let n = 1; n <= 2000; n++) documents.seen({ ...base, kind: 'page', event: 'opened', document: `e${n}`, seq: 1 });
  assert.equal(documents.closeAll(time).length, 1000);
});
