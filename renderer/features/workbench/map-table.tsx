/** Maps of an object file: their kind and types; how large they are made, or which existing map stands for them. */
import type { ObjectDescription } from '../../../electron/shared/workbench-api.ts';
import { TextField } from '../../ui/index.ts';
import styles from './load-form.module.css';
import { type LoadChoices, wrongSize } from './load-request.ts';
import { choose } from './object-state.ts';

type ObjectMap = ObjectDescription['maps'][number];

/** "struct flow_key → struct counters", or how many bytes where there are no types. */
function contents({ keyType, valueType, keyBytes, valueBytes }: ObjectMap): string {
  const word = ({ kind, name }: ObjectMap['keyType'], bytes: number) =>
    kind === 'bytes' && name === '' ? `${bytes} B` : name;
  if (keyBytes === 0 && valueBytes === 0) return '';
  return keyBytes === 0 ? word(valueType, valueBytes) : `${word(keyType, keyBytes)} → ${word(valueType, valueBytes)}`;
}

export function MapTable({ maps, choices }: { maps: readonly ObjectMap[]; choices: LoadChoices }) {
  return (
    <table className={styles.table}>
      <colgroup>
        <col />
        <col width="34%" />
        <col width="92" />
        <col width="84" />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Kind, contents</th>
          <th scope="col">Entries</th>
          <th scope="col">Use map</th>
        </tr>
      </thead>
      <tbody>
        {maps.map((map) => {
          const { name, type, maxEntries } = map;
          const size = choices.sizes[name] ?? '';
          const reuse = choices.reuse[name] ?? '';
          return (
            <tr key={name}>
              <td title={name}>{name}</td>
              <td title={`${type} ${contents(map)}`}>
                {type} <span className={styles.faint}>{contents(map)}</span>
              </td>
              <td>
                <TextField
                  inputMode="numeric"
                  label={`Entries of ${name}`}
                  wrong={wrongSize(size)}
                  placeholder={String(maxEntries)}
                  disabled={reuse !== ''}
                  value={size}
                  onChange={(event) => choose({ sizes: { ...choices.sizes, [name]: event.target.value } })}
                />
              </td>
              <td>
                <TextField
                  inputMode="numeric"
                  label={`Id of an existing map to use for ${name}`}
                  wrong={wrongSize(reuse)}
                  placeholder="new"
                  value={reuse}
                  onChange={(event) => choose({ reuse: { ...choices.reuse, [name]: event.target.value } })}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
