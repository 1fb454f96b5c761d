/**
 * Where in a capture filter libpcap's complaint is about. libpcap says what is wrong but not where: a word that the message quotes is
 * looked up in the text; for a syntax error the text is cut after each word in turn, and the first cut that nothing can complete
 * ends with the word at fault.
 */

export interface Place {
  /** UTF-16 units. */
  offset: number;
  length: number;
}

interface Token extends Place {
  text: string;
}

/** Compiles or throws; as PcapAddon.compile for one link type. */
type Compile = (text: string) => unknown;

const TOKEN = /"[^"]*"?|&&|\|\||<<|>>|[<>=!]=|[()[\]!<>=+*/%&|^:-]|[^\s()[\]!<>=+*/%&|^"]+/g;

/** What can follow the start of a filter. Each is tried behind a cut, with the brackets that are open closed. */
const COMPLETIONS = [
  '',
  'tcp',
  '1',
  '80',
  '1.2.3.4',
  'host 1.2.3.4',
  '1.0.0.0/8',
  '1-2',
  '= 1',
  '0] = 1',
  '] = 1',
  ':1] = 1',
  '1] = 1',
  '00:11:22:33:44:55',
  'and tcp',
  '::1',
];

export function findPlace(text: string, message: string, compile: Compile): Place {
  const tokens = tokenize(text);
  const whole = { offset: 0, length: text.length };
  if (tokens.length === 0) return whole;
  return (
    quoted(message, tokens, text) ??
    (/syntax error|parse/i.test(message) ? unparsable(tokens, text, compile) : undefined) ??
    firstRefused(tokens, text, compile) ??
    whole
  );
}

export function tokenize(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(({ 0: word, index }) => ({ text: word, offset: index, length: word.length }));
}

/** "unknown host 'foo'", "port 'bar' is tcp", "unknown network 'x'": the last such word of the message that is in the text. */
function quoted(message: string, tokens: Token[], text: string): Place | undefined {
  const words = [...message.matchAll(/'([^']+)'|"([^"]+)"|\b(?:host|port|protocol|network)\s+([^\s'"]+)/g)].map(
    (m) => m[1] ?? m[2] ?? m[3]!,
  );
  for (const word of words.toReversed()) {
    const token = tokens.find((each) => each.text === word || each.text === `\\${word}`);
    if (token) return { offset: token.offset, length: token.length };
    const offset = text.indexOf(word);
    if (offset >= 0 && word.length > 2) return { offset, length: word.length };
  }
  return undefined;
}

/** The first word behind which no completion makes a filter. At the end of the text something is missing: the place is behind it. */
function unparsable(tokens: Token[], text: string, compile: Compile): Place | undefined {
  for (const token of tokens) {
    if (completes(text.slice(0, token.offset + token.length), compile)) continue;
    // The start of a word may be what does not belong here, or the word before it what needs another one.
    return { offset: token.offset, length: token.length };
  }
  const last = tokens.at(-1)!;
  return { offset: last.offset + last.length, length: 0 };
}

function completes(start: string, compile: Compile): boolean {
  const closing = brackets(start);
  return COMPLETIONS.some(
    (more) => succeeds(`${start} ${more}${closing}`, compile) || succeeds(`${start} ${more}${closing} = 1`, compile),
  );
}

function brackets(text: string): string {
  let open = '';
  for (const char of text) {
    if (char === '(') open = `)${open}`;
    else if (char === '[') open = `]${open}`;
    else if (char === open[0]) open = open.slice(1);
  }
  return open;
}

/** Grammatical, but refused for what it means: the shortest start that is refused so ends with the word at fault. */
function firstRefused(tokens: Token[], text: string, compile: Compile): Place | undefined {
  for (const token of tokens) {
    const start = text.slice(0, token.offset + token.length);
    const message = failure(`${start}${brackets(start)}`, compile);
    if (message && !/syntax error/.test(message)) return { offset: token.offset, length: token.length };
  }
  return undefined;
}

function succeeds(text: string, compile: Compile): boolean {
  const message = failure(text, compile);
  // What is grammatical and refused for its meaning alone is a possible start as well.
  return message === undefined || !/syntax error|can't parse|illegal token|illegal char/i.test(message);
}

function failure(text: string, compile: Compile): string | undefined {
  try {
    compile(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
