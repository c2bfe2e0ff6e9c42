import { THINGS, thing } from '../definition.ts';
import { fields, type RequestInput, times } from '../input.ts';
import { LIST, MB } from './posted.ts';

const created = (spec: object) => ({ line: `POST ${THINGS}?dryRun=All`, options: { body: thing(spec) } });

const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as object;

/** Objects of a custom resource (`definition.ts`), with as much of one thing as a body or a list may hold. */
export const customObjectInputs: readonly RequestInput[] = [
  { name: 'custom object: numbers that are wrong', size: LIST, code: 422, request: (size) => created({ numbers: times(size, () => -1) }) },
  { name: 'custom object: defaults', size: LIST, code: 201, request: (size) => created({ defaulted: times(size, () => ({})) }) },
  { name: 'custom object: a set', size: LIST, code: 201, request: (size) => created({ set: times(size, (i) => `s${i}`) }) },
  { name: 'custom object: a set that repeats', size: LIST, code: 422, request: (size) => created({ set: times(size, () => 's') }) },
  { name: 'custom object: a list by keys', size: LIST, code: 201, request: (size) => created({ map: times(size, (i) => ({ name: `s${i}` })) }) },
  { name: 'custom object: a list by keys that repeat', size: LIST, code: 422, request: (size) => created({ map: times(size, () => ({ name: 's' })) }) },
  { name: 'custom object: a list without keys', size: LIST, code: 422, request: (size) => created({ map: times(size, () => ({})) }) },
  {
    name: 'custom object: a text that its pattern repeats for long',
    size: 2800,
    code: 504,
    request: (size) => created({ repeats: times(size, (i) => 'ax'.repeat(500) + i) }),
  },
  { name: 'custom object: labels', size: LIST, code: 422, request: (size) => created({ labels: fields(size, () => 'far too long for it') }) },
  { name: 'custom object: a text that its pattern goes through for long', size: MB, code: 422, request: (size) => created({ code: `${'a'.repeat(size)}b` }) },
  { name: 'custom object: what no alternative wants', size: LIST, code: 422, request: (size) => created({ one: fields(size, () => 1, 'x') }) },
  { name: 'custom object: nested', size: 390, code: 201, request: (size) => created({ free: nested(size) }) },
  { name: 'custom object: unknown fields', size: 100_000, short: 20_000, code: 201, request: (size) => created(fields(size, () => 1)) },
  { name: 'custom object: nulls', size: 100_000, short: 20_000, code: 201, request: (size) => created({ numbers: null, free: fields(size, () => null) }) },
  { name: 'custom object: a rule over many', size: 1000, code: 201, request: (size) => created({ ruled: times(size, () => 'yes') }) },
  { name: 'custom object: a rule over more than it may be', size: LIST, code: 422, request: (size) => created({ ruled: times(size, () => 'no') }) },
  { name: 'custom object: many that break a rule', size: LIST, code: 422, request: (size) => created({ told: times(size, () => -1) }) },
];
