import { RE2JS } from 're2js';
import { Failure } from './value.ts';

/** A regular expression of RE2; a Failure in Go's words when it is none. */
export function regularExpression(pattern: string): RE2JS | Failure {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RangeError) return new Failure(`error parsing regexp: expression nests too deeply: \`${pattern}\``);
    const message = error instanceof Error ? error.message : String(error);
    // Nothing asks for groups by their names, and Go lets two have the same.
    return message.includes('duplicate capture group name') ? regularExpression(withoutNames(pattern)) : new Failure(message);
  }
}

const withoutNames = (pattern: string) => pattern.replace(/\\.|\(\?P?<\w+>/g, (part) => (part.startsWith('\\') ? part : '('));
