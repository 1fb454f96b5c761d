/** Below every face: the programs that were loaded here, where they are attached, what they did with the packets so far; and how to end that. */
import { Gauge, Unplug } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { errorData } from '../../../electron/shared/errors.ts';
import type { LoadedProgram, WorkbenchAttachment } from '../../../electron/shared/workbench.ts';
import { useApi } from '../../api/backend-context.ts';
import { showProgram } from '../../state/kernel-objects.ts';
import { notifyError } from '../../state/notices.ts';
import { askAttach } from '../../state/workbench.ts';
import { Button, ConfirmDialog, compact, grouped, IconButton, VerdictMark } from '../../ui/index.ts';
import styles from './deck.module.css';
import { type DeckObject, useDeck, useDeckState, wakeDeck } from './deck-state.ts';
import { typeWord } from './program-types.ts';
import { targetText } from './targets.ts';
import { Trouble } from './trouble.tsx';
import { ACTIONS, type VerdictCounts } from './verdict-counts.ts';

interface Idle {
  object: DeckObject;
  program: LoadedProgram;
}

export function Deck() {
  useDeck();
  const api = useApi();
  const { objects, attachments, statistics, error } = useDeckState();
  const attached = new Set(attachments.map(({ programId }) => programId));
  const idle: Idle[] = objects.flatMap((object) =>
    object.loaded.programs.filter(({ id }) => !attached.has(id)).map((program) => ({ object, program })),
  );
  if (error)
    return (
      <div className={styles.failed}>
        <Trouble
          error={error}
          title="What is attached cannot be seen"
          actions={
            <Button size="sm" onClick={wakeDeck}>
              Try again
            </Button>
          }
        />
      </div>
    );
  if (attachments.length + idle.length === 0) return null;
  const setStatistics = () => api.call('programs.statistics', { on: !statistics }).then(wakeDeck, notifyError);
  return (
    <section className={styles.deck} aria-label="Loaded and attached">
      <div className={styles.head}>
        <h3 className={styles.title}>
          {attachments.length === 0 ? 'Loaded here' : `Attached here ${attachments.length}`}
          {attachments.length > 0 && idle.length > 0 && (
            <span className={styles.faint}> · loaded {idle.length} more</span>
          )}
        </h3>
        {attachments.length > 0 && (
          <IconButton
            size="sm"
            side="top"
            label={
              statistics ? 'Stop counting runs' : 'Count the runs of all programs and their time (about 20 ns a run)'
            }
            pressed={statistics}
            icon={<Gauge aria-hidden />}
            onClick={() => void setStatistics()}
          />
        )}
      </div>
      <ul className={styles.list}>
        {attachments.map((attachment) => (
          <Attached key={attachment.attachmentId} attachment={attachment} objects={objects} />
        ))}
        {idle.map((each) => (
          <IdleRow key={each.program.id} {...each} />
        ))}
      </ul>
    </section>
  );
}

