/** Colouring rules: rows that a display filter lets through get a colour; the first rule that matches counts. */
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { type ColorRule, MOST_RULES, RULE_COLORS, type RuleColor, setPrefs, usePrefs } from '../../state/prefs.ts';
import { Button, Dialog, IconButton, TextField } from '../../ui/index.ts';
import styles from './dialogs.module.css';

export function RulesDialog({ onClose }: { onClose(): void }) {
  const rules = usePrefs((prefs) => prefs.rules);
  const set = (next: readonly ColorRule[]) => setPrefs({ rules: next });
  const change = (at: number, part: Partial<ColorRule>) =>
    set(rules.map((rule, i) => (i === at ? { ...rule, ...part } : rule)));
  const move = (at: number, by: number) => {
    const next = [...rules];
    const [rule] = next.splice(at, 1);
    next.splice(at + by, 0, rule!);
    set(next);
  };
  const nextColor = RULE_COLORS[rules.length % RULE_COLORS.length]!;
  return (
    <Dialog label="Colouring rules" className={`${styles.dialog} ${styles.wide}`} onClose={onClose}>
      <div className={styles.form}>
        <h2 className={styles.title}>Colouring rules</h2>
        <p className={styles.note}>
          Rows that a display filter lets through get its colour; of several rules the uppermost counts.
        </p>
        <ul className={styles.rules}>
          {rules.map((rule, at) => (
            // Rules have no identity but their place.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <li key={`${at} ${rules.length}`} className={styles.rule}>
              <input
                type="checkbox"
                aria-label={`Use rule ${at + 1}`}
                checked={rule.on}
                onChange={(event) => change(at, { on: event.target.checked })}
              />
              <RuleFilter value={rule.filter} at={at} onChange={(filter) => change(at, { filter })} />
              <Colors at={at} value={rule.color} onChange={(color) => change(at, { color })} />
              <span className={styles.buttons}>
                <IconButton
                  size="sm"
                  label={`Rule ${at + 1} up`}
                  icon={<ArrowUp aria-hidden />}
                  disabled={at === 0}
                  onClick={() => move(at, -1)}
                />
                <IconButton
                  size="sm"
                  label={`Rule ${at + 1} down`}
                  icon={<ArrowDown aria-hidden />}
                  disabled={at === rules.length - 1}
                  onClick={() => move(at, 1)}
                />
                <IconButton
                  size="sm"
                  label={`Remove rule ${at + 1}`}
                  icon={<Trash2 aria-hidden />}
                  onClick={() => set(rules.filter((_, i) => i !== at))}
                />
              </span>
            </li>
          ))}
        </ul>
        <div className={styles.actions}>
          <Button
            icon={<Plus aria-hidden />}
            disabled={rules.length >= MOST_RULES}
            onClick={() => set([...rules, { filter: '', color: nextColor, on: true }])}
          >
            Add a rule
          </Button>
          <span className={styles.grow} />
          <Button tone="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function RuleFilter({ value, at, onChange }: { value: string; at: number; onChange(filter: string): void }) {
  const api = useApi();
  const [text, setText] = useState(value);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let over = false;
    api.call('display.check', { filter: text }).then(
      (check) => !over && setProblem(check.ok ? undefined : check.message),
      () => {},
    );
    return () => {
      over = true;
    };
  }, [api, text]);
  return (
    <TextField
      label={`Filter of rule ${at + 1}`}
      wrong={problem !== undefined}
      title={problem}
      placeholder="display filter, as tcp.analysis.retransmission"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(event.target.value.trim());
      }}
    />
  );
}

function Colors({ at, value, onChange }: { at: number; value: RuleColor; onChange(color: RuleColor): void }) {
  return (
    <span className={styles.colors} role="radiogroup" aria-label={`Colour of rule ${at + 1}`}>
      {RULE_COLORS.map((color) => (
        <button
          key={color}
          type="button"
          role="radio"
          aria-checked={color === value}
          aria-label={`Colour ${color}`}
          className={styles.color}
          style={{ '--swatch': `var(--series-${color})` } as React.CSSProperties}
          onClick={() => onChange(color)}
        />
      ))}
    </span>
  );
}
