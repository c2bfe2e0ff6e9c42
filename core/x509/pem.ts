/** A block of a PEM text (RFC 1421, RFC 7468). */
export interface PemBlock {
  readonly type: string;
  /** `Proc-Type: 4,ENCRYPTED` and the like, before the data. */
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

/** The blocks of a text, as Go's encoding/pem finds them: what stands between them, and what is no whole block, is passed over. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let rest = text; ; ) {
    const end = END_LINE.exec(rest);
    if (!end) return blocks;
    const block = blockBefore(rest.slice(0, end.index), end[1]!);
    if (block) blocks.push(block);
    rest = rest.slice(end.index + end[0].length);
  }
}

const END_LINE = /(?<=^|\n)-----END (.*?)-----[ \t\r]*(?=\n|$)/;
const HEADER = /^[^:\n]*:[^\n]*\n/;

/** The block that ends here: from the last line that begins one. */
function blockBefore(text: string, type: string): PemBlock | undefined {
  const begin = text.lastIndexOf('-----BEGIN ');
  if (begin < 0 || (begin > 0 && text[begin - 1] !== '\n')) return undefined;
  const line = /^-----BEGIN (.*)-----[ \t\r]*\n/.exec(text.slice(begin));
  if (line?.[1] !== type) return undefined;
  let body = text.slice(begin + line[0].length);
  const headers = body;
  for (let header = HEADER.exec(body); header; header = HEADER.exec(body)) body = body.slice(header[0].length);
  const base64 = body.replace(/[ \t\r\n]/g, '');
  if (!BASE64.test(base64) || base64.length % 4 !== 0) return undefined;
  return { type, hasHeaders: body !== headers, bytes: Buffer.from(base64, 'base64') };
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const pemOf = (type: string, bytes: Uint8Array): string =>
  `-----BEGIN ${type}-----\n${(
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END ${type}-----\n`;
