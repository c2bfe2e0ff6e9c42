import { expect, it } from 'vitest';
import { templateHash } from './template-hash.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } };

it('a hash has at most ten letters and digits that make no words', () => {
  for (let i = 0; i < 100; i++) expect(templateHash({ ...template, i })).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
});

it('a hash stays the same, whatever the order of the keys and whether a field is absent or null', () => {
  const same = { spec: template.spec, metadata: { creationTimestamp: null, labels: { app: 'web' }, annotations: undefined } };
  expect(templateHash(same)).toBe(templateHash(template));
});

it('a hash differs by what is in the template, and by the count of collisions', () => {
  const other = { ...template, spec: { containers: [{ name: 'web', image: 'nginx:2' }] } };
  expect(new Set([templateHash(template), templateHash(other), templateHash(template, 1), templateHash(template, 2)]).size).toBe(4);
});
