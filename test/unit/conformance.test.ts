/** Every MessagePipe adapter, held to the same behaviour: the suite is one list of checks, run over each kind of pair. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { WebSocketServer } from 'ws';
import { type Backend, serveClient } from '../../electron/session/connection.ts';
import { Topic } from '../../electron/session/topic.ts';
import type { InspectorMethod, InspectorTopic } from '../../electron/shared/api.ts';
import type { ClientMessage, MessagePipe, ServerMessage } from '../../electron/shared/backend-messages.ts';
import { XdpeekError } from '../../electron/shared/errors.ts';
import { createInspectorClient } from '../../electron/shared/inspector-client.ts';
import { messagePortPipe } from '../../electron/shared/pipes/message-port.ts';
import { type WebSocketLike, webSocketPipe } from '../../electron/shared/pipes/websocket.ts';
import { MAX_FRAME_BYTES } from '../../electron/shared/wire.ts';
import { memoryPair } from '../../electron/transport/memory.ts';
import { stdioPipe } from '../../electron/transport/stdio.ts';

type Pipe = MessagePipe<unknown, unknown>;
interface Adapter {
  name: string;
  /** Stdio carries JSON; the others carry Uint8Arrays too. */
  binary: boolean;
  pair(): Promise<{ left: Pipe; right: Pipe; release(): void | Promise<void> }>;
}

async function webSocketPair(client: (url: string) => WebSocketLike) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const { port } = server.address() as { port: number };
  const left = webSocketPipe<unknown, unknown>(client(`ws://127.0.0.1:${port}`));
  const [socket] = (await accepted) as [WebSocketLike];
  const right = webSocketPipe<unknown, unknown>(socket);
  return { left, right, release: () => server.close() };
}

/** Electron's port hands over an event with `data` and `ports`; this dresses Node's port the same way. */
function electronShape(port: MessageChannel['port1']) {
  return {
    postMessage: (message: unknown) => port.postMessage(message),
    on: (event: 'message' | 'close', listener: (event: unknown) => void) =>
      event === 'message'
        ? port.on(event, (data) => listener({ data, ports: [] }))
        : port.on(event, () => listener({})),
    start: () => port.start(),
    close: () => port.close(),
  };
}

const ADAPTERS: Adapter[] = [
  {
    name: 'memory',
    binary: true,
    pair: async () => {
      const [left, right] = memoryPair<unknown, unknown>();
      return { left, right, release() {} };
    },
  },
  {
    name: "Node's MessagePort",
    binary: true,
    pair: async () => {
      const { port1, port2 } = new MessageChannel();
      return { left: messagePortPipe(port1), right: messagePortPipe(port2), release: () => port1.close() };
    },
  },
  {
    name: "MessagePort in the shape of Electron's",
    binary: true,
    pair: async () => {
      const { port1, port2 } = new MessageChannel();
      const left = messagePortPipe<unknown, unknown>(electronShape(port1));
      return { left, right: messagePortPipe(electronShape(port2)), release: () => port1.close() };
    },
  },
  {
    name: 'MessagePort as an event target',
    binary: true,
    pair: async () => {
      const { port1, port2 } = new globalThis.MessageChannel();
      const target = (port: MessagePort) => ({
        postMessage: (message: unknown) => port.postMessage(message),
        addEventListener: (type: string, listener: (event: { data?: unknown }) => void) =>
          port.addEventListener(type, listener as EventListener),
        start: () => port.start(),
        close: () => port.close(),
      });
      return {
        left: messagePortPipe(target(port1)),
        right: messagePortPipe(target(port2)),
        release: () => port1.close(),
      };
    },
  },
  {
    name: "the runtime's WebSocket to ws",
    binary: true,
    pair: () => webSocketPair((url) => new WebSocket(url) as unknown as WebSocketLike),
  },
  {
    name: 'stdio frames',
    binary: false,
    pair: async () => {
      const [up, down] = [new PassThrough(), new PassThrough()];
      const maxPayload = MAX_FRAME_BYTES;
      const left = stdioPipe<unknown, unknown>({ input: down, output: up, maxPayload });
      return { left, right: stdioPipe({ input: up, output: down, maxPayload }), release() {} };
    },
  },
];

/** The next `count` messages of `pipe`. */
function take(pipe: Pipe, count: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    const seen: unknown[] = [];
    pipe.onMessage((message) => {
      seen.push(message);
      if (seen.length === count) resolve(seen);
    });
  });
}
const closing = (pipe: Pipe) => new Promise<string>((resolve) => pipe.onClose(resolve));

const VALUES = [
  0,
  -1.5,
  2 ** 53 - 1,
  '',
  'ü\u0000\u{1f980} "quoted"',
  true,
  false,
  [],
  {},
  [[1, [2, { deep: [null] }]], 'x'],
  { $bytes: 0, __proto_: 1, 'a.b': [{ c: 'd' }], empty: '' },
];

