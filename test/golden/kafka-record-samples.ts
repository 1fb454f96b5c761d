/** Kafka's requests that carry records with their answers, in versions before and after the flexible ones (KIP-482). */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as f from '../../electron/cli/demo/frames/index.ts';
import {
  answer,
  answerFlexible,
  array,
  ask,
  askFlexible,
  batch,
  bytes,
  i8,
  i16,
  i32,
  i64,
  kafkaTalk,
  lz4,
  none,
  oldMessage,
  RECORDS,
  short,
  shortArray,
  shortBytes,
  snappyStream,
  TAGS,
  text,
} from './kafka-talk.ts';
import type { Sample } from './samples.ts';

const { concat } = f;

export const KAFKA_RECORD_SAMPLES: Record<string, Sample> = {
  kafka_produce: kafkaTalk(40_021)
    .c(
      ask(
        0,
        0,
        i16(1),
        i32(1500),
        array(
          concat(
            text('orders'),
            array(
              concat(
                i32(0),
                bytes(
                  concat(
                    oldMessage(0, 0, 0, f.ascii('k'), f.ascii('old value')),
                    oldMessage(1, 1, 0, null, f.ascii('newer')),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    )
    .s(answer(array(concat(text('orders'), array(concat(i32(0), i16(0), i64(41)))))))
    .c(
      ask(
        0,
        3,
        text(null),
        i16(-1),
        i32(30_000),
        array(concat(text('orders'), array(concat(i32(0), bytes(batch(0, 2, RECORDS)))))),
      ),
    )
    .s(answer(array(concat(text('orders'), array(concat(i32(0), i16(0), i64(42), i64(-1))))), i32(0)))
    .c(
      ask(
        0,
        7,
        text('txn'),
        i16(-1),
        i32(30_000),
        array(
          concat(
            text('orders'),
            array(
              concat(i32(0), bytes(batch(1, 2, gzipSync(RECORDS)))),
              concat(i32(1), bytes(batch(0x14, 2, zstdCompressSync(RECORDS)))),
            ),
          ),
        ),
      ),
    )
    .s(
      answer(
        array(
          concat(
            text('orders'),
            array(concat(i32(0), i16(0), i64(44), i64(-1), i64(0)), concat(i32(1), i16(3), i64(-1), i64(-1), i64(-1))),
          ),
        ),
        i32(25),
      ),
    )
    .c(
      ask(
        0,
        3,
        text(null),
        i16(1),
        i32(1500),
        array(
          concat(
            text('orders'),
            array(
              concat(i32(0), bytes(batch(2, 1, snappyStream()))),
              concat(i32(1), bytes(batch(3, 3, lz4()))),
              concat(i32(2), bytes(batch(2, 1, f.ascii('no such thing')))),
            ),
          ),
        ),
      ),
    )
    .s(answer(array(), i32(0)))
    .c(
      ask(
        0,
        2,
        i16(1),
        i32(1500),
        array(
          concat(
            text('orders'),
            array(
              concat(
                i32(0),
                bytes(
                  oldMessage(1, 1, 1, null, gzipSync(oldMessage(0, 1, 0, f.ascii('k'), f.ascii('old and packed')))),
                ),
              ),
            ),
          ),
        ),
      ),
    )
    .s(answer(array(concat(text('orders'), array(concat(i32(0), i16(0), i64(48), i64(1_704_164_645_123n))))), i32(0)))
    .c(ask(0, 8, text(null), i16(0), i32(100), array(concat(text('o'), array(concat(i32(0), bytes(null)))))))
    .s(
      answer(
        array(
          concat(
            text('o'),
            array(
              concat(
                i32(0),
                i16(87),
                i64(-1),
                i64(-1),
                i64(-1),
                array(concat(i32(0), text('too old'))),
                text('invalid record'),
              ),
            ),
          ),
        ),
        i32(0),
      ),
    )
    .c(
      askFlexible(
        0,
        9,
        short(null),
        i16(1),
        i32(1500),
        shortArray(concat(short('orders'), shortArray(concat(i32(0), shortBytes(batch(0, 2, RECORDS)), TAGS)), TAGS)),
        TAGS,
      ),
    )
    .s(
      answerFlexible(
        shortArray(
          concat(
            short('orders'),
            shortArray(concat(i32(0), i16(0), i64(46), i64(-1), i64(0), shortArray(), short(null), TAGS)),
            TAGS,
          ),
        ),
        i32(0),
        TAGS,
      ),
    ).sample,
  kafka_fetch: kafkaTalk(40_022)
    .c(
      ask(1, 0, i32(-1), i32(500), i32(1), array(concat(text('orders'), array(concat(i32(0), i64(40), i32(1 << 20)))))),
    )
    .s(
      answer(
        array(
          concat(
            text('orders'),
            array(concat(i32(0), i16(0), i64(42), bytes(oldMessage(41, 0, 0, null, f.ascii('old value'))))),
          ),
        ),
      ),
    )
    .c(
      ask(
        1,
        4,
        i32(-1),
        i32(500),
        i32(1),
        i32(52_428_800),
        i8(1),
        array(concat(text('orders'), array(concat(i32(0), i64(42), i32(1 << 20))))),
      ),
    )
    .s(
      answer(
        i32(0),
        array(
          concat(
            text('orders'),
            array(
              concat(i32(0), i16(0), i64(44), i64(44), array(concat(i64(1000), i64(43))), bytes(batch(0, 2, RECORDS))),
            ),
          ),
        ),
      ),
    )
    .c(
      ask(
        1,
        11,
        i32(-1),
        i32(500),
        i32(1),
        i32(52_428_800),
        i8(0),
        i32(77),
        i32(1),
        array(concat(text('orders'), array(concat(i32(0), i32(4), i64(44), i64(-1), i32(1 << 20))))),
        array(concat(text('payments'), array(i32(3)))),
        text('rack-a'),
      ),
    )
    .s(
      answer(
        i32(0),
        i16(0),
        i32(77),
        array(
          concat(
            text('orders'),
            array(
              concat(i32(0), i16(0), i64(46), i64(46), i64(0), none, i32(-1), bytes(batch(0, 2, RECORDS).slice(0, 70))),
            ),
          ),
        ),
      ),
    )
    .c(
      askFlexible(
        1,
        12,
        i32(-1),
        i32(500),
        i32(1),
        i32(52_428_800),
        i8(0),
        i32(0),
        i32(-1),
        shortArray(
          concat(
            short('orders'),
            shortArray(concat(i32(0), i32(4), i64(46), i32(-1), i64(-1), i32(1 << 20), TAGS)),
            TAGS,
          ),
        ),
        shortArray(),
        short(''),
        TAGS,
      ),
    )
    .s(
      answerFlexible(
        i32(0),
        i16(0),
        i32(0),
        shortArray(
          concat(
            short('orders'),
            shortArray(
              concat(i32(0), i16(0), i64(48), i64(48), i64(0), i8(0), i32(-1), shortBytes(batch(0, 2, RECORDS)), TAGS),
            ),
            TAGS,
          ),
        ),
        TAGS,
      ),
    ).sample,
};
