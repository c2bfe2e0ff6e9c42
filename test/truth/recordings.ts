import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Case } from './case.ts';

const folder = path.join(import.meta.dirname, 'recordings');

/** The recorded cases, by the file that they are in. */
export const recordings = (): { name: string; cases: Case[] }[] =>
  readdirSync(folder).map((file) => ({ name: path.basename(file, '.jsonl'), cases: linesOf<Case>(path.join(folder, file)) }));

export const saveRecording = (name: string, cases: readonly Case[]): void =>
  writeFileSync(path.join(folder, `${name}.jsonl`), cases.map((one) => `${JSON.stringify(one)}\n`).join(''));

export const linesOf = <T>(file: string): T[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
