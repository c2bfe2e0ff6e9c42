import { expect, it, vi } from 'vitest';
import type { LogEvent } from '../../../core/log/event.ts';
import { run } from './finds.ts';

/** A defect that all readers of a log share, and that a journal decoded by the same codec would have, too. */

const codec = vi.hoisted(() => ({ defect: (event: LogEvent): LogEvent => event }));

vi.mock('../../../core/log/codec.ts', async (original) => {
  const actual = await original<typeof import('../../../core/log/codec.ts')>();
  return {
    ...actual,
    decodeEntry(bytes: Uint8Array) {
      const entry = actual.decodeEntry(bytes);
      return { ...entry, events: entry.events.map(codec.defect) };
    },
  };
});

it('has no findings with the codec as it is', async () => {
  expect((await run()).findings).toEqual([]);
});

it('finds a codec that drops the removals of a patch', async () => {
  codec.defect = (event) => ('patch' in event && 'status' in event.patch ? { ...event, patch: withoutNulls(event.patch) } : event);
  expect((await run()).findings.join('\n')).toMatch(/projections: .* has another/);
});

const withoutNulls = <T extends object>(patch: T): T =>
  JSON.parse(JSON.stringify(patch), (_, value) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
  });