function Attached({ attachment, objects }: { attachment: WorkbenchAttachment; objects: readonly DeckObject[] }) {
  const api = useApi();
  const { attachmentId, programId, target, actualMode, via, pin, note } = attachment;
  const program = useDeckState((s) => s.programs.get(programId));
  const verdicts = useDeckState((s) => s.verdicts.get(programId));
  const statistics = useDeckState((s) => s.statistics);
  const [asking, setAsking] = useState(false);
  const name =
    objects.flatMap(({ loaded }) => loaded.programs).find(({ id }) => id === programId)?.name ??
    program?.name ??
    `program ${programId}`;
  const detach = () => {
    setAsking(false);
    api.call('attachments.detach', { attachmentId }).then(wakeDeck, notifyError);
  };
  return (
    <li className={styles.row} aria-label={`${name}, ${targetText(target)}`}>
      <span className={styles.dot} aria-hidden />
      <button
        type="button"
        className={styles.name}
        title={`Show program ${programId}`}
        onClick={() => showProgram(programId)}
      >
        {name}
      </button>
      <span className={styles.where} title={note ?? via}>
        {targetText(target)}
        <span className={styles.faint}>
          {[actualMode, via, pin !== undefined && `pinned as ${pin}`].filter(Boolean).map((word) => ` · ${word}`)}
        </span>
      </span>
      <span className={styles.counts}>
        {verdicts ? (
          <Verdicts counts={verdicts} />
        ) : (
          <span className={styles.faint}>{program ? 'counts no verdicts' : ''}</span>
        )}
      </span>
      <span className={styles.runs}>
        {statistics && program
          ? `${grouped(program.runCount)} runs · ${compact(program.runsPerSecond ?? 0)}/s · ${program.nsPerRun === undefined ? '–' : Math.round(program.nsPerRun)} ns`
          : ''}
      </span>
      <Button size="sm" icon={<Unplug aria-hidden />} onClick={() => setAsking(true)}>
        Detach
      </Button>
      {asking && (
        <ConfirmDialog title={`Detach ${name}?`} action="Detach" onCancel={() => setAsking(false)} onConfirm={detach}>
          It is taken off {targetText(target)}: packets and events there no longer reach it.
          {pin !== undefined && ` Its pin ${pin} is removed.`} It stays loaded, to be attached again.
        </ConfirmDialog>
      )}
    </li>
  );
}

/** Packets by verdict, and how many a second since the reading before. */
function Verdicts({ counts }: { counts: VerdictCounts }) {
  const before = useRef({ counts, atMs: performance.now() });
  const [rates, setRates] = useState<readonly number[]>([]);
  useEffect(() => {
    const last = before.current;
    const nowMs = performance.now();
    const seconds = (nowMs - last.atMs) / 1000;
    if (seconds < 0.5) return;
    setRates(counts.map((count, i) => Math.max(0, count - last.counts[i]!) / seconds));
    before.current = { counts, atMs: nowMs };
  }, [counts]);
  return ACTIONS.map((verdict, i) => (
    <span
      key={verdict}
      className={styles.verdict}
      data-zero={counts[i] === 0}
      title={`${verdict}: ${grouped(counts[i]!)} packets`}
    >
      <VerdictMark verdict={verdict} />
      <span className={styles.word}>{verdict}</span>
      <span className="mono">{compact(counts[i]!)}</span>
      <span className={styles.rate}>{(rates[i] ?? 0) > 0 ? `${compact(rates[i]!)}/s` : ''}</span>
    </span>
  ));
}

function IdleRow({ object, program }: Idle) {
  const api = useApi();
  const [asking, setAsking] = useState(false);
  const unload = () => {
    setAsking(false);
    api
      .call('objects.close', { objectId: object.objectId })
      .then(wakeDeck, (error: unknown) => notifyError(errorData(error)));
  };
  const others = object.loaded.programs.length - 1;
  return (
    <li className={styles.row} aria-label={`${program.name}, not attached`}>
      <span className={styles.dot} data-idle aria-hidden />
      <button
        type="button"
        className={styles.name}
        title={`Show program ${program.id}`}
        onClick={() => showProgram(program.id)}
      >
        {program.name}
      </button>
      <span className={styles.where}>
        <span className={styles.faint}>
          {typeWord(program.type)} · of {object.name} · not attached
        </span>
      </span>
      <span className={styles.counts} />
      <span className={styles.runs} />
      <span className={styles.buttons}>
        <Button size="sm" onClick={() => askAttach(program)}>
          Attach…
        </Button>
        <Button size="sm" tone="ghost" onClick={() => setAsking(true)}>
          Unload
        </Button>
      </span>
      {asking && (
        <ConfirmDialog
          title={`Unload ${object.name}?`}
          action="Unload"
          onCancel={() => setAsking(false)}
          onConfirm={unload}
        >
          {program.name}
          {others > 0 && ` and ${others} more of its programs`} leave the kernel, with what their maps hold, unless
          something else keeps them: an attachment, a pin, another process.
        </ConfirmDialog>
      )}
    </li>
  );
}
