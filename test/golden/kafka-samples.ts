/** Kafka's requests about the cluster and about groups with their answers, in versions before and after the flexible ones (KIP-482). */
import * as f from '../../electron/cli/demo/frames/index.ts';
import {
  answer,
  answerFlexible,
  array,
  ask,
  askFlexible,
  bytes,
  i8,
  i16,
  i32,
  i64,
  kafkaTalk,
  NOTHING,
  none,
  short,
  shortArray,
  TAGS,
  text,
} from './kafka-talk.ts';
import { raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';

const { concat } = f;
const broker = (id: number) => concat(i32(id), text(`broker-${id}`), i32(9092));

export const KAFKA_SAMPLES: Record<string, Sample> = {
  kafka_metadata: kafkaTalk(40_020)
    .c(ask(18, 0))
    .s(answer(i16(0), array(concat(i16(0), i16(0), i16(9)), concat(i16(1), i16(0), i16(12)))))
    .c(ask(18, 2))
    .s(answer(i16(35), array(concat(i16(18), i16(0), i16(3))), i32(7)))
    .c(askFlexible(18, 3, short('apache-kafka-java'), short('3.7.0'), TAGS))
    .s(
      answer(
        i16(0),
        shortArray(concat(i16(0), i16(0), i16(9), TAGS), concat(i16(3), i16(0), i16(12), TAGS)),
        i32(0),
        raw('01 00 01 05'),
      ),
    )
    .c(ask(3, 0, array(text('orders'), text('payments'))))
    .s(
      answer(
        array(broker(1), broker(2)),
        array(
          concat(i16(0), text('orders'), array(concat(i16(0), i32(0), i32(1), array(i32(1), i32(2)), array(i32(1))))),
        ),
      ),
    )
    .c(ask(3, 5, none, i8(1)))
    .s(
      answer(
        i32(3),
        array(concat(broker(1), text(null))),
        text('cluster-id'),
        i32(1),
        array(
          concat(
            i16(5),
            text('orders'),
            i8(0),
            array(concat(i16(9), i32(0), i32(-1), array(i32(1), i32(2)), array(i32(1)), array(i32(2)))),
          ),
        ),
      ),
    )
    .c(ask(3, 8, array(text('orders')), i8(0), i8(1), i8(1)))
    .s(
      answer(
        i32(0),
        array(concat(broker(1), text('rack-a'))),
        text(null),
        i32(1),
        array(
          concat(
            i16(0),
            text('orders'),
            i8(1),
            array(concat(i16(0), i32(0), i32(1), i32(4), array(i32(1)), array(i32(1)), array())),
            i32(0xdf8),
          ),
        ),
        i32(0x80000000),
      ),
    )
    .c(askFlexible(3, 9, shortArray(concat(short('orders'), TAGS)), i8(1), i8(0), i8(0), TAGS))
    .s(
      answerFlexible(
        i32(0),
        shortArray(concat(i32(1), short('broker-1'), i32(9092), short(null), TAGS)),
        short('cluster-id'),
        i32(1),
        shortArray(
          concat(
            i16(0),
            short('orders'),
            i8(0),
            shortArray(
              concat(i16(0), i32(0), i32(1), i32(4), shortArray(i32(1)), shortArray(i32(1)), shortArray(), TAGS),
            ),
            i32(0),
            TAGS,
          ),
        ),
        i32(0),
        TAGS,
      ),
    )
    .c(askFlexible(3, 12, shortArray(concat(new Uint8Array(16), short('orders'), TAGS)), i8(1), i8(0), TAGS))
    .s(
      answerFlexible(
        i32(0),
        shortArray(concat(i32(1), short('broker-1'), i32(9092), short(null), TAGS)),
        short('cluster-id'),
        i32(1),
        shortArray(
          concat(
            i16(0),
            short('orders'),
            f.pattern(16),
            i8(0),
            shortArray(
              concat(i16(0), i32(0), i32(1), i32(4), shortArray(i32(1)), shortArray(i32(1)), shortArray(), TAGS),
            ),
            i32(0),
            TAGS,
          ),
        ),
        TAGS,
      ),
    ).sample,
  kafka_group: kafkaTalk(40_023)
    .c(ask(10, 0, text('group-1')))
    .s(answer(i16(0), broker(1)))
    .c(ask(10, 2, text('group-1'), i8(0)))
    .s(answer(i32(0), i16(15), text('not yet'), broker(2)))
    .c(
      ask(
        11,
        5,
        text('group-1'),
        i32(45_000),
        i32(300_000),
        text(''),
        text('instance-1'),
        text('consumer'),
        array(concat(text('range'), bytes(raw('0001 00000001')))),
      ),
    )
    .s(
      answer(
        i32(0),
        i16(0),
        i32(3),
        text('range'),
        text('leader-1'),
        text('member-1'),
        array(concat(text('member-1'), text('instance-1'), bytes(raw('0001 00000001')))),
      ),
    )
    .c(
      ask(
        14,
        3,
        text('group-1'),
        i32(3),
        text('member-1'),
        text('instance-1'),
        array(concat(text('member-1'), bytes(raw('0001 00000000')))),
      ),
    )
    .s(answer(i32(0), i16(0), bytes(raw('0001 00000000'))))
    .c(ask(12, 3, text('group-1'), i32(3), text('member-1'), text(null)))
    .s(answer(i32(0), i16(27)))
    .c(ask(9, 5, text('group-1'), array(concat(text('orders'), array(i32(0))))))
    .s(
      answer(
        i32(0),
        array(concat(text('orders'), array(concat(i32(0), i64(42), i32(4), text('note'), i16(0))))),
        i16(0),
      ),
    )
    .c(
      ask(
        8,
        7,
        text('group-1'),
        i32(3),
        text('member-1'),
        text(null),
        array(concat(text('orders'), array(concat(i32(0), i64(43), i32(4), text('note'))))),
      ),
    )
    .s(answer(i32(0), array(concat(text('orders'), array(concat(i32(0), i16(0)))))))
    .c(ask(2, 1, i32(-1), array(concat(text('orders'), array(concat(i32(0), i64(-1)))))))
    .s(answer(array(concat(text('orders'), array(concat(i32(0), i16(0), i64(-1), i64(48)))))))
    .c(ask(2, 5, i32(-1), i8(0), array(concat(text('orders'), array(concat(i32(0), i32(4), i64(1_704_164_645_123n)))))))
    .s(answer(i32(0), array(concat(text('orders'), array(concat(i32(0), i16(0), i64(-1), i64(48), i32(4)))))))
    .c(ask(13, 1, text('group-1'), text('member-1')))
    .s(answer(i32(0), i16(0)))
    .c(ask(17, 1, text('PLAIN')))
    .s(answer(i16(0), array(text('PLAIN'), text('SCRAM-SHA-256'))))
    .c(ask(36, 1, bytes(f.ascii('\0user\0secret'))))
    .s(answer(i16(0), text(null), bytes(NOTHING), i64(3_600_000)))
    .c(ask(22, 1, text('txn'), i32(60_000)))
    .s(answer(i32(0), i16(0), i64(1000), i16(0)))
    .c(ask(15, 4, array(text('group-1')), i8(1)))
    .s(
      answer(
        i32(0),
        array(
          concat(
            i16(0),
            text('group-1'),
            text('Stable'),
            text('consumer'),
            text('range'),
            array(
              concat(text('member-1'), text(null), text('tester'), text('/10.0.0.1'), bytes(NOTHING), bytes(NOTHING)),
            ),
            i32(0x100),
          ),
        ),
      ),
    )
    .c(ask(16, 2))
    .s(answer(i32(0), i16(0), array(concat(text('group-1'), text('consumer')))))
    .c(
      ask(
        19,
        4,
        array(concat(text('new'), i32(3), i16(1), array(), array(concat(text('retention.ms'), text('1000'))))),
        i32(5000),
        i8(0),
      ),
    )
    .s(answer(i32(0), array(concat(text('new'), i16(36), text('it is there')))))
    .c(ask(20, 3, array(text('new')), i32(5000)))
    .s(answer(i32(0), array(concat(text('new'), i16(0)))))
    .c(askFlexible(13, 4, short('group-1'), shortArray(concat(short('member-1'), short(null), TAGS)), TAGS))
    .s(answerFlexible(i32(0), i16(0), shortArray(concat(short('member-1'), short(null), i16(25), TAGS)), TAGS))
    .c(askFlexible(10, 3, short('group-1'), i8(0), TAGS))
    .s(answerFlexible(i32(0), i16(0), short(null), i32(1), short('broker-1'), i32(9092), TAGS))
    .c(askFlexible(10, 4, i8(0), shortArray(short('group-1'), short('group-2')), TAGS))
    .s(
      answerFlexible(
        i32(0),
        shortArray(concat(short('group-1'), i32(1), short('broker-1'), i32(9092), i16(0), short(null), TAGS)),
        TAGS,
      ),
    )
    .c(ask(10, 9, text('group-1')))
    .c(ask(60, 0, raw('010203'))).sample,
};
