import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answerTo, type Recording } from './answer.ts';
import { difference } from './differences.ts';
import { parseExact } from './exact-json.ts';
import { type Setting, type Settings, settingOf } from './settings.ts';

const RECORDED = new URL('./recorded/', import.meta.url);

describe.each(readdirSync(RECORDED).map((file) => file.replace('.jsonl', '')))('expressions about %s', (subject) => {
  let setting: Setting = settingOf({});
  for (const line of readFileSync(new URL(`${subject}.jsonl`, RECORDED), 'utf8')
    .trim()
    .split('\n')) {
    const recorded = parseExact(line) as Recording | { readonly environment: Settings };
    if ('environment' in recorded) setting = settingOf(recorded.environment);
    else check(setting, recorded);
  }
});

function check(setting: Setting, recorded: Recording): void {
  const reason = difference(recorded);
  it(recorded.expression + (reason ? ` (not followed: ${reason})` : ''), () => {
    const answer = answerTo(recorded.expression, setting);
    if (reason) expect(Object.keys(answer)).toEqual(Object.keys(recorded));
    else expect(answer).toEqual(recorded);
  });
}
