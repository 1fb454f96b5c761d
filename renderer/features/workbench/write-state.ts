/** Programs that are being written: texts of both languages (kept between runs of the window), what is wrong with them, what came of loading. */
import { create } from 'zustand';
import type { InspectorApi } from '../../../electron/shared/api.ts';
import { errorData } from '../../../electron/shared/errors.ts';
import type { LoadOutcome } from '../../../electron/shared/workbench-api.ts';
import { wakeDeck } from './deck-state.ts';
import type { Language } from './editor-modes.ts';
import type { Problem } from './editor-problems.ts';
import { refusedStep } from './log-rows.ts';
import { PROGRAM_TYPES, type WrittenType } from './program-types.ts';
import { firstOf, type Template } from './templates.ts';

interface WriteState {
  language: Language;
  texts: Readonly<Record<Language, string>>;
  /** Of the program in assembly. */
  name: string;
  type: WrittenType;
  /** Of the text as it is now; C: as it was compiled last. */
  problems: Readonly<Record<Language, readonly Problem[]>>;
  /** Of the assembly; undefined = not looked at yet. */
  instructions?: number;
  busy?: 'compiling' | 'loading';
  outcomes: Readonly<Partial<Record<Language, LoadOutcome>>>;
  /** Where the verifier refused the text that was loaded last; gone once it is changed. */
  refused: Readonly<Partial<Record<Language, Problem>>>;
}

const KEY = 'xdpeek.drafts';
/** Longer drafts are not kept between runs. */
const KEPT_CHARS = 200_000;

export const useWrite = create<WriteState>(() => ({
  language: 'assembly',
  texts: { assembly: firstOf('assembly').text, c: firstOf('c').text },
  name: 'program',
  type: 'xdp',
  problems: { assembly: [], c: [] },
  outcomes: {},
  refused: {},
  ...kept(),
}));

export function setText(language: Language, text: string): void {
  const { texts } = useWrite.getState();
  if (texts[language] === text) return;
  const { [language]: _, ...refused } = useWrite.getState().refused;
  useWrite.setState({ texts: { ...texts, [language]: text }, refused });
  keep();
}

export function takeTemplate({ language, type, text }: Template): void {
  const { problems } = useWrite.getState();
  useWrite.setState({ language, type, problems: { ...problems, [language]: [] } });
  setText(language, text);
  keep();
}

export function describe(part: Partial<Pick<WriteState, 'language' | 'name' | 'type'>>): void {
  useWrite.setState(part);
  keep();
}

/** Says what is wrong while somebody types. */
export async function checkAssembly(api: InspectorApi): Promise<void> {
  const text = useWrite.getState().texts.assembly;
  const { instructions, errors } = await api.call('code.assemble', { text });
  const { texts, problems } = useWrite.getState();
  if (texts.assembly === text) useWrite.setState({ instructions, problems: { ...problems, assembly: errors } });
}

/** Assembles or compiles what is in front and hands it to the verifier. What is wrong with the text is not tried. */
export async function loadWritten(api: InspectorApi): Promise<void> {
  const { language, busy, texts } = useWrite.getState();
  const text = texts[language];
  if (busy) return;
  let outcome: LoadOutcome | undefined;
  try {
    outcome = await (language === 'assembly' ? loadAssembly(api) : loadC(api));
  } catch (error) {
    outcome = { error: errorData(error), logs: [] };
  }
  const { busy: _, outcomes, refused, ...rest } = useWrite.getState();
  const place = outcome && rest.texts[language] === text ? refusedPlace(outcome, text) : undefined;
  useWrite.setState(
    {
      ...rest,
      outcomes: outcome ? { ...outcomes, [language]: outcome } : outcomes,
      refused: place ? { ...refused, [language]: place } : refused,
    },
    true,
  );
  if (outcome?.loaded) wakeDeck();
}

/** The line of the text that the refused instruction came from: what headers brought is not in it. */
function refusedPlace({ logs }: LoadOutcome, text: string): Problem | undefined {
  const log = logs.find(({ accepted }) => !accepted);
  const source = log?.steps[refusedStep(log)]?.source;
  if (!log || !source) return undefined;
  const line = text.split('\n')[source.line - 1];
  if (line === undefined || line.trim() !== source.text.trim()) return undefined;
  return { line: source.line, column: line.search(/\S/) + 1, severity: 'error', text: log.reason ?? 'refused here' };
}

async function loadAssembly(api: InspectorApi): Promise<LoadOutcome | undefined> {
  useWrite.setState({ busy: 'loading' });
  await checkAssembly(api);
  const { texts, type, name, problems } = useWrite.getState();
  if (problems.assembly.some(({ severity }) => severity === 'error')) return undefined;
  return api.call('code.loadAssembly', { text: texts.assembly, name, type, license: 'GPL', logLevel: 2 });
}

async function loadC(api: InspectorApi): Promise<LoadOutcome | undefined> {
  useWrite.setState({ busy: 'compiling' });
  const text = useWrite.getState().texts.c;
  const { token, errors, missing } = await api.call('code.compile', { text, name: 'program' });
  useWrite.setState(({ problems }) => ({ problems: { ...problems, c: errors }, busy: 'loading' }));
  if (missing)
    return {
      error: {
        code: 'ENOENT',
        message: 'there is no clang on this machine to compile C with',
        hint: 'Install clang (Debian: apt-get install clang), or compile elsewhere and open the object file.',
      },
      logs: [],
    };
  if (token === undefined) return undefined;
  return api.call('objects.load', {
    token,
    programs: [],
    types: [],
    variables: [],
    mapSizes: [],
    reuse: [],
    logLevel: 1,
  });
}

function keep(): void {
  const { language, texts, name, type } = useWrite.getState();
  if (texts.assembly.length + texts.c.length > KEPT_CHARS) return;
  try {
    localStorage.setItem(KEY, JSON.stringify({ language, texts, name, type }));
  } catch {
    // No storage: they are there for this run.
  }
}

function kept(): Partial<WriteState> {
  try {
    const raw = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
    const texts = raw['texts'] as Record<string, unknown> | undefined;
    if (typeof texts?.['assembly'] !== 'string' || typeof texts['c'] !== 'string') return {};
    return {
      texts: { assembly: texts['assembly'], c: texts['c'] },
      ...((raw['language'] === 'c' || raw['language'] === 'assembly') && { language: raw['language'] }),
      ...(typeof raw['name'] === 'string' && { name: raw['name'] }),
      ...(PROGRAM_TYPES.some(({ value }) => value === raw['type']) && { type: raw['type'] as WrittenType }),
    };
  } catch {
    return {};
  }
}
