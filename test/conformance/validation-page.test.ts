import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { validationPage } from '../../scripts/validation/page.ts';

it('docs/validation.md says what is checked (npm run validation writes it anew)', () => {
  expect(readFileSync(new URL('../../docs/validation.md', import.meta.url), 'utf8')).toBe(validationPage());
});
