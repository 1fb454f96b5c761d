/** What stands in an object file and how it is to be loaded: programs, global variables, maps. One button at the foot loads what is chosen. */
import { FolderOpen, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ObjectDescription } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { keysOf, runCommand, useCommand } from '../../state/commands.ts';
import { Button, count, IconButton, Segments, sameValue, TextField, Tooltip, ValueField } from '../../ui/index.ts';
import styles from './load-form.module.css';
import { type LoadChoices, wrongChoices, wrongFolder } from './load-request.ts';
import { MapTable } from './map-table.tsx';
import { choose, closeObject, dismissError, loadObject, useObject } from './object-state.ts';
import { ProgramTable } from './program-table.tsx';
import { Trouble } from './trouble.tsx';

export interface LoadFormProps {
  description: ObjectDescription;
  choices: LoadChoices;
}

const LOG_LEVELS = [
  { value: '0', label: 'Errors' },
  { value: '1', label: 'Path' },
  { value: '2', label: 'Everything' },
] as const;

export function LoadForm({ description, choices }: LoadFormProps) {
  const api = useApi();
  const loading = useObject((s) => s.loading);
  const error = useObject((s) => s.error);
  const opening = useObject((s) => s.opening);
  const wrong = wrongChoices(description, choices);
  const { name, license, programs, maps, variables, hasBtf } = description;
  const load = () => void loadObject(api);
  useCommand({
    id: 'workbench.load',
    label: 'Load the Object',
    section: 'Workbench',
    keys: 'Ctrl+Enter',
    enabled: () => !loading && wrong === undefined,
    run: load,
  });
  const facts = [
    count(programs.length, 'program'),
    count(maps.length, 'map'),
    license === '' ? 'no license' : `license ${license}`,
    hasBtf ? 'with type information (BTF)' : 'without type information (BTF): values are hexadecimal',
  ].join(' · ');
  return (
    <section className={styles.form} aria-label={`Object ${name}`}>
      <header className={styles.head}>
        <div className={styles.what}>
          <h2 className={styles.name} title={name}>
            {name}
          </h2>
          <p className={styles.facts} title={facts}>
            {facts}
          </p>
        </div>
        <IconButton
          label="Open another object"
          keys={keysOf('workbench.open')}
          icon={<FolderOpen aria-hidden />}
          disabled={opening !== undefined}
          onClick={() => runCommand('workbench.open')}
        />
        <IconButton label="Close the file" icon={<X aria-hidden />} onClick={closeObject} />
      </header>
      <div className={styles.scroll}>
        {error && <Trouble error={error} title="The other file could not be opened" onDismiss={dismissError} />}
        <Part title="Programs">
          <ProgramTable programs={programs} choices={choices} />
        </Part>
        {variables.length > 0 && (
          <Part title="Global variables" note="Set before the program is loaded; .rodata is constant from then on.">
            <div className={styles.variables}>
              {variables.map(({ name: variable, section, type, value }) => (
                <ValueField
                  key={`${section} ${variable}`}
                  name={variable}
                  note={section}
                  type={type}
                  value={choices.variables[variable]!}
                  changed={!sameValue(choices.variables[variable]!, value)}
                  onChange={(next) => choose({ variables: { ...choices.variables, [variable]: next } })}
                  onReset={() => choose({ variables: { ...choices.variables, [variable]: value } })}
                />
              ))}
            </div>
          </Part>
        )}
        {maps.length > 0 && (
          <Part title="Maps" note="A map with the id of one that exists is used instead of a new one.">
            <MapTable maps={maps} choices={choices} />
          </Part>
        )}
        <Part title="Loading">
          <label className={styles.option}>
            <span>Pin maps in</span>
            <TextField
              className={styles.folder}
              placeholder="not pinned"
              label="Folder for pinned maps"
              wrong={wrongFolder(choices.pinDir) !== undefined}
              value={choices.pinDir}
              onChange={(event) => choose({ pinDir: event.target.value })}
            />
            <span className={styles.help}>
              {wrongFolder(choices.pinDir) ??
                'A folder of xdpeek’s own in bpffs. What is pinned there already is used again.'}
            </span>
          </label>
          <div className={styles.option}>
            <span>Verifier’s log</span>
            <Segments
              label="Verifier’s log"
              value={`${choices.logLevel}`}
              options={LOG_LEVELS}
              onChange={(level) => choose({ logLevel: Number(level) as LoadChoices['logLevel'] })}
            />
            <span className={styles.help}>“Everything” shows each instruction of accepted programs too.</span>
          </div>
        </Part>
      </div>
      <footer className={styles.foot}>
        <span className={styles.wrong} role="status">
          {wrong}
        </span>
        <Tooltip label="Give it to the kernel’s verifier" keys="Ctrl+Enter" side="top">
          <Button tone="primary" disabled={loading || wrong !== undefined} onClick={load}>
            {loading
              ? 'Loading…'
              : `Load ${choices.programs.size === 1 ? [...choices.programs][0] : count(choices.programs.size, 'program')}`}
          </Button>
        </Tooltip>
      </footer>
    </section>
  );
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h3 className={styles.title}>{title}</h3>
      {note && <p className={styles.note}>{note}</p>}
      {children}
    </section>
  );
}
