import { describe, expect, it } from 'vitest';
import { zoneOffset } from './time-zone.ts';
import { Failure } from './value.ts';

const at = (iso: string) => Date.parse(iso) / 1_000;

describe('the offset of a zone', () => {
  const check = ({ zone, when, want }: { zone: string; when: string; want: number | string }) =>
    expect(zoneOffset(zone, at(when))).toEqual(typeof want === 'string' ? new Failure(want) : want * 60);

  it.each([
    { zone: 'UTC', when: '2024-07-01T00:00:00Z', want: 0 },
    { zone: '', when: '2024-07-01T00:00:00Z', want: 0 },
    { zone: 'America/New_York', when: '2024-07-01T00:00:00Z', want: -240 },
    { zone: 'America/New_York', when: '2024-01-01T00:00:00Z', want: -300 },
    { zone: 'US/Pacific', when: '2024-01-01T00:00:00Z', want: -480 },
    { zone: 'Asia/Kolkata', when: '0200-01-01T00:00:00Z', want: 353 + 28 / 60 },
    { zone: '-02:30', when: '2024-01-01T00:00:00Z', want: -150 },
    { zone: '+14:00', when: '2024-01-01T00:00:00Z', want: 840 },
    { zone: 'america/new_york', when: '2024-01-01T00:00:00Z', want: 'unknown time zone america/new_york' },
    { zone: 'America/new_York', when: '2024-01-01T00:00:00Z', want: 'unknown time zone America/new_York' },
    { zone: 'Nowhere', when: '2024-01-01T00:00:00Z', want: 'unknown time zone Nowhere' },
    { zone: 'x:30', when: '2024-01-01T00:00:00Z', want: 'strconv.Atoi: parsing "x": invalid syntax' },
  ])('$zone at $when', check);
});
