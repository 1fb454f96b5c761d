/** The stand-in's own promises: what it lacks throws, values cross unharmed, ports deliver in order and close on both ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from '../e2e/electron-standin/codec.ts';
import { fromBrowser, isMapped, toBrowser } from '../e2e/electron-standin/origins.ts';
import { MessageChannelMain } from '../e2e/electron-standin/ports.ts';
import { strict } from '../e2e/electron-standin/strict.ts';

test('an API that is not there throws by name, awaiting and printing do not', async () => {
  const app = strict('app', { quit() {}, count: 1 });
  assert.throws(() => (app as unknown as { dock: unknown }).dock, /app\.dock is not there/);
  assert.throws(() => Object.assign(app, { badge: 3 }), /app\.badge cannot be set/);
  app.count = 2;
  assert.equal((await Promise.resolve(app)).count, 2);
  assert.equal(JSON.stringify(app), '{"count":2}');
});

test('values with binary parts survive the way through a binding', () => {
  const value = { a: [1, 'x', null, { b: true }], bytes: new Uint8Array([0, 255, 7]), empty: new Uint8Array(0) };
  assert.deepEqual(decode(encode(value)), value);
  assert.deepEqual(new Uint8Array(decode(encode(new Uint8Array([5]).buffer)) as ArrayBuffer), new Uint8Array([5]));
  assert.equal(decode(encode(undefined)), null);
});

test('custom schemes are named to the browser and back', () => {
  const schemes = new Set(['app']);
  const url = toBrowser('app://xdpeek/a/b.js?c=1', schemes);
  assert.equal(url, 'https://app--xdpeek.test/a/b.js?c=1');
  assert.ok(isMapped(url));
  assert.equal(fromBrowser(url), 'app://xdpeek/a/b.js?c=1');
  assert.equal(toBrowser('https://example.com/', schemes), 'https://example.com/');
  assert.equal(isMapped('https://app--xdpeek.test.evil/'), false);
});

test('ports queue until started, keep order, and tell the other end when they close', () => {
  const { port1, port2 } = new MessageChannelMain();
  const got: unknown[] = [];
  let closed = 0;
  port2.on('message', ({ data }) => got.push(data));
  port2.once('close', () => closed++);
  port1.postMessage(1);
  port1.postMessage({ two: 2 });
  assert.deepEqual(got, []);
  port2.start();
  port1.postMessage(3);
  port1.close();
  port1.close();
  assert.deepEqual(got, [1, { two: 2 }, 3]);
  assert.equal(closed, 1);
});
