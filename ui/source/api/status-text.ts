import type { Status } from './status.ts';

/** What is read of a Status. */
type Told = Pick<Status, 'message' | 'reason' | 'details'>;

/** A Status as the server writes it where YAML was asked for: maps in two spaces, lists not indented, each text in one line or as a block. Undefined: it is none. */
export function statusInYaml(text: string): Told | undefined {
  const lines = text.split('\n');
  const causes: { field?: string; message?: string }[] = [];
  const top: Record<string, string> = {};
  let part = '';
  for (let i = 0; i < lines.length; i++) {
    const [, indent = '', dash = '', name, rest = ''] = /^( *)(- )?(\w+):(?: (.*))?$/.exec(lines[i]!) ?? [];
    if (name === undefined) continue;
    const depth = indent.length + dash.length;
    if (depth <= 2 && dash === '') part = depth === 0 ? name : `${part.split('.')[0]}.${name}`;
    const block: string[] = [];
    if (/^[|>]/.test(rest)) while (/^$|^ /.test(lines[i + 1] ?? 'end') && indentOf(lines[i + 1]!) > depth) block.push(lines[++i]!);
    const value = block.length > 0 ? block.map((line) => line.slice(indentOf(block[0]!))).join('\n') : unquoted(rest);
    if (depth === 0) top[name] = value;
    if (part !== 'details.causes' || depth !== 4) continue;
    if (dash !== '') causes.push({});
    if (name === 'field' || name === 'message') causes.at(-1)![name] = value;
  }
  const { kind, message, reason } = top;
  if (kind !== 'Status' || message === undefined) return undefined;
  return { message, ...(reason !== undefined && { reason }), ...(causes.length > 0 && { details: { causes } }) };
}

/** A line of nothing belongs to the block that it stands in. */
const indentOf = (line: string): number => (line === '' ? Number.POSITIVE_INFINITY : line.search(/\S/));

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}
