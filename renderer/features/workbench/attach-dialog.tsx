/**
 * Attaches a loaded program: where (interface and hook, tracepoint, kernel function, socket, or what its section names), how, and for how long. What is
 * there already is named, and taking its place is asked once, by the id that was seen.
 */
import { type FormEvent, useState } from 'react';
import type { AttachedProgram } from '../../../electron/shared/capture.ts';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import { PIN_NAME } from '../../../electron/shared/workbench.ts';
import { useApi } from '../../api/backend-context.ts';
import { notify } from '../../state/notices.ts';
import { type Attachable, closeAttach, useWorkbench } from '../../state/workbench.ts';
import { Button, Dialog, Segments, TextField } from '../../ui/index.ts';
import styles from './attach-dialog.module.css';
import { wakeDeck } from './deck-state.ts';
import { ReplaceWarning } from './replace-warning.tsx';
import { Field, firstChoice, isComplete, TargetFields, useOccupant } from './target-fields.tsx';
import { type Choice, namedBySection, placesFor, targetOf } from './targets.ts';
import { Trouble } from './trouble.tsx';

export function AttachDialog() {
  const attaching = useWorkbench((s) => s.attaching);
  return attaching ? <Form key={attaching.id} program={attaching} /> : null;
}

function Form({ program }: { program: Attachable }) {
  const api = useApi();
  const places = placesFor(program);
  const [choice, setChoice] = useState(() => firstChoice(places[0]!, namedBySection(program.section ?? '')));
  const [stays, setStays] = useState(false);
  const [pin, setPin] = useState(program.name.replace(/[^\w-]/g, '_'));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();
  /** What was seen there when its place was asked for. */
  const [replacing, setReplacing] = useState<AttachedProgram>();
  const there = useOccupant(choice);
  const target = targetOf(choice);
  const badPin = stays && !PIN_NAME.test(pin);
  const ready = !busy && !badPin && isComplete(choice);
  const set = (part: Partial<Choice>) => {
    setError(undefined);
    setReplacing(undefined);
    setChoice((now) => ({ ...now, ...part }));
  };
  const attach = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    if (there && replacing?.programId !== there.programId) {
      setReplacing(there);
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const made = await api.call('attachments.attach', {
        programId: program.id,
        target,
        ...(replacing && { replace: { expectedId: replacing.programId } }),
        ...(stays && { pin }),
      });
      closeAttach();
      if (made.note) notify(`${program.name}: ${made.note}`);
      wakeDeck();
    } catch (failure) {
      setError(errorData(failure));
      setReplacing(undefined);
      setBusy(false);
    }
  };
  return (
    <Dialog label={`Attach ${program.name}`} className={styles.dialog} onClose={closeAttach}>
      <form className={styles.form} onSubmit={(event) => void attach(event)}>
        <h2 className={styles.title}>Attach {program.name}</h2>
        <TargetFields places={places} choice={choice} section={program.section} onChange={set} />
        <Field
          name="For how long"
          help={
            stays
              ? 'Pinned under this name: it stays when xdpeek ends, until it is detached.'
              : 'It is detached when xdpeek ends.'
          }
        >
          <Segments
            label="For how long"
            value={stays ? 'stays' : 'session'}
            options={[
              { value: 'session', label: 'While xdpeek runs' },
              { value: 'stays', label: 'For good' },
            ]}
            onChange={(next) => setStays(next === 'stays')}
          />
          {stays && (
            <TextField
              label="Name of the pin"
              wrong={badPin}
              value={pin}
              onChange={(event) => setPin(event.target.value)}
            />
          )}
        </Field>
        {replacing && <ReplaceWarning old={replacing} by={program.name} target={target} />}
        {error && <Trouble error={error} title="It was not attached" />}
        <div className={styles.actions}>
          <Button onClick={closeAttach}>Cancel</Button>
          <Button type="submit" tone={replacing ? 'danger' : 'primary'} disabled={!ready}>
            {busy ? 'Attaching…' : replacing ? `Replace ${replacing.name}` : 'Attach'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
