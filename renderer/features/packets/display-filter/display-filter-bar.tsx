/**
 * The display filter: which packets the list shows. Checked while it is typed, with the mistake underlined; the word at the cursor is completed
 * from the field registry; Enter applies. Beside it: how many packets it lets through, and how far it has looked.
 */
import { CircleAlert, Filter, ListFilter, Star, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { FILTER_TEXT_MAX } from '../../../../electron/shared/capture.ts';
import { useApi } from '../../../api/backend-context.ts';
import { keysOf, useCommand } from '../../../state/commands.ts';
import { applyDisplayFilter, useDisplayFilter, writeDisplayFilter } from '../../../state/display-filter.ts';
import { setPrefs, usePrefs } from '../../../state/prefs.ts';
import { cx, grouped, IconButton, Menu, type MenuEntry, sentence } from '../../../ui/index.ts';
import styles from './display-filter-bar.module.css';
import { useDisplayCheck, useFieldHints, wordAt } from './use-display-check.ts';

/** Filters that everybody needs now and then. */
const EXAMPLES: readonly [label: string, filter: string][] = [
  ['TCP problems', 'tcp.analysis.flags && !tcp.analysis.window_update'],
  ['New TCP connections', 'tcp.flags.syn == 1 && tcp.flags.ack == 0'],
  ['DNS answers with an error', 'dns.flags.rcode != 0'],
  ['HTTP requests', 'http.request'],
  ['TLS client hellos', 'tls.handshake.type == 1'],
  ['No ARP, DNS or ICMP', '!(arp || dns || icmp || icmpv6)'],
];
const LONGEST_LABEL = 56;

export interface DisplayFilterBarProps {
  stored: number;
  /** Under the filter; undefined without one. */
  found: number | undefined;
  scanned: number;
  /** Gives the focus back to the list. */
  onDone(): void;
}

export function DisplayFilterBar({ stored, found, scanned, onDone }: DisplayFilterBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const { text, applied } = useDisplayFilter();
  const check = useDisplayCheck(text);
  const [focused, setFocused] = useState(false);
  const api = useApi();
  const [cursor, setCursor] = useState(0);
  const [completing, setCompleting] = useState(false);
  const [chosen, setChosen] = useState(0);
  useCommand({ id: 'display.filter', run: () => input.current?.select() });

  const wrong = check?.ok === false ? check : undefined;
  const { word, at } = wordAt(text, cursor);
  const hints = useFieldHints(completing && focused ? word : '');
  const open = completing && focused && hints.length > 0 && !(hints.length === 1 && hints[0]!.name === word);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another word begins at its first hint
  useEffect(() => setChosen(0), [word]);

  const write = (next: string, place = next.length) => {
    writeDisplayFilter(next);
    setCursor(place);
    if (next.trim() === '' && applied !== '') applyDisplayFilter('');
  };
  const complete = (name: string) => {
    const next = text.slice(0, at) + name + text.slice(at + word.length);
    setCompleting(false);
    write(next, at + name.length);
    input.current?.focus();
    requestAnimationFrame(() => input.current?.setSelectionRange(at + name.length, at + name.length));
  };
  const apply = async () => {
    setCompleting(false);
    // Enter comes sooner than the answer when somebody types fast: only what is a filter is applied.
    const { ok } = check ?? (await api.call('display.check', { filter: text }).catch(() => ({ ok: false })));
    if (!ok || useDisplayFilter.getState().text !== text) return;
    applyDisplayFilter(text);
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    if (open && moves[event.key] !== undefined) {
      event.preventDefault();
      setChosen((chosen + moves[event.key]! + hints.length) % hints.length);
    } else if (open && event.key === 'Tab') {
      event.preventDefault();
      complete(hints[chosen]!.name);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      void apply();
    } else if (event.key === 'Escape') {
      if (open) setCompleting(false);
      else {
        writeDisplayFilter(applied);
        onDone();
      }
    }
  };
  return (
    <div className={cx(styles.bar, applied !== '' && styles.applied)}>
      <FilterMenu text={text} />
      <div className={cx(styles.field, wrong && styles.invalid, check?.ok && text.trim() !== '' && styles.valid)}>
        <input
          ref={input}
          className={styles.input}
          type="text"
          role="combobox"
          spellCheck={false}
          autoComplete="off"
          maxLength={FILTER_TEXT_MAX}
          value={text}
          placeholder="Display filter: tcp.port == 443 && ip.addr == 10.0.0.0/8"
          aria-label="Display filter"
          aria-expanded={open}
          aria-controls="display-filter-hints"
          aria-activedescendant={open ? `display-hint-${chosen}` : undefined}
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong ? 'display-filter-problem' : undefined}
          onChange={(event) => {
            setCompleting(true);
            write(event.target.value, event.target.selectionStart ?? event.target.value.length);
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
        />
        <Mirror text={text} wrong={wrong} input={input} />
        {text !== '' && (
          <IconButton
            size="sm"
            label="Clear the filter"
            icon={<X aria-hidden />}
            onClick={() => {
              applyDisplayFilter('');
              onDone();
            }}
          />
        )}
        {open && (
          <div className={styles.hints} id="display-filter-hints" role="listbox" aria-label="Fields">
            {hints.map(({ name, type, description }, index) => (
              <div
                key={name}
                id={`display-hint-${index}`}
                role="option"
                aria-selected={index === chosen}
                className={styles.hint}
                ref={index === chosen ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
                onPointerDown={(event) => {
                  event.preventDefault();
                  complete(name);
                }}
              >
                <span className={styles.name}>{name}</span>
                <span className={styles.description}>{description}</span>
                <span className={styles.type}>{type}</span>
              </div>
            ))}
          </div>
        )}
        {wrong && focused && !open && (
          <div className={styles.problem} id="display-filter-problem" role="status">
            <CircleAlert aria-hidden />
            <span>{sentence(wrong.message)}</span>
          </div>
        )}
      </div>
      <output className={styles.count} aria-label="Packets shown">
        {found === undefined ? '' : <Count stored={stored} found={found} scanned={scanned} />}
      </output>
    </div>
  );
}

function Count({ stored, found, scanned }: { stored: number; found: number; scanned: number }) {
  const share = scanned > 0 ? (100 * found) / scanned : 0;
  if (scanned < stored) return <>{`${grouped(found)} · looked at ${Math.floor((100 * scanned) / stored)} %`}</>;
  return <>{`${grouped(found)} of ${grouped(stored)} (${share.toFixed(share < 10 ? 1 : 0)} %)`}</>;
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

function FilterMenu({ text }: { text: string }) {
  const used = usePrefs((prefs) => prefs.displayFilters);
  const kept = usePrefs((prefs) => prefs.keptFilters);
  const now = text.trim();
  const isKept = kept.includes(now);
  const short = (filter: string) => (filter.length > LONGEST_LABEL ? `${filter.slice(0, LONGEST_LABEL)}…` : filter);
  const entries: MenuEntry[] = [
    { heading: 'Show' },
    ...EXAMPLES.map(([label, filter]) => ({ label, run: () => applyDisplayFilter(filter) })),
    ...(kept.length > 0 || now !== '' ? (['separator', { heading: 'Kept' }] as const) : []),
    ...kept.map((filter) => ({ label: short(filter), run: () => applyDisplayFilter(filter) })),
    ...(now === ''
      ? []
      : [
          {
            label: isKept ? 'Keep this filter no longer' : 'Keep this filter',
            icon: <Star aria-hidden />,
            run: () => setPrefs({ keptFilters: isKept ? kept.filter((filter) => filter !== now) : [...kept, now] }),
          },
        ]),
    ...(used.length > 0 ? (['separator', { heading: 'Used before' }] as const) : []),
    ...used.map((filter) => ({ label: short(filter), run: () => applyDisplayFilter(filter) })),
    'separator',
    { label: 'All packets', disabled: text === '', run: () => applyDisplayFilter('') },
  ];
  return (
    <Menu
      trigger={
        <IconButton
          size="sm"
          label="Display filters"
          keys={keysOf('display.filter')}
          icon={text === '' ? <ListFilter aria-hidden /> : <Filter aria-hidden />}
          className={cx(styles.menu, text !== '' && styles.menuSet)}
        />
      }
      entries={entries}
    />
  );
}
