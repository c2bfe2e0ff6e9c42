import { expect, it } from 'vitest';
import { node } from '../../testing/objects.ts';
import { SHUTDOWN, shutdownPeriods, shutdownWarnings } from './node-shutdown.ts';

it.each([
  { value: undefined, warns: false, want: [20, 10] },
  { value: 'true', warns: false, want: [20, 10] },
  { value: 'false', warns: false, want: [20, 10] },
  { value: '60s/20s', warns: false, want: [40, 20] },
  { value: '1m/0s', warns: false, want: [60, 0] },
  { value: '20s/60s', warns: true, want: [20, 10] },
  { value: '60s', warns: true, want: [20, 10] },
  { value: '60s/20s/10s', warns: true, want: [20, 10] },
  { value: 'soon', warns: true, want: [20, 10] },
])('a shutdown of $value', ({ value, warns, want }) => {
  const plain = node('a');
  const given = value === undefined ? plain : { ...plain, metadata: { ...plain.metadata, annotations: { [SHUTDOWN]: value } } };
  const { regularMs, criticalMs } = shutdownPeriods(given);
  expect([regularMs / 1000, criticalMs / 1000]).toEqual(want);
  expect(shutdownWarnings(given)).toHaveLength(warns ? 1 : 0);
});
