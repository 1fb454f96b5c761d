/** One program of the library. What it needs is asked for in its form; attaching loads it with that. Those made to be refused show why. */
import { type FormEvent, lazy, Suspense, useEffect, useState } from 'react';
import type { AttachedProgram } from '../../../electron/shared/capture.ts';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { LibraryEntry, LoadOutcome } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { notify } from '../../state/notices.ts';
import { showFace } from '../../state/workbench.ts';
import { showXskEcho } from '../../state/xsk-echo.ts';
import { Button, isPermission } from '../../ui/index.ts';
import { wakeDeck } from './deck-state.ts';
import styles from './library.module.css';
import { LogReader } from './log-reader.tsx';
import { showDescription } from './object-state.ts';
import { ParameterFields } from './parameter-fields.tsx';
import { wrongParameters } from './parameters.ts';
import { ReplaceWarning } from './replace-warning.tsx';
import { firstChoice, isComplete, TargetFields, useOccupant } from './target-fields.tsx';
import { type Choice, PLACE_WORDS, type Place, targetOf } from './targets.ts';
import { Trouble } from './trouble.tsx';

const Editor = lazy(() => import('./editor.tsx'));

export function LibraryPage({ entry }: { entry: LibraryEntry }) {
  const { name, title, about, hooks } = entry;
  return (
    <article className={styles.page} aria-label={title}>
      <div className={styles.scroll}>
        <header>
          <h2 className={styles.title}>{title}</h2>
          <p className={styles.facts}>
            <code>{name}</code> · {hooks.map((hook) => PLACE_WORDS[hook].label).join(', ')}
          </p>
        </header>
        {about.map((paragraph) => (
          <p key={paragraph} className={styles.words}>
            {paragraph}
          </p>
        ))}
        <Use entry={entry} />
      </div>
      <Source name={name} />
    </article>
  );
}

function Use({ entry }: { entry: LibraryEntry }) {
  const api = useApi();
  const { name, hooks, parameters, loads } = entry;
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [choice, setChoice] = useState(() => firstChoice(hooks[0] ?? 'xdp', namedFor(entry, hooks[0])));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();
  const [outcome, setOutcome] = useState<LoadOutcome>();
  const [replacing, setReplacing] = useState<AttachedProgram>();
  const there = useOccupant(choice);
  const target = targetOf(choice);
  const wrong = wrongParameters(parameters, values);
  const ready = !busy && wrong === undefined && (!loads || isComplete(choice));
  const clear = () => {
    setError(undefined);
    setReplacing(undefined);
  };
  const set = (part: Partial<Choice>) => {
    clear();
    const name = part.place && namedFor(entry, part.place);
    setChoice((now) => ({ ...now, ...(name !== undefined && { name }), ...part }));
  };
  /** Empty ones take what the program says. */
  const given = () => Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    clear();
    setOutcome(undefined);
    try {
      await work();
    } catch (failure) {
      setError(errorData(failure));
    }
    setBusy(false);
  };
  const settle = (made: LoadOutcome) => {
    setOutcome(made);
    // Looking would ask for the password once more.
    if (!made.error || !isPermission(made.error)) wakeDeck();
  };
  const attach = () =>
    run(async () => {
      const made = await api.call('library.attach', {
        name,
        values: given(),
        target,
        ...(replacing && { replace: { expectedId: replacing.programId } }),
      });
      settle(made.outcome);
      if (made.attachment?.note) notify(`${name}: ${made.attachment.note}`);
    });
  const lesson = () =>
    run(async () => {
      const { token } = await api.call('library.open', { name, values: given() });
      settle(
        await api.call('objects.load', {
          token,
          programs: [name],
          types: [],
          variables: [],
          mapSizes: [],
          reuse: [],
          logLevel: 2,
        }),
      );
    });
  const openForm = () =>
    run(async () => {
      showDescription(await api.call('library.open', { name, values: given() }));
      showFace('object');
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    if (!loads) void lesson();
    else if (there && replacing?.programId !== there.programId) setReplacing(there);
    else void attach();
  };
  const refused = outcome?.logs.find((log) => !log.accepted) ?? outcome?.logs[0];
  return (
    <form className={styles.use} aria-label={`Use ${name}`} onSubmit={submit}>
      <ParameterFields
        parameters={parameters}
        values={values}
        onChange={(parameter, value) => {
          clear();
          setValues((now) => ({ ...now, [parameter]: value }));
        }}
      />
      {loads && <TargetFields places={hooks.length > 0 ? hooks : ['object']} choice={choice} onChange={set} />}
      {replacing && <ReplaceWarning old={replacing} by={name} target={target} />}
      {error && <Trouble error={error} title="It was not attached" />}
      {outcome?.error && (
        <Trouble error={outcome.error} title="The kernel did not take it" quiet={outcome.logs.length > 0} />
      )}
      {refused && !refused.accepted && (
        <div className={styles.log}>
          <LogReader log={refused} />
        </div>
      )}
      <div className={styles.buttons}>
        <Button type="submit" tone={replacing ? 'danger' : 'primary'} disabled={!ready}>
          {busy ? 'At work…' : replacing ? `Replace ${replacing.name}` : loads ? 'Attach' : 'Load, to see it refused'}
        </Button>
        <Button disabled={busy || wrong !== undefined} onClick={() => void openForm()}>
          Open as object…
        </Button>
        {/* Its sockets are a process of their own to start: the program alone hands packets to nobody. */}
        {name === 'xsk_echo_reply' && <Button onClick={() => showXskEcho(true)}>Run with sockets…</Button>}
        {name === 'xsk_alternate' && (
          <Button onClick={() => showXskEcho(true, 'every-second')}>Run with sockets…</Button>
        )}
        <span className={styles.faint}>{wrong}</span>
      </div>
    </form>
  );
}

/** The event or function that it is made for. */
function namedFor({ tracepoint, kprobe }: LibraryEntry, place: Place | undefined): string {
  return (place === 'tracepoint' ? tracepoint : place === 'kprobe' ? kprobe : undefined) ?? '';
}

function Source({ name }: { name: string }) {
  const api = useApi();
  const [text, setText] = useState<string>();
  useEffect(() => {
    let over = false;
    api.call('library.source', { name }).then(
      (source) => !over && setText(source.text),
      (error) => !over && setText(`/* ${errorData(error).message} */`),
    );
    return () => {
      over = true;
    };
  }, [api, name]);
  return (
    <section className={styles.source} aria-label="Source">
      <h3 className={styles.sourceTitle}>Source</h3>
      <div className={styles.sourceText}>
        {text !== undefined && (
          <Suspense fallback={<pre className={styles.before}>{text}</pre>}>
            <Editor
              id={`library-${name}`}
              label={`Source of ${name}`}
              language="c"
              text={text}
              problems={NONE}
              readOnly
            />
          </Suspense>
        )}
      </div>
    </section>
  );
}

const NONE: readonly never[] = [];
