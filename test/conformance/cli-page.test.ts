import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cliPage } from '../../scripts/cli/page.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

it('docs/cli.md says what the command line has (npm run cli-page writes it anew)', () => {
  expect(read('docs/cli.md')).toBe(cliPage(read('scripts/cli/intro.md')));
});
