/** Programs written here: the editor at the left, what the verifier made of them at the right. Assembly is checked while it is typed, C when it is compiled. */
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { useCommand } from '../../state/commands.ts';
import { Button, count, Menu, Pane, Panes, Segments, Select, TextField, Tooltip } from '../../ui/index.ts';
import { Outcome } from './outcome.tsx';
import { PROGRAM_TYPES } from './program-types.ts';
import { TEMPLATES } from './templates.ts';
import styles from './write-face.module.css';
import { checkAssembly, describe, loadWritten, setText, takeTemplate, useWrite } from './write-state.ts';

/** The editor is as large as a view of its own: it comes when it is first shown. */
const Editor = lazy(() => import('./editor.tsx'));

const LANGUAGES = [
  { value: 'assembly', label: 'eBPF assembly' },
  { value: 'c', label: 'C' },
] as const;
/** After the last key, before it is looked at. */
const PAUSE_MS = 250;
/** libbpf and the kernel keep 15 characters. */
const NAME = /^[A-Za-z0-9_.]{1,15}$/;

export function WriteFace() {
  const api = useApi();
  const { language, outcomes, busy } = useWrite();
  return (
    <Panes id="workbench-write" orientation="horizontal">
      <Pane id="text" defaultSize="56%" minSize={380}>
        <Writer />
      </Pane>
      <Pane id="outcome" minSize={300}>
        <Outcome
          key={language}
          outcome={outcomes[language]}
          loading={busy === 'loading'}
          onAgain={() => void loadWritten(api)}
        />
      </Pane>
    </Panes>
  );
}

function Writer() {
  const api = useApi();
  const { language, texts, name, type, problems, refused, busy, instructions } = useWrite();
  const place = refused[language];
  const marks = useMemo(
    () => (place ? [...problems[language], place] : problems[language]),
    [problems, language, place],
  );
  const errors = problems[language].filter(({ severity }) => severity === 'error').length;
  const badName = language === 'assembly' && !NAME.test(name);
  const load = () => void loadWritten(api);
  const ready = busy === undefined && !badName && (language === 'c' || errors === 0);
  useEffect(() => {
    if (language !== 'assembly') return;
    // A backend that is gone is told elsewhere.
    const timer = setTimeout(() => checkAssembly(api).catch(() => {}), texts.assembly === '' ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [api, language, texts.assembly]);
  useCommand({
    id: 'workbench.load',
    label: 'Load What Is Written',
    section: 'Workbench',
    keys: 'Ctrl+Enter',
    enabled: () => ready,
    run: load,
  });
  return (
    <section className={styles.writer} aria-label="Program">
      <div className={styles.bar}>
        <Segments
          label="Language"
          value={language}
          options={LANGUAGES}
          onChange={(next) => describe({ language: next })}
        />
        <Menu
          trigger={<Button size="sm">Templates</Button>}
          entries={TEMPLATES.filter((template) => template.language === language).map((template) => ({
            label: template.label,
            run: () => takeTemplate(template),
          }))}
        />
        {language === 'assembly' && (
          <>
            <Select
              size="sm"
              label="Type of the program"
              value={type}
              options={PROGRAM_TYPES}
              onChange={(next) => describe({ type: next })}
            />
            <TextField
              className={styles.name}
              label="Name of the program"
              wrong={badName}
              maxLength={15}
              value={name}
              onChange={(event) => describe({ name: event.target.value })}
            />
          </>
        )}
      </div>
      <div className={styles.text}>
        <Suspense fallback={<pre className={styles.before}>{texts[language]}</pre>}>
          <Editor
            key={language}
            id={`write-${language}`}
            label={language === 'c' ? 'C source' : 'eBPF assembly'}
            language={language}
            text={texts[language]}
            problems={marks}
            onChange={(text) => setText(language, text)}
            onRun={() => ready && load()}
          />
        </Suspense>
      </div>
      <footer className={styles.foot}>
        <span className={styles.status} data-bad={errors > 0 || badName} role="status">
          {badName
            ? 'A name has 1 to 15 letters, digits, "_" or ".".'
            : errors > 0
              ? firstPlace(problems[language])
              : language === 'assembly'
                ? instructions === undefined
                  ? ''
                  : count(instructions, 'instruction')
                : 'Compiled with this machine’s clang for the bpf target'}
        </span>
        <Tooltip label="Give it to the kernel’s verifier" keys="Ctrl+Enter" side="top">
          <Button tone="primary" disabled={!ready} onClick={load}>
            {busy === 'compiling'
              ? 'Compiling…'
              : busy === 'loading'
                ? 'Loading…'
                : language === 'c'
                  ? 'Compile and load'
                  : 'Load'}
          </Button>
        </Tooltip>
      </footer>
    </section>
  );
}

function firstPlace(problems: readonly { line: number; severity: string }[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return errors.length === 1
    ? `1 error, in line ${errors[0]!.line}`
    : `${count(errors.length, 'error')}, the first in line ${errors[0]!.line}`;
}
