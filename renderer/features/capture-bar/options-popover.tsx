/** Capture options that most people never need: what is kept, buffers, when it ends by itself. Ctrl+K opens it. */
import { SlidersHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import { BUFFER_KINDS } from '../../../electron/shared/capture.ts';
import { keysOf } from '../../state/commands.ts';
import { NUMBERS, type Prefs, setPrefs, usePrefs } from '../../state/prefs.ts';
import { showOptions, useView } from '../../state/view.ts';
import { IconButton, Popover, Segments, TextField } from '../../ui/index.ts';
import { NumberField } from './number-field.tsx';
import styles from './options-popover.module.css';

const SNAPLENS = [
  { value: '0', label: 'Whole' },
  { value: '64', label: '64 B' },
  { value: '128', label: '128 B' },
  { value: '256', label: '256 B' },
] as const;
const BUFFER_WORDS = { auto: 'Auto', mapped: 'Mapped', ring: 'Ring', perf: 'Perf' } as const;
const ORDERS = [
  { value: 'default', label: 'Default' },
  { value: 'first', label: 'First' },
  { value: 'last', label: 'Last' },
] as const;

export function OptionsPopover({ disabled }: { disabled: boolean }) {
  const open = useView((s) => s.options);
  const prefs = usePrefs();
  return (
    <Popover
      label="Capture options"
      open={open && !disabled}
      onOpenChange={showOptions}
      className={styles.panel}
      trigger={
        <IconButton
          label="Capture options"
          keys={keysOf('capture.options')}
          disabled={disabled}
          icon={<SlidersHorizontal aria-hidden />}
          className={styles.trigger}
          data-changed={differs(prefs)}
        />
      }
    >
      <Field name="Kept of each packet" help="Less means smaller files; headers fit in 128 bytes.">
        <Segments
          label="Kept of each packet"
          value={String(prefs.snaplen)}
          options={SNAPLENS}
          onChange={(next) => setPrefs({ snaplen: Number(next) })}
        />
        <Amount name="snaplen" label="Bytes kept of each packet" unit="B" placeholder="bytes" />
      </Field>
      <Field name="Sample" help="Captures one packet in so many of each CPU. Flows and rates count all of them.">
        <span className={styles.before}>1 in</span>
        <Amount name="sample" label="One packet in so many" unit="packets" placeholder="1" />
      </Field>
      <Field name="Stop by itself after" help="Whatever comes first; empty means never.">
        <Amount name="limitPackets" label="Stop after packets" unit="packets" placeholder="–" />
        <Amount name="limitMiB" label="Stop after MiB" unit="MiB" placeholder="–" />
        <Amount name="limitSeconds" label="Stop after seconds" unit="s" placeholder="–" />
      </Field>
      <Field
        name="Kernel buffer"
        help="Auto takes the fastest that the kernel has: mapped areas, then the ring buffer, then the perf array."
      >
        <Segments
          label="Kernel buffer"
          value={prefs.buffer}
          options={BUFFER_KINDS.map((value) => ({ value, label: BUFFER_WORDS[value] }))}
          onChange={(buffer) => setPrefs({ buffer })}
        />
        <Amount
          name="bufferMiB"
          label="Kernel buffer size in MiB"
          unit="MiB"
          placeholder={prefs.buffer === 'perf' ? '8 a CPU' : '64'}
        />
      </Field>
      {prefs.hook.startsWith('tc') && (
        <Field name="Place among other tc programs" help="By default first at ingress and last at egress.">
          <Segments
            label="Place among other tc programs"
            value={prefs.order}
            options={ORDERS}
            onChange={(order) => setPrefs({ order })}
          />
        </Field>
      )}
      {prefs.hook === 'observe' && (
        <Field name="Program to observe" help="Name or id, where the interface runs several; empty means all of them.">
          <TextField
            className={styles.text}
            maxLength={32}
            value={prefs.program}
            placeholder="all"
            label="Program to observe"
            onChange={(event) => setPrefs({ program: event.target.value })}
          />
        </Field>
      )}
      {prefs.hook === 'afxdp' && (
        <label className={styles.check}>
          <input
            type="checkbox"
            checked={prefs.busyPoll}
            onChange={(event) => setPrefs({ busyPoll: event.target.checked })}
          />
          <span>
            Busy-poll
            <span className={styles.help}>
              xdpeek runs the driver itself instead of sleeping: least delay, one CPU spent.
            </span>
          </span>
        </label>
      )}
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={prefs.countersOnly}
          onChange={(event) => setPrefs({ countersOnly: event.target.checked })}
        />
        <span>
          Counters only
          <span className={styles.help}>
            Flows and rates; no packet leaves the kernel, so a busy link costs next to nothing.
          </span>
        </span>
      </label>
    </Popover>
  );
}

function differs(prefs: Prefs): boolean {
  const numbers = (Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]).some((name) => prefs[name] > 0);
  return (
    numbers ||
    prefs.buffer !== 'auto' ||
    prefs.countersOnly ||
    prefs.order !== 'default' ||
    prefs.program !== '' ||
    prefs.busyPoll
  );
}

function Field({ name, help, children }: { name: string; help: string; children: ReactNode }) {
  return (
    <div>
      <div className={styles.name}>{name}</div>
      <div className={styles.choice}>{children}</div>
      <p className={styles.help}>{help}</p>
    </div>
  );
}

interface AmountProps {
  name: keyof typeof NUMBERS;
  label: string;
  unit: string;
  placeholder: string;
}

function Amount({ name, ...rest }: AmountProps) {
  const value = usePrefs((prefs) => prefs[name]);
  return <NumberField {...rest} value={value} max={NUMBERS[name]} onChange={(next) => setPrefs({ [name]: next })} />;
}
