import { quoted } from '../../kube/validation/field.ts';
import { Failure } from '../value.ts';

/** A part of a URL; each lets other characters stand as they are. */
export type Part = 'path' | 'host' | 'zone' | 'user' | 'query' | 'fragment';

/** What stands unescaped, by part (net/url `shouldEscape`). */
const PLAIN: Readonly<Record<Part, RegExp>> = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  host: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
  zone: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
  user: /[A-Za-z0-9\-_.~$&+,;=]/,
  query: /[A-Za-z0-9\-_.~]/,
  fragment: /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/,
};

/** `%41` → `A`, on text of bytes. A Failure has Go's words. */
export function percentDecoded(text: string, part: Part): string | Failure {
  const wrong = firstWrong(text, part);
  if (wrong) return wrong;
  const spaced = part === 'query' ? text.replaceAll('+', ' ') : text;
  return spaced.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

export const percentEncoded = (text: string, part: Part): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a character is a byte here, whatever it is.
  text.replace(/[\x00-\xff]/g, (byte) => (PLAIN[part].test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`));

/** Whether a text may be an encoded path or fragment: nothing in it has to be escaped (RFC 3986, appendix A: pchar). */
export const isEncoded = (text: string, part: Part): boolean => [...text].every((byte) => /[!$&'()*+,;=:@[\]%]/.test(byte) || PLAIN[part].test(byte));

function firstWrong(text: string, part: Part): Failure | undefined {
  const inHost = part === 'host' || part === 'zone';
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!;
    if (byte === '%') {
      const sequence = text.slice(i, i + 3);
      if (!/^%[0-9A-Fa-f]{2}$/.test(sequence)) return wrongEscape(sequence);
      const code = Number.parseInt(sequence.slice(1), 16);
      // A host may escape what is not ASCII, and a zone besides what it might hold unescaped, and a space (RFC 6874, section 2).
      if (part === 'host' && code < 0x80 && sequence !== '%25') return wrongEscape(sequence);
      if (part === 'zone' && code !== 0x20 && sequence !== '%25' && !PLAIN.host.test(String.fromCharCode(code))) return wrongEscape(sequence);
      i += 2;
    } else if (inHost && byte < '\x80' && !PLAIN[part].test(byte)) {
      return new Failure(`invalid character ${quoted(byte)} in host name`);
    }
  }
  return undefined;
}

// What follows the % may be half a character, which Go quotes as bytes.
function wrongEscape(sequence: string): Failure {
  const bytes = Buffer.from(sequence, 'latin1');
  const text = bytes.toString('utf8');
  return new Failure(`invalid URL escape ${text.includes('\ufffd') ? `"${[...sequence].map(byteText).join('')}"` : quoted(text)}`);
}

const byteText = (byte: string): string => (byte < '\x80' ? quoted(byte).slice(1, -1) : `\\x${byte.charCodeAt(0).toString(16)}`);
