import { Failure, Timestamp } from './value.ts';

/** A moment of the years 1 to 9999, which are all that CEL has. */
export function timestampAt(seconds: number, nanos: number, offset = 0): Timestamp | Failure {
  return seconds < MIN_SECONDS || seconds > MAX_SECONDS ? new Failure('timestamp overflow') : new Timestamp(seconds, nanos, offset);
}

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z */
const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;
