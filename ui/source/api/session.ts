import { signal } from '@preact/signals';
import { pageUrl } from './where.ts';

/** Whether somebody is signed in, and how one does so: by the link that the host prints, or with a token that is pasted. */
export type Session = { readonly state: 'asking' } | { readonly state: 'out'; readonly signIn: 'link' | 'token'; readonly why?: string } | SignedIn;

interface SignedIn {
  readonly state: 'in';
  readonly user: string;
  readonly signIn: 'link' | 'token';
  readonly cluster: string;
}

export const session = signal<Session>({ state: 'asking' });

/** A token that was pasted; kept for this tab alone, and not on disk. */
const TOKEN = 'logplane-token';
/** The one that it was good in. */
const CLUSTER = 'logplane-token-cluster';

export const heldToken = (): string | undefined => sessionStorage.getItem(TOKEN) ?? undefined;

function forgetToken(): void {
  sessionStorage.removeItem(TOKEN);
  sessionStorage.removeItem(CLUSTER);
}

/** What every request of the page has. The cookie of a session comes by itself, and is good with the header alone. */
export function credentials(): Record<string, string> {
  const token = heldToken();
  return { 'x-logplane-page': '1', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
}

interface SessionAnswer {
  readonly signIn: 'link' | 'token';
  readonly user: string | null;
  readonly cluster: string;
}

let asked: Promise<void> | undefined;

/** Asks the host who is signed in; once for all that find out at the same time that nobody is. */
export function askSession(why?: string): Promise<void> {
  asked ??= ask(why).finally(() => {
    asked = undefined;
  });
  return asked;
}

async function ask(why: string | undefined): Promise<void> {
  try {
    const response = await fetch(pageUrl('session'), { headers: credentials(), cache: 'no-store' });
    const { signIn, user, cluster } = (await response.json()) as SessionAnswer;
    const token = heldToken();
    if (user !== null) enter({ user, signIn, cluster });
    else if (token !== undefined && why === undefined) enter({ user: 'the bearer of a token', signIn, cluster });
    else {
      forgetToken();
      session.value = { state: 'out', signIn, ...(why !== undefined && { why }) };
    }
  } catch {
    session.value = { state: 'out', signIn: 'link', why: 'The host does not answer. Is it running?' };
  }
}

/** Who was in stays in: nothing begins anew. */
function enter({ user, signIn, cluster }: Omit<SignedIn, 'state'>): void {
  const now = session.peek();
  if (now.state !== 'in' || now.user !== user || now.cluster !== cluster) session.value = { state: 'in', user, signIn, cluster };
}

/** Tries a token in a cluster ('': the default one), and keeps it if it is good there: most tokens are good for one cluster. */
export async function signInWith(token: string, cluster: string): Promise<void> {
  if (!(await isKnown(token, cluster)))
    throw new Error(cluster === '' ? 'That token is not known here.' : `That token is not known in the cluster ${cluster}.`);
  sessionStorage.setItem(TOKEN, token);
  sessionStorage.setItem(CLUSTER, cluster);
  await askSession();
}

async function isKnown(token: string, cluster: string): Promise<boolean> {
  // `/version` would be answered without looking at whether the account is still there.
  const path = cluster === '' ? '../api' : `../clusters/${encodeURIComponent(cluster)}/api`;
  const response = await fetch(pageUrl(path), { headers: { authorization: `Bearer ${token}` }, cache: 'no-store' });
  return response.status !== 401;
}

let checking: Promise<void> | undefined;

/** A cluster does not know who asks: the session is over, or is good for another cluster. */
export function checkSession(): Promise<void> {
  checking ??= check().finally(() => {
    checking = undefined;
  });
  return checking;
}

async function check(): Promise<void> {
  const token = heldToken();
  if (token !== undefined && (await isKnown(token, sessionStorage.getItem(CLUSTER) ?? '').catch(() => true))) return;
  await askSession('The session is over. Sign in again.');
}

export async function signOut(): Promise<void> {
  // Nothing is asked any more: it would be refused, and say that the session is over.
  session.value = { state: 'asking' };
  forgetToken();
  await fetch(pageUrl('session'), { method: 'DELETE', headers: credentials() }).catch(() => undefined);
  await askSession('You are signed out.');
}