for (const { name, binary, pair } of ADAPTERS) {
  test(`${name}: values arrive equal, both ways`, async () => {
    const { left, right, release } = await pair();
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      const arrived = take(to, VALUES.length);
      for (const value of VALUES) from.send({ value });
      assert.deepEqual(
        await arrived,
        VALUES.map((value) => ({ value })),
      );
    }
    left.close();
    await release();
  });

  if (binary)
    test(`${name}: Uint8Arrays arrive as Uint8Arrays, also views, and the sender keeps its own`, async () => {
      const { left, right, release } = await pair();
      const whole = Uint8Array.from({ length: 300 }, (_, index) => index & 255);
      const message = { a: whole.subarray(10, 20), list: [{ b: whole }, new Uint8Array(0)], text: 'x' };
      const arrived = take(right, 1);
      left.send(message);
      const [value] = (await arrived) as [typeof message];
      assert.deepEqual([...value.a], [...whole.subarray(10, 20)]);
      assert.deepEqual(new Uint8Array((value.list[0] as { b: Uint8Array }).b), whole);
      assert.ok(value.a instanceof Uint8Array && value.list[1] instanceof Uint8Array);
      assert.equal(value.text, 'x');
      assert.equal(whole.byteLength, 300);
      left.close();
      await release();
    });

  test(`${name}: a message of 8 MB arrives whole`, async () => {
    const { left, right, release } = await pair();
    const arrived = take(right, 1);
    const text = 'packet '.repeat(1_200_000);
    left.send({ text });
    assert.deepEqual(await arrived, [{ text }]);
    left.close();
    await release();
  });

  test(`${name}: 5000 messages keep their order`, async () => {
    const { left, right, release } = await pair();
    const arrived = take(right, 5000);
    for (let index = 0; index < 5000; index++) left.send({ index });
    assert.deepEqual(
      await arrived,
      Array.from({ length: 5000 }, (_, index) => ({ index })),
    );
    left.close();
    await release();
  });

  test(`${name}: what was sent before the close arrives; both sides hear of the close once`, async () => {
    const { left, right, release } = await pair();
    const arrived = take(right, 1);
    let told = 0;
    left.onClose(() => told++);
    const far = closing(right);
    left.send({ last: true });
    await arrived;
    left.close();
    left.close();
    left.send({ after: true });
    assert.match(await far, /\S/);
    assert.equal(await closing(left), 'closed by this side');
    assert.equal(told, 1);
    right.send({ late: true });
    await release();
  });

  test(`${name}: messages that come before the first listener are kept`, async () => {
    const { left, right, release } = await pair();
    left.send({ first: 1 });
    left.send({ second: 2 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await take(right, 2), [{ first: 1 }, { second: 2 }]);
    left.close();
    await release();
  });

  test(`${name}: over it a backend answers, refuses, and goes away`, async () => {
    const { left, right, release } = await pair();
    const refusal = { code: 'EBUSY', message: 'busy: ü', tried: 'attach', hint: 'Wait.' };
    const backend: Backend = {
      call: async (method, params) => {
        if (method === 'host.info') return { echo: params };
        throw new XdpeekError(refusal);
      },
      subscribe: () => () => {},
    };
    serveClient(backend, right as MessagePipe<ClientMessage, ServerMessage>);
    const client = createInspectorClient(left as MessagePipe<ServerMessage, ClientMessage>);
    assert.deepEqual(await client.call('host.info', {}), { echo: {} });
    await assert.rejects(client.call('capture.stop', {}), (error: XdpeekError) => {
      assert.ok(error instanceof XdpeekError);
      assert.deepEqual(
        { ...refusal },
        { code: error.code, message: error.message, tried: error.tried, hint: error.hint },
      );
      return true;
    });
    // Errors and answers of many calls at once find their own.
    const many = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => client.call((i % 2 ? 'host.info' : 'stats.get') as InspectorMethod, {})),
    );
    assert.deepEqual(
      many.map(({ status }) => status),
      many.map((_, i) => (i % 2 ? 'fulfilled' : 'rejected')),
    );
    const told = new Promise<{ code: string }>((resolve) => client.onClosed(resolve));
    right.close();
    assert.equal((await told).code, 'CLOSED');
    await assert.rejects(client.call('host.info', {}), { code: 'CLOSED' });
    await release();
  });

  test(`${name}: a topic gives its present value at once, then the latest at most ten times a second`, async () => {
    const { left, right, release } = await pair();
    let value = 0;
    const topic = new Topic(() => value);
    const backend: Backend = {
      call: async () => null,
      subscribe: (_topic, listener) => topic.subscribe(listener),
    };
    serveClient(backend, right as MessagePipe<ClientMessage, ServerMessage>);
    const client = createInspectorClient(left as MessagePipe<ServerMessage, ClientMessage>);
    const seen: number[] = [];
    const stop = client.subscribe('status' as InspectorTopic, (got) => seen.push(got as unknown as number));
    await client.call('host.info', {});
    assert.deepEqual(seen, [0]);
    const begun = performance.now();
    while (performance.now() < begun + 350) {
      value++;
      topic.changed();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    while (seen.at(-1) !== value && performance.now() < begun + 5000)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(seen.at(-1), value, 'the latest value arrives');
    // At once, at the first change, then one a period, which a timer may end a millisecond or two early.
    const most = 2 + (performance.now() - begun) / 98;
    assert.ok(seen.length >= 3 && seen.length <= most, `${seen.length} deliveries, at most ${most}`);
    stop();
    await client.call('host.info', {});
    value = -1;
    topic.changed();
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.notEqual(seen.at(-1), -1);
    topic.close();
    client.close();
    await release();
  });
}
