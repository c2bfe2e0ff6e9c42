import { Failed } from '../outcome.ts';
import type { Invocation } from './invocation.ts';

/** What `--from-literal` and `--from-file` make the entries of a ConfigMap or a Secret. `fileKey`: under what key a file stands that is given without one; its name, unless said. */
export function entriesOf({ flags, caller }: Invocation, fileKey?: string): Record<string, string> {
  const literals = (flags.get('from-literal') ?? []).map((text) => {
    const [key, value] = text.split(/=(.*)/s) as [string, string?];
    if (value === undefined) throw new Failed(`error: invalid literal source ${text}, expected key=value`);
    return [key, value.replace(/^(["'])(.*)\1$/s, '$2')] as const;
  });
  const files = (flags.get('from-file') ?? []).flatMap((text) => {
    const [first, second] = text.split(/=(.*)/s) as [string, string?];
    const path = second ?? first;
    const found = caller.files(path);
    if (!found) throw new Failed(`error: error reading ${path}: no such file or directory`);
    return [...found].map(([file, content]) => [second === undefined ? (fileKey ?? file.slice(file.lastIndexOf('/') + 1)) : first, content] as const);
  });
  return Object.fromEntries([...literals, ...files]);
}
