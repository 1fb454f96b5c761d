/** Programs of an object file: which are loaded, and what they are where their sections do not say. */
import type { ObjectDescription } from '../../../electron/shared/workbench-api.ts';
import { grouped, Select } from '../../ui/index.ts';
import styles from './load-form.module.css';
import { type LoadChoices, lacksType } from './load-request.ts';
import { toggled } from './log-rows.ts';
import { choose } from './object-state.ts';
import { PROGRAM_TYPES, typeWord } from './program-types.ts';

const CHOICES = [
  { value: '', label: 'Choose…' },
  ...PROGRAM_TYPES.map(({ value, label, detail }) => ({ value: value as string, label, detail })),
];

export function ProgramTable({ programs, choices }: { programs: ObjectDescription['programs']; choices: LoadChoices }) {
  const all = programs.length > 1 && choices.programs.size === programs.length;
  return (
    <table className={styles.table}>
      <colgroup>
        <col />
        <col width="26%" />
        <col width="24%" />
        <col width="64" />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">
            <span className={styles.pick}>
              {programs.length > 1 && (
                <input
                  type="checkbox"
                  aria-label="All programs"
                  checked={all}
                  ref={(box) => {
                    if (box) box.indeterminate = !all && choices.programs.size > 0;
                  }}
                  onChange={() => choose({ programs: new Set(all ? [] : programs.map(({ name }) => name)) })}
                />
              )}
              Name
            </span>
          </th>
          <th scope="col">Section</th>
          <th scope="col">Type</th>
          <th scope="col" className={styles.right}>
            Instr.
          </th>
        </tr>
      </thead>
      <tbody>
        {programs.map((program) => {
          const { name, section, type, attach, instructions, source } = program;
          const on = choices.programs.has(name);
          return (
            <tr key={name} data-off={!on}>
              <td>
                <label className={styles.pick} title={source && `${source.file}:${source.line}`}>
                  <input
                    type="checkbox"
                    checked={on}
                    aria-label={`Load ${name}`}
                    onChange={() => choose({ programs: toggled(choices.programs, name) })}
                  />
                  <span>{name}</span>
                </label>
              </td>
              <td className="mono" title={section}>
                {section}
              </td>
              <td title={attach}>
                {lacksType(program) ? (
                  <Select
                    size="sm"
                    label={`Type of ${name}`}
                    value={choices.types[name] ?? ''}
                    options={CHOICES}
                    onChange={(next) => choose({ types: { ...choices.types, [name]: next } })}
                  />
                ) : (
                  typeWord(type)
                )}
              </td>
              <td className={`mono ${styles.right}`}>{grouped(instructions)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
