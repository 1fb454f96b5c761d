/**
 * A process of its own for libbpf's parser: it opens object files that anybody may have made. Bytes on stdin, one JSON object on stdout, and it is gone. It runs
 * as the user, with nothing but the bytes; if they make libbpf crash, this is what crashes.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { errorData } from '../../shared/errors.ts';
import type { DescribeAnswer, DescribedObject } from './objects-describe.ts';

/** The addon, as far as it is used here (native/index.d.ts). */
interface Addon {
  describeObject(bytes: Uint8Array): {
    programs: (DescribedObject['programs'][number] & { code: Uint8Array })[];
    maps: DescribedObject['maps'];
    sections: { name: string; data: Uint8Array; constant: boolean }[];
    btf: Uint8Array;
  };
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function describe(bytes: Uint8Array): DescribeAnswer {
  try {
    const file = path.join(import.meta.dirname, '../native/xdpeek.node');
    const { describeObject } = createRequire(import.meta.url)(file) as Addon;
    const { programs, maps, sections, btf } = describeObject(bytes);
    return {
      object: {
        programs: programs.map(({ code: _, ...program }) => program),
        maps,
        sections: sections.map(({ data, ...section }) => ({ ...section, data: base64(data) })),
        btf: base64(btf),
      },
    };
  } catch (error) {
    return { error: errorData(error) };
  }
}

const pieces: Buffer[] = [];
for await (const piece of process.stdin) pieces.push(piece as Buffer);
process.stdout.write(JSON.stringify(describe(Buffer.concat(pieces))));
