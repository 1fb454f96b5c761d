/** Capture options that most people never need: snap length, kernel buffer, counters only. Ctrl+K opens it. */
import { SlidersHorizontal } from 'lucide-react';
import { useId } from 'react';
import { BUFFER_KINDS, SNAPLEN_MAX } from '../../../electron/shared/capture.ts';
import { keysOf } from '../../state/commands.ts';
import { setPrefs, usePrefs } from '../../state/prefs.ts';
import { showOptions, useView } from '../../state/view.ts';
import { IconButton, Popover, Segments } from '../../ui/index.ts';
import styles from './options-popover.module.css';

const SNAPLENS = [
  { value: '0', label: 'Whole' },
  { value: '64', label: '64 B' },
  { value: '128', label: '128 B' },
  { value: '256', label: '256 B' },
] as const;
const BUFFER_WORDS = { auto: 'Auto', ring: 'Ring buffer', perf: 'Perf array' } as const;

export function OptionsPopover({ disabled }: { disabled: boolean }) {
  const open = useView((s) => s.options);
  const { snaplen, buffer, countersOnly } = usePrefs();
  const id = useId();
  const changed = snaplen > 0 || buffer !== 'auto' || countersOnly;
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
          data-changed={changed}
        />
      }
    >
      <div className={styles.field}>
        <div className={styles.name}>Kept of each packet</div>
        <div className={styles.choice}>
          <Segments
            label="Kept of each packet"
            value={String(snaplen)}
            options={SNAPLENS}
            onChange={(value) => setPrefs({ snaplen: Number(value) })}
          />
          <label className={styles.bytes} htmlFor={id}>
            <input
              id={id}
              className="mono"
              type="number"
              min={1}
              max={SNAPLEN_MAX}
              value={snaplen || ''}
              placeholder="bytes"
              aria-label="Bytes kept of each packet"
              onChange={(event) => setPrefs({ snaplen: clamp(event.target.valueAsNumber) })}
            />
          </label>
        </div>
        <p className={styles.help}>Less means smaller files; headers fit in 128 bytes.</p>
      </div>
      <div className={styles.field}>
        <div className={styles.name}>Kernel buffer</div>
        <Segments
          label="Kernel buffer"
          value={buffer}
          options={BUFFER_KINDS.map((value) => ({ value, label: BUFFER_WORDS[value] }))}
          onChange={(next) => setPrefs({ buffer: next })}
        />
        <p className={styles.help}>Auto takes the ring buffer where the kernel has it: it is the faster one.</p>
      </div>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={countersOnly}
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

function clamp(value: number): number {
  return Number.isFinite(value) ? Math.min(SNAPLEN_MAX, Math.max(0, Math.round(value))) : 0;
}
