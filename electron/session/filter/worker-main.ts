/** The filter compiler's thread: libpcap may ask the network for a host's name, and an event loop must not wait for that. */
import { parentPort } from 'node:worker_threads';
import { errorData } from '../../shared/errors.ts';
import type { Answer, Question } from './compiler.ts';
import { checkFilter, compileFilter } from './index.ts';

parentPort!.on('message', ({ id, kind, text, linkTypes }: Question) => {
  let answer: Answer;
  try {
    answer = { id, value: kind === 'check' ? checkFilter(text, linkTypes) : compileFilter(text, linkTypes) };
  } catch (error) {
    answer = { id, error: errorData(error) };
  }
  parentPort!.postMessage(answer);
});
