import { RE2JS } from 're2js';

/** What a setting of that name is, for an operator who gave it something else (kube-apiserver's --cors-allowed-origins). */
export const CORS_ORIGINS_SYNTAX =
  "a list of regular expressions of origins with commas between them, each with '^' or '//' before the host and '$' or ':' behind it, such as '//example\\.com(:|$)'";

/** The expressions of a setting, none when it is empty; undefined when one is wrong, or lets a host be the end, or the beginning, of another one (CVE-2022-1996). */
export function parseCorsOrigins(text: string): readonly string[] | undefined {
  const origins = text === '' ? [] : text.split(',');
  return origins.every(isPinned) ? origins : undefined;
}

const isPinned = (origin: string): boolean => compiles(origin) && /\^|\/\//.test(origin) && /\$|:/.test(origin);

function compiles(origin: string): boolean {
  try {
    RE2JS.compile(origin);
    return true;
  } catch {
    return false;
  }
}
