/**
 * Frame builders: each takes a header's fields and the payload above it and returns the bytes, checksums included.
 * Pure and without dependencies, so that the demo, the tests and the golden samples make their packets in one way:
 * `ethernet({…}, ipv4({…, protocol: PROTOCOL.udp}, udp(ends, ports, payload)))`.
 */
export * from './bytes.ts';
export * from './dns.ts';
export * from './internet.ts';
export * from './link.ts';
export * from './transport.ts';
