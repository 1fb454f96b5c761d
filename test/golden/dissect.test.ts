/** One line a sample. After a wanted change: UPDATE_GOLDENS=1, then read the difference before committing it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { render } from './render.ts';
import { SAMPLES } from './samples.ts';

function golden(name: string): void {
  test(`${name} dissects as the golden says`, () => {
    const file = path.join(import.meta.dirname, 'expected', `${name.replace(/\.pcapng$/, '')}.txt`);
    const text = render(SAMPLES[name.replace(/\.pcapng$/, '')]!);
    if (process.env['UPDATE_GOLDENS']) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
  });
}

golden('ethernet.pcapng');
golden('vlan.pcapng');
golden('arp.pcapng');
golden('ipv4.pcapng');
golden('ipv6.pcapng');
golden('icmp.pcapng');
golden('icmpv6.pcapng');
golden('tcp.pcapng');
golden('udp.pcapng');
golden('dns.pcapng');
golden('raw_ip.pcapng');
golden('cut.pcapng');
