import type { Impersonation } from '../../auth/impersonation.ts';
import { badRequest } from '../../kube/status.ts';

/** The user that a request is to impersonate (`kubectl --as`), read from its headers; undefined: none. Throws 400 when anything is asked for without a user. */
export function impersonationOf(headers: Headers): Impersonation | undefined {
  const username = headers.get('impersonate-user') ?? '';
  // Fetch joins lines of one name by commas, so a group or a value that holds a comma cannot be told from two.
  const groups = valuesOf(headers.get('impersonate-group'));
  const extra = extraOf(headers);
  const uid = headers.get('impersonate-uid') ?? '';
  if (username !== '') return { username, groups, extra, uid };
  if (groups.length > 0 || extra.length > 0 || uid !== '') throw badRequest(`requested ${inGo({ groups, extra, uid })} without impersonating a user name`);
  return undefined;
}

/** What is asked for, as Go prints its user.DefaultInfo (%#v). */
function inGo({ groups, extra, uid }: Omit<Impersonation, 'username'>): string {
  const list = (values: readonly string[]) => `[]string${values.length > 0 ? `{${values.map((value) => JSON.stringify(value)).join(', ')}}` : '(nil)'}`;
  const byKey = [...extra].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, values]) => `${JSON.stringify(key)}:${list(values)}`);
  const map = `map[string][]string${byKey.length > 0 ? `{${byKey.join(', ')}}` : '(nil)'}`;
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${list(groups)}, Extra:${map}}`;
}

const EXTRA = 'impersonate-extra-';

function extraOf(headers: Headers): [string, string[]][] {
  const extra: [string, string[]][] = [];
  headers.forEach((value, header) => {
    if (header.startsWith(EXTRA)) extra.push([unescaped(header.slice(EXTRA.length)), valuesOf(value)]);
  });
  return extra;
}

const valuesOf = (header: string | null): string[] => (header === null ? [] : header.split(',').map((part) => part.trim()));

/** Keys may hold what headers may not: they come percent-encoded. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
