/** The filter compiler's thread: libpcap may ask the network for a host's name, and an event loop must not wait for that. */
import { parentPort } from 'node:worker_threads';
import { errorData } from '../../shared/errors.ts';
import type { Answer, End, Question } from './compiler.ts';
import { checkFilter, compileFilter } from './index.ts';

parentPort!.on('message', (question: Question | End) => {
  if (question === 'end') return parentPort!.close();
  const { id, kind, text, linkTypes } = question;
  let answer: Answer;
  try {
    answer = { id, value: kind === 'check' ? checkFilter(text, linkTypes) : compileFilter(text, linkTypes) };
  } catch (error) {
    answer = { id, error: errorData(error) };
  }
  parentPort!.postMessage(answer);
});
