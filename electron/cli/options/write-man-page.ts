/** Writes assets/xdpeek.1 anew after the tables changed. */
import { writeFileSync } from 'node:fs';
import { COMMANDS } from '../table.ts';
import { VERSION } from '../version.ts';
import { manPage } from './man-page.ts';

writeFileSync(new URL('../../../assets/xdpeek.1', import.meta.url), manPage(COMMANDS, VERSION));
