/**
 * The value of a variable in a file of `NAME='value'` lines, as `env[].valueFrom.fileKeyRef` refers to it (pkg/kubelet/util/env, ParseEnv); '' when the file has none.
 * What stands before the variable must be well-formed. Undefined: it is not.
 */
export function valueInFile(text: string, key: string): string | undefined {
  let rest = text;
  while (rest !== '') {
    const skipped = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/.exec(rest);
    if (skipped && skipped[0] !== '') {
      rest = rest.slice(skipped[0].length);
      continue;
    }
    const empty = EMPTY.exec(rest);
    const match = empty ?? QUOTED.exec(rest);
    if (!match) return undefined;
    if (match[1] === key) return match[2] ?? '';
    rest = rest.slice(match[0].length);
  }
  return '';
}

/** A value that begins with a blank is none, as in a shell. */
const EMPTY = /^[ \t]*([^\s=]+)=[ \t]+[^\n]*(?:\n|$)/;
/** Between single quotes all stands for itself, also a newline. */
const QUOTED = /^[ \t]*([^\s=]+)='([^']*)'[ \t]*(?:#[^\n]*)?(?:\n|$)/;
