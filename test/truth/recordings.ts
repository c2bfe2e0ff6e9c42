import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Case } from './case.ts';

/** `together`: cases that do not notice each other. `alone`: those that look at the whole cluster, or fill its nodes. */
export type Gathering = 'together' | 'alone';

const folderOf = (gathering: Gathering) => path.join(import.meta.dirname, 'recordings', gathering);

/** The recorded cases, by what they are about. */
export function recordings(gathering: Gathering): { name: string; cases: Case[] }[] {
  const folder = folderOf(gathering);
  return readdirSync(folder).map((file) => ({ name: path.basename(file, '.jsonl'), cases: linesOf<Case>(path.join(folder, file)) }));
}

export const saveRecording = (gathering: Gathering, name: string, cases: readonly Case[]): void =>
  writeFileSync(path.join(folderOf(gathering), `${name}.jsonl`), cases.map((one) => `${JSON.stringify(one)}\n`).join(''));

export const linesOf = <T>(file: string): T[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
