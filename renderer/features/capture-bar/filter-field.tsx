/**
 * The capture filter: what the kernel lets through. Checked while it is typed, with the mistake underlined; Enter starts, or changes the
 * filter of the capture that runs, between two packets. The menu has presets and what was used before.
 */
import { Check, CircleAlert, CornerDownLeft, Filter, ListFilter } from 'lucide-react';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { FilterPreset } from '../../../electron/shared/api.ts';
import { FILTER_TEXT_MAX } from '../../../electron/shared/capture.ts';
import { errorData } from '../../../electron/shared/errors.ts';
import { useApi } from '../../api/backend-context.ts';
import { applyFilter, startCapture } from '../../state/capture-control.ts';
import { keysOf, useCommand } from '../../state/commands.ts';
import { setPrefs, usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { cx, IconButton, Menu, type MenuEntry, sentence, Tooltip } from '../../ui/index.ts';
import styles from './filter-field.module.css';
import { useFilterCheck } from './use-filter-check.ts';

export function FilterField({ active }: { active: boolean }) {
  const api = useApi();
  const input = useRef<HTMLInputElement>(null);
  const text = usePrefs((prefs) => prefs.filter);
  const running = useSession((s) => s.status.options?.filter ?? '');
  const linked = useSession((s) => s.link === 'ready');
  const check = useFilterCheck(text);
  const [focused, setFocused] = useState(false);
  const [refused, setRefused] = useState('');
  useCommand({ id: 'capture.filter', run: () => input.current?.select() });

  const waiting = active && text.trim() !== running.trim();
  const wrong = check?.ok === false ? check : undefined;
  const problem = refused || wrong?.message;
  const write = (filter: string) => {
    setRefused('');
    setPrefs({ filter });
  };
  const apply = (filter: string) => {
    setRefused('');
    applyFilter(api, filter).catch((error) => setRefused(errorData(error).message));
  };
  /** From the menu: at once in what runs. */
  const take = (filter: string) => {
    write(filter);
    if (active) apply(filter);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      if (!active) void startCapture(api);
      else if (waiting) apply(text);
    } else if (event.key === 'Escape') {
      if (waiting) write(running);
      input.current?.blur();
    }
  };
  return (
    <div className={cx(styles.field, problem && styles.invalid)}>
      <FilterMenu onTake={take} active={active} text={text} disabled={!linked} />
      <div className={styles.box}>
        <input
          ref={input}
          className={styles.input}
          type="text"
          spellCheck={false}
          autoComplete="off"
          maxLength={FILTER_TEXT_MAX}
          value={text}
          placeholder="Capture filter: tcp port 443 and host 10.0.0.7"
          aria-label="Capture filter"
          aria-invalid={problem !== undefined && problem !== ''}
          aria-describedby={problem ? 'capture-filter-problem' : undefined}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
        />
        {/* Behind the input on the screen, after it in the tree: its effect needs the input to be there. */}
        <Mirror text={text} wrong={wrong} input={input} />
      </div>
      <span className={styles.mark}>
        {waiting && !problem ? (
          <IconButton
            size="sm"
            label="Use this filter now, without losing a packet (Enter)"
            icon={<CornerDownLeft aria-hidden />}
            onClick={() => apply(text)}
          />
        ) : problem ? (
          <CircleAlert className={styles.bad} aria-hidden />
        ) : check?.ok && check.instructions > 0 ? (
          <Tooltip label={`${active ? 'In the kernel' : 'Valid'}: ${check.instructions} instructions of classic BPF`}>
            <Check className={styles.good} aria-label="The filter is valid" />
          </Tooltip>
        ) : null}
      </span>
      {problem && focused && (
        <div className={styles.problem} id="capture-filter-problem" role="status">
          <CircleAlert aria-hidden />
          <span>{sentence(problem)}</span>
        </div>
      )}
    </div>
  );
}

/** The same text under the input's, unseen but for the line below what is wrong. */
function Mirror({
  text,
  wrong,
  input,
}: {
  text: string;
  wrong: { offset: number; length: number } | undefined;
  input: React.RefObject<HTMLInputElement | null>;
}) {
  const mirror = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = input.current!;
    const follow = () => {
      if (mirror.current) mirror.current.scrollLeft = element.scrollLeft;
    };
    follow();
    element.addEventListener('scroll', follow);
    return () => element.removeEventListener('scroll', follow);
  });
  if (!wrong) return null;
  const end = wrong.offset + Math.max(1, wrong.length);
  return (
    <div ref={mirror} className={styles.mirror} aria-hidden>
      {text.slice(0, wrong.offset)}
      <mark className={styles.wrong}>{text.slice(wrong.offset, end) || ' '}</mark>
      {text.slice(end)}
    </div>
  );
}

const LONGEST_LABEL = 48;

interface FilterMenuProps {
  active: boolean;
  disabled: boolean;
  text: string;
  onTake(filter: string): void;
}

function FilterMenu({ active, disabled, text, onTake }: FilterMenuProps) {
  const api = useApi();
  const linked = useSession((s) => s.link === 'ready');
  const used = usePrefs((prefs) => prefs.filters);
  const [presets, setPresets] = useState<FilterPreset[]>([]);
  useEffect(() => {
    if (linked) api.call('filter.presets', {}).then(setPresets, () => {});
  }, [api, linked]);
  const entries: MenuEntry[] = [
    { heading: active ? 'Use now' : 'Presets' },
    ...presets.map(({ label, filter }) => ({ label, run: () => onTake(filter) })),
    ...(used.length > 0 ? (['separator', { heading: 'Used before' }] as const) : []),
    ...used.map((filter) => ({
      label: filter.length > LONGEST_LABEL ? `${filter.slice(0, LONGEST_LABEL)}…` : filter,
      run: () => onTake(filter),
    })),
    'separator',
    { label: 'No filter', disabled: text === '', run: () => onTake('') },
  ];
  return (
    <Menu
      trigger={
        <IconButton
          size="sm"
          label="Filter presets and history"
          keys={keysOf('capture.filter')}
          disabled={disabled}
          icon={text === '' ? <ListFilter aria-hidden /> : <Filter aria-hidden />}
          className={cx(styles.menu, text !== '' && styles.menuSet)}
        />
      }
      entries={entries}
    />
  );
}
