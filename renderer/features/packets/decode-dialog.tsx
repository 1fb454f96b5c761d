/**
 * "Decode as…": the rules there are, and a new one: what kind of number, which, and the protocol. The numbers by which the selected packet was
 * looked up are offered; and what is recognised only when somebody wants it. A change is used at once and remembered.
 */
import { Command } from 'cmdk';
import { Plus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { InspectorApi } from '../../../electron/shared/api.ts';
import {
  DECODE_TABLE_NAMES,
  DECODE_TABLES,
  type DecodeChoice,
  type DecodeKey,
  type DecodeRule,
  type DecodeTable,
  decodeKeyText,
  HEURISTIC_NAMES,
  HEURISTICS,
  type HeuristicName,
  readDecodeKeys,
} from '../../../electron/shared/decode.ts';
import { useApi } from '../../api/backend-context.ts';
import { setDecoding } from '../../state/decode.ts';
import { notifyError } from '../../state/notices.ts';
import { Button, Dialog, grouped, IconButton, Select, TextField } from '../../ui/index.ts';
import styles from './decode-dialog.module.css';
import dialogs from './dialogs.module.css';

interface Known {
  rules: readonly DecodeRule[];
  heuristics: readonly HeuristicName[];
  choices: readonly DecodeChoice[];
  keys: readonly DecodeKey[];
}

/** @param number of the selected packet; 0 = none */
export function DecodeDialog({ number, onClose }: { number: number; onClose(): void }) {
  const api = useApi();
  const [known, setKnown] = useState<Known>();
  useEffect(() => {
    asked(api, number).then(setKnown, notifyError);
  }, [api, number]);
  const change = async (rules: readonly DecodeRule[], heuristics = known?.heuristics ?? []) => {
    // Shown at once; what the session says of it comes after.
    if (known) setKnown({ ...known, rules, heuristics });
    try {
      await setDecoding(api, rules, heuristics);
    } finally {
      setKnown(await asked(api, number));
    }
  };
  return (
    <Dialog label="Decode as" className={`${dialogs.dialog} ${dialogs.wide}`} onClose={onClose}>
      <div className={dialogs.form}>
        <h2 className={dialogs.title}>Decode as…</h2>
        <p className={dialogs.note}>
          Say which protocol a port or another number carries. It goes before what xdpeek would take it for, in every
          capture, until you take it away.
        </p>
        <Rules rules={known?.rules ?? []} onChange={(rules) => change(rules).catch(notifyError)} />
        {known && <NewRule {...known} number={number} onAdd={(rule) => change([...known.rules, rule])} />}
        {known && (
          <Recognised
            on={known.heuristics}
            onChange={(heuristics) => change(known.rules, heuristics).catch(notifyError)}
          />
        )}
        <div className={dialogs.actions}>
          <span className={dialogs.grow} />
          <Button onClick={onClose}>Done</Button>
        </div>
      </div>
    </Dialog>
  );
}

const asked = (api: InspectorApi, number: number) => api.call('decode.get', number > 0 ? { number } : {});

function Rules({ rules, onChange }: { rules: readonly DecodeRule[]; onChange(rules: readonly DecodeRule[]): void }) {
  if (rules.length === 0) return <p className={styles.none}>No rules yet: everything is what its numbers say.</p>;
  return (
    <ul className={styles.rules} aria-label="Rules">
      {rules.map((rule, at) => (
        // Rules have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <li key={`${at} ${rules.length}`} className={styles.rule}>
          <span className={styles.table}>{DECODE_TABLES[rule.table].title}</span>
          <code className={styles.keys}>{decodeKeyText(rule)}</code>
          <span className={styles.as}>is</span>
          <code className={styles.name}>{rule.protocol}</code>
          <IconButton
            size="sm"
            label={`Remove ${DECODE_TABLES[rule.table].title} ${decodeKeyText(rule)}`}
            icon={<Trash2 aria-hidden />}
            onClick={() => onChange(rules.filter((_, i) => i !== at))}
          />
        </li>
      ))}
    </ul>
  );
}

function Recognised(props: { on: readonly HeuristicName[]; onChange(on: readonly HeuristicName[]): void }) {
  const { on, onChange } = props;
  return (
    <section className={styles.recognised} aria-label="Recognised by its bytes">
      {HEURISTIC_NAMES.map((name) => (
        <label key={name} className={styles.check}>
          <input
            type="checkbox"
            checked={on.includes(name)}
            onChange={({ target }) => onChange(target.checked ? [...on, name] : on.filter((other) => other !== name))}
          />
          <span>
            {HEURISTICS[name].title} <code className={styles.heuristic}>{name}</code>
            <span className={styles.help}>{HEURISTICS[name].help}</span>
          </span>
        </label>
      ))}
    </section>
  );
}

/** What somebody most likely means: the first port that nothing claims, else the first port, else the innermost number. */
function likely(keys: readonly DecodeKey[]): DecodeKey | undefined {
  const ports = keys.filter(({ table }) => table.endsWith('.port'));
  return ports.find(({ protocol }) => protocol === undefined) ?? ports[0] ?? keys.at(-1);
}

interface NewRuleProps extends Known {
  number: number;
  /** Rejects with what is wrong with it. */
  onAdd(rule: DecodeRule): Promise<void>;
}

function NewRule({ keys, choices, number, onAdd }: NewRuleProps) {
  const [first] = useState(() => likely(keys));
  const [table, setTable] = useState<DecodeTable>(first?.table ?? 'tcp.port');
  const [text, setText] = useState(first ? keyText(first) : '');
  const [protocol, setProtocol] = useState('');
  const [search, setSearch] = useState('');
  const [problem, setProblem] = useState('');
  const range = readDecodeKeys(table, text);
  const protocols = choices.find((choice) => choice.table === table)?.protocols ?? [];
  const chosen = protocols.find(({ name }) => name === protocol);
  const { title, max } = DECODE_TABLES[table];
  const add = () => {
    if (!range || !chosen) return;
    setProblem('');
    onAdd({ table, ...range, protocol }).then(
      () => {
        setProtocol('');
        setSearch('');
      },
      (error: Error) => setProblem(error.message),
    );
  };
  return (
    <section className={styles.add} aria-label="New rule">
      {keys.length > 0 && (
        <div className={styles.offers}>
          <span className={styles.caption}>Packet {grouped(number)} has</span>
          {keys.map((key) => (
            <button
              key={`${key.table} ${key.key}`}
              type="button"
              className={styles.offer}
              aria-pressed={key.table === table && range?.from === key.key && range.to === key.key}
              onClick={() => {
                setTable(key.table);
                setText(keyText(key));
              }}
            >
              {DECODE_TABLES[key.table].title} <code>{keyText(key)}</code>
              {key.protocol !== undefined && <span className={styles.now}>{key.protocol}</span>}
            </button>
          ))}
        </div>
      )}
      <div className={styles.row}>
        <Select
          size="sm"
          label="Kind of number"
          value={table}
          options={DECODE_TABLE_NAMES.map((value) => ({ value, label: DECODE_TABLES[value].title }))}
          onChange={setTable}
        />
        <TextField
          label={title}
          wrong={text !== '' && !range}
          placeholder="8888 or 8000-8010"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && add()}
        />
        <span className={styles.as}>is</span>
        <span className={styles.chosen} role="status" aria-label="Protocol chosen">
          {chosen ? (
            <>
              <code>{chosen.name}</code> {chosen.title}
            </>
          ) : (
            'choose a protocol below'
          )}
        </span>
        <Button tone="primary" icon={<Plus aria-hidden />} disabled={!range || !chosen} onClick={add}>
          Add
        </Button>
      </div>
      <p className={styles.problem} role="alert">
        {problem || (text !== '' && !range ? `A ${title} is a number from 0 to ${max}, or a range of them.` : '')}
      </p>
      <Command label="Protocols" className={styles.picker} loop>
        <Command.Input
          className={styles.search}
          placeholder="Search protocols"
          autoFocus
          value={search}
          onValueChange={setSearch}
        />
        <Command.List className={styles.list}>
          <Command.Empty className={styles.none}>No protocol matches.</Command.Empty>
          {protocols.map(({ name, title: words }) => (
            <Command.Item
              key={name}
              value={`${name} ${words}`}
              className={styles.item}
              data-chosen={name === protocol}
              onSelect={() => setProtocol(name)}
            >
              <code className={styles.name}>{name}</code>
              <span className={styles.words}>{words}</span>
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </section>
  );
}

const keyText = ({ table, key }: DecodeKey) => decodeKeyText({ table, from: key, to: key });
