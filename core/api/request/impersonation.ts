import { badRequest } from '../../kube/status.ts';

/** The user that a request is to impersonate (`kubectl --as`), read from its headers. */
export interface Impersonation {
  readonly username: string;
  readonly groups: readonly string[];
  readonly extra: readonly [string, string[]][];
  readonly uid: string;
}

/** The user to impersonate; undefined: none. Throws 400 when anything is asked for without a user. */
export function impersonationOf(headers: Headers): Impersonation | undefined {
  const username = headers.get('impersonate-user') ?? '';
  // Fetch joins lines of one name by commas, so a group or a value that holds a comma cannot be told from two.
  const groups = valuesOf(headers.get('impersonate-group'));
  const extra = extraOf(headers);
  const uid = headers.get('impersonate-uid') ?? '';
  if (username !== '') return { username, groups, extra, uid };
  if (groups.length > 0 || extra.length > 0 || uid !== '') throw badRequest(`requested ${references({ groups, extra, uid })} without impersonating a user`);
  return undefined;
}

/** What is asked for, as Go prints the ObjectReferences that Kubernetes makes of it: kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath. */
function references({ groups, extra, uid }: Omit<Impersonation, 'username'>): string {
  const version = 'authentication.k8s.io/v1';
  const all = [
    ...groups.map((group) => ['Group', '', group, '', '', '', '']),
    ...extra.flatMap(([key, values]) => values.map((value) => ['UserExtra', '', value, '', version, '', key])),
    ...(uid === '' ? [] : [['UID', '', uid, '', version, '', '']]),
  ];
  return `[${all.map((fields) => `{${fields.join(' ')}}`).join(' ')}]`;
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
