import { RE2JS } from 're2js';
import { Failure } from './value.ts';

/** A regular expression of RE2; a Failure in Go's words when it is none. */
export function regularExpression(pattern: string): RE2JS | Failure {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return new Failure(error instanceof Error ? error.message : String(error));
  }
}
